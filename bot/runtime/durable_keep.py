"""What a connector keeps, in the desk's database: sealed, and committed before `put` returns."""

import structlog
from sqlalchemy import Connection
from typing_extensions import override

from bot.clock import Clock
from bot.db.sealed import Keys, open_secret, seal_secret
from bot.db.unit import Database, Tx
from bot.runtime.sealing import Sealer, Unsealable
from bot.usecases.inbox_keep import keep, kept
from connectors.keep import KeyValue

log = structlog.get_logger(__name__)


class DurableKeep(KeyValue):
    """The values of one inbox. Any process of the desk sees what another one stored last."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        sealer: Sealer,
        *,
        inbox: str,
        connector: str,
        keys: Keys | None = None,
    ) -> None:
        """`sealer` is for a database that has no data keys yet."""
        self._database = database
        self._clock = clock
        self._sealer = sealer
        self._keys = keys
        self._inbox = inbox
        self._connector = connector

    @override
    async def get(self, key: str) -> str | None:
        """The value. One that cannot be opened (another instance key) counts as none."""
        sealed, opened = await self._database.read(lambda conn: self._look(conn, key))
        if sealed and opened is None:
            log.warning("keep.unreadable", inbox=self._inbox, name=key)
        return opened

    def _look(self, conn: Connection, key: str) -> tuple[bool, str | None]:
        sealed = kept(conn, self._inbox, key)
        if sealed is None:
            return False, None
        place = self._place(key)
        opened = open_secret(conn, sealed, place=place, keys=self._keys)
        if opened is not None:
            return True, opened
        try:
            return True, self._sealer.open(sealed, place=place)
        except Unsealable:
            return True, None

    @override
    async def put(self, key: str, value: str) -> None:
        place = self._place(key)

        def write(tx: Tx) -> None:
            sealed = seal_secret(tx.conn, value, place=place, keys=self._keys)
            made = self._sealer.seal(value, place=place) if sealed is None else sealed
            keep(tx, self._inbox, self._connector, key, made)

        await self._database.write(write, now=self._clock.now(), urgent=True)

    def _place(self, key: str) -> str:
        return f"{self._inbox}:{key}"

"""What a connector keeps, in the desk's database: sealed, and committed before `put` returns."""

import structlog
from typing_extensions import override

from bot.clock import Clock
from bot.db.unit import Database
from bot.runtime.sealing import Sealer, Unsealable
from bot.usecases.inbox_keep import keep, kept
from connectors.keep import KeyValue

log = structlog.get_logger(__name__)


class DurableKeep(KeyValue):
    """The values of one inbox. Any process of the desk sees what another one stored last."""

    def __init__(
        self, database: Database, clock: Clock, sealer: Sealer, *, inbox: str, connector: str
    ) -> None:
        self._database = database
        self._clock = clock
        self._sealer = sealer
        self._inbox = inbox
        self._connector = connector

    @override
    async def get(self, key: str) -> str | None:
        """The value. One that cannot be opened (another instance key) counts as none."""
        sealed = await self._database.read(lambda conn: kept(conn, self._inbox, key))
        if sealed is None:
            return None
        try:
            return self._sealer.open(sealed, place=self._place(key))
        except Unsealable:
            log.warning("keep.unreadable", inbox=self._inbox, name=key)
            return None

    @override
    async def put(self, key: str, value: str) -> None:
        sealed = self._sealer.seal(value, place=self._place(key))
        await self._database.write(
            lambda tx: keep(tx, self._inbox, self._connector, key, sealed),
            now=self._clock.now(),
            urgent=True,
        )

    def _place(self, key: str) -> str:
        return f"{self._inbox}:{key}"

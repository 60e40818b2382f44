"""What other processes committed is heard at once, over a connection that PostgreSQL keeps open.

Nothing depends on it: what was told while nobody listened is found by the next sweep, a second or
a few later. It only saves those seconds.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

import asyncpg
import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.db.wakes import CHANNEL, SWEEP, read_wakes

log = structlog.get_logger(__name__)

ASK_SECONDS: Final = 30.0
"""How often the connection is asked whether it is still one: a cut link says nothing by itself."""

PATIENCE: Final = 10.0
"""Real seconds for each question."""

AGAIN_SECONDS: Final = 5.0
"""After a connection was lost."""

_LOST = (OSError, TimeoutError, DBAPIError, asyncpg.PostgresError, asyncpg.InterfaceError)


class Hearing:
    """Tells `told` what other processes woke, for as long as it runs. Durations are real seconds.

    One of the engine's connections is kept for it. `connected` says whether it is one just now.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        told: Callable[[set[str]], None],
        *,
        ask_seconds: float = ASK_SECONDS,
        again_seconds: float = AGAIN_SECONDS,
    ) -> None:
        self._engine = engine
        self._told = told
        self._ask_seconds = ask_seconds
        self._again_seconds = again_seconds
        self.connected = False

    async def run(self) -> None:
        """Listen until cancelled; a lost connection is made anew."""
        while True:
            try:
                async with self._engine.connect() as connection:
                    try:
                        await self._listen(connection)
                    finally:
                        self.connected = False
                        # It listens: nobody else may be given it.
                        with suppress(*_LOST):
                            await connection.invalidate()
            except _LOST as exc:
                log.warning("hearing.lost", error=type(exc).__name__)
            await asyncio.sleep(self._again_seconds)

    async def _listen(self, connection: AsyncConnection) -> None:
        raw = (await connection.get_raw_connection()).driver_connection
        assert raw is not None  # noqa: S101 - it is checked out
        cut = asyncio.Event()
        raw.add_termination_listener(lambda _: cut.set())
        await raw.add_listener(CHANNEL, self._hear)
        self.connected = True
        # What was told before this moment is not told again.
        self._told(set(SWEEP))
        while not cut.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(self._ask_seconds):
                    await cut.wait()
            await raw.fetchval("SELECT 1", timeout=PATIENCE)

    def _hear(self, _connection: Any, _pid: int, _channel: str, said: str) -> None:
        if woken := read_wakes(said):
            self._told(woken)

"""News for the screens on the wall: read once for all of them, and only while one of them asks."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from bot.clock import Clock
from bot.db.apart import ReadApart
from bot.domain.desk import Desk
from bot.language import speaking
from bot.usecases.wallboard import Wallboard, WallInbox, read_standings, read_wallboard
from bot.web.wall_state import state_of

log = structlog.get_logger(__name__)

EVERY: Final = 5.0
"""Real seconds between two looks at the database."""

SHARE: Final = 10.0
"""Looking takes at most one part in so many of the time, however large the desk is."""

STANDINGS_EVERY: Final = 60.0
"""Real seconds for which shares over days are as good as new."""

PULSE: Final = 10.0
"""Real seconds after which a screen is told that nothing changed."""

STEP: Final = 1.0

SCREENS: Final = 50
"""Streams at once; further screens ask again and again instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WallNews:
    """What the wall shows, and the moment it is true of."""

    state: str
    at: datetime


class WallReader:
    """Reads the wall apart from the desk's work; holds no connection in between."""

    def __init__(self, apart: ReadApart, desk: Callable[[], Desk], clock: Clock) -> None:
        self._apart = apart
        self._desk = desk
        self._clock = clock
        self._standings: Sequence[WallInbox] = ()
        self._standings_at: float | None = None

    async def read(self) -> WallNews:
        """The wall of this moment."""
        desk, now = self._desk(), self._clock.now()
        is_old = (
            self._standings_at is None
            or self._clock.monotonic() - self._standings_at >= STANDINGS_EVERY
        )

        def look(conn: Connection) -> Wallboard:
            standings = read_standings(conn, desk, now) if is_old else self._standings
            return read_wallboard(conn, desk, now, standings)

        with speaking(desk.language):
            board = await self._apart.read(look)
            if is_old:
                self._standings, self._standings_at = board.inboxes, self._clock.monotonic()
            return WallNews(state=state_of(board, desk), at=now)


class WallFeed:
    """One snapshot for every screen. `every` is real seconds."""

    def __init__(
        self,
        read: Callable[[], Awaitable[WallNews]],
        clock: Clock,
        *,
        every: float = EVERY,
        screens: int = SCREENS,
    ) -> None:
        self._read = read
        self._clock = clock
        self._every = every
        self._screens = screens
        self._turn = asyncio.Lock()
        self._news: WallNews | None = None
        self._good_until = 0.0
        self.watching = 0

    @property
    def is_full(self) -> bool:
        """Whether no further stream is opened."""
        return self.watching >= self._screens

    async def news(self) -> WallNews | None:
        """The snapshot of this moment or of one shortly before; None while none can be had."""
        async with self._turn:
            if self._clock.monotonic() >= self._good_until:
                await self._look()
            return self._news

    async def _look(self) -> None:
        began = self._clock.monotonic()
        try:
            self._news = await self._read()
        except (SQLAlchemyError, OSError, TimeoutError) as exc:
            log.warning("wallboard.unreadable", error=type(exc).__name__)
            self._news = None
        took = self._clock.monotonic() - began
        self._good_until = began + took + max(self._every, took * SHARE)

    async def stream(
        self, pulse: Callable[[datetime], str], stopping: Callable[[], bool]
    ) -> AsyncGenerator[str]:
        """Events for one screen until it leaves or the process stops.

        `state` comes at once and whenever it changed, `pulse` with it and now and then. Where the
        database cannot be read there is neither, so that the screen says how old its news are.
        """
        self.watching += 1
        try:
            yield "retry: 3000\n\n"
            sent, told_at = "", float("-inf")
            while not stopping():
                news = await self.news()
                if news is not None and news.state != sent:
                    sent, told_at = news.state, self._clock.monotonic()
                    yield _event("pulse", pulse(news.at)) + _event("state", sent)
                elif self._clock.monotonic() - told_at >= PULSE:
                    told_at = self._clock.monotonic()
                    # A comment keeps proxies from hanging up; no screen takes it for news.
                    yield _event("pulse", pulse(news.at)) if news is not None else ": wait\n\n"
                await asyncio.sleep(min(STEP, self._every))
        finally:
            self.watching -= 1


def _event(name: str, data: str) -> str:
    return f"event: {name}\ndata: {data}\n\n"

"""Pings fire at their time: sleep until the next due row, look at the latest every five seconds.

The ceiling covers what cannot wake us: a clock that was set, rows another process wrote.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from bot.clock import Clock
from bot.db.approval_rows import next_expiry
from bot.db.claim_rows import next_claim_due
from bot.db.pause_rows import next_pause_end
from bot.db.unit import Database, Tx
from bot.domain.desk import Desk
from bot.jobs.poll import LEASE_SECONDS
from bot.outbox.store import follow_clock
from bot.usecases.approve import settle_approvals
from bot.usecases.claim_expiry import expire_claims
from bot.usecases.fire_due import fire_due, next_due
from bot.usecases.inboxes import shorten_leases
from bot.usecases.pause_end import tell_ends

log = structlog.get_logger(__name__)

LONGEST_SLEEP = 5.0
SHORTEST_SLEEP = 0.02
"""Halves the work of a busy second, and costs a ping at most that much (real seconds)."""

STUCK_SLEEP = 0.5
"""Between looks at what is long due and could not be fired: somebody else holds its ticket."""

STEP_SECONDS = 5.0
"""A wall clock this far from the steady one was set by somebody."""


class Ticker:
    """Fires what is due. `worked` is called after each look."""

    def __init__(
        self,
        db: Database,
        desk: Callable[[], Desk],
        clock: Clock,
        *,
        worked: Callable[[], None] = lambda: None,
    ) -> None:
        self._db = db
        self._worked = worked
        self._desk = desk
        self._clock = clock
        self._wake = asyncio.Event()
        self._seen = (clock.now(), clock.monotonic())
        self.stepped_seconds = 0.0  # by how much the clock was last set, for the metrics
        db.on_commit(self._on_commit)

    def wake(self) -> None:
        """Look now."""
        self._wake.set()

    async def run(self) -> None:
        """Fire and sleep, for ever."""
        # The clock may have been set while nobody was there to notice.
        await self._db.write(self._end_leases_in_time, now=self._clock.now(), urgent=True)
        while True:
            self._wake.clear()
            more = await self.tick()
            self._worked()
            if more:
                await asyncio.sleep(SHORTEST_SLEEP)
            else:
                await self._sleep(await self._seconds())

    async def tick(self) -> bool:
        """Fire a batch of what is due; whether more is due already."""
        await self._watch_the_clock()
        desk = self._desk()
        report, *due = await self._db.write(
            lambda tx: (
                fire_due(tx, desk),
                expire_claims(tx, desk),
                tell_ends(tx, desk),
                settle_approvals(tx, desk),
            ),
            now=self._clock.now(),
            urgent=True,
        )
        if report.fired:
            log.info("pings.fired", count=report.fired)
        return report.more or any(due)

    def _on_commit(self, woken: set[str]) -> None:
        if "pings" in woken:
            self._wake.set()

    async def _seconds(self) -> float:
        due = await self._db.read(_next)
        if due is None:
            return LONGEST_SLEEP
        left = (due - self._clock.now()) / self._clock.real(1.0)
        if left < -1.0:
            return STUCK_SLEEP
        return min(LONGEST_SLEEP, max(SHORTEST_SLEEP, left))

    async def _sleep(self, seconds: float) -> None:
        first = min(SHORTEST_SLEEP, seconds)
        await asyncio.sleep(first)
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds - first):
                await self._wake.wait()

    async def _watch_the_clock(self) -> None:
        now, steady = self._clock.now(), self._clock.monotonic()
        seen_now, seen_steady = self._seen
        moved = (now - seen_now) - self._clock.real(steady - seen_steady)
        self._seen = (now, steady)
        if abs(moved) <= self._clock.real(STEP_SECONDS):
            return
        # Nothing is un-fired: what is due by the new time fires, what is not waits again.
        changed = await self._db.write(
            lambda tx: self._follow(tx, seen=seen_now, moved=moved), now=now, urgent=True
        )
        seconds = round(moved / self._clock.real(1.0), 1)
        self.stepped_seconds = seconds
        log.warning("clock.stepped", seconds=seconds, effects_moved=changed)

    def _follow(self, tx: Tx, *, seen: datetime, moved: timedelta) -> int:
        tx.wakes.add("outbox")
        self._end_leases_in_time(tx)
        return follow_clock(tx.conn, seen=seen, moved=moved)

    def _end_leases_in_time(self, tx: Tx) -> int:
        return shorten_leases(tx, self._clock.real(LEASE_SECONDS))


def _next(conn: Connection) -> datetime | None:
    known = (next_due(conn), next_claim_due(conn), next_pause_end(conn), next_expiry(conn))
    return min((at for at in known if at is not None), default=None)

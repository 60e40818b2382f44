"""Pings fire at their time: sleep until the next due row, look at the latest every five seconds.

The ceiling covers what cannot wake us: a clock that was set, rows another process wrote.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.clock import Clock
from bot.db.due_rows import what_comes
from bot.db.ids import new_id
from bot.db.unit import Database, Tx
from bot.domain.desk import Desk
from bot.jobs.poll import LEASE_SECONDS
from bot.outbox.store import follow_clock
from bot.usecases.approve import settle_approvals
from bot.usecases.claim_expiry import expire_claims
from bot.usecases.clock_step import KNOWN_FOR, is_first_to_see
from bot.usecases.fire_due import fire_due
from bot.usecases.inboxes import shorten_leases
from bot.usecases.pause_end import tell_ends

log = structlog.get_logger(__name__)

LONGEST_SLEEP = 5.0
SHORTEST_SLEEP = 0.005
BUSY_SLEEP = 0.02
"""A busy second rests as long as it works, within these: it leaves half of the machine to others,
and costs a ping at most that much (real seconds)."""

STUCK_SLEEP = 0.5
"""Between looks at what is long due and could not be fired: somebody else holds its ticket."""

STEP_SECONDS = 5.0
"""A wall clock this far from the steady one was set by somebody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a look at the clock led to: pings `fired`, whether `more` is due, when the `next` is."""

    fired: int
    more: bool
    next: datetime | None


def look(tx: Tx, desk: Desk) -> Look:
    """Decide a batch of everything that is due now. Where nothing is, it costs one question."""
    coming = what_comes(tx.conn)
    fired, more = 0, []
    if _is_due(coming.ping, tx.now):
        report = fire_due(tx, desk)
        fired = report.fired
        more.append(report.more)
    if _is_due(coming.claim, tx.now):
        more.append(expire_claims(tx, desk))
    if _is_due(coming.pause_end, tx.now):
        more.append(tell_ends(tx, desk))
    if coming.approval_end is not None:
        more.append(settle_approvals(tx, desk))
    return Look(
        fired=fired,
        more=any(more),
        next=_next(tx) if more else coming.first,
    )


def _next(tx: Tx) -> datetime | None:
    return what_comes(tx.conn).first


def _is_due(at: datetime | None, now: datetime) -> bool:
    return at is not None and at <= now


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
        self._name = new_id(clock.now())
        self._next: datetime | None = None
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
            began = self._clock.monotonic()
            more = await self.tick()
            self._worked()
            if more:
                await asyncio.sleep(0)  # whoever waits for the database has its turn in between
                continue
            took = self._clock.monotonic() - began
            await asyncio.sleep(min(BUSY_SLEEP, max(SHORTEST_SLEEP, took)))
            await self._sleep(self._seconds_left())

    async def tick(self) -> bool:
        """Fire a batch of what is due; whether more is due already."""
        await self._watch_the_clock()
        desk = self._desk()
        found = await self._db.write(lambda tx: look(tx, desk), now=self._clock.now(), urgent=True)
        if found.fired:
            log.info("pings.fired", count=found.fired)
        self._next = found.next
        return found.more

    def _on_commit(self, woken: set[str]) -> None:
        if "pings" in woken:
            self._wake.set()

    def _seconds_left(self) -> float:
        if self._next is None:
            return LONGEST_SLEEP
        left = (self._next - self._clock.now()) / self._clock.real(1.0)
        return STUCK_SLEEP if left < -1.0 else min(LONGEST_SLEEP, left)

    async def _sleep(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, seconds)):
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
        known_for = self._clock.real(KNOWN_FOR)
        if not is_first_to_see(tx, by=self._name, moved=moved, known_for=known_for):
            return 0
        return follow_clock(tx.conn, seen=seen, moved=moved)

    def _end_leases_in_time(self, tx: Tx) -> int:
        return shorten_leases(tx, self._clock.real(LEASE_SECONDS))

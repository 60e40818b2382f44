"""One loop per inbox: fetch → store raw → read → ingest. None of them waits for another.

The cursor moves in the transaction that stores what it passed; understanding comes after, from
the stored rows, so that nothing is lost by a crash, a full disk or a parser (invariant 1).
"""

import asyncio
import math
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

import structlog
from sqlalchemy.exc import DBAPIError

from bot.clock import Clock
from bot.db.unit import Database, Tx
from bot.domain import pacing
from bot.domain.buckets import Buckets
from bot.domain.desk import Desk
from bot.domain.pacing import Cadence, Spent, left_to_read
from bot.jobs.pardon import Pardons
from bot.jobs.reading import DEADLINE_SECONDS, MOST_ATTEMPTS, explained_by, read_items
from bot.outbox.backoff import delay
from bot.outbox.traces import broke
from bot.runtime.call_meter import Tally, metered
from bot.runtime.supervise import end_if_told
from bot.usecases.call_budget import note_calls, spent_today
from bot.usecases.inboxes import (
    InboxState,
    begin_look,
    end_lease,
    inbox_state,
    lease_inbox,
    note_failure,
    note_ok,
    release_inbox,
)
from bot.usecases.ingest import StoredItem, begin_reading, ingest, store_page, stored_items
from bot.usecases.raw_items import pardon_reading
from connectors.contract import Connector, Cursor, Page
from connectors.errors import AuthExpired, ConnectorError, RateLimited

log = structlog.get_logger(__name__)

T = TypeVar("T")

PAGE_SECONDS = 60.0
"""Real seconds a source may take for one page before the connection is given up."""

LEASE_SECONDS = 90.0
"""Real seconds after which another process may read the inbox of one that died. Longer than a page."""

AUTH_RETRY_SECONDS = 180.0
"""Real seconds between two tries of refused credentials: mended soon, and no lock-out meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PollReport:
    """What one look at an inbox brought. `error` says in words why it ended early."""

    stored: int = 0
    read: int = 0
    error: str | None = None


class InboxPoller:
    """Reads one inbox, whenever it is woken and not resting.

    It rests after a failure, for as long as its platform wants between two looks, and where the
    day's calls are nearly spent; `slowed` then says so. A wake-up that falls into a rest counts
    when it is over. `lags` counts how old the newest message of a look was, `taken` what was
    read, by inbox and by what became of it.
    """

    def __init__(
        self,
        *,
        db: Database,
        desk: Callable[[], Desk],
        clock: Clock,
        inbox: str,
        connector: Connector,
        owner: str,
        healthy: Callable[[str], None] = lambda _: None,
        cadence: Cadence | None = None,
        first_rest: float = 0.0,
        reading_seconds: float = DEADLINE_SECONDS,
        page_seconds: float = PAGE_SECONDS,
        lags: Buckets[str] | None = None,
        taken: Counter[tuple[str, str]] | None = None,
    ) -> None:
        self._db = db
        self._desk = desk
        self._clock = clock
        self._inbox = inbox
        self._connector = connector
        self._owner = owner
        self._healthy = healthy
        self._cadence = cadence or Cadence(usual=0.0)
        self._cost = 1.0
        self._reading_seconds = reading_seconds
        self._page_seconds = page_seconds
        self._lags = Buckets[str]() if lags is None else lags
        self._taken = Counter[tuple[str, str]]() if taken is None else taken
        self._wake = asyncio.Event()
        self._wake.set()
        self._rests_until = clock.monotonic() + first_rest if first_rest else 0.0
        self._first = True
        self._pardons = Pardons()
        self.slowed: str | None = None

    def wake(self) -> None:
        """Look into the inbox soon."""
        self._wake.set()

    async def run(self) -> None:
        """Poll at every wake-up, for ever."""
        while True:
            end_if_told()
            await self._wake.wait()
            self._wake.clear()
            while (left := self._rests_until - self._clock.monotonic()) > 0:
                await self.catch_up()
                end_if_told()
                with suppress(TimeoutError):
                    async with asyncio.timeout(left):
                        await self._wake.wait()
                self._wake.clear()
            await self.poll()

    async def catch_up(self) -> int:
        """Read what calls of the platform brought while the inbox itself is left alone."""
        counts = _Counts()
        try:
            stored = await self._db.read(lambda c: stored_items(c, self._inbox, 1), urgent=False)
            if not stored or await self._lease() is None:
                return 0
            try:
                await self._work_off(counts)
            finally:
                await self._release()
        except (DBAPIError, TimeoutError, OSError) as exc:
            broke("poll.database_failed", exc, inbox=self._inbox)
        return counts.read

    async def poll(self) -> PollReport:
        """Look once. Never raises for what a source or a database may do."""
        try:
            state = await self._lease(begins=True)
            if state is None:
                return PollReport()
            try:
                return await self._look(state)
            finally:
                await self._release()
        except (DBAPIError, TimeoutError, OSError) as exc:
            # Nothing is written and the cursor has not moved: the source keeps what is unread.
            broke("poll.database_failed", exc, inbox=self._inbox)
            self._rest(delay(2))
            return PollReport(error="the database could not be written")

    async def _look(self, state: InboxState) -> PollReport:
        counts, begun = _Counts(), self._clock.monotonic()
        with metered() as counts.tally:
            try:
                await self._work_off(counts)
                await self._fetch(state.cursor, counts)
            except DBAPIError:
                raise
            except Exception as exc:  # noqa: BLE001 - one broken source must not stop the others
                return await self._failed(exc, state, counts)
        await self._write(lambda tx: self._worked(tx, counts))
        await self._pace(begun, counts)
        self._healthy(f"inbox:{self._inbox}")
        return PollReport(stored=counts.stored, read=counts.read)

    def _worked(self, tx: Tx, counts: "_Counts") -> None:
        note_ok(tx, self._inbox, counts.newest)
        note_calls(tx, self._inbox, reads=counts.tally.calls)

    async def _pace(self, begun: float, counts: "_Counts") -> None:
        """Leave the platform the time it wants, and the day the calls it still needs."""
        self._rests_until = begun + self._cadence.floor
        if self._cadence.budget is None:
            return
        self._cost += (counts.tally.calls - self._cost) * 0.3
        pause = pacing.pause(self._cadence, await self._spent(), self._cost, self._clock.now())
        if pause.why is not None:
            self._rests_until = begun + pause.seconds
            log.warning("poll.slowed", inbox=self._inbox, seconds=round(pause.seconds))
        self.slowed = pause.why

    async def _spent(self) -> Spent:
        now = self._clock.now()
        spent = await self._db.read(lambda conn: spent_today(conn, now), urgent=False)
        return spent.get(self._inbox, Spent())

    async def _fetch(self, cursor: Cursor | None, counts: "_Counts") -> None:
        pages = aiter(self._connector.fetch(cursor))
        left = await self._calls_left()
        while counts.tally.calls < left:
            async with asyncio.timeout(self._page_seconds):
                page = await anext(pages, None)
            if page is None:
                return
            counts.stored += await self._store(page)
            await self._work_off(counts)
            if await self._lease() is None:
                return

    async def _calls_left(self) -> float:
        budget = self._cadence.budget
        return math.inf if budget is None else left_to_read(budget, await self._spent())

    async def _store(self, page: Page) -> int:
        return await self._db.write(
            lambda tx: store_page(tx, self._inbox, page), now=self._clock.now()
        )

    async def _work_off(self, counts: "_Counts") -> None:
        """Read what is stored and not understood yet, until nothing is left."""
        if pardoned := self._pardons.due():
            await self._write(lambda tx: pardon_reading(tx, pardoned))
            self._pardons.given(pardoned)
        while True:
            items = await self._db.read(lambda conn: stored_items(conn, self._inbox), urgent=False)
            if not items:
                return
            counts.read += await self._understand(_batch(items), counts)

    async def _understand(self, batch: Sequence[StoredItem], counts: "_Counts") -> int:
        begun = [item.raw_id for item in batch if item.attempts < MOST_ATTEMPTS]
        try:
            number = await self._ingest(batch, begun, counts)
        except (DBAPIError, TimeoutError, OSError) as exc:
            self._pardons.failed(begun, exc)
            raise
        self._pardons.read(begun)
        return number

    async def _ingest(
        self, batch: Sequence[StoredItem], begun: Sequence[int], counts: "_Counts"
    ) -> int:
        if begun:
            await self._write(lambda tx: begin_reading(tx, begun))
        explain = explained_by(self._connector)
        read = await read_items(batch, explain, deadline=self._reading_seconds)
        if read:
            desk = self._desk()
            report = await self._write(lambda tx: ingest(tx, desk, self._inbox, read))
            counts.saw(report.newest)
            for end in ("opened", "messages", "ignored", "quarantined"):
                self._taken[self._inbox, end] += getattr(report, end)
            if report.newest is not None:
                lag = (self._clock.now() - report.newest) / self._clock.real(1.0)
                self._lags.observe(self._inbox, lag)
        return len(read)

    async def _failed(self, exc: Exception, state: InboxState, counts: "_Counts") -> PollReport:
        known = isinstance(exc, ConnectorError)
        error = str(exc) if known else type(exc).__name__
        if not known:
            broke("poll.broke", exc, inbox=self._inbox)
        paused = isinstance(exc, AuthExpired)
        log.warning("poll.failed", inbox=self._inbox, kind=type(exc).__name__, paused=paused)
        await self._write(lambda tx: self._missed(tx, error, paused, counts))
        self._rest(_rest_after(exc, state.failures + 1))
        return PollReport(stored=counts.stored, read=counts.read, error=error)

    def _missed(self, tx: Tx, error: str, paused: bool, counts: "_Counts") -> None:
        note_failure(tx, self._inbox, error, paused)
        note_calls(tx, self._inbox, reads=counts.tally.calls)

    async def _lease(self, *, begins: bool = False) -> InboxState | None:
        until = self._clock.now() + self._clock.real(LEASE_SECONDS)

        def lease(tx: Tx) -> InboxState | None:
            if self._first and self._db.is_sqlite:
                # The only process there is: whoever held the lease is dead.
                end_lease(tx, self._inbox)
            if not lease_inbox(tx, self._inbox, self._owner, until):
                return None
            if begins:
                begin_look(tx, self._inbox)
            return inbox_state(tx, self._inbox)

        state = await self._db.write(lease, now=self._clock.now())
        self._first = False
        return state

    async def _release(self) -> None:
        """Give the lease back. It ends by itself where that cannot be written, and is ours till then.

        Raises nothing: on the way out of a cancellation an error would take its place, and the
        loop would go on although it was told to end.
        """
        try:
            await self._write(lambda tx: release_inbox(tx, self._inbox, self._owner))
        except (DBAPIError, TimeoutError, OSError) as exc:
            broke("poll.release_failed", exc, inbox=self._inbox)

    async def _write(self, work: Callable[[Tx], T]) -> T:
        return await self._db.write(work, now=self._clock.now())

    def _rest(self, seconds: float) -> None:
        self._rests_until = self._clock.monotonic() + seconds


@dataclass(slots=True)
class _Counts:
    stored: int = 0
    read: int = 0
    newest: datetime | None = None
    tally: Tally = field(default_factory=Tally)

    def saw(self, sent_at: datetime | None) -> None:
        """Keep the newest marketplace time."""
        if sent_at is not None and (self.newest is None or sent_at > self.newest):
            self.newest = sent_at


def _batch(items: Sequence[StoredItem]) -> Sequence[StoredItem]:
    """All of them; but what was tried before goes alone, so that only the culprit is blamed."""
    tried = [item for item in items if item.attempts]
    return tried[:1] or items


def _rest_after(exc: Exception, failures: int) -> float:
    """Real seconds until the next try after so many failures in a row."""
    if isinstance(exc, AuthExpired):
        return AUTH_RETRY_SECONDS
    if isinstance(exc, RateLimited):
        return exc.retry_after
    return delay(failures)

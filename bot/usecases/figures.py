"""Measure the tickets that changed, a few at a time: reports then only count what was measured.

Any number of processes may do so at once, and whoever is stopped begins again where it was: a
ticket is written only where nothing happened to it since its rows were read.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Final, TypeVar
from weakref import WeakKeyDictionary

import structlog
from sqlalchemy import Connection

from bot.clock import Clock
from bot.db.figure_rows import (
    Batch,
    Seen,
    begin_marks,
    changed_since,
    forget_figures,
    keep_mark,
    keep_walk,
    load_batch,
    mark_of,
    measured_and_emptied,
    never_measured,
    newest_ticket,
    overdue,
    told_since,
    unchanged,
    walk_again,
    walked_to,
    write_figures,
)
from bot.db.unit import Database, Tx
from bot.domain.clocks import StoredClock
from bot.domain.desk import Desk
from bot.domain.figures import TicketFigure, WaitFigure
from bot.domain.measuring import TicketRows, measure
from bot.domain.routing import SHOP, calendars_of
from bot.usecases.rule_versions import meet_rules
from sla_rules.calendar import Calendar
from sla_rules.vocabulary import RESPONSES, ClockState, Scope

log = structlog.get_logger(__name__)

BATCH: Final = 50
"""Tickets measured between two turns for others; they are written in about 10 ms."""

_UNREADABLE: Final = (LookupError, TypeError, ValueError)
"""What rows lead to that no version of the desk wrote."""

T = TypeVar("T")

Measured = tuple[TicketFigure, Sequence[WaitFigure]]


@dataclass(slots=True)
class _Lately:
    """What this process measured of the time that is looked at twice: it need not do so again."""

    tickets: dict[int, Seen] = field(default_factory=dict)
    contexts: set[int] = field(default_factory=set)


_lately: WeakKeyDictionary[Database, _Lately] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Due:
    """The tickets to measure: those with new events, each with the newest of them, and others."""

    changed: Sequence[tuple[int, int]]
    besides: Sequence[int]
    contexts: Sequence[int]


async def catch_up(
    database: Database, desk: Desk, clock: Clock, *, limit: int | None = None
) -> int:
    """Measure every ticket that changed since it was measured last; returns how many.

    `limit` bounds how many are measured now; the others are found by the next call.
    """
    worker = _Worker(database=database, desk=desk, clock=clock, left=limit)
    if await database.read(mark_of, urgent=False) is None:
        await database.write(begin_marks, now=clock.now())
    await worker.measure_changed()
    await worker.walk()
    return worker.done


async def start_over(database: Database, clock: Clock) -> None:
    """Have the next `catch_up` look at every ticket: tickets were written with ids of the past."""
    await database.write(walk_again, now=clock.now())


@dataclass(slots=True, kw_only=True)
class _Worker:
    """One catching up. `left` bounds how many tickets it measures, `done` counts them."""

    database: Database
    desk: Desk
    clock: Clock
    left: int | None
    done: int = 0

    async def measure_changed(self) -> None:
        """What happened since the last time, and the waits whose time is over since."""
        lately = _lately.setdefault(self.database, _Lately())
        now = self.clock.now()
        due = await self.database.read(lambda conn: _due(conn, lately, now), urgent=False)
        for part in self._parts(due.changed):
            newest = part[-1][1]
            await self._measure([ticket_id for ticket_id, _ in part], mark=newest)
        for others in self._parts(due.besides):
            await self._measure(others)
        if self._room():
            lately.contexts.update(due.contexts)

    async def walk(self) -> None:
        """What this version never measured, oldest first."""
        after = await self.database.read(walked_to, urgent=False)
        newest = await self.database.read(newest_ticket, urgent=False)
        while after < newest and (room := self._room()):
            page = partial(never_measured, after=after, limit=room)
            found = await self.database.read(page, urgent=False)
            after = found[-1] if found else newest
            await self._measure(found, walked=after)

    def _room(self) -> int:
        """How many tickets may be measured at once now."""
        return BATCH if self.left is None else max(0, min(BATCH, self.left - self.done))

    def _parts(self, those: Sequence[T]) -> Iterator[Sequence[T]]:
        begin = 0
        while begin < len(those) and (room := self._room()):
            yield those[begin : begin + room]
            begin += room

    async def _measure(
        self, ids: Sequence[int], *, mark: int | None = None, walked: int | None = None
    ) -> None:
        """Measure these tickets, and write down how far that came."""
        now = self.clock.now()
        loaded = partial(_loaded, desk=self.desk, ids=ids, now=now)
        batch = await self.database.read(loaded, urgent=False)
        # Slow enough to be felt by whoever waits for the loop.
        made = await asyncio.to_thread(_measured, batch, self.desk)
        kept = partial(_kept, ids=ids, batch=batch, made=made, mark=mark, walked=walked)
        written = await self.database.write(kept, now=now)
        self.done += len(written)
        known = _lately.setdefault(self.database, _Lately()).tickets
        known.update((each, batch.seen[each]) for each in written & batch.seen.keys())


def _kept(
    tx: Tx,
    *,
    ids: Sequence[int],
    batch: Batch,
    made: Sequence[Measured],
    mark: int | None,
    walked: int | None,
) -> set[int]:
    """Write what was measured, where it still holds; the ids of those tickets.

    The others were changed meanwhile, and their new events lead to them again.
    """
    same = unchanged(tx, batch.seen, ids) if ids else set()
    # What was measured while there were words stands: from empty ones it would come out otherwise.
    final = measured_and_emptied(tx.conn, same)
    write_figures(tx, [each for each in made if each[0].ticket_id in same - final])
    gone = same - {each.ticket.id for each in batch.rows}
    if gone:
        forget_figures(tx, gone)
    if mark is not None:
        keep_mark(tx, mark)
    if walked is not None:
        keep_walk(tx, walked)
    return same


def _due(conn: Connection, lately: _Lately, now: datetime) -> _Due:
    mark = mark_of(conn) or 0
    seen, contexts = changed_since(conn, mark), told_since(conn, mark)
    # What lies further back is not looked at again.
    lately.tickets = {each: lately.tickets[each] for each in seen if each in lately.tickets}
    lately.contexts &= contexts.keys()
    changed = [(each, it[0]) for each, it in seen.items() if lately.tickets.get(each) != it]
    new = contexts.keys() - lately.contexts
    besides = {ticket_id for each in new for ticket_id in contexts[each]} | set(overdue(conn, now))
    return _Due(
        changed=changed,
        besides=sorted(besides - {each for each, _ in changed}),
        contexts=sorted(new),
    )


def _loaded(conn: Connection, *, desk: Desk, ids: Sequence[int], now: datetime) -> Batch:
    if not ids:
        return Batch(rows=(), seen={})
    batch = load_batch(conn, ids, now)
    own = (_own_clock(each) for each in batch.rows)
    meet_rules(conn, desk, (), ([each] for each in own if each is not None))
    return batch


def _measured(batch: Batch, desk: Desk) -> list[Measured]:
    made: list[Measured] = []
    for rows in batch.rows:
        try:
            made.append(measure(rows, _hours(desk, rows)))
        except _UNREADABLE as exc:
            # One ticket that cannot be measured must not keep the others from being so.
            log.error("figures.ticket_failed", ticket_id=rows.ticket.id, error=repr(type(exc)))  # noqa: TRY400 - rows are in its trace
    return made


def _hours(desk: Desk, rows: TicketRows) -> Calendar:
    """The shop's business time: the calendar its own target is counted in, else the inbox's."""
    own = _own_clock(rows)
    frozen = desk.known.calendars.get(own.deadline.calendar_version) if own else None
    return frozen or calendars_of(desk, rows.ticket.inbox)[SHOP]


def _own_clock(rows: TicketRows) -> StoredClock | None:
    """The clock of the newest wait for an answer that has a target of the shop's own."""
    own = [
        each
        for each in rows.clocks
        if each.deadline.scope == Scope.INTERNAL
        and each.deadline.metric in RESPONSES
        and each.deadline.state != ClockState.CANCELLED
    ]
    return max(own, key=lambda each: each.deadline.instance, default=None)

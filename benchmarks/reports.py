"""Reports over a long past: how long they take, what growth costs, and who waits meanwhile.

A report is read as the desk reads it: by `ReadApart`, in a thread, beside the desk's own work.
"""

import asyncio
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection, delete, func, select

from benchmarks.databases import Databases
from benchmarks.desk import ANNA, BRUNO
from benchmarks.figures import TIMES, Figure, Goal, figure, must, ratios
from benchmarks.figures_past import MESSAGES, NOW, Copy, a_week, bench_desk, copy_weeks
from bot.clock import Clock
from bot.db import tables
from bot.db.apart import ReadApart
from bot.db.engine import create_engine
from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.reports.answering import answer
from bot.reports.asking import read_question
from bot.reports.question import Question
from bot.reports.report import Report
from bot.usecases.claim import Claim, Claimed, claim
from bot.usecases.figures import catch_up, start_over

NAME = "reports"

_MONTH: Final = Goal(most=2000, source="a report of 30 days over 100,000 tickets in two seconds")
_WEEK: Final = Goal(most=500, source="a report of 7 days in half a second")
_FLAT: Final = Goal(most=1.5, source="what is outside the period costs about nothing")
_AT_ONCE: Final = Goal(most=300, source="a tenth of the three seconds Slack waits for an answer")

_WEEKS_READ: Final = 8
"""A report of 30 days reads so many weeks: those of its period and of the one before."""

_FIRST_BEFORE: Final = 10
"""Older copies begin before both."""

_SAMPLE: Final = 60
_BEAT: Final = 0.005
"""Seconds between two looks at how late the loop is, and between two clicks."""

_MICRO: Final = 1000.0


async def run(kinds: Sequence[Databases], *, quick: bool) -> list[Figure]:
    """Every figure of this benchmark."""
    size = _QUICK if quick else _WHOLE
    found: list[Figure] = []
    for kind in kinds:
        found += await _on(kind, size)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Size:
    """How many tickets, how many days of them are made up, and how often everything is timed."""

    small: int
    large: int
    days: int
    rounds: int


_WHOLE: Final = _Size(small=10_000, large=100_000, days=7, rounds=5)
_QUICK: Final = _Size(small=1_000, large=4_000, days=2, rounds=1)


@dataclass(slots=True, kw_only=True)
class _Past:
    """One database as it grows. `base` tickets are in the week that is copied."""

    url: str
    desk: Desk
    base: int
    copies: int = 0

    async def add(self, tickets: int, first: int, weeks: int) -> None:
        """So many tickets more, spread over some weeks from the `first` one back."""
        count = max(1, round(tickets / self.base))
        made = [
            Copy(number=self.copies + at + 1, weeks=first + at % weeks, whole=not self.copies + at)
            for at in range(count)
        ]
        self.copies += count
        await copy_weeks(self.url, self.base, made)

    @property
    def tickets(self) -> int:
        """How many there are."""
        return self.base * (self.copies + 1)


async def _on(kind: Databases, size: _Size) -> list[Figure]:
    small, large, rounds = size.small, size.large, size.rounds
    async with AsyncExitStack() as stack:
        url = await kind.new()
        stack.push_async_callback(kind.drop, url)
        desk = bench_desk()
        past = _Past(url=url, desk=desk, base=await a_week(url, desk, days=size.days))
        await past.add(small - past.base, 0, _WEEKS_READ)
        await _must_be_measured(past)
        few = await _times(past, rounds)
        await past.add(large - small, _FIRST_BEFORE, 26)
        grown = await _times(past, rounds)
        await past.add(large - small, 0, _WEEKS_READ)
        many = await _times(past, rounds)
        told = await _read(past, "30d")
        must(told.tickets > large * 0.4, f"only {told.tickets} tickets were in the 30 days")
        waits = await _beside(past, rounds)
        count = await ReadApart(url).read(_messages)
        must(count > MESSAGES * large, f"only {count} messages")
    timed = _Series(few=few, grown=grown, many=many)
    return [*_told(kind.name, size, timed), *_waited(kind.name, waits)]


Times = dict[str, list[float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Series:
    """What was timed at each size of the database."""

    few: Times
    grown: Times
    many: Times


def _told(on: str, size: _Size, timed: _Series) -> list[Figure]:
    small, large = size.small, size.large
    found = [
        figure(NAME, f"{asked}, {small:,} tickets in 60 days", times, unit="ms", on=on)
        for asked, times in timed.few.items()
    ]
    for asked, goal in (("30d", _MONTH), ("7d", _WEEK)):
        what = f"{asked}, {large:,} tickets in 60 days, as many older"
        found.append(figure(NAME, what, timed.many[asked], unit="ms", on=on, goal=goal))
    what = f"30d: {large // small} times the history, outside the period ÷ none there"
    spread = ratios(timed.grown["30d"], timed.few["30d"])
    return [*found, figure(NAME, what, spread, unit=TIMES, on=on, goal=_FLAT)]


async def _times(past: _Past, rounds: int) -> Times:
    """Milliseconds of each report, after one that does not count."""
    found: Times = {"30d": [], "7d": []}
    for turn in range(rounds + 1):
        for asked, times in found.items():
            began = time.perf_counter()
            await _read(past, asked)
            if turn:
                times.append((time.perf_counter() - began) * _MICRO)
    return found


@dataclass(frozen=True, slots=True)
class _Read:
    report: Report
    tickets: float


async def _read(past: _Past, asked: str) -> _Read:
    period, by = read_question(asked, now=NOW, zone="Europe/Rome")
    question = Question(period=period, by=by)
    report = await ReadApart(past.url).read(lambda conn: answer(conn, past.desk, question, NOW))
    told = report.reconciled
    parts = told.answered + told.waved + told.settled + told.merged + told.waiting + told.told
    must(told.received == parts, f"of {told.received} tickets {parts} were told")
    return _Read(report, told.received)


async def _must_be_measured(past: _Past) -> None:
    """Figures that were copied are those that the desk measures."""
    database = Database(create_engine(past.url))
    clock = Clock(start=NOW)
    try:
        kept = await database.read(lambda conn: _sampled(conn, past.base))
        ids = list(kept)
        await database.write(lambda tx: _forget(tx.conn, ids), now=NOW)
        await start_over(database, clock)
        again = await catch_up(database, past.desk, clock)
        must(again >= len(ids), f"{again} tickets were measured again, not {len(ids)}")
        now = await database.read(lambda conn: _sampled(conn, past.base))
    finally:
        await database.close()
    differ = [each for each in ids if kept[each] != now.get(each)]
    must(not differ, f"{len(differ)} of {len(ids)} copies are not what is measured of them")


def _sampled(conn: Connection, base: int) -> dict[int, Any]:
    """The figures of some tickets of the first copy, ids of tickets first."""
    figure_, wait = tables.ticket_figure, tables.wait_figure
    rows = conn.execute(
        select(figure_)
        .where(figure_.c.number > base, figure_.c.number <= 2 * base)
        .order_by(figure_.c.number)
        .limit(_SAMPLE)
    ).all()
    waits = conn.execute(
        select(wait)
        .where(wait.c.ticket_id.in_([row.ticket_id for row in rows]))
        .order_by(wait.c.ticket_id, wait.c.instance)
    ).all()
    return {
        row.ticket_id: (tuple(row), [tuple(w) for w in waits if w.ticket_id == row.ticket_id])
        for row in rows
    }


def _forget(conn: Connection, ids: Sequence[int]) -> None:
    for table in (tables.ticket_figure, tables.wait_figure):
        conn.execute(delete(table).where(table.c.ticket_id.in_(ids)))


def _messages(conn: Connection) -> int:
    return conn.scalar(select(func.count()).select_from(tables.message)) or 0


# Who waits meanwhile.


@dataclass(slots=True)
class _Waits:
    """Milliseconds, the longest of each round."""

    quiet: list[float] = field(default_factory=list)
    click: list[float] = field(default_factory=list)
    lag: list[float] = field(default_factory=list)


def _waited(on: str, waits: _Waits) -> list[Figure]:
    return [
        figure(NAME, "longest claim, no report", waits.quiet, unit="ms", on=on),
        figure(NAME, "longest claim beside a report", waits.click, unit="ms", on=on, goal=_AT_ONCE),
        figure(
            NAME, "longest lag of the loop beside it", waits.lag, unit="ms", on=on, goal=_AT_ONCE
        ),
    ]


async def _beside(past: _Past, rounds: int) -> _Waits:
    """The longest wait of a click, alone and while a report of 30 days is made."""
    waits = _Waits()
    database = Database(create_engine(past.url))
    try:
        for turn in range(rounds + 1):
            alone = await _clicks(database, past.desk, asyncio.sleep(0.5))
            beside, lag = await _lagging(_clicks(database, past.desk, _read(past, "30d")))
            if turn:
                waits.quiet.append(alone)
                waits.click.append(beside)
                waits.lag.append(lag)
    finally:
        await database.close()
    return waits


async def _clicks(database: Database, desk: Desk, meanwhile: Any) -> float:
    """Have two people take a ticket from each other until that is over; the longest it took."""
    running = asyncio.ensure_future(meanwhile)
    ticket_id, owner = await database.read(_newest)
    longest = 0.0
    while not running.done():
        other = BRUNO if owner == ANNA else ANNA
        command = Claim(ticket_id=ticket_id, actor=other, take_over_from=owner)
        began = time.perf_counter()
        taken = partial(claim, desk=desk, command=command)
        done = await database.write(taken, now=NOW, urgent=True)
        longest = max(longest, (time.perf_counter() - began) * _MICRO)
        owner = other
        must(isinstance(done, Claimed), "a claim was refused")
        await asyncio.sleep(_BEAT)
    await running
    return longest


def _newest(conn: Connection) -> tuple[int, str | None]:
    ticket = tables.ticket.c
    row = conn.execute(select(ticket.id, ticket.assignee).order_by(ticket.id.desc()).limit(1)).one()
    return row.id, row.assignee


async def _lagging(work: Any) -> tuple[float, float]:
    """What `work` gives, and by how many milliseconds the loop was late at worst."""
    running = asyncio.ensure_future(work)
    longest = 0.0
    while not running.done():
        began = time.perf_counter()
        await asyncio.sleep(_BEAT)
        longest = max(longest, (time.perf_counter() - began - _BEAT) * _MICRO)
    return await running, longest

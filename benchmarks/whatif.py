"""A quarter of a year replayed under other rules, and under another roster."""

import time
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace

from benchmarks.databases import Databases
from benchmarks.desk import START, shop_calendar, the_desk
from benchmarks.figures import Figure, Goal, figure, must
from benchmarks.past import INBOXES, SPAN, fill
from bot.cli.replay import Question, replayed
from bot.db.engine import create_engine
from bot.db.unit import Database
from sla_rules.calendar import ALWAYS, Calendar
from sla_rules.policy import PolicySet, presets
from sla_rules.restaffing import Rosters
from sla_rules.staffing import Shift, Staffing
from sla_rules.whatif import WhatIf

NAME = "whatif"

_IN_A_MINUTE = Goal(least=100_000 / 60, source="100,000 tickets in a minute, reading included")
_STRICTER = {
    "name": "benchmark.stricter",
    "match": {"channel": list(INBOXES), "kind": "message"},
    "clock": [{"metric": "response", "scope": "internal", "target": "90m", "calendar": "always"}],
}


async def run(kinds: Sequence[Databases], *, quick: bool) -> list[Figure]:
    """Every figure of this benchmark."""
    tickets, rounds = (1_000, 1) if quick else (10_000, 2)
    found: list[Figure] = []
    for kind in kinds:
        found += await _on(kind, tickets, rounds)
    return found


async def _on(kind: Databases, tickets: int, rounds: int) -> list[Figure]:
    async with AsyncExitStack() as stack:
        url = await kind.new()
        stack.push_async_callback(kind.drop, url)
        db = Database(create_engine(url))
        stack.push_async_callback(db.close)
        await fill(db, tickets)
        speeds: dict[str, list[float]] = {what: [] for what in _questions()}
        for _ in range(rounds):
            for what, question in _questions().items():
                speeds[what].append(await _speed(db, question, tickets))
    return [
        figure(NAME, what, speed, unit="tickets per s", on=kind.name, goal=_IN_A_MINUTE)
        for what, speed in speeds.items()
    ]


def _questions() -> Mapping[str, Question]:
    desk = the_desk()
    stricter = replace(desk, policies=PolicySet.load([*presets(), _STRICTER]))
    question = Question(before=desk, after=stricter, rosters=None, since=START - SPAN, now=START)
    rosters = Rosters(before=_roster(shop_calendar(), 3), after=_roster(ALWAYS, 1))
    return {
        "other rules": question,
        "another roster": replace(question, after=desk, rosters=rosters),
    }


def _roster(calendar: Calendar, people: int) -> Staffing:
    return Staffing([Shift(name="floor", calendar=calendar, people=people)])


async def _speed(db: Database, question: Question, tickets: int) -> float:
    """Tickets a second, from the first statement to the answer."""
    told: list[tuple[int, int]] = []
    began = time.perf_counter()
    found = await replayed(db, question, lambda done, total: told.append((done, total)))
    seconds = time.perf_counter() - began
    _check(found, told, tickets)
    return tickets / seconds


def _check(found: WhatIf, told: Sequence[tuple[int, int]], tickets: int) -> None:
    must(found.tickets == tickets, f"{found.tickets} of {tickets} tickets were replayed")
    must(told[-1] == (tickets, tickets), f"the last word on the way was {told[-1]}")
    must(found.newly_late > 0, "nothing flipped: the other side was not looked at")

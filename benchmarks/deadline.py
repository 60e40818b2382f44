"""One deadline in business hours: ours, a walk day by day, and other libraries where installed."""

import random
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from datetime import time as wall_time
from zoneinfo import ZoneInfo

from benchmarks.databases import Databases
from benchmarks.desk import HOLIDAYS, START, WEEK, ZONE, shop_calendar
from benchmarks.figures import TIMES, Goal, Result, Skipped, figure, must, ratios
from benchmarks.peers import PEERS, Reckon

NAME = "deadline"
TARGETS = (timedelta(hours=2), timedelta(hours=40), timedelta(hours=240))
SAMPLES = 2000
CHECKED = 40

_OURS = "ours"
_WALK = "day by day"
_LONGEST = 0.05
"""Seconds one way may take in one round: some need milliseconds a call."""

_BATCH = 20

_GOALS = {
    _WALK: Goal(least=1.0, source="a compiled calendar is never slower than a walk"),
    "workclock": Goal(least=3.0, source="a compiled library; half of what was measured here"),
    "django-bizcal": Goal(least=25.0, source="a quarter of what was measured here"),
    "businesstimedelta": Goal(least=50.0, source="a quarter of what was measured here"),
}
_MANY = 100_000
_QUICK = Goal(most=0.3, source="every running clock of a large seller, between two looks at one")
_COMPILED = Goal(most=25.0, source="nobody waits for a calendar that was edited")
_ALIKE = Goal(most=1.5, source="the length of a target costs nothing")
_LONG = timedelta(hours=4000)

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPANS = [
    [(wall_time.fromisoformat(a), wall_time.fromisoformat(b)) for a, b in WEEK.get(day, ())]
    for day in _WEEKDAYS
]
_CLOSED = frozenset(HOLIDAYS)


def walk(start: datetime, target: timedelta) -> datetime:
    """The deadline the plain way: day after day, span after span, until the target is used up."""
    zone, left = ZoneInfo(ZONE), target
    day: date = start.astimezone(zone).date()
    while True:
        for opens, closes in () if day in _CLOSED else _SPANS[day.weekday()]:
            begins = max(datetime.combine(day, opens, zone).astimezone(UTC), start)
            open_time = datetime.combine(day, closes, zone).astimezone(UTC) - begins
            if open_time >= left:
                return begins + left
            left -= max(open_time, timedelta(0))
        day += timedelta(days=1)


async def run(_kinds: Sequence[Databases], *, quick: bool) -> list[Result]:
    """Every figure of this benchmark."""
    dice = random.Random(4)
    starts = [START + timedelta(minutes=dice.randint(-500_000, 500_000)) for _ in range(SAMPLES)]
    ways: dict[str, Reckon] = {_OURS: shop_calendar().deadline, _WALK: walk}
    found: list[Result] = []
    for name, make in PEERS.items():
        peer = make(ZONE, _SPANS, HOLIDAYS)
        reason = peer if isinstance(peer, str) else _disagreement(peer, starts)
        if reason is None and not isinstance(peer, str):
            ways[name] = peer
        else:
            found.append(Skipped(bench=NAME, what=f"{name} ÷ ours", reason=reason or ""))
    must(_disagreement(walk, starts) is None, "the walk and the calendar give the same instants")
    for way in ways.values():
        _microseconds(way, starts, TARGETS[0])
    rounds = 3 if quick else 9
    for target in TARGETS:
        found += _figures(target, _measured(ways, starts, target, rounds, dice))
    return [*found, *_ours_alone(starts, rounds)]


def _ours_alone(starts: Sequence[datetime], rounds: int) -> list[Result]:
    ours = shop_calendar().deadline
    local = [at.astimezone(ZoneInfo(ZONE)) for at in starts]
    short, long, here, many = ([0.0] * rounds for _ in range(4))
    for count in range(rounds):
        short[count] = _microseconds(ours, starts, TARGETS[1])
        long[count] = _microseconds(ours, starts, _LONG)
        here[count] = _microseconds(ours, local, TARGETS[1])
        many[count] = _seconds(ours, starts)
    return [
        figure(NAME, "40 business hours, from a local time", here, unit="µs"),
        figure(NAME, "4000 ÷ 40 business hours", ratios(long, short), unit=TIMES, goal=_ALIKE),
        figure(NAME, f"{_MANY:,} deadlines", many, unit="s", goal=_QUICK),
        figure(NAME, "compiling three years", _compiled(), unit="ms", goal=_COMPILED),
    ]


def _seconds(way: Reckon, starts: Sequence[datetime]) -> float:
    targets = [timedelta(minutes=minutes) for minutes in range(60, 2460, 60)]
    began = time.process_time()
    for count in range(_MANY):
        way(starts[count % len(starts)], targets[count % len(targets)])
    return time.process_time() - began


def _disagreement(way: Reckon, starts: Sequence[datetime]) -> str | None:
    ours = shop_calendar().deadline
    asked = [(at, target) for at in starts[:CHECKED] for target in TARGETS]
    wrong = sum(way(at, target).astimezone(UTC) != ours(at, target) for at, target in asked)
    return f"{wrong} of {len(asked)} answers differ" if wrong else None


def _compiled() -> list[float]:
    """Milliseconds of a new calendar's first answer, for which it compiles three years."""
    found = []
    for _ in range(CHECKED):
        calendar = shop_calendar()
        began = time.process_time()
        calendar.elapsed(START, START + timedelta(days=365))
        found.append((time.process_time() - began) * 1e3)
    return found


def _measured(
    ways: Mapping[str, Reckon],
    starts: Sequence[datetime],
    target: timedelta,
    rounds: int,
    dice: random.Random,
) -> dict[str, list[float]]:
    """Microseconds a call, a value a round, by way."""
    found: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name in dice.sample(list(ways), len(ways)):
            found[name].append(_microseconds(ways[name], starts, target))
    return found


def _microseconds(way: Reckon, starts: Sequence[datetime], target: timedelta) -> float:
    """Processor time a call. The clock is read once a batch: reading it costs as much as a call."""
    began = time.process_time()
    for count in range(0, len(starts), _BATCH):
        for at in starts[count : count + _BATCH]:
            way(at, target)
        if (used := time.process_time() - began) > _LONGEST:
            return used / (count + _BATCH) * 1e6
    return (time.process_time() - began) / len(starts) * 1e6


def _figures(target: timedelta, measured: Mapping[str, list[float]]) -> list[Result]:
    hours = f"{target.total_seconds() / 3600:.0f} business hours"
    ours = measured[_OURS]
    found: list[Result] = [figure(NAME, hours, ours, unit="µs")]
    for name, values in measured.items():
        if name != _OURS:
            title = f"{hours}: {name} ÷ ours"
            goal = _GOALS[name]
            found.append(figure(NAME, title, ratios(values, ours), unit=TIMES, goal=goal))
    return found

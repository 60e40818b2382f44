"""How a seller stands by what platforms judge by: the value, its threshold, and the misses left.

Three sources are put side by side: what the desk counts of its own waits, what a platform's API
told, and what the seller's own report files say.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.db.health_rows import StoredReading, WaitDay, readings_since, waits_by_day
from bot.domain.desk import Desk, InboxRoute
from bot.reports.health.room import WHOLE, Direction, Room, Threshold, is_small, room
from bot.reports.health.standards import CONTACT_RESPONSE, Certainty, Standard, standards_of
from bot.usecases.promises import PromiseStanding, promises
from connectors.report_files.reading import Measure, Reading, Sort, sort_of
from sla_rules.rates import RatePromise
from sla_rules.vocabulary import Metric

__all__ = ["Certainty", "Direction", "HealthLine", "Measure", "Origin", "Point", "Sort", "health"]

WEEK: Final = timedelta(days=7)
WEEKS_BACK: Final = 4
"""Earlier values of what the desk counts itself: one a week."""

_PROMISE_WEEKS: Final = (0, 1, WEEKS_BACK)
"""When a promise is counted. Each takes a statement over its whole window, so they are few."""

_AMAZON: Final = "amazon"
_APART: Final = 6
"""Days that two points of a trend lie apart, where there are enough of them."""

_POINTS: Final = 8
_REACH: Final = timedelta(days=400)
_API_FRESH: Final = 3
"""Days after which a figure that is fetched daily is stale."""


class Origin(StrEnum):
    """Whose count a line is."""

    OWN = "own"  # made from the desk's own waits
    API = "api"
    IMPORT = "import"


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A value of before, and the day it is of."""

    day: date
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthLine:
    """One measure of one inbox in one marketplace (empty: all of them, or nobody said which).

    `value` is in the sort of its measure; None: nothing happened that it could be made from.
    `counted` of `out_of` went wrong, or well, as `Sort` says. `threshold` is in the same unit;
    None with its direction where the measure has none of its own, and then `kept` is None too.
    `misses_left` and `to_regain` are None where nobody can know. `to_regain` counts the
    next cases without a miss where the measure `grows`, and elsewhere the misses too many. `trend` has earlier values, the
    oldest first; `change` is against the last of them, in the value's unit. `as_of` is the day
    the value is of.
    """

    inbox: str
    label: str
    platform: str
    marketplace: str
    measure: Measure
    sort: Sort
    origin: Origin
    value: float | None
    counted: int | None
    out_of: int | None
    threshold: float | None
    direction: Direction | None
    kept: bool | None
    misses_left: int | None
    to_regain: int | None
    grows: bool
    badge: bool
    window_days: int | None
    within: timedelta | None
    first_only: bool
    rule_source: str
    certainty: Certainty
    trend: Sequence[Point]
    change: float | None
    as_of: date
    is_small: bool
    is_stale: bool


def health(
    conn: Connection, desk: Desk, now: datetime, inboxes: Collection[str] | None = None
) -> Sequence[HealthLine]:
    """Every line of the inboxes (their names; None: of all), by inbox, marketplace and measure.

    What the desk counts is as of `now`; earlier values count each wait by what became of it. A few
    statements, each over at most 118 days.
    """
    routes = [
        route for name, route in sorted(desk.inboxes.items()) if inboxes is None or name in inboxes
    ]
    told = _told_lines(conn, desk, routes, now)
    lines = [*_contact_lines(conn, desk, routes, now), *_promise_lines(conn, desk, routes, now)]
    order = {measure: place for place, measure in enumerate(Measure)}
    return sorted(
        [*lines, *told],
        key=lambda one: (one.inbox, one.marketplace, order[one.measure], one.badge, one.origin),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Count:
    """Answers that were awaited, and those in time."""

    kept: int
    awaited: int

    @property
    def share(self) -> float | None:
        return self.kept / self.awaited if self.awaited else None


def _contact_lines(
    conn: Connection, desk: Desk, routes: Sequence[InboxRoute], now: datetime
) -> Iterator[HealthLine]:
    """Amazon's contact response over its three windows, by marketplace."""
    # The account's own inbox has feedback and notices, no messages of buyers.
    amazon = {one.name: one for one in routes if one.connector == one.rule_channel == _AMAZON}
    longest = max(one.days or 0 for one in CONTACT_RESPONSE) + WEEKS_BACK * WEEK.days
    waits = waits_by_day(conn, amazon, now, days=longest, within=timedelta(hours=24))
    today = _today(desk, now)
    for name, route in amazon.items():
        for place, days in _by_place([one for one in waits if one.inbox == name]).items():
            for standard in CONTACT_RESPONSE:
                counts = {
                    back: _windowed(days, back * WEEK.days, standard.days or 0)
                    for back in range(WEEKS_BACK + 1)
                }
                yield _own_line(route, place, standard, counts, today)


def _by_place(waits: Sequence[WaitDay]) -> Mapping[str, Sequence[WaitDay]]:
    """The waits by marketplace; where there is only one, what names none is of that one too."""
    named = sorted({one.marketplace for one in waits} - {""})
    if len(named) <= 1:
        return {named[0] if named else "": waits}
    places = sorted({one.marketplace for one in waits})
    return {place: [one for one in waits if one.marketplace == place] for place in places}


def _windowed(days: Sequence[WaitDay], first: int, length: int) -> _Count:
    inside = [one for one in days if first <= one.age < first + length]
    kept = sum(one.kept for one in inside)
    return _Count(kept=kept, awaited=kept + sum(one.late for one in inside))


def _promise_lines(
    conn: Connection, desk: Desk, routes: Sequence[InboxRoute], now: datetime
) -> Iterator[HealthLine]:
    """The promises of the rules, as `/sla` tells them too."""
    names = {route.name: route for route in routes}
    asked = replace(desk, inboxes=names)
    standings = {
        back: {_promise_key(one): one for one in promises(conn, asked, now - back * WEEK)}
        for back in _PROMISE_WEEKS
    }
    for key, one in standings[0].items():
        route = names[one.inbox]
        counts = {
            back: _promise_count(found[key]) for back, found in standings.items() if key in found
        }
        yield _own_line(route, "", _promised(route, one.promise), counts, _today(desk, now))


def _promise_key(one: PromiseStanding) -> tuple[str, RatePromise]:
    return one.inbox, one.promise


def _promise_count(one: PromiseStanding) -> _Count:
    return _Count(kept=one.standing.on_time, awaited=one.standing.awaited)


def _promised(route: InboxRoute, promise: RatePromise) -> Standard:
    """A promise of the rules, which an owner may have changed, as a standard."""
    known = standards_of(route.rule_channel, Measure.RESPONSE_RATE, "")
    same = [one for one in known if (one.days, one.within) == (promise.over.days, promise.within)]
    return Standard(
        platform=route.rule_channel,
        measure=Measure.RESPONSE_RATE,
        source=promise.source,
        certainty=same[0].certainty if same else Certainty.UNVERIFIED,
        threshold=Threshold(
            limit=promise.share * WHOLE // 100, direction=Direction.AT_LEAST, grows=True
        ),
        days=promise.over.days,
        within=promise.within,
        badge=promise.opt_in or any(one.badge for one in same),
        first_only=set(promise.metrics) == {Metric.FIRST_RESPONSE},
    )


def _own_line(
    route: InboxRoute, place: str, standard: Standard, counts: Mapping[int, _Count], today: date
) -> HealthLine:
    """A line of what the desk counted: now (0), and so many weeks before."""
    newest = counts[0]
    reading = Reading(
        measure=standard.measure,
        marketplace=place,
        value=newest.share,
        counted=newest.kept,
        out_of=newest.awaited,
        until=today,
    )
    before = [
        Point(day=today - back * WEEK, value=count.share)
        for back, count in sorted(counts.items())
        if back and count.share is not None
    ]
    return _line(route, standard, reading, origin=Origin.OWN, trend=tuple(reversed(before)))


def _told_lines(
    conn: Connection, desk: Desk, routes: Sequence[InboxRoute], now: datetime
) -> Iterator[HealthLine]:
    """What APIs and report files told last, each with what they told before."""
    today = _today(desk, now)
    names = {route.name: route for route in routes}
    series: dict[tuple[str, str, Measure], list[StoredReading]] = {}
    for one in readings_since(conn, names, today - _REACH):
        key = one.inbox, one.reading.marketplace, one.reading.measure
        series.setdefault(key, []).append(one)
    for (inbox, place, measure), found in series.items():
        newest = found[0]
        trend = _thinned([one.reading for one in found])
        if newest.reading.value is None and not trend:
            # The seller does nothing that could be counted, and never did.
            continue
        route = names[inbox]
        for standard in _asked(route, measure, place):
            origin = Origin(newest.source)
            fresh = _API_FRESH if origin is Origin.API else standard.fresh_days
            yield _line(
                route,
                standard,
                newest.reading,
                origin=origin,
                trend=trend,
                is_stale=(today - newest.reading.until).days > fresh,
            )


def _asked(route: InboxRoute, measure: Measure, place: str) -> Sequence[Standard]:
    """What is asked of the measure; of one that nobody asks for, the value alone is told."""
    return standards_of(route.rule_channel, measure, place) or [
        Standard(
            platform=route.rule_channel,
            measure=measure,
            source="",
            certainty=Certainty.UNVERIFIED,
        )
    ]


def _thinned(found: Sequence[Reading]) -> tuple[Point, ...]:
    """Earlier values, the oldest first: about one a week where there are more."""
    told = [Point(day=one.until, value=one.value) for one in found[1:] if one.value is not None]
    points: list[Point] = []
    last = found[0].until
    for point in told:
        if (last - point.day).days >= _APART:
            points.append(point)
            last = point.day
    chosen = points or told
    return tuple(reversed(chosen[: _POINTS - 1]))


def _line(
    route: InboxRoute,
    standard: Standard,
    reading: Reading,
    *,
    origin: Origin,
    trend: tuple[Point, ...],
    is_stale: bool = False,
) -> HealthLine:
    found = _room(standard, reading)
    threshold = standard.threshold
    return HealthLine(
        inbox=route.name,
        label=route.label or route.name,
        platform=route.rule_channel,
        marketplace=reading.marketplace,
        measure=standard.measure,
        sort=sort_of(standard.measure),
        origin=origin,
        value=reading.value,
        counted=reading.counted,
        out_of=reading.out_of,
        threshold=_bound(standard),
        direction=_direction(standard),
        kept=_kept(standard, reading, found),
        misses_left=found.misses_left if found else None,
        to_regain=found.to_regain if found else None,
        grows=threshold is not None and threshold.grows,
        badge=standard.badge,
        window_days=standard.days,
        within=standard.within,
        first_only=standard.first_only,
        rule_source=standard.source,
        certainty=standard.certainty,
        trend=trend,
        change=reading.value - trend[-1].value if trend and reading.value is not None else None,
        as_of=reading.until,
        is_small=bool(threshold and reading.out_of and is_small(threshold, reading.out_of)),
        is_stale=is_stale,
    )


def _room(standard: Standard, reading: Reading) -> Room | None:
    counted, out_of = reading.counted, reading.out_of
    if standard.threshold is None or counted is None or out_of is None:
        return None
    misses = counted if sort_of(standard.measure) is Sort.MISSES else out_of - counted
    return room(standard.threshold, misses, out_of)


def _kept(standard: Standard, reading: Reading, found: Room | None) -> bool | None:
    """Whether the threshold is kept; by the value alone where nobody told the counts."""
    if found is not None:
        return found.is_kept
    bound, direction = _bound(standard), _direction(standard)
    if reading.value is None or bound is None or direction is None:
        return None
    if direction.holds(reading.value, bound):
        return True
    # So few misses may be allowed whatever their share, and nobody told how many there are.
    return None if standard.threshold is not None and standard.threshold.grace else False


def _bound(standard: Standard) -> float | None:
    if standard.threshold is not None:
        return standard.threshold.limit / WHOLE
    return None if standard.minutes is None else float(standard.minutes)


def _direction(standard: Standard) -> Direction | None:
    if standard.threshold is not None:
        return standard.threshold.direction
    return None if standard.minutes is None else Direction.AT_MOST


def _today(desk: Desk, now: datetime) -> date:
    return now.astimezone(ZoneInfo(desk.timezone)).date()

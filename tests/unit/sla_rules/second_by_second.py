"""A desk watched second by second around a jump of its clocks, to hold the calendar against.

Shares no line with the calendar it judges, and asks a zone for one thing only: what the wall shows
at an instant. Where the wall jumps is found by looking at it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import groupby
from zoneinfo import ZoneInfo

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY = 86_400
MINUTES = 1440
WATCHED = 10
"""Days that are looked at; questions keep away from the first and the last of them."""

Spans = Sequence[tuple[str, str]]
Pauses = Sequence[tuple[datetime, datetime]]


@dataclass(frozen=True, kw_only=True)
class Hours:
    """The arguments of a calendar."""

    tz: str
    week: Mapping[str, Spans]
    holidays: frozenset[date] = frozenset()
    closures: Mapping[date, Spans] = field(default_factory=dict)
    hours: Mapping[date, Spans] = field(default_factory=dict)


class WatchedDesk:
    """Open or closed, for every second of ten days from the midnight (UTC) of `first` on."""

    def __init__(self, hours: Hours, first: date) -> None:
        self.hours = hours
        self.begins = datetime(first.year, first.month, first.day, tzinfo=UTC)
        self._walls = _walls(hours.tz, self.begins)
        self._open = bytearray(WATCHED * DAY)
        self._dates: set[date] = set()
        for day in self._days_shown():
            for opens, closes in _runs(self._worked(day)):
                spot = self._at(day, opens), self._at(day, closes)
                if spot[0] < spot[1]:
                    self._open[spot[0] : spot[1]] = b"\1" * (spot[1] - spot[0])
                    self._dates.add(day)

    def deadline(self, start: datetime, target: timedelta, pauses: Pauses = ()) -> datetime | None:
        """The first instant by which `target` was worked; None when that lies outside."""
        left = int(target.total_seconds())
        working = self._without(pauses)
        second = self._second(start)
        # Whole hours that do not suffice are passed at once, the last one second by second.
        while second < len(working) and (passed := working.count(1, second, second + 3600)) < left:
            left, second = left - passed, second + 3600
        for worked in range(second, len(working)):
            left -= working[worked]
            if not left:
                return self._instant(worked + 1)
        return None

    def elapsed(self, start: datetime, end: datetime, pauses: Pauses = ()) -> timedelta:
        """The seconds worked between, without the pauses."""
        working = self._without(pauses)
        return timedelta(seconds=working.count(1, self._second(start), self._second(end)))

    def next_open(self, at: datetime) -> datetime | None:
        """The first second worked from then on; None when that lies outside."""
        found = self._open.find(1, self._second(at))
        return None if found < 0 else self._instant(found)

    def open_date_after(self, day: date, count: int) -> date | None:
        """The `count`-th date with a second worked; None when that lies outside."""
        later = sorted(each for each in self._dates if each > day)
        return later[count - 1] if len(later) > count else None

    def _days_shown(self) -> list[date]:
        """Every date the wall shows for a second: one that was skipped is none."""
        found: set[date] = set()
        for begins, ends, offset in self._walls:
            shown = range((begins + offset) // DAY, (ends - 1 + offset) // DAY + 1)
            found |= {self.begins.date() + timedelta(days=each) for each in shown}
        return sorted(found)

    def _worked(self, day: date) -> bytearray:
        """For every minute on the wall of `day` whether it is worked."""
        minutes = bytearray(MINUTES)
        own = self.hours.hours.get(day)
        if own is not None:
            _paint(minutes, own, (), 1)
        elif day not in self.hours.holidays:
            week = self.hours.week
            last_night = week.get(WEEKDAYS[day.weekday() - 1], ())
            _paint(minutes, week.get(WEEKDAYS[day.weekday()], ()), last_night, 1)
        closed = self.hours.closures
        _paint(minutes, closed.get(day, ()), closed.get(day - timedelta(days=1), ()), 0)
        return minutes

    def _at(self, day: date, minute: int) -> int:
        """The first second at which the wall shows it; past a jump, as far past it as it was in."""
        shown = (day - self.begins.date()).days * DAY + minute * 60
        before = self._walls[0][2]
        for begins, ends, offset in self._walls:
            if begins + offset > shown:
                break
            if shown < ends + offset:
                return max(shown - offset, 0)
            before = offset
        return min(max(shown - before, 0), len(self._open))

    def _without(self, pauses: Pauses) -> bytearray:
        working = bytearray(self._open)
        for paused, resumed in pauses:
            first, last = self._second(paused), self._second(resumed)
            working[first:last] = bytes(last - first)
        return working

    def _second(self, at: datetime) -> int:
        return int((at - self.begins).total_seconds())

    def _instant(self, second: int) -> datetime:
        return self.begins + timedelta(seconds=second)


@cache
def _walls(tz: str, begins: datetime) -> tuple[tuple[int, int, int], ...]:
    """From which second to which the wall is how many seconds ahead of UTC."""
    zone, found = ZoneInfo(tz), list[tuple[int, int, int]]()
    since, ahead = 0, _ahead(zone, begins)
    for minute in range(WATCHED * MINUTES):
        if _ahead(zone, begins + timedelta(minutes=minute + 1)) == ahead:
            continue
        for second in range(minute * 60, minute * 60 + 61):
            now_ahead = _ahead(zone, begins + timedelta(seconds=second))
            if now_ahead != ahead:
                found.append((since, second, ahead))
                since, ahead = second, now_ahead
    return (*found, (since, WATCHED * DAY, ahead))


def _ahead(zone: ZoneInfo, at: datetime) -> int:
    shown = at.astimezone(zone).replace(tzinfo=UTC)
    return int((shown - at).total_seconds())


def _paint(minutes: bytearray, today: Spans, last_night: Spans, value: int) -> None:
    for opens, closes in _in_minutes(today):
        end = closes if closes > opens else MINUTES
        minutes[opens:end] = bytes([value]) * (end - opens)
    for opens, closes in _in_minutes(last_night):
        if closes <= opens:
            minutes[:closes] = bytes([value]) * closes


def _in_minutes(spans: Spans) -> Iterator[tuple[int, int]]:
    for span in spans:
        opens, closes = (int(text[:2]) * 60 + int(text[3:]) for text in span)
        yield opens, closes


def _runs(minutes: bytearray) -> Iterator[tuple[int, int]]:
    at = 0
    for worked, run in groupby(minutes):
        length = len(list(run))
        if worked:
            yield at, at + length
        at += length

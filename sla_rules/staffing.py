"""Who is at work when: shifts, and the person-hours there were between two instants.

Inside there are only integers: instants in microseconds since 1970, work in microseconds of one
person. Two people at work for an hour are two person-hours.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from sla_rules.calendar import BusinessCalendar, Calendar, CalendarError
from sla_rules.local_days import instant, micros
from sla_rules.open_time import FIRST_YEAR, LAST_YEAR
from sla_rules.pauses import merged_pauses

_MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """People who work the hours of one calendar; for every inbox where none is named."""

    name: str
    calendar: Calendar
    people: int
    inboxes: frozenset[str] = frozenset()


class Capacity:
    """The person-hours of some shifts as a function of time. Compiled by years, as they are asked for.

    Every method raises CalendarError for an instant without a zone, or outside the years known.
    """

    def __init__(self, shifts: Sequence[Shift]) -> None:
        self._shifts = tuple(shifts)
        self._years = (LAST_YEAR, FIRST_YEAR)
        self._begins = self._ends = 0
        # From `_at[i]` to `_at[i + 1]` so many `_heads[i]` are at work; `_sums[i]` was done before.
        self._at: list[int] = []
        self._heads: list[int] = []
        self._sums: list[int] = []

    def work(self, start: datetime, end: datetime) -> timedelta:
        """Person-time between two instants, `start` not after `end`."""
        first, last = micros(start), micros(end)
        self._cover(first, last)
        return (self._until(last) - self._until(first)) * _MICROSECOND

    def is_staffed(self, at: datetime) -> bool:
        """Whether somebody was at work up to `at`: the end of a shift counts, its beginning not."""
        asked = micros(at)
        self._cover(asked - 1, asked)
        return self._heads[bisect_left(self._at, asked) - 1] > 0

    def reached(self, start: datetime, work: timedelta, until: datetime) -> datetime | None:
        """The earliest instant by which so much work was done since `start`; None: not by `until`."""
        first, last = micros(start), micros(until)
        if last < first:
            return None
        self._cover(first, last)
        wanted = self._until(first) + work // _MICROSECOND
        if work <= timedelta(0):
            return start
        if wanted > self._until(last):
            return None
        place = bisect_left(self._sums, wanted) - 1
        rest = wanted - self._sums[place]
        return instant(self._at[place] - (-rest // self._heads[place]))

    def _until(self, at: int) -> int:
        place = bisect_right(self._at, at) - 1
        return self._sums[place] + (at - self._at[place]) * self._heads[place]

    def _cover(self, first: int, last: int) -> None:
        if self._begins <= first and last < self._ends:
            return
        years = (
            min(self._years[0], instant(first).year),
            max(self._years[1], instant(last).year),
        )
        if years[0] < FIRST_YEAR or years[1] > LAST_YEAR:
            raise CalendarError(f"shifts are known from {FIRST_YEAR} to {LAST_YEAR} only")
        self._years = years
        self._begins = micros(datetime(years[0], 1, 1, tzinfo=UTC))
        self._ends = micros(datetime(years[1] + 1, 1, 1, tzinfo=UTC))
        self._compile()

    def _compile(self) -> None:
        steps: dict[int, int] = {self._begins: 0, self._ends: 0}
        for shift in self._shifts:
            for opens, closes in self._spans(shift.calendar):
                steps[opens] = steps.get(opens, 0) + shift.people
                steps[closes] = steps.get(closes, 0) - shift.people
        self._at = sorted(steps)
        self._heads, self._sums = [], [0]
        heads = 0
        for here, following in zip(self._at, [*self._at[1:], self._ends], strict=True):
            heads += steps[here]
            self._heads.append(heads)
            self._sums.append(self._sums[-1] + heads * (following - here))

    def _spans(self, calendar: Calendar) -> Iterator[tuple[int, int]]:
        """The open spans within the years compiled, in order and apart."""
        if not isinstance(calendar, BusinessCalendar):
            yield self._begins, self._ends
            return
        # A day more on either side: local dates begin before and end after the year in UTC.
        first = date(self._years[0], 1, 1).toordinal() - 1
        last = date(self._years[1], 12, 31).toordinal() + 1
        days = (calendar.open_spans(date.fromordinal(day)) for day in range(first, last + 1))
        for opens, closes in merged_pauses([span for spans in days for span in spans]):
            begins, ends = max(micros(opens), self._begins), min(micros(closes), self._ends)
            if begins < ends:
                yield begins, ends


class Staffing:
    """A roster: every shift there is. `of` tells what an inbox has of it."""

    def __init__(self, shifts: Sequence[Shift]) -> None:
        self.shifts = tuple(shifts)
        self._capacities: dict[str, Capacity] = {}

    def of(self, inbox: str) -> Capacity:
        """The shifts that work `inbox`. Whoever works several inboxes counts whole for each."""
        if inbox not in self._capacities:
            working = [each for each in self.shifts if not each.inboxes or inbox in each.inboxes]
            self._capacities[inbox] = Capacity(working)
        return self._capacities[inbox]

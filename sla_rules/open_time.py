"""Open time compiled: sorted open instants with running sums, a local year at a time.

All instants are in UTC.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from sla_rules.errors import CalendarError
from sla_rules.local_days import LocalDays

FIRST_YEAR: Final = 1970
LAST_YEAR: Final = 2199

HORIZON_YEARS: Final = 10
"""How far a search looks for open time; hours that give less than asked for are a mistake."""


@dataclass(frozen=True, slots=True)
class OpenTime:
    """Some whole local years. `sums[i]` is the open time before `opens[i]`; spans never touch.

    `origins[i]` is `opens[i] - sums[i]`: where a desk that never closes would have begun to have
    worked as much by `opens[i]`.
    """

    first_year: int
    last_year: int
    begins: datetime
    ends: datetime
    opens: list[datetime]
    closes: list[datetime]
    sums: list[timedelta]
    origins: list[datetime]
    days: list[int]

    def until(self, at: datetime) -> timedelta:
        """Open time before `at`, counted from the first compiled year."""
        last = bisect_right(self.opens, at) - 1
        if last >= 0 and at < self.closes[last]:
            return at - self.origins[last]
        return self.sums[last + 1]

    def when(self, reached: timedelta) -> datetime:
        """The earliest instant before which there is `reached` open time, above zero."""
        # The left bisection is what makes a target that ends on a closing time due at that close.
        return self.origins[bisect_left(self.sums, reached) - 1] + reached


_FIRST: Final = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)
_END: Final = datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC)
_NOTHING: Final = OpenTime(
    LAST_YEAR, FIRST_YEAR, _FIRST, _FIRST, [], [], sums=[timedelta(0)], origins=[], days=[]
)
_YearSpans = tuple[list[tuple[datetime, datetime]], list[int]]


class Compiler:
    """Compiles years when they are first asked for, and keeps them.

    What it hands out is never changed afterwards, so a caller holds on to one compilation for one
    question while others extend the next.
    """

    def __init__(self, days: LocalDays) -> None:
        self._days = days
        self._years: dict[int, _YearSpans] = {}
        self._latest = _NOTHING

    def covering(self, first: datetime, last: datetime) -> OpenTime:
        """Compiled years around both instants, `first` ≤ `last`.

        Raises:
            CalendarError: for an instant outside the supported years.
        """
        latest = self._latest
        if latest.begins <= first and last < latest.ends:
            return latest
        if first < _FIRST or last >= _END:
            raise CalendarError(f"business time is known from {FIRST_YEAR} to {LAST_YEAR} only")
        # The year after comes along, for the second pass of an hour repeated at a turn of the year.
        return self._compile(
            min(latest.first_year, self._days.local(first).year),
            max(latest.last_year, self._days.local(last).year + 1),
        )

    def longer(self, known: OpenTime, since: datetime) -> OpenTime:
        """One more year than `known`; `since` is the instant the search began at.

        Raises:
            CalendarError: beyond the horizon.
        """
        if known.last_year >= since.year + HORIZON_YEARS:
            raise CalendarError(
                f"not reached within {HORIZON_YEARS} years of these opening hours; open more hours"
            )
        return self._compile(known.first_year, known.last_year + 1)

    def _compile(self, first_year: int, last_year: int) -> OpenTime:
        opens: list[datetime] = []
        closes: list[datetime] = []
        days: list[int] = []
        for year in range(first_year, last_year + 1):
            if year not in self._years:
                self._years[year] = self._year(year)
            spans, open_days = self._years[year]
            days += open_days
            for start, end in spans:
                if closes and start <= closes[-1]:
                    closes[-1] = max(closes[-1], end)
                else:
                    opens.append(start)
                    closes.append(end)
        sums = [timedelta(0)]
        for start, end in zip(opens, closes, strict=True):
            sums.append(sums[-1] + (end - start))
        self._latest = OpenTime(
            first_year,
            last_year,
            begins=self._days.midnight(date(first_year, 1, 1)),
            ends=self._days.midnight(date(last_year + 1, 1, 1)),
            opens=opens,
            closes=closes,
            sums=sums,
            origins=[start - before for start, before in zip(opens, sums, strict=False)],
            days=days,
        )
        return self._latest

    def _year(self, year: int) -> _YearSpans:
        spans: list[tuple[datetime, datetime]] = []
        days: list[int] = []
        for ordinal in range(date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal()):
            found = self._days.spans(date.fromordinal(ordinal))
            if found:
                spans += found
                days.append(ordinal)
        spans.sort()  # a span moved out of a gap may overtake its neighbour
        return spans, days

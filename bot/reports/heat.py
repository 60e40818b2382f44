"""The week by its hours: when customers write, who is there, and what is answered late.

Hours are those of the desk's zone, by the clock on the wall: where the clocks change, an hour of
the week may be there twice or not at all, and is weighed by how long it was. Instants are whole
seconds since 1970, in arrays, as reports read them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.reports.counting.zones import LocalTime
from bot.reports.question import Period
from bot.reports.report import HeatCell
from sla_rules.errors import CalendarError
from sla_rules.staffing import Capacity

HOURS: Final = 168
"""Hours of a week; the first is that from Monday's midnight."""

_HOUR: Final = 3_600
_QUARTER: Final = 900
"""The finest step by which zones differ from UTC and change."""

Ints = NDArray[np.int64]
Marks = NDArray[np.bool_]
Amounts = NDArray[np.float64]


def cells(
    *, period: Period, arrived: Ints, began: Ints, missed: Marks, capacity: Capacity | None
) -> Sequence[HeatCell]:
    """Every hour of the week that the period has, in order.

    `arrived` is when the tickets received in the period were opened. `began` is when the waits
    whose clocks were decided in it began, `missed` whether one of those clocks was missed: a late
    answer counts for the hour in which the customer asked. `capacity` is
    that of `bot.reports.people_on_shift`; None: nobody has shifts.
    """
    local = LocalTime(period.zone)
    hours = _hours(period, local)
    there = np.bincount(hours.of_week, weights=hours.lengths, minlength=HOURS) / _HOUR
    staffed = hours.staffed(capacity)
    arrivals, decided = _counted(arrived, local), _counted(began, local)
    late = _counted(began[missed], local)
    return [
        HeatCell(
            weekday=hour // 24,
            hour=hour % 24,
            arrivals_an_hour=float(arrivals[hour] / there[hour]),
            staffed=None if staffed is None else float(staffed[hour] / there[hour]),
            decided=int(decided[hour]),
            late=int(late[hour]),
        )
        for hour in range(HOURS)
        if there[hour]
    ]


def hours_of_week(at: Ints, local: LocalTime) -> Ints:
    """The hour of the week, 0 … 167, that each instant falls into by the clocks of a zone."""
    return local.weekdays(at) * 24 + local.hours(at)


def _counted(at: Ints, local: LocalTime) -> Ints:
    return np.bincount(hours_of_week(at, local), minlength=HOURS)


@dataclass(frozen=True, slots=True)
class _Hours:
    """The period hour by hour: when each begins and ends, and which of the week it is."""

    begins: Ints
    ends: Ints
    of_week: Ints

    @property
    def lengths(self) -> Ints:
        return self.ends - self.begins

    def staffed(self, capacity: Capacity | None) -> Amounts | None:
        """Person-hours of every hour of the week, added up; None where nobody knows."""
        if capacity is None:
            return None
        spans = zip(self.begins.tolist(), self.ends.tolist(), strict=True)
        try:
            worked = [
                capacity.work(_instant(begin), _instant(end)).total_seconds()
                for begin, end in spans
            ]
        except CalendarError:
            return None  # years of which no shift is known
        return np.bincount(self.of_week, weights=worked, minlength=HOURS) / _HOUR


def _hours(period: Period, local: LocalTime) -> _Hours:
    since, until = int(period.since.timestamp()), int(np.ceil(period.until.timestamp()))
    marks = np.arange(since - since % _QUARTER, until, _QUARTER, dtype=np.int64)
    of_week = hours_of_week(marks, local)
    first = np.flatnonzero(np.diff(of_week, prepend=-1))
    begins = np.maximum(marks[first], since)
    return _Hours(begins, np.append(begins[1:], until), of_week[first])


def _instant(at: int) -> datetime:
    return datetime.fromtimestamp(at, UTC)

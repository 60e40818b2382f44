"""Business time: how long a desk was open between two instants, and when a target is used up.

Instants go in aware, in any zone, and come out in UTC. Inside there is only UTC, so an answer
cannot depend on the zone its question was asked in.
"""

import hashlib
import json
from bisect import bisect_right
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Final, Protocol

from sla_rules.errors import CalendarError
from sla_rules.hours import OpeningHours, Written, read_hours
from sla_rules.local_days import TZDATA, LocalDays, utc
from sla_rules.open_time import Compiler
from sla_rules.pauses import Pauses, after_pauses, clipped, merged_pauses

__all__ = ["ALWAYS", "BusinessCalendar", "Calendar", "CalendarError", "Pauses"]

_NO_DATES: Final[Mapping[date, Written]] = MappingProxyType({})
_NO_TIME: Final = timedelta(0)


class Calendar(Protocol):
    """What a clock asks of time. The zone of an instant given never changes the answer.

    Every method raises CalendarError for an instant without a zone. Business time also does for
    years outside 1970 to 2199, and for open time that is not found within ten years.
    """

    @property
    def version(self) -> str:
        """Hash of everything an answer depends on: the same version gives the same answers."""

    def deadline(self, start: datetime, target: timedelta, pauses: Pauses = ()) -> datetime:
        """The earliest instant at which `target` of open time has passed since `start`.

        A target used up exactly at a closing time is due at that closing time. A pause that begins
        after the target is used up moves nothing. A target not above zero raises CalendarError.
        """

    def elapsed(self, start: datetime, end: datetime, pauses: Pauses = ()) -> timedelta:
        """Open time from `start` to `end` without the pauses; negative when `end` is earlier."""

    def next_open(self, at: datetime) -> datetime:
        """`at` itself when open then, else the next opening. A closing instant is closed."""

    def add_business_days(self, day: date, count: int) -> date:
        """The `count`-th open local date after `day`; `day` itself when `count` is 0.

        `day` is never counted, open or closed. A negative `count` raises CalendarError.
        """


class BusinessCalendar:
    """Opening hours of one place.

    `week` maps `"mon"`…`"sun"` to spans such as `("09:00", "13:00")`; a missing day is closed,
    `"24:00"` ends a day, closing ≤ opening ends on the next day. A shift over midnight is cut
    there, and a holiday closes its date from midnight to midnight. `closures` are closed spans
    within a date's hours; `hours` replaces a date's hours, also on a holiday. A local time that a
    change of the clocks skips moves forward by the gap; of one that occurs twice the first counts.

    Raises:
        CalendarError: when the hours cannot be, or are never open.
    """

    def __init__(
        self,
        tz: str,
        week: Mapping[str, Written],
        holidays: Collection[date] = (),
        closures: Mapping[date, Written] = _NO_DATES,
        *,
        hours: Mapping[date, Written] = _NO_DATES,
    ) -> None:
        self.tz = tz
        self._hours = read_hours(week, holidays, closures, hours)
        self._days = LocalDays(tz, self._hours)
        self._compiler = Compiler(self._days)
        self._version = _content_hash(tz, self._hours)

    @property
    def version(self) -> str:
        """See `Calendar.version`. Sixteen hex digits; the zone data's own version is part of it."""
        return self._version

    @property
    def opening_hours(self) -> OpeningHours:
        """The open minutes of every local date."""
        return self._hours

    def deadline(self, start: datetime, target: timedelta, pauses: Pauses = ()) -> datetime:
        """See `Calendar.deadline`."""
        at, left = utc(start), target
        if left <= _NO_TIME:
            raise _over_before(left)
        if pauses:
            at, left = after_pauses(at, left, pauses, self._between)
        open_time = self._compiler.covering(at, at)
        reached = open_time.until(at) + left
        while reached > open_time.sums[-1]:
            open_time = self._compiler.longer(open_time, at)
        return open_time.when(reached)

    def elapsed(self, start: datetime, end: datetime, pauses: Pauses = ()) -> timedelta:
        """See `Calendar.elapsed`."""
        first, last = utc(start), utc(end)
        if first > last:
            return -self.elapsed(last, first, pauses)
        worked = self._between(first, last)
        if pauses:
            parts = clipped(merged_pauses(pauses), first, last)
            worked -= sum((self._between(*part) for part in parts), _NO_TIME)
        return worked

    def next_open(self, at: datetime) -> datetime:
        """See `Calendar.next_open`."""
        asked = utc(at)
        open_time = self._compiler.covering(asked, asked)
        while True:
            following = bisect_right(open_time.opens, asked)
            if following and asked < open_time.closes[following - 1]:
                return asked
            if following < len(open_time.opens):
                return open_time.opens[following]
            open_time = self._compiler.longer(open_time, asked)

    def add_business_days(self, day: date, count: int) -> date:
        """See `Calendar.add_business_days`."""
        if count < 0:
            raise CalendarError(f"{count} business days cannot be added; use 0 or more")
        if count == 0:
            return day
        midnight = self._days.midnight(day)
        open_time = self._compiler.covering(midnight, midnight)
        while True:
            wanted = bisect_right(open_time.days, day.toordinal()) + count - 1
            if wanted < len(open_time.days):
                return date.fromordinal(open_time.days[wanted])
            open_time = self._compiler.longer(open_time, midnight)

    def local(self, at: datetime) -> datetime:
        """`at` as the clocks on the wall of this place show it."""
        return self._days.local(at)

    def at(self, day: date, minute: int) -> datetime:
        """When the clocks on the wall show so many minutes after midnight of `day`; 1440 ends it."""
        return self._days.at(day, minute)

    def is_holiday(self, day: date) -> bool:
        """Whether `day` is closed as a holiday: listed, and without hours of its own."""
        return day in self._hours.holidays and day not in self._hours.hours

    def open_spans(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        """The open spans of one local date as instants, in order; empty when closed."""
        return tuple(self._days.spans(day))

    def _between(self, first: datetime, last: datetime) -> timedelta:
        open_time = self._compiler.covering(first, last)
        return open_time.until(last) - open_time.until(first)


class _PlainHours:
    """Every hour counts, nights, weekends and holidays included."""

    @property
    def version(self) -> str:
        return "always"

    def deadline(self, start: datetime, target: timedelta, pauses: Pauses = ()) -> datetime:
        if target <= _NO_TIME:
            raise _over_before(target)
        at, left = after_pauses(utc(start), target, pauses, self._between)
        try:
            return at + left
        except OverflowError as exc:
            raise CalendarError("an instant beyond the year 9999 cannot be told") from exc

    def elapsed(self, start: datetime, end: datetime, pauses: Pauses = ()) -> timedelta:
        first, last = utc(start), utc(end)
        if first > last:
            return -self.elapsed(last, first, pauses)
        parts = clipped(merged_pauses(pauses), first, last)
        return last - first - sum((ends - begins for begins, ends in parts), _NO_TIME)

    def next_open(self, at: datetime) -> datetime:
        return utc(at)

    def add_business_days(self, day: date, count: int) -> date:
        if count < 0:
            raise CalendarError(f"{count} days cannot be added; use 0 or more")
        return day + timedelta(days=count)

    def _between(self, first: datetime, last: datetime) -> timedelta:
        return last - first


ALWAYS: Final[Calendar] = _PlainHours()
"""Plain hours: what every marketplace limit is measured in."""


def _over_before(target: timedelta) -> CalendarError:
    return CalendarError(f"a target of {target} is over before it begins; use more than zero")


def _content_hash(tz: str, hours: OpeningHours) -> str:
    content = {
        "tz": tz,
        "tzdata": TZDATA,
        "week": hours.week,
        "holidays": sorted(map(str, hours.holidays)),
        "closures": {str(day): hours.closures[day] for day in sorted(hours.closures)},
        "hours": {str(day): hours.hours[day] for day in sorted(hours.hours)},
    }
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:16]

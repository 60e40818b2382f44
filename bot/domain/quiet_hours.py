"""When a person wants to hear nothing, and how they want to be called."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from bot.language import Language
from sla_rules.hours import read_span
from sla_rules.worded import worded

_HOUR: Final = 60
_DAY: Final = 24 * _HOUR


class PingWay(StrEnum):
    """Where a person who is called by name hears of it."""

    THREAD = "thread"
    DM = "dm"
    BOTH = "both"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """Every day from `begins` to `ends`, minutes since midnight on a clock in `zone`.

    Where `ends` is not later than `begins` it is on the next day.
    """

    begins: int
    ends: int
    zone: str

    def holds(self, at: datetime) -> bool:
        """Whether it is quiet at `at`."""
        local = at.astimezone(ZoneInfo(self.zone))
        minute = local.hour * _HOUR + local.minute
        if self.begins < self.ends:
            return self.begins <= minute < self.ends
        return minute >= self.begins or minute < self.ends

    def over_at(self, at: datetime) -> datetime:
        """When it next ends after `at`, in UTC."""
        day = at.astimezone(ZoneInfo(self.zone)).date()
        found = self._end_on(day)
        return found if found > at else self._end_on(day + timedelta(days=1))

    def _end_on(self, day: date) -> datetime:
        hour, minute = divmod(self.ends % _DAY, _HOUR)
        day += timedelta(days=self.ends // _DAY)
        return datetime.combine(day, time(hour, minute), ZoneInfo(self.zone)).astimezone(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preference:
    """What a person chose in Slack. None: what the settings file says; quiet "" is never."""

    quiet: str | None = None
    pings: PingWay | None = None
    speaks: Language | None = None


def read_quiet(written: str, zone: str) -> QuietHours:
    """Read `"20:00-08:00"`.

    Raises:
        ValueError: with what to write instead.
    """
    span = read_span(written)
    begins, ends = span.opens, span.closes
    if (ends - begins) % _DAY == 0:
        raise ValueError(
            worded('"{text}" is all day. Write a part of it, such as "20:00-08:00"', text=written)
        )
    return QuietHours(begins=begins, ends=ends, zone=zone)

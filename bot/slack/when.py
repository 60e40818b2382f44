"""Times as people type them: `2h`, `tomorrow`, `until 18:00`, `mon 8:30`. Pure."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

MORNING = time(9, 0)
"""What a day without an hour means: the start of an ordinary office day."""

LONGEST = timedelta(days=90)

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_PART = r"(\d{1,4})\s*(m|min|mins|minutes?|h|hrs?|hours?|d|days?|w|weeks?)"
_LENGTH = re.compile(rf"(?:{_PART}\s*(?:and\s+)?)+")
_CLOCK = re.compile(r"(?:at\s+)?([01]?\d|2[0-3])(?:[:.h]([0-5]\d))?\s*(am|pm)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """Either a length from now, or the next time it is `at` on the named day."""

    after: timedelta | None = None
    at: time | None = None
    days_ahead: int | None = None  # 1: tomorrow
    weekday: int | None = None  # 0: Monday

    def resolve(self, now: datetime, zone: ZoneInfo) -> datetime:
        """The instant meant, in UTC, always later than `now`; clock times are those of `zone`."""
        if self.after is not None:
            return now + self.after
        local = now.astimezone(zone)
        day = local.date() + timedelta(days=self._days_from(local))
        meant = datetime.combine(day, self.at or MORNING, zone).astimezone(UTC)
        while meant <= now:
            day += timedelta(days=7 if self.weekday is not None else 1)
            meant = datetime.combine(day, self.at or MORNING, zone).astimezone(UTC)
        return meant

    def _days_from(self, local: datetime) -> int:
        if self.weekday is not None:
            return (self.weekday - local.weekday()) % 7
        return self.days_ahead or 0


TOMORROW = When(days_ahead=1)
QUARTER = When(after=timedelta(minutes=15))
ONE_HOUR = When(after=timedelta(hours=1))


def read_when(text: str) -> When | None:
    """Read a time; None where it is none, or lies further than 90 days ahead."""
    said = " ".join(text.casefold().split())
    for opening in ("until ", "till ", "for ", "in "):
        said = said.removeprefix(opening)
    if _LENGTH.fullmatch(said):
        return _length(said)
    word, _, rest = said.partition(" ")
    if word in {"tomorrow", "tmrw"}:
        return _day(rest, days_ahead=1, weekday=None)
    if len(word) >= len("mon") and word[:3] in _DAYS and word.isalpha():
        return _day(rest, days_ahead=None, weekday=_DAYS.index(word[:3]))
    at = _clock(said)
    return When(at=at) if at is not None else None


def _length(said: str) -> When | None:
    total = timedelta()
    for number, unit in re.findall(_PART, said):
        total += timedelta(**{_UNITS[unit[0]]: int(number)})
    return When(after=total) if timedelta() < total <= LONGEST else None


def _day(rest: str, *, days_ahead: int | None, weekday: int | None) -> When | None:
    at = _clock(rest) if rest else MORNING
    return None if at is None else When(at=at, days_ahead=days_ahead, weekday=weekday)


def _clock(said: str) -> time | None:
    match = _CLOCK.fullmatch(said)
    if match is None:
        return None
    hour, minute = int(match[1]), int(match[2] or 0)
    if match[3] is not None:
        if not 1 <= hour <= 12:  # noqa: PLR2004 - hours of a twelve-hour clock
            return None
        hour = hour % 12 + (12 if match[3] == "pm" else 0)
    return time(hour, minute)

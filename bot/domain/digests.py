"""When digests are due, and what they say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from bot.domain.card import QueueRow

LATEST: Final = timedelta(hours=4)
"""A digest that could not go out in time is still of use for a morning, and not afterwards."""

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HOUR: Final = 60
MANAGERS: Final = "managers"
"""The place of the weekly digest."""


class DigestKind(StrEnum):
    """What a digest is of."""

    DAILY = "daily"
    WEEKLY = "weekly"


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestTimes:
    """Minutes since midnight in the desk's zone; the week's one also has its weekday, 0 is Monday.

    None: there is no such digest.
    """

    daily: int | None = None
    weekly: tuple[int, int] | None = None

    def due(self, now: datetime, zone: str) -> Sequence[tuple[DigestKind, date]]:
        """The digests whose time it is, with the day each is of."""
        local = now.astimezone(ZoneInfo(zone))
        found = []
        if self.daily is not None and _is_time(local, self.daily):
            found.append((DigestKind.DAILY, local.date()))
        if self.weekly is not None:
            weekday, minute = self.weekly
            if local.weekday() == weekday and _is_time(local, minute):
                found.append((DigestKind.WEEKLY, local.date()))
        return found

    def began(self, kind: DigestKind, day: date, zone: str) -> datetime:
        """From when on a digest of `day` looks back at, to the time it is of: a day, or a week."""
        span = timedelta(days=1 if kind is DigestKind.DAILY else len(WEEKDAYS))
        return self.ended(kind, day - span, zone)

    def ended(self, kind: DigestKind, day: date, zone: str) -> datetime:
        """The time a digest of `day` is of, in UTC."""
        daily, weekly = self.daily or 0, self.weekly[1] if self.weekly else 0
        hour, minute = divmod(daily if kind is DigestKind.DAILY else weekly, _HOUR)
        return datetime.combine(day, time(hour, minute), ZoneInfo(zone)).astimezone(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What happened in one inbox: messages that came in, answers sent, tickets that missed."""

    inbox: str
    received: int
    answered: int
    missed: int

    @property
    def any(self) -> bool:
        """Whether anything happened."""
        return bool(self.received or self.answered or self.missed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """One digest. `at_risk` are the most urgent tickets of now, `more` how many others there are."""

    kind: DigestKind
    counts: Sequence[Counts]
    at_risk: Sequence[QueueRow] = ()
    more: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell."""
        return not self.at_risk and not any(each.any for each in self.counts)


def read_times(daily: str, weekly: str) -> DigestTimes:
    """The settings' words, checked before: `"09:00"` and `"mon 09:00"`, or `"off"`."""
    day, _, at = weekly.partition(" ")
    return DigestTimes(
        daily=None if daily == "off" else _minute(daily),
        weekly=None if weekly == "off" else (WEEKDAYS.index(day), _minute(at)),
    )


def _minute(written: str) -> int:
    hour, minute = written.split(":")
    return int(hour) * _HOUR + int(minute)


def _is_time(local: datetime, minute: int) -> bool:
    since = timedelta(minutes=local.hour * _HOUR + local.minute - minute)
    return timedelta(0) <= since < LATEST

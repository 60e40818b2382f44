"""The one place where a wall clock becomes an instant, and where a zone's jumps are decided.

Instants go on in UTC, all with the one zone object of `datetime.UTC`: such instants compare and
subtract as numbers do, which instants that share any other zone do not.
"""

import zoneinfo
from datetime import UTC, date, datetime, time, timedelta
from importlib.metadata import version as installed_version
from typing import Final

from sla_rules.errors import CalendarError
from sla_rules.hours import END_OF_DAY, OpeningHours

# A pinned tzdata package is ignored as long as the machine has zone files of its own, and those
# differ by machine and year (eleven zones changed their rules between 2025b and 2026f).
zoneinfo.reset_tzpath(to=())

TZDATA: Final = installed_version("tzdata")
"""Version of the pinned zone data that every answer is computed with."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_NOON: Final = time(12)


def utc(at: datetime) -> datetime:
    """The same instant in UTC, whatever its zone.

    Raises:
        CalendarError: for an instant without a zone, or beyond the years that can be told.
    """
    if at.tzinfo is UTC:
        return at
    if at.utcoffset() is None:
        raise CalendarError(f"{at!r} has no zone; give an aware instant")
    try:
        return at.astimezone(UTC)
    except OverflowError as exc:
        raise CalendarError(f"{at!r} cannot be told in UTC; give a year of ours") from exc


def micros(at: datetime) -> int:
    """Microseconds since 1970 of an aware instant, whatever its zone, for sums of many.

    Raises:
        CalendarError: for an instant without a zone.
    """
    return (utc(at) - _EPOCH) // _MICROSECOND


def instant(at: int) -> datetime:
    """The UTC instant of so many microseconds since 1970."""
    return _EPOCH + at * _MICROSECOND


class LocalDays:
    """The dates of one zone, each with its open instants."""

    def __init__(self, tz: str, hours: OpeningHours) -> None:
        self.hours = hours
        try:
            # A zone cached before the search path was emptied may be the machine's own.
            self._zone = zoneinfo.ZoneInfo.no_cache(tz)
        except (KeyError, ValueError, OSError) as exc:
            raise CalendarError(f'"{tz}" is no time zone; write one such as "Europe/Rome"') from exc

    def local(self, at: datetime) -> datetime:
        """`at` as clocks on the wall show it here."""
        return at.astimezone(self._zone)

    def midnight(self, day: date) -> datetime:
        """When `day` begins: its first 00:00, or the end of the gap that swallowed it."""
        return self.at(day, 0)

    def spans(self, day: date) -> list[tuple[datetime, datetime]]:
        """Open instants of `day`, in order; empty when closed or when the date does not exist."""
        minutes = self.hours.of(day)
        if not minutes or not self._exists(day):
            return []
        mapped = [(self.at(day, opens), self.at(day, closes)) for opens, closes in minutes]
        return [(opens, closes) for opens, closes in mapped if opens < closes]

    def at(self, day: date, minute: int) -> datetime:
        """When the wall shows so many minutes after midnight of `day`; 1440 is the next midnight."""
        # fold=0 is the reading most engines share: a time in a gap moves forward by the gap, a
        # repeated time is its first occurrence, for openings and closings alike.
        if minute == END_OF_DAY:
            day, minute = date.fromordinal(day.toordinal() + 1), 0
        local = datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=self._zone)
        return local.astimezone(UTC)

    def _exists(self, day: date) -> bool:
        """Whether the zone has this date: Apia had no 30 December 2011."""
        noon = datetime.combine(day, _NOON, self._zone)
        return noon.astimezone(UTC).astimezone(self._zone).date() == day

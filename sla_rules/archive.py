"""Policies and calendars as content that can be kept, and made the very same value again.

A version is a hash of content, so what is read back proves itself: another hash is refused. The
zone data that hours are counted with is part of a calendar's version, but cannot be kept with it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from sla_rules.calendar import BusinessCalendar
from sla_rules.errors import CalendarError
from sla_rules.fingerprint import content_hash
from sla_rules.hours import WEEKDAYS, Span
from sla_rules.local_days import TZDATA
from sla_rules.policy import Policy

_MINUTES: Final = 60

Written = dict[str, Any]
"""Content that JSON can hold."""


class ArchiveError(ValueError):
    """What was kept is not, or is no longer, what its version says. Names version and reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptCalendar:
    """A calendar made again. `kept_with` is the version of the zone data it was kept under.

    Where that is not the zone data of today, `calendar.version` is not the version it had: its
    hours are the same, the instants they fall on may have moved.
    """

    calendar: BusinessCalendar
    kept_with: str

    @property
    def moved(self) -> bool:
        """Whether it is counted with other zone data than when it was kept."""
        return self.kept_with != TZDATA


def write_policy(policy: Policy) -> Written:
    """The whole policy, wording included."""
    return _policies().dump_python(policy, mode="json")  # type: ignore[no-any-return]


def read_policy(content: Mapping[str, Any], version: str) -> Policy:
    """The policy that was kept as `version`.

    Raises:
        ArchiveError: when the content is damaged, or has keys that this code does not know.
    """
    try:
        policy = _policies().validate_python(dict(content))
    except ValidationError as exc:
        where = ", ".join(sorted({".".join(map(str, each["loc"])) for each in exc.errors()}))
        raise ArchiveError(f"policy version {version} cannot be read: {where}") from None
    found = content_hash(
        policy.name,
        policy.match,
        policy.clocks,
        policy.safety_margin,
        grace=policy.grace,
        auto_reply_satisfies=policy.auto_reply_satisfies,
    )
    if not found == policy.version == version:
        raise ArchiveError(f'policy "{policy.name}" was kept as {version}, but reads as {found}')
    return policy


def write_calendar(calendar: BusinessCalendar) -> Written:
    """Hours, dates and zone, and the version of the zone data they are counted with."""
    hours = calendar.opening_hours
    return {
        "tz": calendar.tz,
        "tzdata": TZDATA,
        "week": dict(zip(WEEKDAYS, map(_written, hours.week), strict=True)),
        "holidays": sorted(day.isoformat() for day in hours.holidays),
        "closures": {day.isoformat(): _written(spans) for day, spans in hours.closures.items()},
        "hours": {day.isoformat(): _written(spans) for day, spans in hours.hours.items()},
    }


def read_calendar(content: Mapping[str, Any], version: str) -> KeptCalendar:
    """The calendar that was kept as `version`, counted with the zone data of today.

    Raises:
        ArchiveError: when the content is damaged, or gives another version by the same zone data.
    """
    try:
        calendar = BusinessCalendar(
            content["tz"],
            {day: _read(spans) for day, spans in content["week"].items()},
            [date.fromisoformat(day) for day in content["holidays"]],
            _by_date(content["closures"]),
            hours=_by_date(content["hours"]),
        )
        kept = KeptCalendar(calendar=calendar, kept_with=str(content["tzdata"]))
    except (CalendarError, KeyError, TypeError, ValueError, AttributeError) as exc:
        raise ArchiveError(f"calendar version {version} cannot be read: {exc!r}") from None
    if not kept.moved and calendar.version != version:
        raise ArchiveError(f"a calendar was kept as {version}, but reads as {calendar.version}")
    return kept


@cache
def _policies() -> TypeAdapter[Policy]:
    # Built when first needed: it takes longer than reading many policies.
    return TypeAdapter(Policy)


def _written(spans: tuple[Span, ...]) -> list[list[str]]:
    return [[_clock(opens), _clock(closes)] for opens, closes in spans]


def _clock(minute: int) -> str:
    return f"{minute // _MINUTES:02}:{minute % _MINUTES:02}"


def _read(spans: list[list[str]]) -> list[tuple[str, str]]:
    return [(opens, closes) for opens, closes in spans]


def _by_date(table: Mapping[str, list[list[str]]]) -> dict[date, list[tuple[str, str]]]:
    return {date.fromisoformat(day): _read(spans) for day, spans in table.items()}

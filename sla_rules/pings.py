"""The pings of a running deadline: when, for whom, how grave."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sla_rules.calendar import Calendar, Pauses
from sla_rules.vocabulary import Audience, Scope

BREACH_REPEAT: Final = timedelta(minutes=30)
"""Managers are pinged again after so much time of the clock's own calendar."""

BREACH_STEPS: Final = ("breach", "breach2", "breach3")
"""A breach is said at most so often."""

_BREACH_SEVERITY: Final = 30
_MARKETPLACE_SEVERITY: Final = 5
_GRAVEST_WARNING: Final = 24
_HALF: Final = 50
_WHOLE: Final = 100
_SECOND: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedPing:
    """One ping of a deadline, unique by `step`. A higher `severity` is graver."""

    step: str
    audience: Audience
    severity: int
    fire_at: datetime


def planned_pings(
    started_at: datetime,
    due_at: datetime,
    calendar: Calendar,
    *,
    warn: tuple[int, ...],
    scope: Scope,
    pauses: Pauses = (),
) -> tuple[PlannedPing, ...]:
    """Every ping of one deadline, those of the past too: who sends them knows which were sent.

    A warning is due when its share of the time up to the deadline is left, walked in the clock's
    own calendar, so business hours warn while somebody is there. A deadline that leaves no open
    time has no warnings. A breach is said at the deadline, or when the calendar next opens.
    """
    extra = _MARKETPLACE_SEVERITY if scope is Scope.MARKETPLACE else 0
    return (
        *_warnings(started_at, due_at, calendar, warn=warn, extra=extra, pauses=pauses),
        *_breaches(due_at, extra, calendar),
    )


def _warnings(
    started_at: datetime,
    due_at: datetime,
    calendar: Calendar,
    *,
    warn: tuple[int, ...],
    extra: int,
    pauses: Pauses,
) -> Iterator[PlannedPing]:
    # Measured up to the deadline, so that a clamped one is warned about before it, too.
    allowed = calendar.elapsed(started_at, due_at, pauses) // _SECOND
    for left in warn:
        used = allowed * (_WHOLE - left) // _WHOLE
        if used:
            yield PlannedPing(
                step=f"warn{left}",
                audience=Audience.ASSIGNEE,
                severity=_warning_severity(left) + extra,
                fire_at=calendar.deadline(started_at, used * _SECOND, pauses),
            )


def _breaches(due_at: datetime, extra: int, calendar: Calendar) -> Iterator[PlannedPing]:
    fire_at = due_at
    if not calendar.elapsed(due_at - _SECOND, due_at):
        # Only a clamped deadline ends in closed time; the marketplace's own clock pings meanwhile.
        fire_at = calendar.next_open(due_at)
    for count, step in enumerate(BREACH_STEPS):
        if count:
            fire_at = calendar.deadline(fire_at, BREACH_REPEAT)
        yield PlannedPing(
            step=step,
            audience=Audience.MANAGERS,
            severity=_BREACH_SEVERITY + count + extra,
            fire_at=fire_at,
        )


def _warning_severity(left: int) -> int:
    """10 at half of the time, 20 at a fifth, along one line between; never as grave as a breach."""
    return min(_GRAVEST_WARNING, max(1, 10 + round((_HALF - left) / 3)))

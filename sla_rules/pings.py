"""The pings of a running deadline: when, for whom, how grave."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sla_rules.calendar import Calendar, Pauses
from sla_rules.durations import in_words
from sla_rules.ladder import USUAL_LADDER, LadderStep, rungs
from sla_rules.vocabulary import Audience, Scope, Until

_BREACH_SEVERITY: Final = 30
_GRAVEST_REPEAT: Final = 4
"""Our own miss never becomes as grave as a platform's, however often it is told."""

_PLATFORM_SEVERITY: Final = 5
OUR_GRAVEST: Final = _BREACH_SEVERITY + _GRAVEST_REPEAT
GRAVEST: Final = OUR_GRAVEST + _PLATFORM_SEVERITY
"""What the last repeats of a miss have, by whose limit it is."""

_GRAVEST_WARNING: Final = 24
_HALF: Final = 50
_WHOLE: Final = 100
_SECOND: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedPing:
    """One ping of a deadline, unique by `step`. A higher `severity` is graver.

    Without `mention` it calls nobody; `until` says whether an acknowledgement silences it.
    """

    step: str
    audience: Audience
    severity: int
    fire_at: datetime
    mention: bool = True
    until: Until = Until.ACKNOWLEDGED


def planned_pings(
    started_at: datetime,
    due_at: datetime,
    calendar: Calendar,
    *,
    warn: tuple[int, ...],
    scope: Scope,
    pauses: Pauses = (),
    warn_left: tuple[timedelta, ...] = (),
    heard: Calendar | None = None,
    ladder: tuple[LadderStep, ...] = USUAL_LADDER,
) -> tuple[PlannedPing, ...]:
    """Every ping of one deadline, those of the past too: who sends them knows which were sent.

    A warning is due when its share of the time up to the deadline is left, walked in the clock's
    own calendar, so business hours warn while somebody is there. A deadline that leaves no open
    time has no warnings. A breach is said at the deadline, or when the calendar next opens.

    `heard` is the calendar of those who are pinged: a warning that nobody would hear comes at
    their last open moment before it, never after, and our own breach when they next open.
    A platform's own breach is said at once, day and night. The `ladder` says to whom, how often
    and at which distance, walked in the clock's own calendar.
    """
    extra = 0 if scope is Scope.INTERNAL else _PLATFORM_SEVERITY
    breaches = _breaches(due_at, extra, calendar, ladder)
    if heard is not None and scope is Scope.INTERNAL:
        breaches = (replace(ping, fire_at=heard.next_open(ping.fire_at)) for ping in breaches)
    return (
        *_warnings(
            started_at,
            due_at,
            calendar,
            steps=_steps(warn, warn_left),
            extra=extra,
            pauses=pauses,
            heard=heard,
        ),
        *breaches,
    )


@dataclass(frozen=True, slots=True)
class _Step:
    """A warning at a share of the time allowed, or when so many seconds of it are left."""

    name: str
    share: int = 0
    left: int = 0

    def used(self, allowed: int) -> int:
        """Seconds used up when it comes; none or fewer when it would come before the start."""
        if self.share:
            return allowed * (_WHOLE - self.share) // _WHOLE
        return allowed - self.left

    def severity(self, allowed: int) -> int:
        """10 at half of the time, 20 at a fifth, and never as grave as a breach."""
        left = self.share or self.left * _WHOLE // allowed
        return min(_GRAVEST_WARNING, max(1, 10 + round((_HALF - left) / 3)))


def _steps(warn: tuple[int, ...], warn_left: tuple[timedelta, ...]) -> tuple[_Step, ...]:
    shares = [_Step(f"warn{share}", share=share) for share in warn]
    lengths = [
        _Step(f"warn{in_words(left).replace(' ', '')}", left=left // _SECOND) for left in warn_left
    ]
    return (*shares, *lengths)


def _warnings(
    started_at: datetime,
    due_at: datetime,
    calendar: Calendar,
    *,
    steps: tuple[_Step, ...],
    extra: int,
    pauses: Pauses,
    heard: Calendar | None,
) -> Iterator[PlannedPing]:
    # Measured up to the deadline, so that a clamped one is warned about before it, too.
    allowed = calendar.elapsed(started_at, due_at, pauses) // _SECOND
    for step in steps:
        used = step.used(allowed)
        if used <= 0:
            continue
        fire_at = calendar.deadline(started_at, used * _SECOND, pauses)
        yield PlannedPing(
            step=step.name,
            audience=Audience.ASSIGNEE,
            severity=step.severity(allowed) + extra,
            fire_at=_heard(started_at, fire_at, due_at, heard),
        )


def _heard(
    started_at: datetime, fire_at: datetime, due_at: datetime, heard: Calendar | None
) -> datetime:
    if heard is None:
        return fire_at
    open_before = heard.elapsed(started_at, fire_at)
    if open_before:
        return heard.deadline(started_at, open_before)
    # Nobody was there since the message came: the first who comes hears it, if there is time.
    return min(heard.next_open(fire_at), max(due_at, fire_at))


def _breaches(
    due_at: datetime, extra: int, calendar: Calendar, ladder: tuple[LadderStep, ...]
) -> Iterator[PlannedPing]:
    missed_at = due_at
    if not calendar.elapsed(due_at - _SECOND, due_at):
        # Only a clamped deadline ends in closed time; the marketplace's own clock pings meanwhile.
        missed_at = calendar.next_open(due_at)
    for rung in rungs(ladder):
        yield PlannedPing(
            step=f"breach{rung.count + 1}" if rung.count else "breach",
            audience=rung.step.to,
            severity=_BREACH_SEVERITY + min(rung.count, _GRAVEST_REPEAT) + extra,
            fire_at=calendar.deadline(missed_at, rung.after) if rung.after else missed_at,
            mention=rung.step.mention,
            until=rung.step.until,
        )

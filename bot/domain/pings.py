"""Of the pings of one ticket that came due together: which one speaks, and which stay silent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sla_rules.vocabulary import Audience, ClockState, Until


class PingOutcome(StrEnum):
    """What became of a ping row."""

    SENT = "sent"
    MERGED = "merged"  # a graver one of the same ticket spoke for it
    ANSWERED = "answered"  # its clock stopped first
    SNOOZED = "snoozed"
    ACKNOWLEDGED = "acknowledged"  # somebody saw the miss already
    ANSWERING = "answering"  # a warning while an answer was about to go out
    PAUSED = "paused"  # its clock stands still; it comes back, shifted, when that goes on
    SUPERSEDED = "superseded"  # the plan has no such step any more


ON_IT = "on_it"
"""Somebody was on it, and nothing was sent: the miss is told once more."""

BREACH = "breach"
"""The step at the deadline itself. Its repeats are `breach2`, `breach3` and so on."""


def is_miss(step: str) -> bool:
    """Whether a step tells of a missed deadline, first time or again."""
    return step.startswith(BREACH) or step == ON_IT


@dataclass(frozen=True, slots=True, kw_only=True)
class DuePing:
    """A ping whose time has come, and what of its clock decides over it."""

    id: int
    ticket_id: int
    deadline_id: int
    step: str
    severity: int
    fire_at: datetime
    due_at: datetime
    clock: ClockState
    breached_at: datetime | None
    audience: Audience = Audience.MANAGERS
    until: Until = Until.ACKNOWLEDGED

    @property
    def is_breach(self) -> bool:
        """Whether it speaks of a missed deadline, first time or again."""
        return is_miss(self.step)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """What a ticket's people asked for or do. `acknowledge_for` is how long an acknowledgement holds.

    `answering` says that somebody has just pressed Send: a warning could only disturb them.
    """

    snoozed_until: datetime | None
    acknowledged_at: datetime | None
    acknowledge_for: timedelta
    answering: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """The decision for one ticket: `speaking` gravest first, the first of it is the one posted."""

    speaking: Sequence[DuePing]
    silent: Sequence[tuple[DuePing, PingOutcome]]


def decide(due: Sequence[DuePing], quiet: Quiet, now: datetime) -> Verdicts:
    """Who speaks. A first breach of a running clock always does."""
    speaking: list[DuePing] = []
    silent: list[tuple[DuePing, PingOutcome]] = []
    for ping in due:
        outcome = _silenced_by(ping, quiet, now)
        if outcome is None:
            speaking.append(ping)
        else:
            silent.append((ping, outcome))
    speaking.sort(key=lambda ping: (-ping.severity, ping.fire_at, ping.id))
    return Verdicts(speaking=speaking, silent=silent)


def _silenced_by(ping: DuePing, quiet: Quiet, now: datetime) -> PingOutcome | None:
    if ping.clock is ClockState.PAUSED:
        return PingOutcome.PAUSED
    if ping.clock is not ClockState.RUNNING:
        return PingOutcome.ANSWERED
    if ping.step == ON_IT and ping.breached_at is None:
        return PingOutcome.SUPERSEDED  # other rules since then: it is not missed any more
    if not ping.is_breach:
        if quiet.answering:
            return PingOutcome.ANSWERING
        snoozed = quiet.snoozed_until is not None and now < quiet.snoozed_until
        return PingOutcome.SNOOZED if snoozed else None
    return PingOutcome.ACKNOWLEDGED if _is_seen(ping, quiet, now) else None


def _is_seen(ping: DuePing, quiet: Quiet, now: datetime) -> bool:
    """Whether somebody saw the miss and the rule lets that silence it."""
    if ping.step in {BREACH, ON_IT} or ping.breached_at is None:
        # Nobody can have acknowledged a miss that was never announced.
        return False
    seen = quiet.acknowledged_at
    if ping.until is Until.ANSWERED or seen is None:
        return False
    return ping.due_at <= seen and now - seen <= quiet.acknowledge_for

"""Of the pings of one ticket that came due together: which one speaks, and which stay silent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sla_rules.vocabulary import ClockState


class PingOutcome(StrEnum):
    """What became of a ping row."""

    SENT = "sent"
    MERGED = "merged"  # a graver one of the same ticket spoke for it
    ANSWERED = "answered"  # its clock stopped first
    SNOOZED = "snoozed"
    ACKNOWLEDGED = "acknowledged"  # somebody saw the miss already
    PAUSED = "paused"  # its clock stands still; it comes back, shifted, when that goes on
    SUPERSEDED = "superseded"  # the plan has no such step any more


BREACH = "breach"
"""The step at the deadline itself. Its repeats are `breach2` and `breach3`."""


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

    @property
    def is_breach(self) -> bool:
        """Whether it speaks of a missed deadline, first time or again."""
        return self.step.startswith(BREACH)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """What a ticket's people asked for. `acknowledge_for` is how long an acknowledgement holds."""

    snoozed_until: datetime | None
    acknowledged_at: datetime | None
    acknowledge_for: timedelta


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
    if not ping.is_breach:
        snoozed = quiet.snoozed_until is not None and now < quiet.snoozed_until
        return PingOutcome.SNOOZED if snoozed else None
    if ping.step == BREACH or ping.breached_at is None:
        # Nobody can have acknowledged a miss that was never announced.
        return None
    seen = quiet.acknowledged_at
    if seen is not None and ping.due_at <= seen and now - seen <= quiet.acknowledge_for:
        return PingOutcome.ACKNOWLEDGED
    return None

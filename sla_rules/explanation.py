"""An explanation as a value: what is explained, what is known of it, and the table of its steps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sla_rules.calendar import Pauses
from sla_rules.clock_rule import ClockRule
from sla_rules.deadlines import PlannedDeadline
from sla_rules.timeline import Hold
from sla_rules.vocabulary import ClockState, Metric, Scope


class Explained(Protocol):
    """A deadline, planned or stored, as far as it takes to explain it."""

    @property
    def metric(self) -> Metric:
        """What is measured."""

    @property
    def scope(self) -> Scope:
        """Whose promise it is."""

    @property
    def started_at(self) -> datetime:
        """When the wait began."""

    @property
    def due_at(self) -> datetime:
        """When it has to end."""

    @property
    def target_seconds(self) -> int:
        """How long it may be."""

    @property
    def state(self) -> ClockState:
        """Where it stands."""

    @property
    def stopped_at(self) -> datetime | None:
        """When it ended."""

    @property
    def policy(self) -> str:
        """The rule's name."""

    @property
    def policy_version(self) -> str:
        """The content the rule had when the deadline was planned."""

    @property
    def clamped(self) -> str | None:
        """Why it is due earlier than its target says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of a deadline besides its row. A planned deadline brings the first seven.

    `rule` is the file and line of its policy, `seen_at` when the desk first saw the message and
    `dated_at` when the message itself says it was written, where that was not believed. `holds`
    say what the pauses were for. `lost` says why the row could not be planned again.
    """

    clock: ClockRule | None = None
    rule: str | None = None
    pauses: Pauses = ()
    paused_at: datetime | None = None
    cause: str | None = None
    stated: bool = False
    owed_before: bool = False
    seen_at: datetime | None = None
    dated_at: datetime | None = None
    holds: Sequence[Hold] = ()
    lost: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One step: what it is, from when (to when, where it lasts), and what there is to say of it.

    `counted` is how much of the target it used. Texts made by the desk's own rules are `Worded`:
    whoever shows them in another language says them anew from their template and values.
    """

    what: str
    note: str = ""
    start: datetime | None = None
    end: datetime | None = None
    counted: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """One clock: its promise in a line, and the steps from its start to its due."""

    promise: str
    rows: tuple[Row, ...]


def known_of(planned: PlannedDeadline, seen_at: datetime | None = None) -> Known:
    """What a planned deadline tells besides its row."""
    return Known(
        clock=planned.clock,
        rule=planned.rule,
        pauses=planned.pauses,
        paused_at=planned.paused_at,
        cause=planned.cause,
        stated=planned.stated,
        owed_before=planned.owed_before,
        seen_at=seen_at,
    )

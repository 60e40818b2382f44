"""The desk's rules as one frozen snapshot: what every use case is handed beside its command."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from bot.domain.frozen_rules import KnownRules
from bot.domain.roster import Roster
from sla_rules.calendar import Calendar
from sla_rules.policy import PolicySet


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxRoute:
    """Where an inbox's tickets go. `channel` is a Slack channel id; `group` user or group ids.

    `badge` holds the inbox to the promises that a platform leaves to choice.
    """

    name: str
    connector: str
    channel: str
    group: Sequence[str] = ()
    label: str = ""
    calendar: str | None = None
    badge: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One version of the configuration. Swapped whole, never changed.

    `known` remembers the rules of before that open tickets go by; it decides nothing.
    """

    inboxes: Mapping[str, InboxRoute]
    policies: PolicySet
    calendars: Mapping[str, Calendar]
    roster: Roster
    ops_channel: str | None
    undo_window: timedelta
    acknowledge_for: timedelta = timedelta(hours=4)  # longer than the repeats of a miss go on
    reopen_within: timedelta = timedelta(days=30)
    timezone: str = "UTC"  # where Slack cannot write a time in the reader's own zone
    known: KnownRules = field(default_factory=KnownRules, compare=False, repr=False)

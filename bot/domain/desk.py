"""The desk's rules as one frozen snapshot: what every use case is handed beside its command."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.domain.roster import Roster
from sla_rules.calendar import Calendar
from sla_rules.policy import PolicySet


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxRoute:
    """Where an inbox's tickets go. `channel` is a Slack channel id; `group` user or group ids."""

    name: str
    connector: str
    channel: str
    group: Sequence[str] = ()
    label: str = ""
    calendar: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One version of the configuration. Swapped whole, never changed."""

    inboxes: Mapping[str, InboxRoute]
    policies: PolicySet
    calendars: Mapping[str, Calendar]
    roster: Roster
    ops_channel: str | None
    undo_window: timedelta
    acknowledge_for: timedelta = timedelta(hours=4)  # longer than the repeats of a miss go on
    reopen_within: timedelta = timedelta(days=30)
    timezone: str = "UTC"  # where Slack cannot write a time in the reader's own zone

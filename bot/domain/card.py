"""A ticket as people are shown it: frozen views that renderers draw and queries fill."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.domain.pings import is_miss
from connectors.capabilities import OrderContext
from sla_rules.topics import Topic
from sla_rules.vocabulary import ClockState, Kind, Metric, Risk, Scope, Stage, Waiting


class CardStage(StrEnum):
    """What colour a card has. It changes only here, never by the minute."""

    CALM = "calm"
    SOON = "soon"
    CRITICAL = "critical"
    MISSED = "missed"
    ANSWERED = "answered"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockView:
    """One deadline of the ticket's current instance.

    `clamped` says why it is due earlier than its target, `cause` why later. `paused_at` is since
    when it stands still, while it does; `due_at` is then no promise.
    """

    metric: Metric
    scope: Scope
    instance: int
    started_at: datetime
    due_at: datetime
    target_seconds: int
    state: ClockState
    stopped_at: datetime | None
    breached_at: datetime | None
    policy: str
    policy_version: str
    calendar: str
    calendar_version: str
    clamped: str | None = None
    cause: str | None = None
    paused_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitView:
    """The desk waits for somebody else since then; `until` ends it by itself, where given."""

    on: Waiting
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationView:
    """A lead has to look at it; `by` says who wants that, and why."""

    by: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketRef:
    """Another ticket, as one is pointed to it."""

    id: int
    number: int
    permalink: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Relations:
    """Tickets that belong to this one: where it goes on, what goes on in it, what is related."""

    merged_into: TicketRef | None = None
    merged: Sequence[TicketRef] = ()
    linked: Sequence[TicketRef] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageView:
    """One message of the conversation, either way."""

    id: int
    direction: str
    author: str
    agent: str | None
    verdict: str
    reason: str
    state: str
    sent_at: datetime
    sender_name: str
    body: str
    full_body: str
    attachments: Sequence[Mapping[str, str | int]] = ()
    links: Mapping[str, str] = field(default_factory=dict)
    error: str | None = None
    public: bool = False  # for everybody to read, as a review is


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketView:
    """Everything a card, a ping, a status answer or a modal may show of a ticket."""

    id: int
    number: int
    inbox: str
    connector: str
    subject: str
    kind: Kind
    stage: Stage
    risk: Risk
    vip: bool
    language: str | None
    order_id: str | None
    state: str
    card_stage: CardStage
    assignee: str | None
    snoozed_until: datetime | None
    acknowledged_by: str | None
    opened_at: datetime
    waiting_since: datetime | None  # oldest customer message nobody has answered
    version: int
    customer_name: str
    customer_handle: str
    lifetime_value: float | None
    currency: str | None
    orders: int | None
    slack_channel: str | None
    slack_ts: str | None
    permalink: str | None
    first_message: MessageView | None
    last_customer_message: MessageView | None
    clocks: Sequence[ClockView] = ()
    wait: WaitView | None = None
    topic: Topic = Topic.OTHER
    tags: Sequence[str] = ()
    customer_tags: Sequence[str] = ()
    order_context: OrderContext | None = None  # None until it was looked up
    earlier_tickets: int = 0
    escalation: EscalationView | None = None
    relations: Relations = Relations()
    newest_event: int = 0  # of its history, when this was read


@dataclass(frozen=True, slots=True, kw_only=True)
class PingView:
    """One ping about to be posted: which clock, which step, how late it is itself.

    Without `mention` it calls nobody. `misses` is how often a miss of its clock is told in all.
    """

    id: int
    step: str
    audience: str
    fire_at: datetime
    clock: ClockView
    mention: bool = True
    misses: int = 3

    @property
    def is_miss(self) -> bool:
        """Whether it tells of a missed deadline, first time or again."""
        return is_miss(self.step)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventView:
    """One line of a ticket's history."""

    id: int
    type: str
    actor: str
    at: datetime
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueRow:
    """One ticket in a queue listing, most urgent first.

    `paused_at` is since when the clock that is next due stands still, where no other runs.
    """

    id: int
    number: int
    inbox: str
    subject: str
    customer_name: str
    card_stage: CardStage
    assignee: str | None
    waiting_since: datetime | None
    next_due_at: datetime | None
    next_scope: Scope | None
    permalink: str | None
    paused_at: datetime | None = None

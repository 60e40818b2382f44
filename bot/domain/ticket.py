"""A ticket as decisions are taken on it, and the words of its life."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from bot.domain.card import CardStage
from sla_rules.topics import RISK, Topic
from sla_rules.vocabulary import Kind, Risk, Stage

IMPORT_AGE = timedelta(days=7)
"""Mail first seen when older than this is history: stored, but nobody is pinged for it."""

NEW = 0
"""The version of a ticket that is being opened: its root card is drawn when it is sent."""


class TicketState(StrEnum):
    """Whether somebody awaits an answer."""

    OPEN = "open"
    ANSWERED = "answered"
    RESOLVED = "resolved"


class EventType(StrEnum):
    """What can happen to a ticket; its history is a list of these."""

    OPENED = "opened"
    CUSTOMER_WROTE = "customer_wrote"
    CLAIMED = "claimed"
    TAKEN_OVER = "taken_over"
    RELEASED = "released"
    ASSIGNED = "assigned"
    REPLY_QUEUED = "reply_queued"
    REPLY_UNDONE = "reply_undone"
    REPLY_SENT = "reply_sent"
    REPLY_FAILED = "reply_failed"
    REPLY_BOUNCED = "reply_bounced"
    REPLY_UNSURE = "reply_unsure"
    ANSWERED_ELSEWHERE = "answered_elsewhere"
    NO_ANSWER_NEEDED = "no_answer_needed"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    NOTE = "note"
    SNOOZED = "snoozed"
    ACKNOWLEDGED = "acknowledged"
    VERDICT = "verdict"
    PING = "ping"
    BREACH = "breach"
    CLAIM_CLOSED = "claim_closed"
    RECOMPUTED = "recomputed"
    WAITING = "waiting"
    WENT_ON = "went_on"
    WAIT_ENDED = "wait_ended"  # at the time that was said
    SNOOZE_ENDED = "snooze_ended"
    RECLASSIFIED = "reclassified"
    CUSTOMER_TAGGED = "customer_tagged"
    ORDERS_FORGOTTEN = "orders_forgotten"
    MACRO_CHANGED = "macro_changed"
    WORDS_SHOWN = "words_shown"
    WORDS_REMOVED = "words_removed"  # their time was up, or the customer wished it
    TRANSFERRED = "transferred"
    ESCALATED = "escalated"
    DEESCALATED = "deescalated"
    LINKED = "linked"
    UNLINKED = "unlinked"
    MERGED = "merged"  # its conversation goes on in another ticket
    MERGED_IN = "merged_in"  # another ticket's conversation goes on here
    UNMERGED = "unmerged"
    UNMERGED_FROM = "unmerged_from"
    SPLIT_OFF = "split_off"
    SPLIT_FROM = "split_from"
    UNDONE = "undone"
    VERDICT_CORRECTED = "verdict_corrected"
    CLAIM_ENDS_SOON = "claim_ends_soon"
    CLAIM_EXPIRED = "claim_expired"
    ROUTED = "routed"
    AWAY = "away"
    BACK = "back"
    MACHINE_ASKED = "machine_asked"  # a language model, by an agent who wanted its help
    RATED = "rated"  # by the customer, who was asked to
    RATING_EXPLAINED = "rating_explained"
    STANDING = "standing"  # Slack says that somebody is a full member no more, or again
    OWNER_LEFT = "owner_left"  # who may not work on it any more does not own it
    APPROVAL_ASKED = "approval_asked"
    APPROVED = "approved"
    APPROVAL_RETURNED = "approval_returned"
    APPROVAL_CLOSED = "approval_closed"  # taken back, overtaken by another answer, or expired


class MessageState(StrEnum):
    """How far a message got. RECEIVED is the only one of an inbound message."""

    RECEIVED = "received"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    BOUNCED = "bounced"
    CANCELLED = "cancelled"
    FAILED = "failed"
    UNSURE = "unsure"


CUSTOMER = "customer"
PLATFORM = "platform"
DESK = "desk"
"""Actors of events that are not people of the desk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """One ticket row, typed. Changed only by compare-and-set on `version`.

    `marketplace` is the site the customer bought from, empty where nobody said; `order_value` is
    in `currency`, an ISO 4217 code. `calendar_versions` are by the names that its policy uses.
    `merged_into` is the id of the ticket that goes on with its conversation.
    """

    id: int
    number: int
    inbox_id: int
    inbox: str
    connector: str
    customer_id: int | None
    subject: str
    kind: Kind
    stage: Stage
    risk: Risk
    vip: bool
    language: str | None
    order_id: str | None
    state: TicketState
    card_stage: CardStage
    opened_at: datetime
    updated_at: datetime
    version: int
    assignee: str | None = None
    claimed_at: datetime | None = None
    snoozed_until: datetime | None = None
    acknowledged_at: datetime | None = None
    resolved_at: datetime | None = None
    waiting_since: datetime | None = None
    platform_limit: timedelta | None = None
    policy: str | None = None
    policy_version: str | None = None
    calendar_versions: Mapping[str, str] | None = None
    slack_channel: str | None = None
    topic: Topic = Topic.OTHER
    marketplace: str = ""
    tags: frozenset[str] = frozenset()
    customer_tags: frozenset[str] = frozenset()
    order_value: Decimal | None = None
    currency: str | None = None
    merged_into: int | None = None


_STAGES = (CardStage.CALM, CardStage.SOON, CardStage.CRITICAL, CardStage.MISSED)


def stage_of_severity(severity: int) -> CardStage:
    """The card stage a ping's severity stands for: 10s soon, 20s critical, 30s and above missed."""
    return _STAGES[min(max(severity // 10, 0), len(_STAGES) - 1)]


def graver(stages: Iterable[CardStage]) -> CardStage:
    """The gravest of some waiting stages; CALM when there is none."""
    return max(stages, key=_STAGES.index, default=CardStage.CALM)


def card_stage(state: TicketState, due_severities: Iterable[int]) -> CardStage:
    """What the card shows. `due_severities` are of the running clocks' steps whose time has come."""
    if state is TicketState.RESOLVED:
        return CardStage.RESOLVED
    if state is TicketState.ANSWERED:
        return CardStage.ANSWERED
    return graver(map(stage_of_severity, due_severities))


def kind_after(current: Kind, incoming: Kind) -> Kind:
    """The kind of a ticket once a message of `incoming` kind joined it.

    A ticket without clocks must get them when a customer writes into it. Otherwise the first
    kind stays: a later one may carry a laxer limit than the one that is already running.
    """
    return incoming if current in {Kind.NOTICE, Kind.SUSPECT} else current


_RISKS = tuple(Risk)
_SAYS_LITTLE = frozenset({Topic.OTHER, Topic.THANKS})


def graver_topic(one: Topic, other: Topic) -> Topic:
    """What a ticket is about once both were said: where more is at stake, else the first of them.

    A word of thanks, or words nobody recognised, never hide what was asked.
    """

    def weight(topic: Topic) -> tuple[int, bool]:
        return _RISKS.index(RISK[topic]), topic not in _SAYS_LITTLE

    return max(one, other, key=weight)

"""What happened to a ticket, as far as its clocks and its standing depend on it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.ticket import CUSTOMER, EventType, MessageState, Ticket, TicketState
from connectors.contract import Verdict
from sla_rules.timeline import (
    CustomerMessage,
    Event,
    HumanAnswer,
    NoAnswerNeeded,
    Resolved,
    TicketFacts,
    Timeline,
)
from sla_rules.vocabulary import Author, Kind

AWAITS_ANSWER = frozenset({Verdict.CUSTOMER, Verdict.CLAIM})
"""Verdicts of messages that start a response clock."""

AWAITS_LOOK = AWAITS_ANSWER | {Verdict.NOTICE, Verdict.SUSPECT, Verdict.CLAIM_CLOSED}
"""Verdicts of messages that keep a ticket without clocks open until a person dealt with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFact:
    """A message, without its words. `seen_at` is when the desk first knew of it."""

    id: int
    inbound: bool
    author: str
    verdict: str
    state: str
    sent_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """An event of the history that clocks depend on."""

    id: int
    type: str
    actor: str
    at: datetime


MARKS = (
    EventType.NO_ANSWER_NEEDED,
    EventType.RESOLVED,
    EventType.REOPENED,
    EventType.CLAIM_CLOSED,
)
"""Types of events that are marks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """One ticket's messages and marks."""

    messages: Sequence[MessageFact] = field(default=())
    marks: Sequence[Mark] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Whether somebody awaits an answer, since when, and when the ticket was resolved."""

    state: TicketState
    waiting_since: datetime | None
    resolved_at: datetime | None


def timeline(ticket: Ticket, history: History) -> Timeline:
    """The events that sla_rules plans the ticket's deadlines from."""
    return Timeline(
        facts=TicketFacts(
            channel=ticket.connector,
            inbox=ticket.inbox,
            kind=ticket.kind,
            stage=ticket.stage,
            risk=ticket.risk,
            vip=ticket.vip,
        ),
        events=tuple(_events(ticket, history, AWAITS_ANSWER)),
        platform_limit=ticket.platform_limit,
    )


def standing(ticket: Ticket, history: History) -> Standing:
    """The state a ticket has by what happened to it; a pure function, like its deadlines."""
    about_a_notice = ticket.kind in {Kind.NOTICE, Kind.SUSPECT}
    awaited = AWAITS_LOOK if about_a_notice else AWAITS_ANSWER
    waiting: datetime | None = None
    resolved_at: datetime | None = None
    for event in sorted(_events(ticket, history, awaited), key=_order):
        if isinstance(event, CustomerMessage):
            waiting = waiting or event.at
            resolved_at = None
        else:
            waiting = None
            resolved_at = event.at if isinstance(event, Resolved) else resolved_at
    if waiting is not None:
        since = None if about_a_notice else waiting
        return Standing(state=TicketState.OPEN, waiting_since=since, resolved_at=None)
    state = TicketState.ANSWERED if resolved_at is None else TicketState.RESOLVED
    return Standing(state=state, waiting_since=None, resolved_at=resolved_at)


def _order(event: Event) -> tuple[datetime, bool]:
    # Of one instant, the customer comes first: an answer with the same time stamp answers it.
    return event.at, not isinstance(event, CustomerMessage)


def _events(ticket: Ticket, history: History, awaited: frozenset[Verdict]) -> Iterable[Event]:
    for message in history.messages:
        if message.inbound and message.verdict in awaited:
            yield CustomerMessage(ref=str(message.id), at=message.sent_at)
        elif message.author == Author.AGENT and message.state == MessageState.SENT:
            yield HumanAnswer(ref=str(message.id), at=message.sent_at)
    for mark in _standing_marks(ticket, history.marks):
        at = _seen_then(mark.at, history.messages)
        if mark.type == EventType.NO_ANSWER_NEEDED:
            yield NoAnswerNeeded(at=at)
        else:
            yield Resolved(at=at)


def _standing_marks(ticket: Ticket, marks: Sequence[Mark]) -> list[Mark]:
    """The marks that still hold: whoever reopens a ticket by hand takes its resolution back.

    A customer who writes again does not: what was unanswered before stays not awaited.
    """
    kept: list[Mark] = []
    for mark in sorted(marks, key=lambda each: each.id):
        if mark.type == EventType.CLAIM_CLOSED and ticket.kind is not Kind.CLAIM:
            continue
        if mark.type != EventType.REOPENED:
            kept.append(mark)
        elif mark.actor != CUSTOMER:
            kept = [each for each in kept if each.type == EventType.NO_ANSWER_NEEDED]
    return kept


def _seen_then(at: datetime, messages: Sequence[MessageFact]) -> datetime:
    """The instant a click speaks for: never past a message that had not been seen by then.

    A message counts from its marketplace time, which may lie before a click that could not
    know of it; that click must not settle it.
    """
    unseen = [
        each.sent_at
        for each in messages
        if each.inbound and each.verdict in AWAITS_LOOK and each.sent_at <= at < each.seen_at
    ]
    return min(unseen) - timedelta(microseconds=1) if unseen else at

"""What happened to a ticket, as far as its clocks and its standing depend on it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.ticket import CUSTOMER, EventType, MessageState, Ticket, TicketState
from connectors.contract import Verdict
from sla_rules.runs import in_order, unknown_to
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


OUTGOING = "reply"
"""What stands for a verdict with a message that an agent sent through the desk."""

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
    waiting: list[datetime] = []
    resolved_at: datetime | None = None
    for event in in_order(tuple(_events(ticket, history, awaited))):
        if isinstance(event, CustomerMessage):
            waiting.append(event.at)
            resolved_at = None
        else:
            waiting = unknown_to(event, waiting)
            resolved_at = event.at if isinstance(event, Resolved) else resolved_at
    if waiting:
        since = None if about_a_notice else waiting[0]
        return Standing(state=TicketState.OPEN, waiting_since=since, resolved_at=None)
    state = TicketState.ANSWERED if resolved_at is None else TicketState.RESOLVED
    return Standing(state=state, waiting_since=None, resolved_at=resolved_at)


def _events(ticket: Ticket, history: History, awaited: frozenset[Verdict]) -> Iterable[Event]:
    for message in history.messages:
        if message.inbound and message.verdict in awaited:
            yield CustomerMessage(ref=str(message.id), at=message.sent_at)
        elif message.author == Author.AGENT and message.state == MessageState.SENT:
            yield HumanAnswer(
                ref=str(message.id),
                at=message.sent_at,
                knew=_knew(message.sent_at, history.messages, decided_at=message.seen_at)
                if message.verdict == OUTGOING
                else None,
            )
    for mark in _standing_marks(ticket, history.marks):
        knew = _knew(mark.at, history.messages, decided_at=mark.at)
        if mark.type == EventType.NO_ANSWER_NEEDED:
            yield NoAnswerNeeded(at=mark.at, knew=knew)
        else:
            yield Resolved(at=mark.at, knew=knew)


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


def _knew(
    at: datetime, messages: Sequence[MessageFact], *, decided_at: datetime
) -> datetime | None:
    """Up to when somebody who decided then can have known the customer's words; None: all.

    A message counts from its marketplace time, which may lie before a click or an answer that
    could not know of it. Whoever writes while we answer is not answered.
    """
    unseen = [
        each.sent_at
        for each in messages
        if each.inbound and each.verdict in AWAITS_LOOK and each.seen_at > decided_at
    ]
    unseen = [each for each in unseen if each <= at]
    return min(unseen) - timedelta(microseconds=1) if unseen else None

"""What happened to a ticket, as far as its clocks and its standing depend on it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo

from bot.domain.holds import Mark, holds, reclassified, standing_marks
from bot.domain.rulings import (
    Ruling,
    corrections,
    counts_as,
    mail_counts_as,
    mail_sent_at,
)
from bot.domain.ticket import CUSTOMER, EventType, Ticket, TicketState
from connectors.contract import Verdict
from sla_rules.runs import in_order, response_runs, unknown_to, whole_second, written_at
from sla_rules.timeline import (
    AutomaticAnswer,
    CustomerMessage,
    Event,
    Hold,
    HumanAnswer,
    NoAnswerNeeded,
    Resolved,
    TicketFacts,
    Timeline,
)
from sla_rules.vocabulary import Kind, Waiting

AWAITS_ANSWER = frozenset({Verdict.CUSTOMER, Verdict.CLAIM})
"""Verdicts of messages that start a response clock."""

AWAITS_LOOK = AWAITS_ANSWER | {Verdict.NOTICE, Verdict.SUSPECT, Verdict.CLAIM_CLOSED}
"""Verdicts of messages that keep a ticket without clocks open until a person dealt with it."""

_SPEAKS_FOR_PLATFORM = AWAITS_ANSWER | {Verdict.NOTICE}
"""Whose word on a deadline counts: not that of mail which only pretends to be the platform."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFact:
    """A message, without its words. `seen_at` is when the desk first knew of it.

    `respond_by` is the instant the platform named in it for an answer, `waiting_since` since when
    it counts the author as waiting, `reply_until` when it stops taking answers. `moved_at` is since
    when it belongs to this ticket, where it was written into another one.
    """

    id: int
    inbound: bool
    author: str
    verdict: str
    state: str
    sent_at: datetime
    seen_at: datetime
    respond_by: datetime | None = None
    waiting_since: datetime | None = None
    reply_until: datetime | None = None
    moved_at: datetime | None = None


OUTGOING = "reply"
"""What stands for a verdict with a message that an agent sent through the desk."""

_SETTLED = frozenset({EventType.RESOLVED, EventType.CLAIM_CLOSED, EventType.MERGED})
_DECISIONS = _SETTLED | {EventType.NO_ANSWER_NEEDED, EventType.REOPENED}
_HOLDING = frozenset({EventType.WAITING, EventType.WENT_ON})

_UNDOING = (EventType.UNDONE, EventType.UNMERGED)

WAITS = (*sorted(_SETTLED | _HOLDING | {EventType.REOPENED}), *_UNDOING)
"""Types of the marks that say whether the desk waits for somebody else."""

_JUDGED = (EventType.VERDICT, EventType.VERDICT_CORRECTED)

MARKS = (*sorted(_DECISIONS | _HOLDING), EventType.RECLASSIFIED, *_JUDGED, *_UNDOING)
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


def timeline(
    ticket: Ticket, history: History, zone: tzinfo = UTC, channel: str | None = None
) -> Timeline:
    """The events that sla_rules plans the ticket's deadlines from.

    `zone` is the shop's own; `channel` what rules call the ticket's, if not as its connector.
    """
    events = events_of(ticket, history)
    return Timeline(
        facts=facts_of(ticket, history, zone, channel),
        events=events,
        platform_limit=ticket.platform_limit,
        platform_due_at=_stated(ticket.kind, events, history.messages),
        holds=holds(_holding_marks(ticket.kind, history.marks)),
        reclassified=reclassified(standing_marks(history.marks)),
    )


def events_of(ticket: Ticket, history: History) -> tuple[Event, ...]:
    """What happened, as far as it starts or stops a clock."""
    return tuple(_events(ticket, history, AWAITS_ANSWER))


def facts_of(
    ticket: Ticket, history: History, zone: tzinfo = UTC, channel: str | None = None
) -> TicketFacts:
    """What rules may look at. The ticket began with its first message, on a date of `zone`."""
    heard = (min(each.sent_at, each.seen_at) for each in history.messages if each.inbound)
    began_at = min(heard, default=ticket.opened_at)
    return TicketFacts(
        channel=channel or ticket.connector,
        inbox=ticket.inbox,
        kind=ticket.kind,
        stage=ticket.stage,
        risk=ticket.risk,
        vip=ticket.vip,
        marketplace=ticket.marketplace,
        language=ticket.language or "",
        topic=ticket.topic,
        tags=ticket.tags,
        customer_tags=ticket.customer_tags,
        order_value=ticket.order_value,
        on=began_at.astimezone(zone).date(),
    )


def platform_due_at(ticket: Ticket, history: History) -> datetime | None:
    """The instant by which the platform wants the newest wait answered, as it said last."""
    return _stated(ticket.kind, events_of(ticket, history), history.messages)


def _stated(
    kind: Kind, events: Sequence[Event], messages: Sequence[MessageFact]
) -> datetime | None:
    stating = [
        each
        for each in messages
        if each.inbound and each.respond_by is not None and each.verdict in _SPEAKS_FOR_PLATFORM
    ]
    runs = response_runs(events) if stating else ()
    if not runs:
        return None
    newest = runs[-1]
    # What was said of an earlier wait is no limit of this one.
    of_it = [
        each
        for each in stating
        if newest.started_at <= each.sent_at
        and (newest.ended_at is None or each.sent_at <= newest.ended_at)
    ]
    if kind is Kind.MESSAGE and all(each.verdict == Verdict.NOTICE for each in of_it):
        # The limit for an answer to a message is the rule's; a notice may speak of anything.
        return None
    return max(of_it, key=lambda each: (each.sent_at, each.id)).respond_by if of_it else None


def standing(ticket: Ticket, history: History) -> Standing:
    """The state a ticket has by what happened to it; a pure function, like its deadlines.

    An automatic answer may satisfy a platform's clock, but a person still awaits a word.
    """
    about_a_notice = ticket.kind in {Kind.NOTICE, Kind.SUSPECT}
    awaited = AWAITS_LOOK if about_a_notice else AWAITS_ANSWER
    waiting: list[datetime] = []
    resolved_at: datetime | None = None
    for event in in_order(tuple(_events(ticket, history, awaited))):
        if isinstance(event, CustomerMessage):
            waiting.append(written_at(event))
            resolved_at = None
        elif not isinstance(event, AutomaticAnswer):
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
            yield CustomerMessage(
                ref=str(message.id),
                at=message.sent_at,
                seen_at=message.seen_at,
                due_at=message.respond_by,
                waiting_since=message.waiting_since,
                closes_at=message.reply_until,
            )
    yield from _answers(history)
    for mark in _standing_marks(ticket.kind, history.marks):
        knew = _knew(mark.at, history.messages, decided_at=mark.at)
        if mark.type == EventType.NO_ANSWER_NEEDED:
            yield NoAnswerNeeded(at=mark.at, knew=knew)
        else:
            yield Resolved(at=mark.at, knew=knew)


def _answers(history: History) -> Iterable[HumanAnswer | AutomaticAnswer]:
    """What went out, as a lead ruled it where one did, else as it was taken for."""
    ruled = corrections(history.marks)
    for message in history.messages:
        if message.inbound:
            continue
        ruling = ruled[message.id].ruling if message.id in ruled else None
        counts = counts_as(message.author, message.state, ruling)
        if counts is Ruling.PERSON:
            knew = _answer_knew(message, history.messages)
            yield HumanAnswer(ref=str(message.id), at=message.sent_at, knew=knew)
        elif counts is Ruling.AUTOMATIC:
            yield AutomaticAnswer(ref=str(message.id), at=message.sent_at)
    for mark in history.marks:
        if mark.type == EventType.VERDICT:
            ruling = ruled[mark.id].ruling if mark.id in ruled else None
            yield from _from_verdict(mark, ruling)


def _from_verdict(mark: Mark, ruling: Ruling | None) -> Iterable[HumanAnswer | AutomaticAnswer]:
    """Receipts that went out by themselves. A customer's own automatic mail is no answer at all."""
    counts = mail_counts_as(str(mark.data.get("verdict")), ruling)
    at = mail_sent_at(mark.data, mark.at)
    if counts is Ruling.PERSON:
        yield HumanAnswer(ref=str(mark.id), at=at)
    elif counts is Ruling.AUTOMATIC:
        yield AutomaticAnswer(ref=str(mark.id), at=at)


def current_hold(kind: Kind, marks: Sequence[Mark], wrote_at: datetime | None) -> Hold | None:
    """The wait nothing has ended yet but, maybe, its own `until`.

    `wrote_at` is when the customer wrote last, which ends a wait for them.
    """
    held = sorted(_holding_marks(kind, marks), key=lambda each: each.id)
    if not held or held[-1].type != EventType.WAITING:
        return None
    hold = holds(held)[-1]
    wrote = wrote_at is not None and whole_second(wrote_at) > whole_second(hold.since)
    return None if wrote and hold.on is Waiting.CUSTOMER else hold


def _holding_marks(kind: Kind, marks: Sequence[Mark]) -> list[Mark]:
    ended = [each for each in _standing_marks(kind, marks) if each.type in _SETTLED]
    return [*ended, *(each for each in standing_marks(marks) if each.type in _HOLDING)]


def _standing_marks(kind: Kind, marks: Sequence[Mark]) -> list[Mark]:
    """The marks that still hold: whoever reopens a ticket by hand takes its resolution back.

    A customer who writes again does not: what was unanswered before stays not awaited.
    """
    kept: list[Mark] = []
    for mark in (each for each in standing_marks(marks) if each.type in _DECISIONS):
        if mark.type == EventType.CLAIM_CLOSED and kind is not Kind.CLAIM:
            continue
        if mark.type != EventType.REOPENED:
            kept.append(mark)
        elif mark.actor != CUSTOMER:
            kept = [each for each in kept if each.type == EventType.NO_ANSWER_NEEDED]
    return kept


def _answer_knew(answer: MessageFact, messages: Sequence[MessageFact]) -> datetime | None:
    if answer.verdict == OUTGOING:
        return _knew(answer.sent_at, messages, decided_at=answer.seen_at)
    # Whoever answered in the console saw what was there, but no other conversation.
    moved = [each for each in messages if each.moved_at is not None]
    return _knew(answer.sent_at, moved, decided_at=answer.sent_at)


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
        if each.inbound and each.verdict in AWAITS_LOOK and _here_since(each) > decided_at
    ]
    unseen = [each for each in unseen if each <= at]
    return min(unseen) - timedelta(microseconds=1) if unseen else None


def _here_since(message: MessageFact) -> datetime:
    """Since when somebody who works on the ticket can have seen the message."""
    return message.seen_at if message.moved_at is None else max(message.seen_at, message.moved_at)


def unanswered(ticket: Ticket, history: History) -> list[int]:
    """The ids of the messages that somebody still has to answer."""
    waiting: list[CustomerMessage] = []
    for event in in_order(events_of(ticket, history)):
        if isinstance(event, CustomerMessage):
            waiting.append(event)
        elif not isinstance(event, AutomaticAnswer):
            left = len(unknown_to(event, [written_at(each) for each in waiting]))
            waiting = waiting[len(waiting) - left :]
    return [int(each.ref) for each in waiting]

"""Items that speak of our answers: given elsewhere, shown back to us, or returned undelivered."""

from datetime import timedelta

from bot.db.copy_rows import own_answers
from bot.db.inbound_rows import KnownMessage, open_tickets_of
from bot.db.merge_rows import set_merged_into
from bot.db.ticket_rows import lock_tickets
from bot.domain.inbound import ReadItem
from bot.domain.ticket import DESK, PLATFORM, EventType, MessageState, Ticket, TicketState
from bot.language import marked
from bot.usecases.access import say
from bot.usecases.inbound_copies import (
    ECHO_AGE,
    echoed,
    has_no_receipt,
    hold,
    know_by,
    named_candidates,
    without_receipt,
)
from bot.usecases.inbound_lines import EXCERPT, log_automatic, log_verdict
from bot.usecases.inbound_page import InboundPage
from connectors.contract import InboundMessage
from sla_rules.vocabulary import Kind

CHECK = marked("matches more than one open ticket; check in the marketplace which one was answered")

_OUR_UNSETTLED = frozenset({MessageState.SENDING, MessageState.UNSURE})
_CAN_BOUNCE = _OUR_UNSETTLED | {MessageState.SENT, MessageState.QUEUED}

BOUNCE_AGE = timedelta(days=7)
"""How long after an answer a bounce that names only the conversation is taken for its own."""


def answered_elsewhere(page: InboundPage, read: ReadItem, message: InboundMessage) -> None:
    """An answer typed in the platform's console: it counts where it is clear what it answers."""
    own = page.own_messages(message)
    candidates = [] if own else _candidates(page, message)
    copies = echoed if message.answers_customer_named else without_receipt
    own = own or copies(page, candidates, message)
    if own:
        _copy_of_ours(page, read, message, own)
    elif len(candidates) == 1:
        _given_elsewhere(page, read, message, candidates[0])
    elif candidates:
        for ticket in candidates:
            if ticket.state is TicketState.OPEN or not message.answers_customer_named:
                log_verdict(page, ticket, message, check=CHECK)
    elif message.answers_customer_named:
        hold(page, read, message)
    else:
        page.aside.append((read.raw_id, "ignored", "answers no conversation that is known"))


def _given_elsewhere(
    page: InboundPage, read: ReadItem, message: InboundMessage, ticket: Ticket
) -> None:
    message_id = page.add(ticket, message, read.raw_id, out=True)
    say(
        page.tx,
        page.desk,
        ticket,
        EventType.ANSWERED_ELSEWHERE,
        actor=PLATFORM,
        message_id=message_id,
        text=message.text[:EXCERPT],
    )


def _copy_of_ours(
    page: InboundPage, read: ReadItem, message: InboundMessage, own: list[KnownMessage]
) -> None:
    """The platform shows our own answer: proof that one nobody was sure of has arrived."""
    page.aside.append((read.raw_id, "ignored", "the copy of an answer the desk sent"))
    for each in own:
        know_by(page, message, each)
        ticket = page.ticket(each.ticket_id)
        if each.state not in _OUR_UNSETTLED or each.id in page.message_changes or ticket is None:
            continue
        page.message_changes[each.id] = {"state": MessageState.SENT, "sent_at": message.sent_at}
        page.touched.add(ticket.id)
        say(
            page.tx,
            page.desk,
            ticket,
            EventType.REPLY_SENT,
            actor=each.agent or DESK,
            message_id=each.id,
            agent=each.agent,
        )


def _candidates(page: InboundPage, message: InboundMessage) -> list[Ticket]:
    """The tickets an answer given elsewhere may belong to.

    A certain name decides. Otherwise every open conversation of the same customer is as likely.
    """
    matched = list(page.matches(message))
    certain = next((ticket for ticket, is_certain in matched if is_certain), None)
    if message.answers_customer_named:
        if certain is not None and certain.kind is not Kind.NOTICE:
            return [certain]
        # Nobody asks in a notice of that order: the question is still to come.
        return [] if message.order_id else named_candidates(page, message)
    if certain is not None:
        return [certain]
    found = {ticket.id: ticket for ticket, _ in matched}
    customers = {ticket.customer_id for ticket in found.values()} - {None}
    stored = open_tickets_of(page.tx.conn, [each for each in customers if each is not None])
    missing = lock_tickets(page.tx.conn, [each for each in stored if each not in page.tickets])
    page.tickets.update(missing)
    found |= {each: page.tickets[each] for each in stored}
    found |= {
        each: page.tickets[each]
        for each in page.opened
        if page.tickets[each].customer_id in customers
    }
    waiting = [each for each in found.values() if each.state is TicketState.OPEN]
    return waiting or list(found.values())[:1]


def bounced(page: InboundPage, read: ReadItem, message: InboundMessage) -> None:
    """An answer of ours did not arrive: the clocks it stopped run again."""
    lost = [
        each
        for each in page.own_messages(message) or _newest_answer(page, message)
        if each.state in _CAN_BOUNCE and not _is_bounced(page, each)
    ]
    if not lost:
        log_automatic(page, read, message)
        return
    for each in lost:
        ticket = page.ticket(each.ticket_id)
        if ticket is None:
            continue
        page.message_changes[each.id] = {"state": MessageState.BOUNCED, "error": message.reason}
        page.touched.add(ticket.id)
        say(
            page.tx,
            page.desk,
            ticket,
            EventType.REPLY_BOUNCED,
            actor=PLATFORM,
            message_id=each.id,
            agent=each.agent,
            assignee=ticket.assignee,
            reason=message.reason,
        )
        if ticket.state is TicketState.RESOLVED:
            # It was resolved on the belief that the customer has the answer.
            page.tx.record(
                ticket.id, EventType.REOPENED, actor=DESK, reason=marked("the answer bounced")
            )
        if ticket.merged_into is not None:
            # Somebody waits in it again: it has to take verbs.
            set_merged_into(page.tx.conn, ticket.id, None)


def _is_bounced(page: InboundPage, own: KnownMessage) -> bool:
    """Whether this page said so before; that it arrived, said by its copy, is no objection."""
    change = page.message_changes.get(own.id)
    return change is not None and change["state"] == MessageState.BOUNCED


def _newest_answer(page: InboundPage, message: InboundMessage) -> list[KnownMessage]:
    """What a bounce speaks of that names only the conversation: the newest answer before it.

    One that names an answer nobody knows speaks of one whose receipt was lost.
    """
    ticket = next((ticket for ticket, is_certain in page.matches(message) if is_certain), None)
    if ticket is None or ticket.id in page.opened:
        return []
    lost = bool(message.refers_to)
    found = own_answers(
        page.tx.conn,
        [ticket.id],
        since=message.sent_at - BOUNCE_AGE,
        until=message.sent_at + (ECHO_AGE if lost else timedelta()),
        states=[MessageState.SENT, *(_OUR_UNSETTLED if lost else ())],
    )
    return [each for each in found if not lost or has_no_receipt(each)][:1]

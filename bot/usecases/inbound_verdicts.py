"""What each verdict does to the page's tickets."""

from dataclasses import replace

from bot.db.inbound_rows import KnownMessage, open_tickets_of
from bot.db.ticket_rows import lock_tickets
from bot.domain.effects import post_message, post_ops, post_root
from bot.domain.history import AWAITS_ANSWER
from bot.domain.inbound import ReadItem
from bot.domain.routing import channel_of_ticket
from bot.domain.ticket import (
    CUSTOMER,
    DESK,
    IMPORT_AGE,
    PLATFORM,
    EventType,
    MessageState,
    Ticket,
    TicketState,
)
from bot.usecases.access import say
from bot.usecases.inbound_page import InboundPage
from connectors.contract import InboundMessage, Verdict

EXCERPT = 500
"""Characters of a text that a history line carries."""

CHECK = "matches more than one open ticket; check in the marketplace which one was answered"

_OUR_UNSETTLED = frozenset({MessageState.SENDING, MessageState.UNSURE})
_CAN_BOUNCE = _OUR_UNSETTLED | {MessageState.SENT, MessageState.QUEUED}


def take(page: InboundPage, read: ReadItem, message: InboundMessage) -> None:
    """Let one understood item have its effect."""
    if message.verdict in {Verdict.CUSTOMER, Verdict.CLAIM, Verdict.NOTICE, Verdict.SUSPECT}:
        converse(page, read, message)
    elif message.verdict is Verdict.ANSWERED_ELSEWHERE:
        _answered_elsewhere(page, read, message)
    elif message.verdict is Verdict.BOUNCE:
        _bounced(page, read, message)
    elif message.verdict is Verdict.CLAIM_CLOSED:
        _claim_closed(page, read, message)
    else:
        _automatic(page, read, message)


def converse(page: InboundPage, read: ReadItem, message: InboundMessage) -> None:
    """The message opens a ticket or joins one, and is shown in its thread."""
    ticket = page.match(message)
    if ticket is None or _is_over(page, ticket, message):
        _open(page, read, message, follows=ticket)
        return
    was_resolved = ticket.state is TicketState.RESOLVED
    ticket = page.joined(ticket, message)
    message_id = page.add(ticket, message, read.raw_id, out=False)
    actor = CUSTOMER if message.verdict is Verdict.CUSTOMER else PLATFORM
    if was_resolved and message.verdict in AWAITS_ANSWER and not _is_old(page, read):
        page.tickets[ticket.id] = replace(ticket, state=TicketState.OPEN)
        page.tx.record(ticket.id, EventType.REOPENED, actor=CUSTOMER)
    page.tx.record(ticket.id, EventType.CUSTOMER_WROTE, actor=actor, message_id=message_id)
    page.tx.emit(post_message(ticket.id, message_id, channel=channel_of_ticket(page.desk, ticket)))
    _note_age(page, read, ticket, settled=was_resolved or ticket.id in page.stale)


def _open(
    page: InboundPage, read: ReadItem, message: InboundMessage, *, follows: Ticket | None
) -> None:
    ticket = page.open_ticket(message, follows)
    message_id = page.add(ticket, message, read.raw_id, out=False)
    actor = CUSTOMER if message.verdict is Verdict.CUSTOMER else PLATFORM
    page.tx.record(
        ticket.id,
        EventType.OPENED,
        actor=actor,
        message_id=message_id,
        follows=follows.number if follows else None,
    )
    page.tx.emit(post_root(ticket.id, channel=channel_of_ticket(page.desk, ticket)))
    _note_age(page, read, ticket, settled=True)


def _is_over(page: InboundPage, ticket: Ticket, message: InboundMessage) -> bool:
    resolved_at = ticket.resolved_at
    if ticket.state is not TicketState.RESOLVED or resolved_at is None:
        return False
    return message.sent_at - resolved_at > page.desk.reopen_within


def _is_old(page: InboundPage, read: ReadItem) -> bool:
    return page.tx.now - read.received_at > IMPORT_AGE


def _note_age(page: InboundPage, read: ReadItem, ticket: Ticket, *, settled: bool) -> None:
    if not _is_old(page, read):
        page.fresh.add(ticket.id)
    elif settled:
        page.stale.add(ticket.id)


def close_imports(page: InboundPage) -> None:
    """Resolve tickets whose mail was history when the desk first saw it: no storm of pings."""
    for ticket_id in sorted(page.stale - page.fresh):
        page.tx.record(
            ticket_id,
            EventType.RESOLVED,
            actor=DESK,
            reason=f"older than {IMPORT_AGE.days} days when it was first seen",
        )


def _answered_elsewhere(page: InboundPage, read: ReadItem, message: InboundMessage) -> None:
    own = page.own_messages(message)
    if own:
        _copy_of_ours(page, read, message, own)
        return
    candidates = _candidates(page, message)
    if len(candidates) == 1:
        ticket = candidates[0]
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
    elif candidates:
        for ticket in candidates:
            _log(page, ticket, message, check=CHECK)
    else:
        page.aside.append((read.raw_id, "ignored", "answers no conversation that is known"))


def _copy_of_ours(
    page: InboundPage, read: ReadItem, message: InboundMessage, own: list[KnownMessage]
) -> None:
    """The platform shows our own answer: proof that one nobody was sure of has arrived."""
    page.aside.append((read.raw_id, "ignored", "the copy of an answer the desk sent"))
    for each in own:
        ticket = _ticket(page, each.ticket_id)
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


def _bounced(page: InboundPage, read: ReadItem, message: InboundMessage) -> None:
    lost = [
        each
        for each in page.own_messages(message)
        if each.state in _CAN_BOUNCE and each.id not in page.message_changes
    ]
    if not lost:
        _automatic(page, read, message)
        return
    for each in lost:
        ticket = _ticket(page, each.ticket_id)
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
            page.tx.record(ticket.id, EventType.REOPENED, actor=DESK, reason="the answer bounced")


def _claim_closed(page: InboundPage, read: ReadItem, message: InboundMessage) -> None:
    ticket = page.match(message)
    if ticket is None:
        converse(page, read, message)
        return
    page.touched.add(ticket.id)
    say(
        page.tx,
        page.desk,
        ticket,
        EventType.CLAIM_CLOSED,
        actor=PLATFORM,
        subject=message.subject,
        text=message.text[:EXCERPT],
    )


def _automatic(page: InboundPage, read: ReadItem, message: InboundMessage) -> None:
    own = page.own_messages(message)
    ticket = _ticket(page, own[0].ticket_id) if own else page.match(message)
    if ticket is not None:
        _log(page, ticket, message)
        return
    page.aside.append((read.raw_id, "ignored", message.reason))
    if message.verdict is Verdict.BOUNCE:
        page.tx.emit(
            post_ops(
                f"bounce:{page.inbox}:{read.raw_id}",
                f"Inbox {page.inbox}: a mail came back that fits no answer of the desk.",
            )
        )


def _log(
    page: InboundPage, ticket: Ticket, message: InboundMessage, *, check: str | None = None
) -> None:
    say(
        page.tx,
        page.desk,
        ticket,
        EventType.VERDICT,
        actor=PLATFORM,
        verdict=message.verdict,
        reason=check or message.reason,
        sender=message.sender_name or message.sender_handle,
        subject=message.subject,
        check=check is not None,
    )


def _ticket(page: InboundPage, ticket_id: int) -> Ticket | None:
    if ticket_id not in page.tickets:
        page.tickets.update(lock_tickets(page.tx.conn, [ticket_id]))
    return page.tickets.get(ticket_id)

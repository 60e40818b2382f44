"""What each verdict does to the page's tickets."""

from dataclasses import replace

from bot.domain.effects import Priority, post_message, post_root
from bot.domain.history import AWAITS_ANSWER
from bot.domain.inbound import ReadItem
from bot.domain.reasons import TOO_OLD
from bot.domain.routing import channel_of_ticket
from bot.domain.ticket import (
    CUSTOMER,
    DESK,
    IMPORT_AGE,
    PLATFORM,
    EventType,
    Ticket,
    TicketState,
)
from bot.usecases.access import say
from bot.usecases.inbound_answers import answered_elsewhere, bounced
from bot.usecases.inbound_lines import EXCERPT, log_automatic
from bot.usecases.inbound_page import InboundPage
from connectors.contract import InboundMessage, Verdict
from sla_rules.vocabulary import Risk


def take(page: InboundPage, read: ReadItem, message: InboundMessage) -> None:
    """Let one understood item have its effect."""
    if message.verdict in {Verdict.CUSTOMER, Verdict.CLAIM, Verdict.NOTICE, Verdict.SUSPECT}:
        converse(page, read, message)
    elif message.verdict is Verdict.ANSWERED_ELSEWHERE:
        answered_elsewhere(page, read, message)
    elif message.verdict is Verdict.BOUNCE:
        bounced(page, read, message)
    elif message.verdict is Verdict.CLAIM_CLOSED:
        _claim_closed(page, read, message)
    else:
        log_automatic(page, read, message)


def converse(page: InboundPage, read: ReadItem, message: InboundMessage) -> None:
    """The message opens a ticket or joins one, and is shown in its thread."""
    ticket = page.match(message)
    if ticket is None or _is_over(page, ticket, message):
        _open(page, read, message, follows=ticket)
        return
    was_resolved = ticket.state is TicketState.RESOLVED
    if ticket.state is not TicketState.OPEN and message.verdict in AWAITS_ANSWER:
        page.reawakened.add(ticket.id)
    ticket = page.joined(ticket, message)
    message_id = page.add(ticket, message, read.raw_id, out=False)
    actor = CUSTOMER if message.verdict is Verdict.CUSTOMER else PLATFORM
    if was_resolved and message.verdict in AWAITS_ANSWER and not _is_old(page, read):
        page.tickets[ticket.id] = replace(ticket, state=TicketState.OPEN)
        page.tx.record(ticket.id, EventType.REOPENED, actor=CUSTOMER)
    page.tx.record(
        ticket.id,
        EventType.CUSTOMER_WROTE,
        actor=actor,
        message_id=message_id,
        **_disbelieved(read, message),
    )
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
        **_disbelieved(read, message),
    )
    grave = ticket.risk is Risk.CRITICAL
    rank = Priority.ROOT_GRAVE if grave else Priority.ROOT
    channel = channel_of_ticket(page.desk, ticket)
    page.tx.emit(post_root(ticket.id, channel=channel, priority=rank))
    _note_age(page, read, ticket, settled=True)


def _disbelieved(read: ReadItem, message: InboundMessage) -> dict[str, str]:
    """The date the item gave itself, where another one counts."""
    stated = read.message.sent_at if read.message else message.sent_at
    return {} if stated == message.sent_at else {"stated_at": stated.isoformat()}


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
            reason=TOO_OLD.format(days=IMPORT_AGE.days),
        )


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

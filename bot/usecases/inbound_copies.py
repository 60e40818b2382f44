"""Copies of answers that name little: which question they answer, and waiting for it to arrive."""

import hashlib
from collections.abc import Collection, Iterator, Mapping
from datetime import timedelta
from typing import Any

from bot.db import tables
from bot.db.copy_rows import asked_by, own_answers, release_held
from bot.db.inbound_rows import KnownMessage
from bot.db.inserts import insert_ignore
from bot.db.ticket_rows import lock_tickets
from bot.domain.history import OUTGOING
from bot.domain.inbound import ReadItem, unconfirmed_id
from bot.domain.ticket import MessageState, Ticket, TicketState
from bot.usecases.inbound_page import InboundPage
from connectors.contract import InboundMessage, Verdict

QUESTION_AGE = timedelta(days=7)
"""A copy that names only its customer answers no question older than this."""

HELD_FOR = timedelta(hours=24)
"""How long a copy waits for its question: mail of two senders comes in any order."""

HELD = "held"

ECHO_AGE = timedelta(days=1)
"""How long after our answer the platform may still copy it to us."""

_MAY_BE_SENT = (MessageState.SENT, MessageState.SENDING, MessageState.UNSURE)


def named_candidates(page: InboundPage, message: InboundMessage) -> list[Ticket]:
    """Tickets of every customer of that name who asked at most `QUESTION_AGE` before the copy.

    A customer's open tickets stand for their settled ones. Of two customers with one name either
    may be meant, also the one who has an answer already.
    """
    name, until = message.answers_customer_named, message.sent_at
    since = until - QUESTION_AGE
    here = {
        row["ticket_id"]
        for row in page.messages
        if row["verdict"] == Verdict.CUSTOMER
        and row["sender_name"] == name
        and since <= row["sent_at"] <= until
    }
    stored = asked_by(page.tx.conn, page.inbox_id, name, since=since, until=until)
    wanted = sorted({*here, *stored})
    missing = [each for each in wanted if each not in page.tickets]
    page.tickets.update(lock_tickets(page.tx.conn, missing))
    found = [page.tickets[each] for each in wanted if each in page.tickets]
    waiting = {each.customer_id for each in found if each.state is TicketState.OPEN}
    return [
        each for each in found if each.state is TicketState.OPEN or each.customer_id not in waiting
    ]


def echoed(
    page: InboundPage,
    tickets: Collection[Ticket],
    message: InboundMessage,
    *,
    skew: timedelta = timedelta(),
) -> list[KnownMessage]:
    """Answers the desk itself sent into one of these tickets with the very words of the copy.

    The platform's clock may be behind the desk's by `skew`.
    """
    words = _words(message.text)
    stored = [each.id for each in tickets if each.id not in page.opened]
    if not words or not stored:
        return []
    sent = own_answers(
        page.tx.conn,
        stored,
        since=message.sent_at - ECHO_AGE,
        until=message.sent_at + skew,
        states=_MAY_BE_SENT,
        verdict=OUTGOING,
    )
    return [each for each in sent if _words(each.body) == words][:1]


def without_receipt(
    page: InboundPage, tickets: Collection[Ticket], message: InboundMessage
) -> list[KnownMessage]:
    """`echoed`, where the platform never told its own id of the answer: its receipt was lost."""
    return [each for each in echoed(page, tickets, message, skew=ECHO_AGE) if has_no_receipt(each)]


def has_no_receipt(own: KnownMessage) -> bool:
    """Whether an answer of ours is known by our own id alone."""
    return own.external_id == unconfirmed_id(own.id)


def know_by(page: InboundPage, message: InboundMessage, own: KnownMessage) -> None:
    """From now on our answer is known by the platform's id, too: a bounce may speak of it."""
    if message.external_id == own.external_id or message.external_id in page.known:
        return
    page.known[message.external_id] = own
    row = {
        "id": page.tx.new_id(),
        "inbox_id": page.inbox_id,
        "external_id": message.external_id,
        "message_id": own.id,
    }
    page.tx.conn.execute(insert_ignore(page.tx.conn, tables.message_part), [row])


def hold(page: InboundPage, read: ReadItem, message: InboundMessage) -> None:
    """Put a copy aside until its question comes; after `HELD_FOR` nobody waits any longer."""
    if read.raw_id in page.again and page.tx.now - read.received_at > HELD_FOR:
        page.aside.append((read.raw_id, "ignored", "answers no conversation that is known"))
        return
    why = _why(_asked_in(message.order_id, message.answers_customer_named))
    page.aside.append((read.raw_id, HELD, why))


def release_copies(page: InboundPage) -> None:
    """Have copies read again whose question this page may have brought. Needs written rows."""
    if not page.holds and all(state != HELD for _, state, _ in page.aside):
        return
    asked = [row for row in page.messages if row["verdict"] == Verdict.CUSTOMER]
    whys = {_why(name) for row in asked for name in _names_asked(page, row)}
    if whys:
        oldest = page.tx.now - HELD_FOR
        release_held(page.tx.conn, page.inbox_id, sorted(whys), not_before=oldest)


def _names_asked(page: InboundPage, row: Mapping[str, Any]) -> Iterator[str]:
    yield _asked_in(None, row["sender_name"])
    order = page.tickets[row["ticket_id"]].order_id
    if order:
        yield _asked_in(order, "")


def _asked_in(order: str | None, name: str) -> str:
    return f"order {order}" if order else f"name {name}"


def _why(asked: str) -> str:
    """Why a copy is held. Its customer's name stays out of the reason."""
    return f"waits for its question {hashlib.sha256(asked.encode()).hexdigest()[:16]}"


def _words(text: str) -> str:
    """The text without its line breaks, which mail moves."""
    return " ".join(text.split())

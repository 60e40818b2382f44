"""What a page of items found and opened, written down: the same for today's items and past ones."""

from collections.abc import Iterable, Mapping

from bot.db import tables
from bot.db.clock_rows import load_histories
from bot.db.inbound_rows import (
    KnownCustomer,
    next_numbers,
    set_message_states,
    upsert_customers,
)
from bot.db.many import insert_into, write_rows
from bot.db.message_rows import insert_messages
from bot.db.thread_keys import register_keys
from bot.db.ticket_rows import facts_row
from bot.db.unit import Tx
from bot.domain.history import AWAITS_LOOK, History
from bot.domain.ticket import Ticket
from bot.usecases.inbound_page import InboundPage
from connectors.contract import InboundMessage


def customers_in(
    tx: Tx, inbox_id: int, messages: Iterable[InboundMessage]
) -> Mapping[str, KnownCustomer]:
    """The customers who wrote some messages, by handle; new ones are added."""
    wrote = {
        each.sender_handle: each.sender_name
        for each in messages
        if each.sender_handle and each.verdict in AWAITS_LOOK
    }
    return upsert_customers(tx, inbox_id, wrote)


def write_page(page: InboundPage) -> None:
    """Insert the tickets that the page opened, its messages and what they go by."""
    conn = page.tx.conn
    if page.opened:
        page.numbers = dict(zip(page.opened, next_numbers(conn, len(page.opened)), strict=True))
        write_rows(
            conn,
            insert_into(tables.ticket),
            [
                _ticket_row(page.tickets[ticket_id], thread, page.numbers[ticket_id])
                for ticket_id, thread in page.opened.items()
            ],
        )
    register_keys(page.tx, page.inbox_id, page.names)
    insert_messages(conn, page.messages)
    set_message_states(conn, page.message_changes)


def histories_in(page: InboundPage) -> Mapping[int, History]:
    """The history of each ticket touched; of one that was opened, no look at the database is due."""
    stored = page.touched - page.opened.keys()
    opened = {each: History(messages=page.facts_of(each)) for each in page.opened}
    return {**load_histories(page.tx.conn, stored), **opened}


def _ticket_row(ticket: Ticket, thread: str, number: int) -> dict[str, object]:
    return {
        **facts_row(ticket),
        "id": ticket.id,
        "number": number,
        "inbox_id": ticket.inbox_id,
        "customer_id": ticket.customer_id,
        "external_thread": thread,
        "subject": ticket.subject,
        "state": ticket.state,
        "card_stage": ticket.card_stage,
        "assignee": ticket.assignee,
        "claimed_at": ticket.claimed_at,
        "opened_at": ticket.opened_at,
        "updated_at": ticket.updated_at,
        "version": ticket.version,
    }

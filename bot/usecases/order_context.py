"""What a platform told of the orders behind a ticket goes on its card, and under its rules."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.db.clock_rows import load_clocks, load_histories
from bot.db.order_rows import (
    Keeping,
    last_message_at,
    note_customer,
    take_of_inbox,
    take_outdated,
    write_context,
)
from bot.db.retention_rows import note_purge_day
from bot.db.ticket_rows import change_ticket, lock_tickets
from bot.db.unit import Tx
from bot.domain.desk import Desk
from bot.domain.order_context import bounded, informed
from bot.domain.ticket import DESK, EventType, Ticket
from bot.usecases.access import redraw_in_time, the_ticket
from bot.usecases.class_changes import plan_classes
from connectors.capabilities import OrderContext


def keep_context(tx: Tx, desk: Desk, ticket_id: int, told: OrderContext) -> None:
    """Keep it, draw the card anew, and re-target the clocks where a rule looks at what is new.

    What rules on data let nobody keep any more is not kept at all.

    Raises:
        NoSuchTicket: there is none of that id.
        NoKey: it may only be kept sealed, and there is no key.
    """
    ticket = the_ticket(tx, ticket_id)
    context = bounded(told)
    keeping = _keeping(tx, desk, ticket, context)
    if keeping is not None:
        note_purge_day(tx, ticket_id, keeping.words_until)
    if keeping is not None and keeping.purge_after <= tx.now:
        return
    write_context(tx, ticket_id, context, keeping)
    note_customer(tx, ticket.customer_id, context)
    after = informed(ticket, context)
    if after != ticket:
        plan_classes(
            tx,
            desk,
            [after],
            before={ticket_id: ticket},
            actor=DESK,
            histories=load_histories(tx.conn, [ticket_id]),
            clocks=load_clocks(tx.conn, [ticket_id]),
        )
    current = the_ticket(tx, ticket_id)
    redraw_in_time(tx, desk, current, change_ticket(tx.conn, current, tx.now))


def forget_orders(tx: Tx, desk: Desk, *, limit: int) -> int:
    """Delete what may be kept no longer, and have it taken off the cards; how many tickets."""
    return _forgotten(tx, desk, take_outdated(tx, limit))


def forget_orders_of(tx: Tx, desk: Desk, inbox: str, *, limit: int) -> int:
    """The same for all there is of one inbox, whatever its day: on a seller's or Amazon's word."""
    return _forgotten(tx, desk, take_of_inbox(tx, inbox, limit))


def _forgotten(tx: Tx, desk: Desk, ids: Sequence[int]) -> int:
    for ticket in lock_tickets(tx.conn, ids).values():
        tx.record(ticket.id, EventType.ORDERS_FORGOTTEN, actor=DESK)
        redraw_in_time(tx, desk, ticket, change_ticket(tx.conn, ticket, tx.now))
    return len(ids)


def _keeping(tx: Tx, desk: Desk, ticket: Ticket, context: OrderContext) -> Keeping | None:
    """How long it may be kept: some days from delivery, else from the last message."""
    route = desk.inboxes.get(ticket.inbox)
    rules = route.data_rules if route is not None else None
    if rules is None:
        return None
    asked = next((one for one in context.orders if one.order_id == ticket.order_id), None)
    delivered = asked.delivered_at if asked is not None else None
    promised = asked.promised_by if asked is not None else None
    since = delivered or last_message_at(tx.conn, ticket.id) or tx.now
    return Keeping(
        origin=rules.origin,
        purge_after=since + timedelta(days=rules.days),
        words_until=_days_after(delivered or promised, rules.days),
    )


def _days_after(day: datetime | None, days: int) -> datetime | None:
    """A parcel seldom comes after the day it was promised for; where it did, words go sooner."""
    return None if day is None else day + timedelta(days=days)

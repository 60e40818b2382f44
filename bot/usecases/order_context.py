"""What a platform told of the orders behind a ticket goes on its card, and under its rules."""

from bot.db.clock_rows import load_clocks, load_histories
from bot.db.order_rows import note_customer, write_context
from bot.db.ticket_rows import change_ticket
from bot.db.unit import Tx
from bot.domain.desk import Desk
from bot.domain.order_context import bounded, informed
from bot.domain.ticket import DESK
from bot.usecases.access import redraw, the_ticket
from bot.usecases.class_changes import plan_classes
from connectors.capabilities import OrderContext


def keep_context(tx: Tx, desk: Desk, ticket_id: int, told: OrderContext) -> None:
    """Keep it, draw the card anew, and re-target the clocks where a rule looks at what is new.

    Raises NoSuchTicket.
    """
    ticket = the_ticket(tx, ticket_id)
    context = bounded(told)
    write_context(tx, ticket_id, context)
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
    redraw(tx, desk, current, change_ticket(tx.conn, current, tx.now))

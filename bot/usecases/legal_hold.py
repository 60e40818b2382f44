"""What may not be deleted although its time is up, or its customer wishes it: a dispute, an audit."""

from typing import Final

from sqlalchemy import Connection, select

from bot.db import tables
from bot.db.hold_rows import add_hold, end_hold
from bot.db.unit import Tx
from bot.domain.ticket import DESK
from bot.errors import DeskError

_T = tables.ticket.c

ADDED: Final = "hold_added"
ENDED: Final = "hold_ended"
"""Their lines in the history, which name no customer."""


def hold_ticket(tx: Tx, number: int, *, reason: str, by: str) -> int:
    """Hold a ticket, or the one its conversation goes on in; the hold's id.

    Raises:
        DeskError: there is no such ticket, or nothing of it is left to hold.
    """
    row = tx.conn.execute(select(_T.id, _T.purged_at).where(_T.number == number)).one_or_none()
    if row is None:
        raise DeskError(f"There is no ticket #{number}.")
    if row.purged_at is not None:
        raise DeskError(f"The words of #{number} were removed on {row.purged_at:%Y-%m-%d}.")
    ticket_id = _going_on(tx.conn, row.id)
    hold_id = add_hold(tx, ticket_id=ticket_id, customer_id=None, reason=reason, by=by)
    tx.record(None, ADDED, actor=DESK, hold=hold_id, number=number)
    return hold_id


def hold_customer(tx: Tx, customer_id: int, *, reason: str, by: str) -> int:
    """Hold everything of a customer, what they write later included; the hold's id."""
    hold_id = add_hold(tx, ticket_id=None, customer_id=customer_id, reason=reason, by=by)
    tx.record(None, ADDED, actor=DESK, hold=hold_id)
    return hold_id


def let_go(tx: Tx, hold_id: int, *, by: str) -> None:
    """End a hold.

    Raises:
        DeskError: there is none of that id, or it ended before.
    """
    if not end_hold(tx, hold_id, by):
        raise DeskError(f"No hold {hold_id} holds. `threadline hold list --all` shows every one.")
    tx.record(None, ENDED, actor=DESK, hold=hold_id)


def _going_on(conn: Connection, ticket_id: int) -> int:
    while into := conn.scalar(select(_T.merged_into).where(_T.id == ticket_id)):
        ticket_id = into
    return ticket_id

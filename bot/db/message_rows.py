"""Reading single message rows inside a decision."""

from sqlalchemy import Connection, select

from bot.db import tables
from bot.db.types import AnyRow
from connectors.contract import Verdict

_M = tables.message.c

ANSWERABLE = (Verdict.CUSTOMER, Verdict.CLAIM)
"""What an agent answers; the context of the newest of them says how."""


def message_row(conn: Connection, message_id: int) -> AnyRow | None:
    """The whole row, its ticket locked: who changes a message holds the ticket's lock."""
    owner = select(_M.ticket_id).where(_M.id == message_id).scalar_subquery()
    conn.execute(select(tables.ticket.c.id).where(tables.ticket.c.id == owner).with_for_update())
    return conn.execute(select(tables.message).where(_M.id == message_id)).one_or_none()


def client_key_of(conn: Connection, ticket_id: int, key: str) -> AnyRow | None:
    """`id` and `state` of the reply that the form `key` queued before."""
    return conn.execute(
        select(_M.id, _M.state).where(_M.ticket_id == ticket_id, _M.client_key == key)
    ).one_or_none()


def latest_customer_message(conn: Connection, ticket_id: int) -> AnyRow | None:
    """`id`, `reply_context` and `public` of the customer message that came in last."""
    return conn.execute(
        select(_M.id, _M.reply_context, _M.public)
        .where(_M.ticket_id == ticket_id, _M.direction == "in", _M.verdict.in_(ANSWERABLE))
        .order_by(_M.id.desc())
        .limit(1)
    ).one_or_none()

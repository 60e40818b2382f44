"""What was looked up of the orders behind a ticket, as rows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import Connection, select, update

from bot.db import tables
from bot.db.inserts import upsert
from bot.db.message_rows import ANSWERABLE
from bot.db.unit import Tx
from connectors.capabilities import ContextRequest, OrderContext

_CONTEXT: Final = TypeAdapter(OrderContext)
_T = tables.ticket.c
_M = tables.message.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What to ask a platform about a ticket, and when it was asked last."""

    inbox: str
    request: ContextRequest
    fetched_at: datetime | None


def read_context(content: Any) -> OrderContext | None:
    """The stored form, read again."""
    return None if content is None else _CONTEXT.validate_python(content, strict=False)


def write_context(tx: Tx, ticket_id: int, context: OrderContext) -> None:
    """Keep it with the ticket, in place of what was known."""
    statement = upsert(tx.conn.dialect.name, tables.ticket_context).values(
        id=tx.new_id(),
        ticket_id=ticket_id,
        content=_CONTEXT.dump_python(context, mode="json"),
        fetched_at=tx.now,
    )
    tx.conn.execute(
        statement.on_conflict_do_update(
            index_elements=["ticket_id"],
            set_={
                "content": statement.excluded.content,
                "fetched_at": statement.excluded.fetched_at,
            },
        )
    )


def note_customer(tx: Tx, customer_id: int | None, context: OrderContext) -> None:
    """What the platform says of the customer as a whole; what it does not tell stays."""
    known: dict[str, Any] = {}
    if context.order_count is not None:
        known["orders"] = context.order_count
    if context.lifetime_value is not None:
        known["lifetime_value"] = float(context.lifetime_value.amount)
        known["currency"] = context.lifetime_value.currency
    if customer_id is not None and known:
        customer = tables.customer
        tx.conn.execute(update(customer).where(customer.c.id == customer_id).values(**known))


def question_about(conn: Connection, ticket_id: int) -> Question | None:
    """What to ask about the ticket's newest message; None when nobody wrote."""
    row = conn.execute(
        select(
            tables.inbox.c.name,
            tables.customer.c.handle,
            _T.order_id,
            _T.marketplace,
            _M.reply_context,
            tables.ticket_context.c.fetched_at,
        )
        .join_from(tables.ticket, tables.inbox)
        .join(tables.message, _M.ticket_id == _T.id)
        .join(tables.customer, tables.customer.c.id == _T.customer_id, isouter=True)
        .join(tables.ticket_context, tables.ticket_context.c.ticket_id == _T.id, isouter=True)
        .where(_T.id == ticket_id, _M.direction == "in", _M.verdict.in_(ANSWERABLE))
        .order_by(_M.id.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    request = ContextRequest(
        customer_handle=row.handle or "",
        order_id=row.order_id,
        marketplace=row.marketplace,
        context=row.reply_context or {},
    )
    return Question(inbox=row.name, request=request, fetched_at=row.fetched_at)

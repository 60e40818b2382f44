"""What was looked up of the orders behind a ticket, as rows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Connection, delete, select, update

from bot.db import tables
from bot.db.inserts import upsert
from bot.db.message_rows import ANSWERABLE
from bot.db.sealed import open_secret, seal_secret
from bot.db.unit import Tx
from bot.errors import DeskError
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


class NoKey(DeskError):
    """What may only be kept sealed came to a process that has no key to seal it with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """How something told of orders may be kept: where it is from, until when, and sealed.

    `words_until` is the day that the delivery, or the one that was promised, sets for the words of
    the conversation; None where neither was told.
    """

    origin: str
    purge_after: datetime
    words_until: datetime | None = None


def read_context(
    conn: Connection, ticket_id: int, content: Any, sealed: bytes | None
) -> OrderContext | None:
    """The stored form, read again; None where there is none, or no key to open it."""
    if sealed is None:
        return None if content is None else _CONTEXT.validate_python(content, strict=False)
    opened = open_secret(conn, bytes(sealed), place=_place(ticket_id))
    return None if opened is None else _CONTEXT.validate_json(opened, strict=False)


def write_context(
    tx: Tx, ticket_id: int, context: OrderContext, keeping: Keeping | None = None
) -> None:
    """Keep it with the ticket, in place of what was known; under rules on data, sealed.

    Raises:
        NoKey: it is to be sealed, and this process cannot.
    """
    values: dict[str, Any] = {
        "content": _CONTEXT.dump_python(context, mode="json"),
        "fetched_at": tx.now,
        "sealed": None,
        "origin": "",
        "purge_after": None,
    }
    if keeping is not None:
        values["sealed"] = _sealed(tx.conn, ticket_id, context)
        values |= {"content": {}, "origin": keeping.origin, "purge_after": keeping.purge_after}
    statement = upsert(tx.conn.dialect.name, tables.ticket_context).values(
        id=tx.new_id(), ticket_id=ticket_id, **values
    )
    tx.conn.execute(
        statement.on_conflict_do_update(
            index_elements=["ticket_id"],
            set_={name: getattr(statement.excluded, name) for name in values},
        )
    )


def _sealed(conn: Connection, ticket_id: int, context: OrderContext) -> bytes:
    said = _CONTEXT.dump_json(context).decode()
    sealed = seal_secret(conn, said, place=_place(ticket_id))
    if sealed is None:
        raise NoKey("order data of this inbox is kept sealed only, and there is no key")
    return sealed


def _place(ticket_id: int) -> str:
    return f"order:{ticket_id}"


def last_message_at(conn: Connection, ticket_id: int) -> datetime | None:
    """When anybody wrote last, either way."""
    found = conn.execute(
        select(_M.sent_at).where(_M.ticket_id == ticket_id).order_by(_M.sent_at.desc()).limit(1)
    ).one_or_none()
    return None if found is None else found.sent_at


def take_outdated(tx: Tx, limit: int) -> list[int]:
    """Delete what may be kept no longer; the tickets it was about."""
    context = tables.ticket_context.c
    return _take(tx, context.purge_after <= tx.now, limit)


def take_of_inbox(tx: Tx, inbox: str, limit: int) -> list[int]:
    """Delete whatever was told of one inbox's orders; the tickets it was about."""
    theirs = (
        select(_T.id).join_from(tables.ticket, tables.inbox).where(tables.inbox.c.name == inbox)
    )
    return _take(tx, tables.ticket_context.c.ticket_id.in_(theirs), limit)


def _take(tx: Tx, which: ColumnElement[bool], limit: int) -> list[int]:
    context = tables.ticket_context.c
    ids = list(
        tx.conn.scalars(
            select(context.ticket_id).where(which).order_by(context.purge_after).limit(limit)
        )
    )
    if ids:
        tx.conn.execute(delete(tables.ticket_context).where(context.ticket_id.in_(ids)))
    return ids


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

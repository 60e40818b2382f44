"""Tickets by what people remember of them: an order, a customer, a word that was said."""

from sqlalchemy import ColumnElement, Connection, and_, case, exists, func, or_, select

from bot.db import tables
from bot.db.queue_rows import queue_rows
from bot.domain.card import QueueRow

_T = tables.ticket.c
_M = tables.message.c
_C = tables.customer.c

MOST_TERMS = 5
"""Words looked at; whoever writes more has pasted something."""

_ESCAPE = "\\"


def find(conn: Connection, words: str, *, limit: int = 10) -> list[QueueRow]:
    """Tickets that have every word, in whatever place, those touched last in front.

    Open ones and old ones alike. An exact order number or ticket number goes before all else.
    """
    terms = words.split()[:MOST_TERMS]
    if not terms:
        return []
    named = or_(*(_is_named(term) for term in terms))
    ids = conn.scalars(
        select(_T.id)
        .join_from(tables.ticket, tables.customer, _C.id == _T.customer_id, isouter=True)
        .where(or_(and_(*(_has(term) for term in terms)), named))
        .order_by(case((named, 0), else_=1), _T.updated_at.desc(), _T.id.desc())
        .limit(limit)
    )
    return queue_rows(conn, list(ids))


def _is_named(term: str) -> ColumnElement[bool]:
    number = term.lstrip("#")
    by_order = func.lower(_T.order_id) == term.lower()
    is_number = number.isascii() and number.isdigit() and len(number) < 10  # noqa: PLR2004 - 32 bits
    return or_(by_order, _T.number == int(number)) if is_number else by_order


def _has(term: str) -> ColumnElement[bool]:
    anywhere = f"%{_literal(term)}%"
    said = exists().where(_M.ticket_id == _T.id, _M.body.ilike(anywhere, escape=_ESCAPE))
    return or_(
        *(
            column.ilike(anywhere, escape=_ESCAPE)
            for column in (_T.order_id, _T.subject, _C.display_name, _C.handle)
        ),
        said,
    )


def _literal(term: str) -> str:
    for sign in (_ESCAPE, "%", "_"):
        term = term.replace(sign, _ESCAPE + sign)
    return term

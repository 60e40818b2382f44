"""Message rows inside a decision: single ones read, new ones added."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    String,
    and_,
    case,
    cast,
    or_,
    select,
)

from bot.db import tables
from bot.db.many import insert_into, write_rows
from bot.db.sealed import open_text, seal_text
from bot.db.types import AnyRow
from connectors.contract import Verdict

_M = tables.message.c

ANSWERABLE = (Verdict.CUSTOMER, Verdict.CLAIM)
"""What an agent answers; the context of the newest of them says how."""


def can_be_answered() -> ColumnElement[bool]:
    """Whether an answer has somewhere to go: a platform's own word may say so, like an operator's."""
    told_where = cast(_M.reply_context, String).not_in(("{}", "null"))
    by_platform = and_(_M.verdict == Verdict.NOTICE, told_where)
    return and_(_M.direction == "in", or_(_M.verdict.in_(ANSWERABLE), by_platform))


def who_is_answered() -> tuple[ColumnElement[int], ColumnElement[int]]:
    """The order in which messages are answered: whoever asked before whoever told, newest first."""
    return case((_M.verdict == Verdict.NOTICE, 1), else_=0).asc(), _M.id.desc()


def message_row(conn: Connection, message_id: int) -> AnyRow | None:
    """The whole row, its ticket locked: who changes a message holds the ticket's lock."""
    owner = select(_M.ticket_id).where(_M.id == message_id).scalar_subquery()
    conn.execute(select(tables.ticket.c.id).where(tables.ticket.c.id == owner).with_for_update())
    return conn.execute(select(tables.message).where(_M.id == message_id)).one_or_none()


def body_of(conn: Connection, row: AnyRow) -> str:
    """What a whole row of the table says.

    Raises:
        CannotOpen: it is sealed, and there is no key that opens it.
    """
    return open_text(conn, row.body, place=f"message.body:{row.id}")


def insert_messages(conn: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add messages, one value a column; what they say is kept sealed."""
    write_rows(conn, insert_into(tables.message), [_kept(conn, row) for row in rows])


def _kept(conn: Connection, row: Mapping[str, Any]) -> dict[str, Any]:
    words = {name: row[name] for name in ("body", "full_body") if name in row}
    sealed = {
        name: seal_text(conn, said, place=f"message.{name}:{row['id']}")
        for name, said in words.items()
    }
    return {**row, **sealed}


def client_key_of(conn: Connection, ticket_id: int, key: str) -> AnyRow | None:
    """`id` and `state` of the reply that the form `key` queued before."""
    return conn.execute(
        select(_M.id, _M.state).where(_M.ticket_id == ticket_id, _M.client_key == key)
    ).one_or_none()


def latest_customer_message(conn: Connection, ticket_id: int) -> AnyRow | None:
    """`id`, `reply_context` and `public` of the message that an answer now goes to."""
    return conn.execute(
        select(_M.id, _M.reply_context, _M.public)
        .where(_M.ticket_id == ticket_id, can_be_answered())
        .order_by(*who_is_answered())
        .limit(1)
    ).one_or_none()

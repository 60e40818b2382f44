"""Answers as connectors take them, read from the rows."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, select

from bot.db import tables
from bot.db.message_rows import can_be_answered, who_is_answered
from bot.db.sealed import open_bytes, open_text
from bot.db.types import AnyRow
from connectors.contract import File, ReplyCommand
from sla_rules.vocabulary import Author

_T = tables.ticket.c
_M = tables.message.c
_I = tables.inbox.c
_F = tables.message_file.c


def reply_command(conn: Connection, message_id: int) -> tuple[str, ReplyCommand] | None:
    """The inbox and the command that hands a queued reply over; the same one at every attempt.

    Raises:
        CannotOpen: what is sealed of it does not open. Nothing else may go out in its place.
    """
    row: AnyRow | None = conn.execute(
        _joined(
            _M.id, _M.body, _M.reply_context, _M.sender_name, _M.author, _M.public, _M.seen_at
        ).where(_M.id == message_id, _M.direction == "out")
    ).one_or_none()
    if row is None:
        return None
    return row.name, ReplyCommand(
        reply_id=str(row.id),
        ticket_number=row.number,
        text=open_text(conn, row.body, place=f"message.body:{row.id}"),
        context=row.reply_context or {},
        agent_name=row.sender_name,
        decided_at=row.seen_at,
        author=Author(row.author),
        public=row.public,
        attachments=_files(conn, message_id),
    )


def _files(conn: Connection, message_id: int) -> Sequence[File]:
    rows = conn.execute(
        select(_F.id, _F.name, _F.media_type, _F.content)
        .where(_F.message_id == message_id)
        .order_by(_F.id)
    )
    return tuple(
        File(
            name=row.name,
            media_type=row.media_type,
            content=open_bytes(conn, row.content, place=f"message_file.content:{row.id}"),
        )
        for row in rows
    )


def reply_draft(
    conn: Connection, ticket_id: int, text: str, agent_name: str, *, public: bool | None = None
) -> tuple[str, ReplyCommand] | None:
    """A command nobody queued yet, for a preview of what the customer would get.

    Its files are not among it: nobody has their bytes yet.
    """
    row = conn.execute(
        _joined(_M.reply_context, _M.public)
        .where(_M.ticket_id == ticket_id, can_be_answered())
        .order_by(*who_is_answered())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    return row.name, ReplyCommand(
        reply_id="draft",
        ticket_number=row.number,
        text=text,
        context=row.reply_context or {},
        agent_name=agent_name,
        public=row.public and public is not False,
    )


def _joined(*columns: Any) -> Select[Any]:
    """Columns of a message, with its ticket's number and the name of its inbox."""
    return (
        select(_I.name, _T.number, *columns)
        .join_from(tables.message, tables.ticket, _M.ticket_id == _T.id)
        .join(tables.inbox, _M.inbox_id == _I.id)
    )

"""Moving a conversation from one ticket to another, and the questions to ask before."""

from collections.abc import Collection

from sqlalchemy import Connection, exists, select, update

from bot.db import tables
from bot.db.sealed import shown_text
from bot.db.unit import Tx
from bot.domain.ticket import MessageState

_K = tables.ticket_key.c
_M = tables.message.c
_T = tables.ticket.c

_ON_ITS_WAY = (MessageState.QUEUED, MessageState.SENDING, MessageState.UNSURE)


def answer_on_its_way(conn: Connection, ticket_id: int) -> bool:
    """Whether an answer of the ticket is between the agent and the customer."""
    found = conn.scalar(
        select(
            exists().where(
                _M.ticket_id == ticket_id, _M.direction == "out", _M.state.in_(_ON_ITS_WAY)
            )
        )
    )
    return bool(found)


def said_since(conn: Connection, ticket_id: int, since: int) -> bool:
    """Whether either side said something after the event of that id; what was taken back is not said."""
    found = conn.scalar(
        select(
            exists().where(
                _M.ticket_id == ticket_id, _M.id > since, _M.state != MessageState.CANCELLED
            )
        )
    )
    return bool(found)


def keys_of(conn: Connection, ticket_id: int) -> list[int]:
    """The rows of the names under which the ticket's conversation is known."""
    return list(conn.scalars(select(_K.id).where(_K.ticket_id == ticket_id).order_by(_K.id)))


def lead_keys(conn: Connection, keys: Collection[int], *, to: int) -> None:
    """Let those names lead to another ticket."""
    if keys:
        conn.execute(update(tables.ticket_key).where(_K.id.in_(keys)).values(ticket_id=to))


def move_messages(tx: Tx, ids: Collection[int], *, to: int, moved_from: int | None) -> None:
    """Give messages to another ticket; `moved_from` is None where they come home."""
    if ids:
        tx.conn.execute(
            update(tables.message)
            .where(_M.id.in_(ids))
            .values(
                ticket_id=to,
                moved_from=moved_from,
                moved_at=tx.now if moved_from is not None else None,
            )
        )


def set_merged_into(conn: Connection, ticket_id: int, into_id: int | None) -> None:
    """Say where the ticket's conversation goes on, if anywhere."""
    conn.execute(update(tables.ticket).where(_T.id == ticket_id).values(merged_into=into_id))


def words_of(conn: Connection, ids: Collection[int]) -> str:
    """What some messages say, oldest first."""
    if not ids:
        return ""
    rows = conn.execute(select(_M.id, _M.body).where(_M.id.in_(ids)).order_by(_M.sent_at, _M.id))
    return "\n\n".join(shown_text(conn, row.body, place=f"message.body:{row.id}") for row in rows)

"""Requests to rate an answer, and what customers said: rows of `feedback`."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, delete, insert, or_, select, update

from bot.db import tables
from bot.db.sealed import seal_text
from bot.db.types import AnyRow
from bot.db.unit import Tx
from bot.domain.survey import ASKED_AGAIN, LASTS, VOID, SurveyKind

_F = tables.feedback.c
_M = tables.message.c
_T = tables.ticket.c


def was_asked(conn: Connection, ticket_id: int, now: datetime) -> bool:
    """Whether the ticket asked before, or its customer was asked in another one not long ago.

    What an answer asked that nobody got does not count.
    """
    of_ticket = _asked().where(_F.ticket_id == ticket_id)
    customer = select(_T.customer_id).where(_T.id == ticket_id).scalar_subquery()
    of_customer = _asked().where(_T.customer_id == customer, _F.asked_at > now - ASKED_AGAIN)
    return any(conn.scalar(each.limit(1)) is not None for each in (of_ticket, of_customer))


def keep_request(tx: Tx, ticket_id: int, message_id: int, kind: SurveyKind) -> None:
    """The answer `message_id` asks, in place of one that nobody got."""
    void = _asked(void=True).where(_F.ticket_id == ticket_id)
    gone = list(tx.conn.scalars(void))
    if gone:
        tx.conn.execute(delete(tables.feedback).where(_F.id.in_(gone)))
    tx.conn.execute(
        insert(tables.feedback).values(
            id=tx.new_id(),
            ticket_id=ticket_id,
            message_id=message_id,
            kind=kind,
            asked_at=tx.now,
            expires_at=tx.now + LASTS,
        )
    )


def request_of(conn: Connection, ticket_id: int, message_id: int) -> AnyRow | None:
    """What the answer `message_id`, which was written in that ticket, asks; as `request_row`."""
    # By the ticket first: its index finds the one request there can be.
    of_answer = (_F.ticket_id == ticket_id, _F.message_id == message_id)
    return conn.execute(_requests().where(*of_answer)).one_or_none()


def request_row(conn: Connection, feedback_id: int) -> AnyRow | None:
    """A request whole, with the `language` of its ticket and the `state` of its answer.

    The state is None for one without an answer of the desk's own.
    """
    return conn.execute(_requests().where(_F.id == feedback_id)).one_or_none()


def keep_score(tx: Tx, feedback_id: int, score: int) -> bool:
    """Compare and set: the first score counts. False: there was one before."""
    kept = tx.conn.execute(
        update(tables.feedback)
        .where(_F.id == feedback_id, _F.answered_at.is_(None))
        .values(score=score, answered_at=tx.now)
    )
    return kept.rowcount == 1


def keep_comment(tx: Tx, feedback_id: int, comment: str, *, answered_after: datetime) -> bool:
    """Compare and set: the first words count, of whoever rated after that instant."""
    sealed = seal_text(tx.conn, comment, place=f"feedback.comment:{feedback_id}")
    kept = tx.conn.execute(
        update(tables.feedback)
        .where(
            _F.id == feedback_id,
            _F.answered_at > answered_after,
            _F.comment.is_(None),
        )
        .values(comment=sealed)
    )
    return kept.rowcount == 1


def _asked(*, void: bool = False) -> Select[Any]:
    return (
        select(_F.id)
        .join_from(tables.feedback, tables.ticket, _F.ticket_id == _T.id)
        .join(tables.message, _F.message_id == _M.id, isouter=True)
        .where(_M.state.in_(VOID) if void else _reached())
    )


def _reached() -> ColumnElement[bool]:
    return or_(_M.state.is_(None), _M.state.not_in(VOID))


def _requests() -> Select[Any]:
    return (
        select(tables.feedback, _T.language, _M.state)
        .join_from(tables.feedback, tables.ticket, _F.ticket_id == _T.id)
        .join(tables.message, _F.message_id == _M.id, isouter=True)
    )

"""Copies of answers given elsewhere: whom they may answer, and those held back for their question."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, case, or_, select, update

from bot.db import tables
from bot.db.inbound_rows import KnownMessage
from bot.db.sealed import shown_text
from bot.db.types import AnyRow, literally
from bot.domain.ticket import MessageState
from connectors.contract import Verdict

_R = tables.raw_inbound.c
_M = tables.message.c
_T = tables.ticket.c
_C = tables.customer.c


def asked_by(
    conn: Connection, inbox_id: int, name: str, *, since: datetime, until: datetime
) -> list[int]:
    """Tickets in which a customer shown as `name` wrote between the two instants."""
    return list(
        conn.scalars(
            select(_T.id)
            .distinct()
            .join_from(tables.customer, tables.ticket, _T.customer_id == _C.id)
            .join(tables.message, _M.ticket_id == _T.id)
            .where(
                _C.inbox_id == inbox_id,
                _C.display_name == name,
                _M.direction == "in",
                _M.verdict == Verdict.CUSTOMER,
                _M.sent_at >= since,
                _M.sent_at <= until,
            )
            .order_by(_T.id)
        )
    )


def own_answers(
    conn: Connection,
    ticket_ids: Collection[int],
    *,
    since: datetime,
    until: datetime,
    states: Collection[MessageState],
    verdict: str | None = None,
) -> list[KnownMessage]:
    """Answers on our side in these tickets, sent between the two instants, newest first.

    `verdict` tells answers of the desk from those given elsewhere.
    """
    if not ticket_ids:
        return []
    rows = conn.execute(
        select(_M.id, _M.ticket_id, _M.external_id, _M.state, _M.agent, _M.body)
        .where(
            _M.ticket_id.in_(ticket_ids),
            _M.direction == "out",
            _M.state.in_(states),
            _M.sent_at >= since,
            _M.sent_at <= until,
            *([_M.verdict == verdict] if verdict else []),
        )
        .order_by(_M.sent_at.desc(), _M.id.desc())
    )
    return [_answer(conn, row) for row in rows]


def release_held(
    conn: Connection, inbox_id: int, whys: Collection[str], *, not_before: datetime
) -> None:
    """Have held items of these reasons read again; those received before `not_before` are given up."""
    too_old = _R.received_at < not_before
    conn.execute(
        update(tables.raw_inbound)
        .where(
            _R.inbox_id == inbox_id,
            literally(_R.state, "held"),
            or_(too_old, _R.detail.in_(whys)),
        )
        .values(state=case((too_old, "ignored"), else_="stored"), attempts=0)
    )


def _answer(conn: Connection, row: AnyRow) -> KnownMessage:
    return KnownMessage(
        id=row.id,
        ticket_id=row.ticket_id,
        external_id=row.external_id,
        outgoing=True,
        state=row.state,
        agent=row.agent,
        body=shown_text(conn, row.body, place=f"message.body:{row.id}"),
    )

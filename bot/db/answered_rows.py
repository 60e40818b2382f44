"""Solved tickets with the customer's words and the macros that answered them."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, func, select

from bot.db import tables
from bot.db.message_rows import ANSWERABLE
from bot.db.sealed import shown_text
from bot.db.types import AnyRow
from bot.domain.similar import Past
from bot.domain.ticket import EventType, MessageState, TicketState

SINCE: Final = timedelta(days=180)
"""Older answers speak of other prices, carriers and rules."""

NEWEST: Final = 2000
"""Tickets that are looked at: more of them find nothing better, and take longer to compile."""

_LOOKED_AT: Final = 600
"""Characters of each message; a question is asked at its beginning."""

_LOST: Final = (MessageState.CANCELLED, MessageState.FAILED, MessageState.BOUNCED)

_T = tables.ticket.c
_M = tables.message.c
_E = tables.ticket_event.c


def solved_tickets(
    conn: Connection, connector: str, language: str, now: datetime
) -> Sequence[Past]:
    """The newest solved tickets of one channel in one language, the newest first."""
    tickets = conn.execute(
        select(_T.id, _T.number, _T.slack_permalink, tables.inbox.c.name.label("inbox"))
        .join_from(tables.ticket, tables.inbox)
        .where(
            tables.inbox.c.connector == connector,
            _T.language == language,
            _T.opened_at >= now - SINCE,
            _T.state.in_((TicketState.ANSWERED, TicketState.RESOLVED)),
        )
        .order_by(_T.id.desc())
        .limit(NEWEST)
    ).all()
    ids = [row.id for row in tickets]
    words, macros = _words(conn, ids), _macros(conn, ids)
    return [
        Past(
            ticket_id=row.id,
            number=row.number,
            words=words[row.id],
            macros=macros.get(row.id, ()),
            permalink=row.slack_permalink,
            inbox=row.inbox,
        )
        for row in tickets
        if row.id in words
    ]


def _words(conn: Connection, ids: Collection[int]) -> Mapping[int, str]:
    """What each customer wrote first: later messages are about the answer."""
    first = (
        select(func.min(_M.id).label("id"))
        .where(_M.ticket_id.in_(ids), _M.direction == "in", _M.verdict.in_(ANSWERABLE))
        .group_by(_M.ticket_id)
        .subquery()
    )
    rows = conn.execute(
        select(_M.id, _M.ticket_id, _M.subject, _M.body).join_from(
            tables.message, first, _M.id == first.c.id
        )
    )
    return {row.ticket_id: f"{row.subject}\n{_beginning(conn, row)}" for row in rows}


def _beginning(conn: Connection, row: AnyRow) -> str:
    return shown_text(conn, row.body, place=f"message.body:{row.id}")[:_LOOKED_AT]


def _macros(conn: Connection, ids: Collection[int]) -> Mapping[int, Sequence[str]]:
    """The macros of answers that were not taken back and not refused."""
    rows = conn.execute(
        select(_E.ticket_id, _E.data).where(
            _E.ticket_id.in_(ids), _E.type == EventType.REPLY_QUEUED
        )
    )
    used = [(row.ticket_id, row.data) for row in rows if row.data and row.data.get("macros")]
    answers = [data["message_id"] for _, data in used]
    lost = set(conn.scalars(select(_M.id).where(_M.id.in_(answers), _M.state.in_(_LOST))))
    found: defaultdict[int, list[str]] = defaultdict(list)
    for ticket_id, data in used:
        if data["message_id"] not in lost:
            found[ticket_id] += data["macros"]
    return found

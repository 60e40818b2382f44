"""Whose business a ticket is: some people see the tickets of some inboxes only."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, Connection, select, true

from bot.db import tables
from bot.db.types import literally
from bot.domain.ticket import TicketState

Sight = Collection[str] | None
"""Names of the inboxes that somebody sees; None: all of them."""

_I = tables.inbox.c
_T = tables.ticket.c


def in_sight(sight: Sight) -> ColumnElement[bool]:
    """A condition on the inbox of a row."""
    return true() if sight is None else _I.name.in_(sorted(sight))


def inbox_of(conn: Connection, ticket_id: int) -> str | None:
    """The name of a ticket's inbox; None where there is no such ticket."""
    found: str | None = conn.scalar(
        select(_I.name).join_from(tables.ticket, tables.inbox).where(_T.id == ticket_id)
    )
    return found


def open_owners(conn: Connection) -> list[tuple[str, str]]:
    """Who owns tickets in which a customer awaits an answer, and of which inboxes."""
    rows = conn.execute(
        select(_T.assignee, _I.name)
        .join_from(tables.ticket, tables.inbox)
        .where(_T.assignee.is_not(None), literally(_T.state, TicketState.OPEN))
        .distinct()
        .order_by(_T.assignee, _I.name)
    )
    return [(row.assignee, row.name) for row in rows]


def owned_by(conn: Connection, who: str, inbox: str | None, limit: int) -> list[int]:
    """Somebody's tickets with a customer waiting, of one inbox or of all, the longest wait first."""
    return list(
        conn.scalars(
            select(_T.id)
            .join_from(tables.ticket, tables.inbox)
            .where(
                _T.assignee == who,
                literally(_T.state, TicketState.OPEN),
                in_sight(None if inbox is None else [inbox]),
            )
            .order_by(_T.waiting_since, _T.id)
            .limit(limit)
        )
    )

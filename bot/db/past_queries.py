"""Tickets of the past with what their clocks depend on, some at a time, for replaying them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, func, select

from bot.db import tables
from bot.db.clock_rows import load_histories
from bot.db.sight_rows import Sight, in_sight
from bot.db.ticket_rows import select_tickets, ticket_of
from bot.domain.history import History
from bot.domain.ticket import Ticket
from bot.domain.whatif_summary import TicketLink

PAGE = 1000
"""Tickets per statement: few enough to hold, many enough not to wait for statements."""

_T = tables.ticket.c


def count_since(conn: Connection, since: datetime) -> int:
    """How many tickets were opened since."""
    found = conn.scalar(
        select(func.count()).select_from(tables.ticket).where(_T.opened_at >= since)
    )
    return found or 0


def inbox_names(conn: Connection) -> Sequence[str]:
    """Every inbox there ever was: tickets outlive the configuration."""
    return list(conn.scalars(select(tables.inbox.c.name)))


def past_tickets(
    conn: Connection, since: datetime, after: int = 0, limit: int = PAGE
) -> Sequence[tuple[Ticket, History]]:
    """Tickets opened since, with ids above `after`, in order. Reads and locks nothing else."""
    rows = conn.execute(
        select_tickets().where(_T.opened_at >= since, _T.id > after).order_by(_T.id).limit(limit)
    )
    tickets = [ticket_of(row) for row in rows]
    histories = load_histories(conn, [ticket.id for ticket in tickets])
    return [(ticket, histories.get(ticket.id, History())) for ticket in tickets]


def ticket_links(
    conn: Connection, ids: Collection[int], sight: Sight = None
) -> Mapping[int, TicketLink]:
    """Number and link of some tickets, by id; those of inboxes in `sight`."""
    rows = conn.execute(
        select(_T.id, _T.number, _T.slack_permalink)
        .join_from(tables.ticket, tables.inbox)
        .where(_T.id.in_(ids), in_sight(sight))
    )
    return {row.id: TicketLink(number=row.number, permalink=row.slack_permalink) for row in rows}

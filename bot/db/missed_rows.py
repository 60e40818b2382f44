"""Tickets with a deadline that was missed, and all that their clocks depend on."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, or_, select

from bot.db import tables
from bot.db.clock_rows import load_histories
from bot.db.tables.figures import wait_figure
from bot.db.ticket_rows import select_tickets, ticket_of
from bot.domain.history import History
from bot.domain.ticket import Ticket

PAGE = 500
"""Tickets per statement: few enough to hold, many enough not to wait for statements."""

_T = tables.ticket.c
_W = wait_figure.c


def missed_between(
    conn: Connection,
    since: datetime,
    until: datetime,
    *,
    inboxes: Collection[str] | None,
    limit: int,
) -> Sequence[int]:
    """Ids of tickets with a limit or a target that passed unanswered in that time, newest first.

    `inboxes` are names, None stands for all.
    """
    missed = [
        and_(due >= since, due < until, or_(_W.ended_at.is_(None), _W.ended_at > due))
        for due in (_W.limit_due_at, _W.target_due_at)
    ]
    # Beside the deadlines, what the indexes know: such a wait lasted at least until then.
    lasted = or_(_W.ended_at.is_(None), _W.ended_at >= since)
    wanted = select(_W.ticket_id).where(_W.began_at < until, lasted, or_(*missed))
    if inboxes is not None:
        inbox = tables.inbox.c
        wanted = wanted.where(_W.inbox_id.in_(select(inbox.id).where(inbox.name.in_(inboxes))))
    found = wanted.distinct().order_by(_W.ticket_id.desc()).limit(limit)
    return list(conn.scalars(found))


def with_histories(conn: Connection, ids: Sequence[int]) -> Iterator[tuple[Ticket, History]]:
    """Those tickets, some at a time. Reads and locks nothing else."""
    for first in range(0, len(ids), PAGE):
        rows = conn.execute(select_tickets().where(_T.id.in_(ids[first : first + PAGE])))
        tickets = [ticket_of(row) for row in rows]
        histories = load_histories(conn, [ticket.id for ticket in tickets])
        for ticket in tickets:
            yield ticket, histories.get(ticket.id, History())

"""Bring open tickets under the rules as they are now: looked at first, then applied, in batches."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, exists, or_, select

from bot.db import tables
from bot.db.clock_rows import load_clocks, load_histories
from bot.db.ticket_rows import lock_tickets, select_tickets, ticket_of
from bot.db.types import literally
from bot.db.unit import Tx
from bot.domain.desk import Desk
from bot.domain.history import History
from bot.domain.recomputation import TicketMoves, moves
from bot.domain.ticket import DESK, EventType, Ticket, TicketState
from bot.usecases.access import post_line, redraw_in_time
from bot.usecases.clocks import replan
from bot.usecases.planning import plan_ticket
from bot.usecases.rule_versions import keep_own_rules, meet_rules
from sla_rules.vocabulary import ClockState

BATCH = 50
"""Tickets per transaction: as many as a page of mail, so nobody's click waits longer."""

_T = tables.ticket.c
_D = tables.deadline.c


def open_tickets(conn: Connection, after: int = 0, limit: int = BATCH) -> Sequence[int]:
    """Ids above `after` of tickets that wait for somebody or have a clock that lasts, in order."""
    lasting = (literally(_D.state, each) for each in (ClockState.RUNNING, ClockState.PAUSED))
    lasts = exists().where(_D.ticket_id == _T.id, or_(*lasting))
    waits = literally(_T.state, TicketState.OPEN)
    found = conn.scalars(
        select(_T.id).where(_T.id > after, or_(waits, lasts)).order_by(_T.id).limit(limit)
    )
    return list(found)


def preview(
    conn: Connection, desk: Desk, ticket_ids: Collection[int], now: datetime
) -> Sequence[TicketMoves]:
    """What `recompute` would do to these tickets. Writes and locks nothing."""
    rows = conn.execute(select_tickets().where(_T.id.in_(ticket_ids)).order_by(_T.id))
    return _compared(conn, desk, [ticket_of(row) for row in rows], now)


def recompute(
    tx: Tx, desk: Desk, ticket_ids: Collection[int], *, also_past: bool = False
) -> Sequence[TicketMoves]:
    """Plan the clocks of these tickets by the present rules; returns what that changed.

    The tickets are frozen to those rules from then on, in the transaction that keeps them: a desk
    whose file is older goes by them, too. A ticket that would be late at once, by a rule nobody
    could have known, is left alone unless `also_past`: it would page managers for the impossible.
    """
    keep_own_rules(tx, desk)
    tickets = lock_tickets(tx.conn, ticket_ids)
    compared = _compared(tx.conn, desk, list(tickets.values()), tx.now)
    applied = [each for each in compared if each.rewritten and (also_past or not each.past)]
    replan(tx, desk, [each.ticket_id for each in applied], anew=True)
    for each in applied:
        event_id = tx.record(each.ticket_id, EventType.RECOMPUTED, actor=DESK, moves=_told(each))
        ticket = tickets[each.ticket_id]
        if each.moves and ticket.slack_channel:
            # The card shows when each clock is due, so it is redrawn though its stage may stay.
            redraw_in_time(tx, desk, ticket, ticket.version + 1)
            post_line(tx, desk, ticket, event_id)
    return applied


def _told(each: TicketMoves) -> list[dict[str, str | None]]:
    return [
        {
            "metric": move.metric,
            "scope": move.scope,
            "policy": move.policy,
            "before": move.before.isoformat() if move.before else None,
            "after": move.after.isoformat() if move.after else None,
            "why": move.why,
        }
        for move in each.moves
    ]


def _compared(
    conn: Connection, desk: Desk, tickets: Sequence[Ticket], now: datetime
) -> list[TicketMoves]:
    ids = [ticket.id for ticket in tickets]
    histories, clocks = load_histories(conn, ids), load_clocks(conn, ids)
    meet_rules(conn, desk, tickets, clocks.values())
    found: list[TicketMoves] = []
    for ticket in tickets:
        history, own = histories.get(ticket.id, History()), clocks.get(ticket.id, ())
        planned = plan_ticket(desk, ticket, history, now, own, anew=True).planned
        moved, rewritten = moves([clock.deadline for clock in own], planned, now)
        found.append(
            TicketMoves(
                ticket_id=ticket.id,
                number=ticket.number,
                inbox=ticket.inbox,
                moves=moved,
                rewritten=rewritten,
            )
        )
    return found

"""Recompute the clocks of tickets after anything that moves them: the only writer of deadlines."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.db.clock_rows import load_clocks, load_histories, write_deadlines, write_pings
from bot.db.ticket_rows import change_tickets, lock_tickets
from bot.db.unit import Tx
from bot.domain.clocks import ClockChanges, StoredClock, reconcile
from bot.domain.desk import Desk
from bot.domain.history import MARKS, History, Mark, standing, timeline
from bot.domain.routing import calendars_of
from bot.domain.ticket import NEW, Ticket, card_stage
from bot.usecases.access import redraw
from sla_rules.calendar import ALWAYS, CalendarError
from sla_rules.deadlines import PlannedDeadline, plan
from sla_rules.policy import Policy
from sla_rules.vocabulary import ClockState


def replan(tx: Tx, desk: Desk, ticket_ids: Collection[int]) -> None:
    """Bring deadlines, pings, state and card of the tickets in line with their history.

    A constant number of statements, however many tickets there are.
    """
    tickets = lock_tickets(tx.conn, ticket_ids)
    apply_plan(
        tx,
        desk,
        list(tickets.values()),
        histories=load_histories(tx.conn, tickets),
        clocks=load_clocks(tx.conn, tickets),
    )


def apply_plan(
    tx: Tx,
    desk: Desk,
    tickets: Sequence[Ticket],
    *,
    histories: Mapping[int, History],
    clocks: Mapping[int, Sequence[StoredClock]],
) -> None:
    """`replan` of tickets that are locked, with what the database knows of them at hand.

    Marks recorded in this very transaction are added to `histories` here.
    """
    changes: list[ClockChanges] = []
    rows: list[dict[str, object]] = []
    recorded = _recorded_marks(tx)
    for ticket in tickets:
        known = histories.get(ticket.id, History())
        history = replace(known, marks=(*known.marks, *recorded.get(ticket.id, ())))
        policy, planned = planned_by(desk, ticket, history, tx.now)
        stored = clocks.get(ticket.id, ())
        changes.append(reconcile(ticket.id, stored, planned, now=tx.now, new_id=tx.new_id))
        rows.append(_ticket_row(tx, desk, ticket, history, (policy, planned)))
    write_deadlines(tx.conn, [row for each in changes for row in each.deadlines])
    write_pings(tx.conn, [row for each in changes for row in each.pings])
    change_tickets(tx.conn, rows)
    tx.wakes.add("pings")


def _recorded_marks(tx: Tx) -> Mapping[int, Sequence[Mark]]:
    marks: dict[int, list[Mark]] = defaultdict(list)
    for each in tx.recorded:
        if each["type"] in MARKS:
            marks[each["ticket_id"]].append(
                Mark(id=each["id"], type=each["type"], actor=each["actor"], at=each["at"])
            )
    return marks


def planned_by(
    desk: Desk, ticket: Ticket, history: History, now: datetime
) -> tuple[Policy | None, Sequence[PlannedDeadline]]:
    """What the desk's rules, as they are now, say of a ticket. Reads and writes nothing."""
    line = timeline(ticket, history)
    policy = desk.policies.select(line.facts)
    if policy is None:
        return None, ()
    calendars = calendars_of(desk, ticket.inbox)
    try:
        return policy, plan(line, policy, calendars, now)
    except CalendarError:
        # A shop that never opens again: every hour counts, which is early but never late.
        return policy, plan(line, policy, dict.fromkeys(calendars, ALWAYS), now)


def _ticket_row(
    tx: Tx,
    desk: Desk,
    ticket: Ticket,
    history: History,
    plans: tuple[Policy | None, Sequence[PlannedDeadline]],
) -> dict[str, object]:
    policy, planned = plans
    now_stands = standing(ticket, history)
    stage = card_stage(
        now_stands.state,
        (
            ping.severity
            for deadline in planned
            if deadline.state is ClockState.RUNNING
            for ping in deadline.pings
            if ping.fire_at <= tx.now
        ),
    )
    version = ticket.version + 1
    if stage is not ticket.card_stage and ticket.version > NEW:
        redraw(tx, desk, ticket, version)
    return {
        "id": ticket.id,
        "kind": ticket.kind,
        "stage": ticket.stage,
        "risk": ticket.risk,
        "language": ticket.language,
        "order_id": ticket.order_id,
        "state": now_stands.state,
        "card_stage": stage,
        "waiting_since": now_stands.waiting_since,
        "resolved_at": now_stands.resolved_at,
        "policy": policy.name if policy else None,
        "platform_limit_seconds": _seconds(ticket),
        "updated_at": tx.now,
        "version": version,
    }


def _seconds(ticket: Ticket) -> int | None:
    limit = ticket.platform_limit
    return None if limit is None else int(limit.total_seconds())

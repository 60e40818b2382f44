"""Recompute the clocks of tickets after anything that moves them: the only writer of deadlines."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.db.clock_rows import load_clocks, load_histories, write_deadlines, write_pings
from bot.db.ticket_rows import change_tickets, facts_row, lock_tickets
from bot.db.unit import Tx
from bot.domain.clocks import ClockChanges, StoredClock, StoredDeadline, reconcile
from bot.domain.desk import Desk
from bot.domain.history import MARKS, History, events_of, platform_due_at, standing
from bot.domain.holds import Mark
from bot.domain.ticket import NEW, Ticket, card_stage
from bot.usecases.access import redraw
from bot.usecases.planning import TicketPlan, plan_ticket, planned_by
from bot.usecases.rule_versions import meet_rules
from sla_rules.deadlines import PlannedDeadline
from sla_rules.vocabulary import LASTING, ClockState

__all__ = ["apply_plan", "planned_by", "replan"]


def replan(
    tx: Tx, desk: Desk, ticket_ids: Collection[int], *, anew: bool = False
) -> Mapping[int, Sequence[PlannedDeadline]]:
    """Bring deadlines, pings, state and card of the tickets in line with their history.

    A constant number of statements, however many tickets there are. `anew` by the rules of now,
    else by those the tickets are frozen to. Returns the plans by ticket.
    """
    tickets = lock_tickets(tx.conn, ticket_ids)
    return apply_plan(
        tx,
        desk,
        list(tickets.values()),
        histories=load_histories(tx.conn, tickets),
        clocks=load_clocks(tx.conn, tickets),
        anew=tickets if anew else (),
    )


def apply_plan(
    tx: Tx,
    desk: Desk,
    tickets: Sequence[Ticket],
    *,
    histories: Mapping[int, History],
    clocks: Mapping[int, Sequence[StoredClock]],
    anew: Collection[int] = (),
) -> Mapping[int, Sequence[PlannedDeadline]]:
    """`replan` of tickets that are locked, with what the database knows of them at hand.

    Marks recorded in this very transaction are added to `histories` here.
    """
    meet_rules(tx.conn, desk, tickets, (clocks.get(ticket.id, ()) for ticket in tickets))
    changes: list[ClockChanges] = []
    rows: list[dict[str, object]] = []
    plans: dict[int, Sequence[PlannedDeadline]] = {}
    recorded = _recorded_marks(tx)
    for ticket in tickets:
        known = histories.get(ticket.id, History())
        history = replace(known, marks=(*known.marks, *recorded.get(ticket.id, ())))
        stored = clocks.get(ticket.id, ())
        found = plan_ticket(desk, ticket, history, tx.now, stored, anew=ticket.id in anew)
        planned = plans[ticket.id] = found.planned
        change = reconcile(
            ticket.id,
            stored,
            planned,
            now=tx.now,
            new_id=tx.new_id,
            events=events_of(ticket, history),
        )
        changes.append(change)
        row = _ticket_row(ticket, history, found, tx.now)
        if ticket.version > NEW and _shows(ticket, row, stored, change):
            redraw(tx, desk, ticket, ticket.version + 1)
        rows.append(row)
    write_deadlines(tx.conn, [row for each in changes for row in each.deadlines])
    write_pings(tx.conn, [row for each in changes for row in each.pings])
    change_tickets(tx.conn, rows)
    tx.wakes.add("pings")
    return plans


def _shows(
    ticket: Ticket,
    row: Mapping[str, object],
    stored: Sequence[StoredClock],
    change: ClockChanges,
) -> bool:
    """Whether the card says something else now: its stage, or which clocks last and are due when."""
    if row["card_stage"] is not ticket.card_stage:
        return True
    before = {each.deadline.id: _on_the_card(each.deadline) for each in stored}
    return any(_on_the_card(row) != before.get(row.id) for row in change.deadlines)


def _on_the_card(deadline: StoredDeadline) -> tuple[datetime, datetime | None] | None:
    """What the card tells of a clock: nothing once it ended. One may end as another begins."""
    return (deadline.due_at, deadline.paused_at) if deadline.state in LASTING else None


def _recorded_marks(tx: Tx) -> Mapping[int, Sequence[Mark]]:
    marks: dict[int, list[Mark]] = defaultdict(list)
    for each in tx.recorded:
        if each["type"] in MARKS:
            marks[each["ticket_id"]].append(
                Mark(
                    id=each["id"],
                    type=each["type"],
                    actor=each["actor"],
                    at=each["at"],
                    data=each["data"],
                )
            )
    return marks


def _ticket_row(
    ticket: Ticket,
    history: History,
    found: TicketPlan,
    now: datetime,
) -> dict[str, object]:
    versions = found.versions
    now_stands = standing(ticket, history)
    stage = card_stage(
        now_stands.state,
        (
            ping.severity
            for deadline in found.planned
            if deadline.state is ClockState.RUNNING
            for ping in deadline.pings
            if ping.fire_at <= now
        ),
    )
    return {
        "id": ticket.id,
        **facts_row(ticket),
        "state": now_stands.state,
        "card_stage": stage,
        "waiting_since": now_stands.waiting_since,
        "resolved_at": now_stands.resolved_at,
        "platform_due_at": platform_due_at(ticket, history),
        "policy": versions.policy if versions else None,
        "policy_version": versions.policy_version if versions else None,
        "calendar_versions": dict(versions.calendars) if versions else None,
        "updated_at": now,
        "version": ticket.version + 1,
    }

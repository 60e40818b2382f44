"""Tickets that come under another policy because what is known of them changed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.db.ticket_rows import facts_that_differ
from bot.db.unit import Tx
from bot.domain.class_change import Reclassification, due_before, missed, told, what_changed
from bot.domain.clocks import StoredClock
from bot.domain.desk import Desk
from bot.domain.history import History, facts_of
from bot.domain.holds import Mark
from bot.domain.recomputation import moves
from bot.domain.routing import rule_channel_of, zone_of
from bot.domain.ticket import DESK, EventType, Ticket
from bot.usecases.access import post_line
from bot.usecases.clocks import apply_plan
from sla_rules.deadlines import PlannedDeadline


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """One ticket's change of class, as the event of it says. `stored` are its clocks until then."""

    ticket: Ticket
    data: Mapping[str, Any]
    stored: Sequence[StoredClock]


def plan_classes(
    tx: Tx,
    desk: Desk,
    tickets: Sequence[Ticket],
    *,
    before: Mapping[int, Ticket],
    actor: str,
    histories: Mapping[int, History],
    clocks: Mapping[int, Sequence[StoredClock]],
) -> Mapping[int, Reclassification]:
    """`apply_plan` of tickets, some of which were something else `before`.

    One that comes under another policy while somebody waits is due by that from the same start;
    its thread says so. A change that `actor`, a person, made is written down in any case.
    """
    changed = {
        each.ticket.id: each
        for each in _changes(tx, desk, tickets, before=before, histories=histories, clocks=clocks)
        if each.data["due_before"] is not None or actor != DESK
    }
    marked = dict(histories)
    for id_, change in changed.items():
        known = histories.get(id_, History())
        mark = _mark(tx, change, actor)
        marked[id_] = replace(known, marks=(*known.marks, mark))
    planned = apply_plan(tx, desk, tickets, histories=marked, clocks=clocks)
    return {id_: _tell(tx, desk, change, actor, planned[id_]) for id_, change in changed.items()}


def _changes(
    tx: Tx,
    desk: Desk,
    tickets: Sequence[Ticket],
    *,
    before: Mapping[int, Ticket],
    histories: Mapping[int, History],
    clocks: Mapping[int, Sequence[StoredClock]],
) -> Iterator[_Change]:
    for after in tickets:
        was = before.get(after.id, after)
        what = what_changed(was, after)
        if not what:
            continue
        history = histories.get(after.id, History())
        old, new = (_policy_for(desk, each, history) for each in (was, after))
        stored = clocks.get(after.id, ())
        due = due_before(stored, tx.now) if old != new else None
        yield _Change(
            ticket=after,
            stored=stored,
            data={
                "what": what,
                "policy_before": old,
                "policy": new,
                "due_before": due.isoformat() if due else None,
                "missed": sorted(missed(stored, tx.now)),
                "was": facts_that_differ(was, after),
            },
        )


def _policy_for(desk: Desk, ticket: Ticket, history: History) -> str | None:
    zone, channel = zone_of(desk, ticket.inbox), rule_channel_of(desk, ticket)
    found = desk.policies.select(facts_of(ticket, history, zone, channel))
    return found.name if found else None


def _mark(tx: Tx, change: _Change, actor: str) -> Mark:
    return Mark(
        id=tx.new_id(), type=EventType.RECLASSIFIED, actor=actor, at=tx.now, data=change.data
    )


def _tell(
    tx: Tx,
    desk: Desk,
    change: _Change,
    actor: str,
    planned: Sequence[PlannedDeadline],
) -> Reclassification:
    moved, _ = moves([each.deadline for each in change.stored], planned, tx.now)
    cause = next((each.cause for each in planned if _says_why(each, tx.now)), None)
    event_id = tx.record(
        change.ticket.id,
        EventType.RECLASSIFIED,
        actor=actor,
        **change.data,
        moves=told(moved),
        cause=cause,
    )
    post_line(tx, desk, change.ticket, event_id)
    return Reclassification(what=change.data["what"], moves=tuple(moved), cause=cause)


def _says_why(planned: PlannedDeadline, now: datetime) -> bool:
    return planned.cause is not None and planned.stopped_at is None and planned.due_at > now

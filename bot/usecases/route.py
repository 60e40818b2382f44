"""Give tickets to people by the desk's routes: when they open, and when one comes back to nobody."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from bot.db import tables
from bot.db.clock_rows import load_histories
from bot.db.routing_rows import (
    keep_turns,
    load_turns,
    open_loads,
    previous_agents,
    with_absences,
)
from bot.db.ticket_rows import select_tickets, ticket_of
from bot.db.unit import Tx
from bot.domain.desk import Desk
from bot.domain.history import History, facts_of
from bot.domain.routes import Asked, LeftOut, Routing, Why, Work, routing_of
from bot.domain.routing import rule_channel_of, zone_of
from bot.domain.shifts import Coming
from bot.domain.ticket import DESK, EventType, Ticket
from bot.usecases.access import post_line

MOST_LEFT_OUT = 40
"""So many people who did not get a ticket are kept with the event of it."""


def route_tickets(
    tx: Tx, desk: Desk, tickets: Iterable[tuple[Ticket, History]], *, actor: str = DESK
) -> Mapping[int, Routing]:
    """Decide for these tickets in their order, and say so in their threads.

    A constant number of statements. Who the owner is becomes the caller's to write: a ticket
    that is being opened has no row yet. A ticket with an owner stays silent where nobody is found.
    """
    asked = list(tickets)
    if not desk.routes or not asked:
        return {}
    desk = with_absences(tx.conn, desk, tx.now)
    work = work_now(tx.conn, desk, (ticket.customer_id for ticket, _ in asked))
    before = dict(work.turns)
    found: dict[int, Routing] = {}
    for ticket, history in asked:
        question = asked_of(desk, ticket, history)
        routing = routing_of(desk.routes, desk.roster, question, work, tx.now)
        if routing is None or (routing.assignee is None and ticket.assignee is not None):
            continue
        work.give(routing, ticket.risk, tx.new_id())
        event_id = tx.record(ticket.id, EventType.ROUTED, actor=actor, **told(routing))
        post_line(tx, desk, ticket, event_id)
        found[ticket.id] = routing
    keep_turns(tx.conn, {key: turn for key, turn in work.turns.items() if before.get(key) != turn})
    return found


def routing_now(conn: Connection, desk: Desk, ticket_id: int, now: datetime) -> Routing | None:
    """Where a ticket would go if it opened now. Reads only; None: no route is meant for it."""
    row = conn.execute(select_tickets().where(tables.ticket.c.id == ticket_id)).one()
    ticket = replace(ticket_of(row), assignee=None)
    desk = with_absences(conn, desk, now)
    history = load_histories(conn, [ticket.id]).get(ticket.id, History())
    asked = asked_of(desk, ticket, history)
    work = work_now(conn, desk, [ticket.customer_id])
    return routing_of(desk.routes, desk.roster, asked, work, now)


def work_now(conn: Connection, desk: Desk, customer_ids: Iterable[int | None]) -> Work:
    """How much everybody has to do; who customers know, where a route asks for it."""
    knows = any(route.to.previous_agent for route in desk.routes)
    customers = {each for each in customer_ids if each is not None} if knows else set()
    return Work(
        loads=open_loads(conn),
        turns=load_turns(conn),
        previous=previous_agents(conn, customers),
    )


def asked_of(desk: Desk, ticket: Ticket, history: History) -> Asked:
    """The ticket as routes look at it; its owner does not get it again."""
    zone, channel = zone_of(desk, ticket.inbox), rule_channel_of(desk, ticket)
    return Asked(
        facts=facts_of(ticket, history, zone, channel),
        risk=ticket.risk,
        customer_id=ticket.customer_id,
        besides=ticket.assignee,
    )


def told(routing: Routing) -> dict[str, Any]:
    """What the event of a routing keeps."""
    coming = routing.coming
    return {
        "to_agent": routing.assignee,
        "routes": list(routing.routes),
        "previous": routing.previous,
        "left_out": [
            {"agent": each.agent, "why": str(each.why), "detail": each.detail}
            for each in routing.left_out[:MOST_LEFT_OUT]
        ],
        "next_agent": coming.who if coming else None,
        "next_at": coming.at.isoformat() if coming else None,
    }


def routing_told(data: Mapping[str, Any]) -> Routing:
    """The routing that an event kept."""
    who, at = data.get("next_agent"), data.get("next_at")
    return Routing(
        assignee=data.get("to_agent"),
        routes=tuple(data.get("routes") or ()),
        previous=bool(data.get("previous")),
        left_out=tuple(
            LeftOut(agent=each["agent"], why=Why(each["why"]), detail=each["detail"])
            for each in data.get("left_out") or ()
        ),
        coming=Coming(who=who, at=datetime.fromisoformat(at)) if who and at else None,
    )

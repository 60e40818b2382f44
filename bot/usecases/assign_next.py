"""Give a ticket to whoever is next: of its route, or of a group of people."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.db.clock_rows import load_histories
from bot.db.routing_rows import waiting_of, with_absences
from bot.db.sight_rows import inbox_of
from bot.db.unit import Tx
from bot.domain.card import TicketView
from bot.domain.desk import Desk
from bot.domain.history import History
from bot.domain.roster import Roster, Verb
from bot.domain.routes import ANYBODY, Routing, Wanted, next_for, routing_of
from bot.domain.ticket import Ticket
from bot.errors import DeskError
from bot.language import tr
from bot.usecases.access import require, work_on
from bot.usecases.assign import Assign, assign
from bot.usecases.route import asked_of, work_now


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignNext:
    """Find the next owner; with `among`, one of these who is there now."""

    ticket_id: int
    actor: str
    among: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignedNext:
    """`who` is the owner now; `at` is when their shift begins, where it has not."""

    ticket: TicketView
    who: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """Give everything that waits for `who`, who is away, to the next."""

    actor: str
    who: str


def assign_next(tx: Tx, desk: Desk, command: AssignNext) -> AssignedNext:
    """Whoever has the least to do of those who are there; else, without `among`, the next to come.

    Nobody is full for this: a person asks. Raises NotAllowed, NoSuchTicket, Conflict, and
    DeskError where there is nobody.
    """
    require(desk, command.actor, Verb.ASSIGN)
    ticket = work_on(tx, desk, command.actor, command.ticket_id, Verb.ASSIGN)
    routing = _found(tx, desk, ticket, command.among)
    if routing.assignee is None:
        raise DeskError(_nobody(desk, routing, ticket))
    given = assign(
        tx, desk, Assign(ticket_id=ticket.id, actor=command.actor, assignee=routing.assignee)
    )
    coming = routing.coming
    later = coming.at if coming is not None and coming.at > tx.now else None
    return AssignedNext(ticket=given.ticket, who=routing.assignee, at=later)


def hand_over(tx: Tx, desk: Desk, command: HandOver) -> Sequence[AssignedNext]:
    """Those in inboxes that the actor sees.

    Raises NotAllowed, Conflict, and DeskError where somebody is back, or nobody is next.
    """
    require(desk, command.actor, Verb.ASSIGN)
    roster = with_absences(tx.conn, desk, tx.now).roster
    if roster.is_here(command.who):
        name = roster.name(command.who)
        raise DeskError(tr("{name} is back. Assign tickets one by one.", name=name))
    return [
        assign_next(tx, desk, AssignNext(ticket_id=each, actor=command.actor))
        for each in waiting_of(tx.conn, command.who)
        if desk.roster.inboxes(command.actor) is None
        or desk.roster.sees(command.actor, inbox_of(tx.conn, each) or "")
    ]


def _found(tx: Tx, desk: Desk, ticket: Ticket, among: frozenset[str] | None) -> Routing:
    roster = _roster(with_absences(tx.conn, desk, tx.now).roster)
    asked = asked_of(desk, ticket, load_histories(tx.conn, [ticket.id]).get(ticket.id, History()))
    work = work_now(tx.conn, desk, [ticket.customer_id])
    if among is None:
        return next_for(desk.routes, roster, asked, work, tx.now)
    group = replace(ANYBODY, to=Wanted(people=among))
    found = routing_of([group], roster, asked, work, tx.now)
    return found or Routing(assignee=None, routes=())


def _roster(roster: Roster) -> Roster:
    """Whoever is away counts as away for good, and nobody as full."""
    people = {who: replace(agent, capacity=None) for who, agent in roster.agents.items()}
    return replace(roster, agents=people, away=dict.fromkeys(roster.away))


def _nobody(desk: Desk, routing: Routing, ticket: Ticket) -> str:
    coming = routing.coming
    if coming is not None:
        name = desk.roster.name(coming.who)
        return tr(
            "Nobody of them is on shift now; {name} is next. Assign #{number} to {name}.",
            name=name,
            number=ticket.number,
        )
    return tr(
        "There is nobody else to give #{number} to. Name a person with @.", number=ticket.number
    )

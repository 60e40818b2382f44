"""Somebody goes away, or is back; what waits for them meanwhile goes to others, or is offered."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.db.clock_rows import load_histories
from bot.db.routing_rows import away_at, keep_absence, waiting_of
from bot.db.ticket_rows import change_tickets, lock_tickets
from bot.db.unit import Tx
from bot.domain.desk import Desk
from bot.domain.effects import OFFERED, post_offer
from bot.domain.history import History
from bot.domain.roster import Verb
from bot.domain.routing import channel_of_ticket
from bot.domain.ticket import EventType, Ticket
from bot.errors import DeskError, NotAllowed
from bot.language import tr
from bot.language.forms import moment
from bot.usecases.access import redraw, require
from bot.usecases.claim_expiry import watch_claims
from bot.usecases.route import route_tickets


@dataclass(frozen=True, slots=True, kw_only=True)
class GoAway:
    """`who` is away until then; None: until somebody says that they are back."""

    actor: str
    who: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WentAway:
    """`waiting` are the tickets of theirs with a customer waiting; `given` went to others."""

    who: str
    until: datetime | None
    waiting: int
    given: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ComeBack:
    """`who` takes tickets and pings again."""

    actor: str
    who: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CameBack:
    """`changed` is false for somebody who was not away."""

    who: str
    changed: bool


def go_away(tx: Tx, desk: Desk, command: GoAway) -> WentAway:
    """Whoever is away gets no new tickets, and no pings: the group of the inbox hears them.

    Raises NotAllowed: for somebody else it takes a lead; and for who is not on the desk.
    """
    _require(desk, command.actor, command.who)
    keep_absence(tx.conn, command.who, since=tx.now, until=command.until, said_by=command.actor)
    until = command.until.isoformat() if command.until else None
    tx.record(None, EventType.AWAY, actor=command.actor, who=command.who, until=until)
    tickets = list(lock_tickets(tx.conn, waiting_of(tx.conn, command.who)).values())
    given = _given_to_others(tx, desk, tickets, command.actor) if desk.reassign_away else ()
    _offer(tx, desk, command.who, [each for each in tickets if each.id not in given])
    return WentAway(who=command.who, until=command.until, waiting=len(tickets), given=len(given))


def come_back(tx: Tx, desk: Desk, command: ComeBack) -> CameBack:
    """Raises NotAllowed as `go_away`."""
    _require(desk, command.actor, command.who)
    if command.who not in away_at(tx.conn, tx.now):
        return CameBack(who=command.who, changed=False)
    keep_absence(tx.conn, command.who, since=tx.now, until=tx.now, said_by=command.actor)
    tx.record(None, EventType.BACK, actor=command.actor, who=command.who)
    return CameBack(who=command.who, changed=True)


def require_here(tx: Tx, desk: Desk, who: str, actor: str) -> None:
    """Raise NotAllowed where somebody gives a ticket to a colleague who is away."""
    if who == actor:
        return
    away = away_at(tx.conn, tx.now)
    if who in away:
        name, until = desk.roster.name(who), away[who]
        if until is None:
            raise NotAllowed(
                tr(
                    "{name} is away. Assign it to somebody else, or to the next on shift.",
                    name=name,
                )
            )
        raise NotAllowed(
            tr(
                "{name} is away until {time}. Assign it to somebody else, or to the next on shift.",
                name=name,
                time=moment(until, desk.timezone),
            )
        )


def _require(desk: Desk, actor: str, who: str) -> None:
    require(desk, actor, Verb.WORK if actor == who else Verb.STAFF)
    if not desk.roster.is_active(who):
        raise DeskError(
            tr("{name} is not an active person of this desk.", name=desk.roster.name(who))
        )


def _given_to_others(tx: Tx, desk: Desk, tickets: Sequence[Ticket], actor: str) -> frozenset[int]:
    histories = load_histories(tx.conn, [each.id for each in tickets])
    asked = [(each, histories.get(each.id, History())) for each in tickets]
    found = route_tickets(tx, desk, asked, actor=actor)
    changed = []
    for ticket in tickets:
        if ticket.id in found:
            version = ticket.version + 1
            changed.append(
                {
                    "id": ticket.id,
                    "assignee": found[ticket.id].assignee,
                    "claimed_at": tx.now,
                    "updated_at": tx.now,
                    "version": version,
                }
            )
            redraw(tx, desk, ticket, version)
    change_tickets(tx.conn, changed)
    given = [(each, found[each.id].assignee or "") for each in tickets if each.id in found]
    watch_claims(tx, desk, given)
    return frozenset(found)


def _offer(tx: Tx, desk: Desk, who: str, tickets: Sequence[Ticket]) -> None:
    channels: Mapping[str, list[int]] = defaultdict(list)
    for ticket in tickets:
        channels[channel_of_ticket(desk, ticket)].append(ticket.id)
    for channel, ids in channels.items():
        if channel:
            key = f"away:{who}:{int(tx.now.timestamp())}"
            tx.emit(post_offer(key, ids[:OFFERED], channel=channel, who=who, of=len(ids)))

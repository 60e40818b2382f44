"""Somebody is no full member of the workspace any more: what was theirs goes to others at once.

Whoever may not work on a ticket any more does not own it: also after a start with other settings.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bot.db.clock_rows import load_histories
from bot.db.sight_rows import open_owners, owned_by
from bot.db.standing_rows import as_people_stand, keep_standing, standing
from bot.db.ticket_rows import change_tickets, lock_tickets
from bot.db.unit import Tx
from bot.domain.desk import Desk
from bot.domain.history import History
from bot.domain.roster import Verb
from bot.domain.standing import Standing
from bot.domain.ticket import DESK, EventType, Ticket
from bot.usecases.access import redraw, say, since
from bot.usecases.claim_expiry import watch_claims
from bot.usecases.route import route_tickets

AT_ONCE = 200
"""Tickets taken from people in one transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stands:
    """What Slack says somebody is now."""

    who: str
    standing: Standing


def hear_standing(tx: Tx, desk: Desk, command: Stands) -> int:
    """Keep it; how many tickets were taken from somebody who is no member any more.

    Of people who are not on the roster nothing is kept. It is Slack who says it: no role is asked.
    """
    person = desk.roster.agents.get(command.who)
    if person is None:
        return 0
    member = command.standing is Standing.MEMBER
    if standing(tx.conn).get(command.who, person.active) is not member:
        keep_standing(tx.conn, person, active=member)
        tx.record(
            None,
            EventType.STANDING,
            actor=DESK,
            who=command.who,
            standing=str(command.standing),
        )
        tx.wakes.add("pings")
    return 0 if member else free_tickets(tx, desk, [command.who])


def free_tickets(tx: Tx, desk: Desk, people: Collection[str] | None = None) -> int:
    """Take tickets from owners who may not work on them; how many, `AT_ONCE` at most.

    Of some `people`, or of everybody. Routes give them to others; else they are their channel's.
    """
    desk = as_people_stand(tx.conn, desk)
    owners = open_owners(tx.conn) if people is None else [(who, None) for who in people]
    ids: list[int] = []
    for who, inbox in owners:
        if inbox is None or not desk.roster.may_in(who, Verb.WORK, inbox):
            ids += owned_by(tx.conn, who, inbox, AT_ONCE - len(ids))
    locked = lock_tickets(tx.conn, ids).values() if ids else ()
    lost = [
        each
        for each in locked
        if each.assignee and not desk.roster.may_in(each.assignee, Verb.WORK, each.inbox)
    ]
    _give_up(tx, desk, lost)
    return len(lost)


def _give_up(tx: Tx, desk: Desk, tickets: Sequence[Ticket]) -> None:
    for each in tickets:
        say(
            tx,
            desk,
            each,
            EventType.OWNER_LEFT,
            actor=DESK,
            from_agent=each.assignee,
            since=since(each),
        )
    histories = load_histories(tx.conn, [each.id for each in tickets])
    found = route_tickets(tx, desk, [(each, histories.get(each.id, History())) for each in tickets])
    rows, given = [], []
    for each in tickets:
        assignee = found[each.id].assignee if each.id in found else None
        rows.append(
            {
                "id": each.id,
                "assignee": assignee,
                "claimed_at": tx.now if assignee else None,
                "updated_at": tx.now,
                "version": each.version + 1,
            }
        )
        redraw(tx, desk, each, each.version + 1)
        if assignee:
            given.append((each, assignee))
    change_tickets(tx.conn, rows)
    watch_claims(tx, desk, given)

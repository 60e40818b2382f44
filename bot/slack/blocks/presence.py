"""Private answers about who is there: away, back, on shift, next, and to whom a ticket went."""

from collections.abc import Sequence
from datetime import datetime

from bot.domain.desk import Desk
from bot.domain.roster import Roster
from bot.domain.shifts import next_on_shift, on_shift
from bot.slack.blocks.answers import say
from bot.slack.blocks.parts import Part, told
from bot.slack.blocks.rendered import Rendered
from bot.slack.text import one_line
from bot.usecases.assign_next import AssignedNext
from bot.usecases.away import CameBack, WentAway

_NO_SHIFTS = (
    "Nobody works by shifts here: everybody who is not away counts as there. "
    "Shifts are [shifts.NAME] tables of the settings file."
)


def gone(done: WentAway, actor: str, desk: Desk) -> Rendered:
    """What being away means, and what became of the tickets that wait."""
    they = "You are" if done.who == actor else f"{_name(done.who, desk)} is"
    until: list[Part] = [" until ", done.until] if done.until else [" until somebody says back"]
    lines: list[list[Part]] = [[f"{they} away", *until, ": no new tickets and no pings"]]
    if done.given:
        lines.append([f"{_tickets(done.given)} with a customer waiting went to others"])
    left = done.waiting - done.given
    if left:
        lines.append([f"{_tickets(left)} with a customer waiting: offered in the channel"])
    return told("Noted.", lines, desk)


def returned(done: CameBack, actor: str, desk: Desk) -> Rendered:
    """Back to work."""
    yours = done.who == actor
    name = "You" if yours else _name(done.who, desk)
    if not done.changed:
        return say(f"{name} {'were' if yours else 'was'} not away.")
    if yours:
        return say("Welcome back: new tickets and pings reach you again.")
    return say(f"{name} is back: new tickets and pings reach them again.")


def given(done: AssignedNext, desk: Desk) -> Rendered:
    """Who has the ticket now."""
    name = _name(done.who, desk)
    if done.at is None:
        return say(f"#{done.ticket.number} is with {name}, who is there now.")
    line: list[Part] = ["Their shift starts ", done.at, ". Its deadlines run on until then"]
    return told(f"#{done.ticket.number} is with {name}, who is next.", [line], desk)


def all_given(done: Sequence[AssignedNext], who: str, desk: Desk) -> Rendered:
    """Where each ticket of somebody went."""
    if not done:
        return say(f"Nothing waits for {_name(who, desk)} any more.")
    lines: list[list[Part]] = [
        [f"#{each.ticket.number}: {_name(each.who, desk)}", *_from(each.at)] for each in done
    ]
    return told(f"{_tickets(len(done))} of {_name(who, desk)} went to others.", lines, desk)


def rota(desk: Desk, roster: Roster, now: datetime) -> Rendered:
    """Who is on shift, by channel; who is next; who is away."""
    lines: list[Sequence[Part]] = []
    if roster.shifts:
        lines += [
            [f"{route.label or route.name}: ", *_staffing(roster, route.name, now)]
            for route in desk.inboxes.values()
        ]
    for who, until in roster.away.items():
        when: list[Part] = [" until ", until] if until else [""]
        lines.append([f"Away: {_name(who, desk)}", *when])
    if not roster.shifts:
        return told(_NO_SHIFTS, lines, desk)
    return told("On shift:", lines, desk)


def _staffing(roster: Roster, inbox: str, now: datetime) -> Sequence[Part]:
    on = on_shift(roster, now, inbox)
    here = [roster.name(who) for who in roster.agents if who in on and roster.is_here(who)]
    if here:
        return [", ".join(one_line(name, 60) for name in here)]
    coming = next_on_shift(roster, now, roster.agents, inbox)
    if coming is None:
        return ["nobody, and nobody is next"]
    return [f"nobody now; next is {one_line(roster.name(coming.who), 60)}, ", coming.at]


def _from(at: datetime | None) -> Sequence[Part]:
    return [" from ", at] if at is not None else []


def _tickets(count: int) -> str:
    return "1 ticket" if count == 1 else f"{count} tickets"


def _name(who: str, desk: Desk) -> str:
    return one_line(desk.roster.name(who), 60)

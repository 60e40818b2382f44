"""Private answers about who is there: away, back, on shift, next, and to whom a ticket went."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.domain.desk import Desk
from bot.domain.roster import Roster
from bot.domain.shifts import next_on_shift, on_shift
from bot.language import marked, tr, tr_many, tr_parts
from bot.language.forms import led
from bot.slack.blocks.answers import say
from bot.slack.blocks.parts import Part, told
from bot.slack.blocks.rendered import Rendered
from bot.slack.text import one_line
from bot.usecases.assign_next import AssignedNext
from bot.usecases.away import CameBack, WentAway

_NO_SHIFTS = marked(
    "Nobody works by shifts here: everybody who is not away counts as there. "
    "Shifts are [shifts.NAME] tables of the settings file."
)


def gone(done: WentAway, actor: str, desk: Desk) -> Rendered:
    """What being away means, and what became of the tickets that wait."""
    lines: list[Sequence[Part]] = [_away(done, actor, desk)]
    if done.given:
        lines.append([_given_words(done.given)])
    left = done.waiting - done.given
    if left:
        lines.append([_left_words(left)])
    return told(tr("Noted."), lines, desk)


def _away(done: WentAway, actor: str, desk: Desk) -> Sequence[Part]:
    who: Part = _name(done.who, desk)
    match done.who == actor, done.until:
        case True, None:
            return [tr("You are away until somebody says back: no new tickets and no pings")]
        case True, datetime() as until:
            return tr_parts("You are away until {time}: no new tickets and no pings", time=until)
        case False, datetime() as until:
            return tr_parts(
                "{who} is away until {time}: no new tickets and no pings", who=who, time=until
            )
        case _:
            return tr_parts(
                "{who} is away until somebody says back: no new tickets and no pings", who=who
            )


def _given_words(count: int) -> str:
    return tr_many(
        "{count} ticket with a customer waiting went to others",
        "{count} tickets with a customer waiting went to others",
        count,
    )


def _left_words(count: int) -> str:
    return tr_many(
        "{count} ticket with a customer waiting: offered in the channel",
        "{count} tickets with a customer waiting: offered in the channel",
        count,
    )


def returned(done: CameBack, actor: str, desk: Desk) -> Rendered:
    """Back to work."""
    if done.who == actor:
        if not done.changed:
            return say(tr("You were not away."))
        return say(tr("Welcome back: new tickets and pings reach you again."))
    who = _name(done.who, desk)
    if not done.changed:
        return say(tr("{who} was not away.", who=who))
    return say(tr("{who} is back: new tickets and pings reach them again.", who=who))


def given(done: AssignedNext, desk: Desk) -> Rendered:
    """Who has the ticket now."""
    number, who = done.ticket.number, _name(done.who, desk)
    if done.at is None:
        return say(tr("#{number} is with {who}, who is there now.", number=number, who=who))
    line = tr_parts("Their shift starts {time}. Its deadlines run on until then", time=done.at)
    lead = tr("#{number} is with {who}, who is next.", number=number, who=who)
    return told(lead, [line], desk)


def all_given(done: Sequence[AssignedNext], who: str, desk: Desk) -> Rendered:
    """Where each ticket of somebody went."""
    name = _name(who, desk)
    if not done:
        return say(tr("Nothing waits for {who} any more.", who=name))
    lead = tr_many(
        "{count} ticket of {who} went to others.",
        "{count} tickets of {who} went to others.",
        len(done),
        who=name,
    )
    return told(lead, [_went_to(each, desk) for each in done], desk)


def _went_to(each: AssignedNext, desk: Desk) -> Sequence[Part]:
    number, who = str(each.ticket.number), _name(each.who, desk)
    if each.at is None:
        return [led(f"#{number}") + who]
    values: Mapping[str, Part] = {"number": number, "who": who, "time": each.at}
    # For translators: who gets the ticket, and from when on they are there.
    return tr_parts("#{number}: {who} from {time}", **values)


def rota(desk: Desk, roster: Roster, now: datetime) -> Rendered:
    """Who is on shift, by channel; who is next; who is away."""
    lines: list[Sequence[Part]] = []
    if roster.shifts:
        lines += [
            _staffing(roster, route.label or route.name, route.name, now)
            for route in desk.inboxes.values()
        ]
    for who, until in roster.away.items():
        name: Part = _name(who, desk)
        if until is None:
            lines.append(tr_parts("Away: {who}", who=name))
        else:
            lines.append(tr_parts("Away: {who} until {time}", who=name, time=until))
    return told(tr("On shift:") if roster.shifts else tr(_NO_SHIFTS), lines, desk)


def _staffing(roster: Roster, place: str, inbox: str, now: datetime) -> Sequence[Part]:
    on = on_shift(roster, now, inbox)
    here = [roster.name(who) for who in roster.agents if who in on and roster.is_here(who)]
    if here:
        return [led(place) + ", ".join(one_line(name, 60) for name in here)]
    coming = next_on_shift(roster, now, roster.agents, inbox)
    if coming is None:
        return [tr("{inbox}: nobody, and nobody is next", inbox=place)]
    who = one_line(roster.name(coming.who), 60)
    values: Mapping[str, Part] = {"inbox": place, "who": who, "time": coming.at}
    return tr_parts("{inbox}: nobody now; next is {who}, {time}", **values)


def _name(who: str, desk: Desk) -> str:
    return one_line(desk.roster.name(who), 60)

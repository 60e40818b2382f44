"""Who got a ticket and why, and why others did not: for the thread, for `why`, for the console."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from bot.domain.card import EventView, TicketView
from bot.domain.desk import Desk
from bot.domain.roster import Seniority
from bot.domain.routes import LeftOut, Routing, Why
from bot.language import marked, tr, tr_parts
from bot.language.forms import joined, language_name, quoted
from bot.slack.blocks.parts import Part
from bot.slack.text import one_line
from bot.usecases.route import routing_told

_NAMED: Final = 4
"""So many people the line in a thread names; `why` names them all."""

_FOR_NOW: Final = frozenset({Why.AWAY, Why.OFF_SHIFT, Why.FULL})


def routed_line(_ticket: TicketView, event: EventView, desk: Desk) -> Sequence[Part]:
    """The line of a routing in the thread; it mentions nobody."""
    routing = routing_told(event.data)
    left_out = [each for each in routing.left_out if each.why in _FOR_NOW][:_NAMED]
    return [*outcome(routing, desk), *_others(left_out, desk)]


def routed_parts(routing: Routing, desk: Desk) -> Sequence[Part]:
    """The whole of it: which routes were asked, who got the ticket, and why nobody else did."""
    return [*outcome(routing, desk), *_others(routing.left_out, desk)]


def outcome(routing: Routing, desk: Desk) -> Iterator[Part]:
    """Who got the ticket, by which routes; or who is next."""
    by = " → ".join(map(quoted, routing.routes))
    if routing.assignee is not None:
        who = _name(routing.assignee, desk)
        if routing.previous:
            yield tr(
                "Routed to {who}, who had an earlier ticket of this customer ({routes}).",
                who=who,
                routes=by,
            )
        else:
            yield tr("Routed to {who} ({routes}).", who=who, routes=by)
        return
    yield tr("Nobody can take it now ({routes}): it stays unclaimed and its clocks run.", routes=by)
    if routing.coming is not None:
        yield " "
        coming: Mapping[str, Part] = {
            "who": _name(routing.coming.who, desk),
            "time": routing.coming.at,
        }
        yield from tr_parts("Next on shift: {who}, {time}.", **coming)


def _others(left_out: Sequence[LeftOut], desk: Desk) -> Iterator[Part]:
    if left_out:
        yield f" {joined(_reason(each, desk) for each in left_out)}."


def _reason(each: LeftOut, desk: Desk) -> str:
    who, detail = _name(each.agent, desk), one_line(each.detail, 80)
    match each.why:
        case Why.AWAY:
            return tr("{who} is away", who=who)
        case Why.OFF_SHIFT:
            return tr("{who} is off shift", who=who)
        case Why.FULL:
            load, _, most = detail.partition("/")
            return tr("{who} has enough to do ({load} of {most})", who=who, load=load, most=most)
        case Why.LANGUAGE:
            languages = ", ".join(language_name(code) for code in detail.split(", "))
            return tr("{who} does not read {languages}", who=who, languages=languages)
        case Why.SKILL:
            return tr("{who} does not do {skills}", who=who, skills=detail)
        case Why.SENIORITY:
            return tr(_NOT_SO[Seniority(detail)], who=who)


_NOT_SO: Final[Mapping[Seniority, str]] = {
    Seniority.JUNIOR: marked("{who} is not junior"),
    Seniority.SENIOR: marked("{who} is not senior"),
}


def _name(who: str, desk: Desk) -> str:
    return one_line(desk.roster.name(who), 60)

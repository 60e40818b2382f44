"""Who got a ticket and why, and why others did not: for the thread, for `why`, for the console."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from bot.domain.card import EventView, TicketView
from bot.domain.desk import Desk
from bot.domain.routes import LeftOut, Routing, Why
from bot.slack.blocks.parts import Part
from bot.slack.text import one_line
from bot.usecases.route import routing_told

_NAMED: Final = 4
"""So many people the line in a thread names; `why` names them all."""

_LANGUAGES: Final[Mapping[str, str]] = {
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "it": "Italian",
    "nl": "Dutch",
    "pl": "Polish",
    "pt": "Portuguese",
    "sv": "Swedish",
}
"""Those that marketplaces of ours sell in; any other is told by its code."""

_FOR_NOW: Final = frozenset({Why.AWAY, Why.OFF_SHIFT, Why.FULL})

_REASONS: Final[Mapping[Why, Callable[[str], str]]] = {
    Why.AWAY: lambda _: "is away",
    Why.OFF_SHIFT: lambda _: "is off shift",
    Why.FULL: lambda load: f"has enough to do ({load.replace('/', ' of ')})",
    Why.LANGUAGE: lambda languages: f"does not read {_languages(languages)}",
    Why.SKILL: lambda skills: f"does not do {skills}",
    Why.SENIORITY: lambda wanted: f"is not {wanted}",
}


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
    by = " → ".join(f"“{name}”" for name in routing.routes)
    if routing.assignee is not None:
        again = ", who had an earlier ticket of this customer" if routing.previous else ""
        yield f"Routed to {_name(routing.assignee, desk)}{again} ({by})."
        return
    yield f"Nobody can take it now ({by}): it stays unclaimed and its clocks run."
    if routing.coming is not None:
        yield f" Next on shift: {_name(routing.coming.who, desk)}, "
        yield routing.coming.at
        yield "."


def _others(left_out: Sequence[LeftOut], desk: Desk) -> Iterator[Part]:
    if left_out:
        said = "; ".join(f"{_name(each.agent, desk)} {_reason(each)}" for each in left_out)
        yield f" {said}."


def _reason(each: LeftOut) -> str:
    return _REASONS[each.why](one_line(each.detail, 80))


def _languages(codes: str) -> str:
    return ", ".join(_LANGUAGES.get(code, code.upper()) for code in codes.split(", "))


def _name(who: str, desk: Desk) -> str:
    return one_line(desk.roster.name(who), 60)

"""Why somebody is called, or is not, who has quiet hours."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from bot.domain.called import Called
from bot.domain.card import TicketView
from bot.domain.desk import Desk
from bot.domain.platforms import platform
from bot.language import marked, tr, tr_many
from bot.slack.blocks.wording import moment
from bot.slack.text import one_line
from sla_rules.vocabulary import ClockState, Scope

NAMED = 3
"""More names than that are counted."""

_LIMIT_PASSED: Final = marked(
    "Quiet hours of {names} until {until}, called all the same: {marketplace}'s limit has passed."
)
_LIMIT_ENDS: Final = marked(
    "Quiet hours of {names} until {until}, called all the same: "
    "{marketplace}'s limit ends before that."
)


def called_words(called: Called, ticket: TicketView, desk: Desk, now: datetime) -> str:
    """A sentence about quiet hours; empty where nobody has them."""
    if called.back_at is None:
        return ""
    until = moment(called.back_at, desk)
    if called.woken:
        who = _names(called.woken, desk)
        passed = any(
            clock.due_at <= now
            for clock in ticket.clocks
            if clock.scope is not Scope.INTERNAL and clock.state is ClockState.RUNNING
        )
        return tr(
            _LIMIT_PASSED if passed else _LIMIT_ENDS,
            names=who,
            until=until,
            marketplace=platform(ticket.connector),
        )
    return spared_words(called, desk)


def spared_words(called: Called, desk: Desk) -> str:
    """Who is not called, and until when; empty where everybody is."""
    if called.back_at is None or not called.spared:
        return ""
    who, until = _names(called.spared, desk), moment(called.back_at, desk)
    if called.mentioned or called.told:
        return tr("Not called: {names}, quiet hours until {until}.", names=who, until=until)
    return tr("Nobody is called: quiet hours of {names} until {until}.", names=who, until=until)


def _names(people: Sequence[str], desk: Desk) -> str:
    shown = [one_line(desk.roster.name(one), 60) for one in people[:NAMED]]
    more = len(people) - len(shown)
    names = ", ".join(shown)
    if not more:
        return names
    # For translators: people.
    return tr_many("{names} and {count} more", "{names} and {count} more", more, names=names)

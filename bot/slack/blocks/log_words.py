"""What lines of a history are made of: who did it, and what the event keeps."""

from collections.abc import Mapping
from datetime import datetime

from bot.domain.card import EventView
from bot.domain.desk import Desk
from bot.domain.reasons import said_reason
from bot.domain.ticket import CUSTOMER, DESK, PLATFORM
from bot.language import marked, tr
from bot.slack.text import one_line

_NAME = "Threadline"

_ACTORS = {
    "": _NAME,
    DESK: _NAME,
    CUSTOMER: marked("the customer"),
    PLATFORM: marked("the marketplace"),
}


def who(event: EventView, desk: Desk) -> str:
    """The name of whoever did it."""
    return named(event.actor, desk)


def named(actor: object, desk: Desk) -> str:
    """The name of an actor, a colleague or not."""
    known = _ACTORS.get(str(actor or ""))
    return tr(known) if known else one_line(desk.roster.name(str(actor)), 60)


def names_in(event: EventView, desk: Desk) -> Mapping[str, str]:
    """Everybody and the other ticket that a line of `event` may name, by the names it has for them.

    `who` did it; `agent` is whose answer or claim it is about; it went from `giver` to `taker`.
    """
    data = event.data
    return {
        "who": who(event, desk),
        "agent": named(data.get("agent") or event.actor, desk),
        "giver": named(data.get("from_agent"), desk),
        "taker": named(data.get("to_agent"), desk),
        "other": f"#{fact(event, 'other')}",
    }


def fact(event: EventView, *keys: str) -> str:
    """The first of some facts that the event keeps, in one line."""
    found = next((event.data[key] for key in keys if event.data.get(key)), "")
    return one_line(str(found), 300)


def reason_of(event: EventView) -> str:
    """Why, to stand inside a sentence: our own words translated, a platform's as they are."""
    found = next((event.data[key] for key in _REASONS if event.data.get(key)), "")
    return one_line(said_reason(str(found)), 300).rstrip(".")


_REASONS = ("reason", "error", "detail")


def instant(event: EventView, key: str) -> datetime | None:
    """An instant the event keeps."""
    value = event.data.get(key)
    return datetime.fromisoformat(value) if isinstance(value, str) else None

"""What lines of a history are made of: who did it, and what the event keeps."""

from datetime import datetime

from bot.domain.card import EventView
from bot.domain.desk import Desk
from bot.domain.ticket import CUSTOMER, DESK, PLATFORM
from bot.slack.blocks.parts import Part
from bot.slack.text import one_line

_ACTORS = {
    "": "Threadline",
    DESK: "Threadline",
    CUSTOMER: "the customer",
    PLATFORM: "the marketplace",
}


def who(event: EventView, desk: Desk) -> str:
    """The name of whoever did it."""
    return named(event.actor, desk)


def named(actor: object, desk: Desk) -> str:
    """The name of an actor, a colleague or not."""
    known = _ACTORS.get(str(actor or ""))
    return known or one_line(desk.roster.name(str(actor)), 60)


def fact(event: EventView, *keys: str) -> str:
    """The first of some facts that the event keeps, in one line."""
    found = next((event.data[key] for key in keys if event.data.get(key)), "")
    return one_line(str(found), 300)


def because(event: EventView) -> str:
    """Why, as the end of a sentence."""
    reason = fact(event, "reason", "error", "detail")
    return f": {reason.rstrip('.')}." if reason else "."


def until(event: EventView) -> Part:
    """The instant the event names."""
    value = event.data.get("until")
    return datetime.fromisoformat(value) if isinstance(value, str) else "later"

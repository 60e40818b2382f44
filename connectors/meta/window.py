"""How a message may still be sent, by how long ago the customer wrote last. Pure.

Meta's rule (Messenger Platform and Instagram Messaging policy, 2026-09): 24 hours for anything;
until 7 days a person alone may answer, with a tag, when the app has the Human Agent feature. All
other tags ended on 2026-04-27.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from connectors.contract import Json
from connectors.errors import ReplyWindowClosed
from sla_rules.vocabulary import Author

STANDARD: Final = timedelta(hours=24)
HUMAN: Final = timedelta(days=7)
PRIVATE_REPLY: Final = timedelta(days=7)
"""A comment can be answered with a private message for as long."""

GUARD: Final = timedelta(minutes=10)
"""An answer sent this near to the end of the window already carries the tag: it may arrive late."""

HUMAN_AGENT: Final = "HUMAN_AGENT"
TAG: Final = "human_agent"
"""The tag of such tickets, as the presets name it."""


def closes_at(wrote_at: datetime, *, human_agent: bool) -> datetime:
    """The instant after which Meta takes no answer of a person."""
    return wrote_at + (HUMAN if human_agent else STANDARD)


def delivery(
    age: timedelta, author: Author, *, human_agent: bool, from_ad: bool = False
) -> Mapping[str, Json]:
    """The `messaging_type`, and the tag where it has to be one.

    After an ad Meta may grant the standard window for 7 days; it knows, we do not, so it decides.

    Raises:
        ReplyWindowClosed: Meta would refuse it, or the text is not a person's.
    """
    tagged = {"messaging_type": "MESSAGE_TAG", "tag": HUMAN_AGENT}
    if age < STANDARD - GUARD:
        return {"messaging_type": "RESPONSE"}
    if human_agent and author is Author.AGENT and age < HUMAN - GUARD:
        return tagged
    if age < STANDARD or (from_ad and age < HUMAN):
        return {"messaging_type": "RESPONSE"}
    raise ReplyWindowClosed(_why(age, author, human_agent=human_agent))


def _why(age: timedelta, author: Author, *, human_agent: bool) -> str:
    if age >= HUMAN - GUARD:
        return "the customer wrote more than 7 days ago; Meta takes no answer any more"
    if human_agent and author is not Author.AGENT:
        return "after 24 h Meta takes answers of people only, and this one is automatic"
    return (
        "the customer wrote more than 24 h ago; later Meta takes an answer only from an app with "
        "the Human Agent feature (setting human_agent)"
    )

"""A customer's words without what reaches or finds a person: phones, mail addresses, streets.

It knows shapes, not meanings: a name in a sentence stays, an address written in an unusual way may
stay. Order numbers are told from phones and stay.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from bot.assist.personal import Reach, personal_places

_WORDS: Final[Mapping[Reach, str]] = {
    Reach.PHONE: "[phone]",
    Reach.EMAIL: "[e-mail]",
    Reach.ADDRESS: "[address]",
    Reach.CARD: "[card]",
}

MOST: Final = 6000
"""Characters looked at. Nothing in Slack shows more, so the rest is left out."""


def redacted(text: str, order_numbers: Sequence[str] = ()) -> str:
    """The text with a word in brackets for each thing taken out."""
    text = text[:MOST]
    for start, end, reach in reversed(personal_places(text, order_numbers)):
        text = f"{text[:start]}{_WORDS[reach]}{text[end:]}"
    return text


def short_handle(handle: str) -> str:
    """The first four characters of an address or alias, enough to tell two apart."""
    return f"{handle[:4]}\u2026" if handle else ""

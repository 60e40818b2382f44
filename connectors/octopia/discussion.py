"""A discussion as Octopia shows it: what its fields mean, wherever they are needed. Pure."""

import re
from collections.abc import Sequence
from datetime import datetime
from html import unescape
from typing import Final

from connectors.contract import Json
from connectors.fields import Fields
from connectors.mail.html import html_lines

CUSTOMER: Final = "Customer"
SELLER: Final = "Seller"
OPERATOR: Final = "GrcOperator"
AUTOMATIC: Final = "Automatic"
"""Who writes and reads (`userType`)."""

PLAIN: Final = frozenset({"", "discussion"})
"""Levels that are no claim. `Level_1` is not explained; it counts as one, never as less."""

_INSTANTS: Final = ("createdAt", "sentAt", "date")
_MARKUP: Final = re.compile(
    r"</?(?:a|b|br|div|em|font|h[1-6]|i|li|ol|p|span|strong|table|td|th|tr|u|ul)\b[^<>]{0,500}>",
    re.IGNORECASE,
)
_ENTITY: Final = re.compile(r"&(?:#\d{1,6}|#x[0-9a-f]{1,5}|[a-z]{2,8});", re.IGNORECASE)
_RECEIVERS: Final = ("eligibleReceivers", "eligibleRecipients", "receivers")


def level(discussion: Fields) -> str:
    """How far the discussion was raised, in small letters; empty where it is no claim."""
    told = discussion.text("graduation", default="").strip().lower()
    return "" if told in PLAIN else told


def is_open(discussion: Fields) -> bool:
    """Whether it still takes messages; one that does not say is taken for open."""
    return discussion.flag("isOpen", default=True)


def said_at(message: Fields) -> datetime | None:
    """When a message was written. The field's name is not documented: the likely ones are read."""
    found = (message.instant_or_none(name) for name in _INSTANTS)
    return next((at for at in found if at is not None), None)


def writer(message: Fields) -> str:
    """The `userType` of whoever wrote it; empty where it is not said."""
    return _user_type(message.value.get("sender"))


def read_by(message: Fields) -> frozenset[str]:
    """The `userType`s a message was written to; empty where it is not said."""
    told = message.value.get("receivers", message.value.get("receiver"))
    return _user_types(told if isinstance(told, list) else [told])


def may_be_answered(discussion: Fields) -> frozenset[str]:
    """The `userType`s that the next message may go to; empty where it is not said."""
    listed = (discussion.value.get(name) for name in _RECEIVERS)
    return _user_types(next((one for one in listed if isinstance(one, list)), []))


def plain(body: str) -> str:
    """The words of a body. Bodies with markup, with entities alone, and with neither are seen."""
    if _MARKUP.search(body):
        return "\n".join(line.text for line in html_lines(body, [])).strip()
    return unescape(body) if _ENTITY.search(body) else body


def is_same(one: str, other: str) -> bool:
    """Whether two bodies say the same, however either is dressed."""
    return _letters(one) == _letters(other)


def _letters(body: str) -> str:
    shown = plain(body)
    return "".join(char for char in shown if char.isalnum()) or "".join(shown.split())


def _user_types(told: Sequence[Json]) -> frozenset[str]:
    return frozenset(map(_user_type, told)) - {""}


def _user_type(told: Json) -> str:
    if isinstance(told, dict):
        told = told.get("userType")
    return told.strip() if isinstance(told, str) else ""

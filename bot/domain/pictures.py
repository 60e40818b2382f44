"""Which of a customer's files are shown in the thread: pictures, few, and of a bearable size."""

from collections.abc import Iterable, Mapping
from typing import Final

from connectors.contract import Verdict
from connectors.formats import UNTOLD, type_named

SHOWN_TYPES: Final = ("image/png", "image/jpeg", "image/gif", "image/webp")
"""What every client of Slack draws, and nothing that can hold a program."""

MOST_BYTES: Final = 8_000_000
MOST_PICTURES: Final = 5
"""Of one message. More of them would hide the conversation they belong to."""


def may_be_picture(name: str, media_type: str, size: int) -> bool:
    """By what is told of a file; its first bytes have the last word. Size 0 is not known yet."""
    kinds = {media_type.lower(), type_named(name)} - {UNTOLD}
    return size <= MOST_BYTES and bool(kinds & set(SHOWN_TYPES))


def has_pictures(verdict: str, files: Iterable[Mapping[str, str | int]]) -> bool:
    """Whether a message has any to show. What a suspect sent is not even fetched."""
    return verdict != Verdict.SUSPECT and any(
        may_be_picture(
            str(one.get("name", "")), str(one.get("media_type", "")), int(one.get("size", 0))
        )
        for one in files
    )

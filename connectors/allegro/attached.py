"""Attachments as messages tell of them, and the two places that keep them. Pure."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from connectors.contract import Attachment
from connectors.errors import Rejected
from connectors.fields import Fields
from connectors.media import media_type_of

MESSAGES: Final = "/messaging/message-attachments"
ISSUES: Final = "/sale/issues/attachments"

WITHHELD: Final = frozenset({"UNSAFE", "EXPIRED"})
"""States of a file that is not to be had, as public code knows them."""


def attachments(files: Sequence[Fields], place: str) -> tuple[Attachment, ...]:
    """What a message or an issue has attached; `ref` is empty for what is not to be had."""
    return tuple(_attachment(one, place) for one in files)


def path_of(attachment: Attachment) -> str:
    """Where to fetch a file. Raises Rejected for what names neither place."""
    place, _, name = attachment.ref.rpartition("/")
    if place not in {MESSAGES, ISSUES} or not name:
        raise Rejected(f"{attachment.name}: Allegro does not give this file")
    return attachment.ref


def _attachment(file: Fields, place: str) -> Attachment:
    name = file.text("fileName", default="") or "attachment"
    return Attachment(
        name=name,
        media_type=file.text("mimeType", default="") or media_type_of(name),
        size=0,
        ref="" if file.text("status", default="") in WITHHELD else _ref(file, place),
    )


def _ref(file: Fields, place: str) -> str:
    """The path without its host: files are asked for with the seller's token, of Allegro alone."""
    name = file.id("id", default="")
    if not name:
        try:
            before, _, name = urlsplit(file.text("url", default="")).path.rpartition("/")
        except ValueError:
            return ""
        if not before.endswith(place):
            return ""
    return f"{place}/{name}" if name and name.replace("-", "").isalnum() else ""

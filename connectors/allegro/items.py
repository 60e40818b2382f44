"""Raw items of threads: one message each, with what explains it. Pure."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from connectors.allegro.client import Edition, Row
from connectors.allegro.people import Writer, writer_of
from connectors.allegro.sweep import Opened
from connectors.contract import Json, RawItem
from connectors.errors import Malformed
from connectors.fields import Fields
from connectors.pages import arrived_at

VERIFIED_LATER: Final = "VERIFYING"
BLOCKED: Final = "BLOCKED"
"""States of a message (Allegro's issue tracker, 2023): the first one is looked at again."""

_HEAD: Final = ("id", "interlocutor", "participants", "type", "subType", "status", "orders")
_PERSON: Final = ("login", "role")
"""What a message needs of its thread; pictures of people stay away."""


def of_thread(
    thread: Row, messages: Sequence[Row], edition: Edition, floor: datetime, now: datetime
) -> Opened:
    """The thread's messages since `floor`, oldest first.

    An answer of the shop that Allegro still verifies is no answer yet: it is left for later.
    """
    head = head_of(thread)
    about: dict[str, Json] = {}
    found, waits = list[RawItem](), False
    for message in sorted((Fields(one, "message") for one in messages), key=lambda m: _at(m, now)):
        about = _about(message) or about
        sent = message.instant_or_none("createdAt")
        if sent is not None and sent < floor:
            continue
        status = message.text("status", default="") if _is_ours(message, head, edition) else ""
        if status == VERIFIED_LATER:
            waits = True
            continue
        payload: Row = {
            "thread": head,
            "message": message.value,
            "edition": str(edition),
            "about": about,
        }
        ending = ":blocked" if status == BLOCKED else ""
        found.append(raw_item(f"message:{name_of(message)}{ending}", sent, now, payload))
    return Opened(items=found, waits=waits)


def raw_item(source: str, at: datetime | None, now: datetime, payload: Row) -> RawItem:
    """An item as it is stored."""
    return RawItem(
        source_id=source,
        received_at=arrived_at(at, now),
        payload=json.dumps(payload, ensure_ascii=True).encode(),
    )


def name_of(message: Fields) -> str:
    """The message's id, or where it has none, a name made of what it says."""
    return message.id("id", default="") or digest(message.value)


def digest(value: Json) -> str:
    """A name for what has none."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def head_of(thread: Row) -> Row:
    """What messages need of their thread."""
    head: Row = {key: thread[key] for key in _HEAD if key in thread}
    partner = thread.get("interlocutor")
    if isinstance(partner, dict):
        head["interlocutor"] = _person(partner)
    people = thread.get("participants")
    if isinstance(people, list):
        head["participants"] = [_person(one) for one in people if isinstance(one, dict)]
    return head


def _person(value: Row) -> Row:
    return {key: value[key] for key in _PERSON if key in value}


def _is_ours(message: Fields, head: Row, edition: Edition) -> bool:
    try:
        return writer_of(message, Fields(head), edition) is Writer.SELLER
    except Malformed:
        return False


def _about(message: Fields) -> dict[str, Json]:
    """The order or offer a message names. Later ones of the thread are about the same."""
    relates = message.inner("relatesTo")
    named = {key: relates.inner(key).id("id", default="") for key in ("order", "offer")}
    return {key: value for key, value in named.items() if value}


def _at(message: Fields, now: datetime) -> datetime:
    return message.instant_or_none("createdAt") or now

"""Raw items: one question, answer, message or step of a claim each, with what explains it."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from connectors.contract import Json, RawItem
from connectors.fields import Fields
from connectors.pages import arrived_at

HELD: Final = frozenset({"pending"})
REFUSED: Final = frozenset({"rejected", "blocked", "moderated"})
"""States of moderation; "blocked" is Global Selling's word, "moderated" the message's own."""


def item(source: str, at: datetime | None, now: datetime, payload: Mapping[str, Json]) -> RawItem:
    """A raw item; `at` is when it happened, None where the platform does not say."""
    return RawItem(
        source_id=source,
        received_at=arrived_at(at, now),
        payload=json.dumps(dict(payload), ensure_ascii=True).encode(),
    )


def digest(*parts: str) -> str:
    """A short name for what has none of its own. Blanks do not count: they may be trimmed."""
    plain = "\n".join(" ".join(part.split()) for part in parts)
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def written_at(message: Fields) -> datetime | None:
    """When a message of a pack was written."""
    dates = message.inner("message_date")
    return (
        dates.instant_or_none("created")
        or dates.instant_or_none("received")
        or dates.instant_or_none("available")
    )


def moderation_of(message: Fields) -> tuple[str, str]:
    """What moderation makes of a message, one of "pending", "rejected", "clean", and its reason.

    A message whose own status says that it was refused is refused, whatever else it says.
    """
    judged = message.inner("message_moderation")
    if not judged.value:
        judged = message.inner("moderation")
    said = judged.text("status", default="").lower()
    reason = judged.text("reason", default="")
    own = message.text("status", default="").lower()
    if said in REFUSED or own in REFUSED:
        return "rejected", reason
    return ("pending" if said in HELD else "clean"), reason


def sellers_of(message: Fields, seller_id: str) -> frozenset[str]:
    """Who is the seller in a conversation: Global Selling has an account on each site."""
    return frozenset({seller_id, *resources_of(message, "sellers")})


def resources_of(message: Fields, name: str) -> list[str]:
    """Ids of what a message belongs to, such as its orders."""
    found = [
        one.id("id", default="")
        for one in message.each("message_resources")
        if one.text("name", default="") == name
    ]
    return [one for one in found if one]

"""Raw items: one message each, the closing of a discussion, or its becoming a claim."""

import json
from collections.abc import Sequence
from datetime import datetime

from connectors.contract import Json, RawItem
from connectors.fields import Fields
from connectors.octopia.discussion import CUSTOMER, is_open, level, said_at, writer
from connectors.pages import arrived_at

_HEAD = (
    "discussionId", "subject", "orderReference", "orderSellerId", "salesChannel", "isOpen",
    "graduation", "typologyCode", "subTypologyCode", "createdAt", "updatedAt", "status",
    "customerId",
)  # fmt: skip
"""What a message needs of its discussion."""


def of_discussion(discussion: dict[str, Json], floor: datetime, now: datetime) -> Sequence[RawItem]:
    """The discussion's messages since `floor`, oldest first, and its closing."""
    raw = Fields(discussion)
    name, head = raw.id("discussionId", default=""), _head(discussion)
    said = sorted(raw.each("messages"), key=lambda one: said_at(one) or now)
    found = []
    for number, one in enumerate(said):
        at = said_at(one)
        if at is not None and at < floor:
            continue
        known = one.id("messageId", default="") or f"{name}:{number}"
        payload: dict[str, Json] = {"discussion": head, "message": one.value}
        found.append(_item(f"message:{known}", at, now, payload))
    changed = raw.instant_or_none("updatedAt")
    if not is_open(raw) and (changed is None or changed >= floor):
        last = said[-1].id("messageId", default="") if said else ""
        found.append(
            _item(f"closed:{name}:{last}", changed, now, {"discussion": head, "closed": True})
        )
    return found


def raised(discussion: dict[str, Json], now: datetime) -> RawItem:
    """The discussion became a claim, and nobody's new message says so."""
    raw = Fields(discussion)
    name, to = raw.id("discussionId", default=""), level(raw)
    at = raw.instant_or_none("updatedAt")
    return _item(f"raised:{name}:{to}", at, now, {"discussion": _head(discussion), "raised": to})


def customer_wrote_since(discussion: dict[str, Json], since: datetime) -> bool:
    """Whether a customer's message as young as this is in the discussion."""
    return any(
        writer(one) == CUSTOMER and ((at := said_at(one)) is None or at >= since)
        for one in Fields(discussion).each("messages")
    )


def unopened(discussion_id: str, now: datetime) -> RawItem:
    """A changed discussion that Octopia shows not at all, or without messages: a person looks."""
    source = f"unopened:{discussion_id}:{now.date().isoformat()}"
    return _item(source, None, now, {"discussion": {"discussionId": discussion_id}})


def _head(discussion: dict[str, Json]) -> dict[str, Json]:
    return {key: discussion[key] for key in _HEAD if key in discussion}


def _item(source: str, at: datetime | None, now: datetime, payload: dict[str, Json]) -> RawItem:
    return RawItem(
        source_id=source,
        received_at=arrived_at(at, now),
        payload=json.dumps(payload, ensure_ascii=True).encode(),
    )

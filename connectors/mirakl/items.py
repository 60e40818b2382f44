"""Raw items: one message, incident or return each, with all that is needed to explain it."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from connectors.contract import Json, RawItem
from connectors.errors import Malformed
from connectors.fields import Fields
from connectors.mirakl.position import OpenIncident
from connectors.pages import arrived_at

_HEAD = (
    "id", "topic", "entities", "authorized_participants", "customer_organization",
    "date_updated", "metadata",
)  # fmt: skip
"""What a message needs of its thread."""

_ORDER = ("order_id", "commercial_id", "customer", "currency_iso_code", "total_price")
"""What an incident needs of its order; names and addresses of deliveries stay away."""


def changed_at(thread: Json) -> datetime | None:
    """When a thread last changed, as far as it says."""
    return Fields(thread).instant_or_none("date_updated") if isinstance(thread, dict) else None


def is_cut(thread: Json, floor: datetime) -> bool:
    """Whether messages from after `floor` are missing: a list shows only the last 100."""
    if not isinstance(thread, dict):
        return False
    raw = Fields(thread)
    messages = raw.each("messages")
    if raw.inner("metadata").number("total_count", default=0) <= len(messages):
        return False
    dates = [at for one in messages if (at := one.instant_or_none("date_created")) is not None]
    return not dates or min(dates) >= floor


def of_thread(thread: Json, floor: datetime, now: datetime) -> Sequence[RawItem]:
    """The thread's messages since `floor`, oldest first, and its "no answer needed" marks."""
    if not isinstance(thread, dict):
        return ()
    raw = Fields(thread)
    head: dict[str, Json] = {name: thread[name] for name in _HEAD if name in thread}
    name = raw.id("id", default="") or _digest(head)
    found = [
        (one.instant_or_none("date_created"), f"message:{name}:{_name(one)}", "message", one.value)
        for one in raw.each("messages")
    ]
    found += [
        (
            one.instant_or_none("date"),
            f"no_reply:{name}:{_digest(one.value)}",
            "no_reply",
            one.value,
        )
        for one in raw.each("no_store_reply_needed")
    ]
    # What has no date goes through: nobody but the reader may say that it is worthless.
    young = [one for one in found if one[0] is None or one[0] >= floor]
    young.sort(key=lambda one: one[0] or now)
    return [
        _item(source, at, now, {"thread": head, kind: value}) for at, source, kind, value in young
    ]


def incident_lines(orders: Iterable[Json]) -> Iterator[tuple[Fields, Fields]]:
    """Each order line with an open incident, and its order."""
    for order in orders:
        if not isinstance(order, dict):
            continue
        raw = Fields(order)
        for line in raw.each("order_lines"):
            if line.text("order_line_state", default="") == "INCIDENT_OPEN":
                yield raw, line


def of_incident(
    order: Fields, line: Fields, since: str, now: datetime, *, is_open: bool
) -> RawItem:
    """An incident on an order line: opened, or not open any more."""
    kept: Json = {name: order.value[name] for name in _ORDER if name in order.value}
    what = "incident" if is_open else "incident_closed"
    name = line.id("order_line_id", default="") or _digest(line.value)
    at = line.instant_or_none("last_updated_date") if is_open else now
    payload: dict[str, Json] = {what: {"order": kept, "line": line.value}}
    return _item(f"{what}:{name}:{since}", at, now, payload)


def vanished_incident(line_id: str, known: OpenIncident, now: datetime) -> RawItem:
    """An incident whose order cannot be looked up any more."""
    order, line = Fields({"order_id": known.order}), Fields({"order_line_id": line_id})
    return of_incident(order, line, known.since, now, is_open=False)


def of_return(entry: Json, now: datetime) -> RawItem | None:
    """A return in its present state; each state is an item of its own."""
    if not isinstance(entry, dict):
        return None
    raw = Fields(entry)
    kept: dict[str, Json] = {k: v for k, v in entry.items() if k != "return_address"}
    name = raw.id("id", default="") or _digest(kept)
    state = raw.text("state", default="")
    at = raw.instant_or_none("last_updated")
    return _item(f"return:{name}:{state}", at, now, {"return": kept})


def _item(source: str, at: datetime | None, now: datetime, payload: dict[str, Json]) -> RawItem:
    return RawItem(
        source_id=source,
        received_at=arrived_at(at, now),
        payload=json.dumps(payload, ensure_ascii=True).encode(),
    )


def _name(message: Fields) -> str:
    try:
        return message.id("id")
    except Malformed:
        return _digest(message.value)


def _digest(value: Json) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:24]

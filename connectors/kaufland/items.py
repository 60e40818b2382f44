"""Raw items: one message each, or the closing of a ticket, with what explains it."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from connectors.contract import Json, RawItem
from connectors.fields import Fields
from connectors.pages import arrived_at

TOGETHER: Final = timedelta(minutes=2)
"""Kaufland hangs files on the ticket; one uploaded so near to a message belongs to it."""

CLOSED: Final = frozenset(
    {"buyer_closed", "seller_closed", "both_closed", "customer_service_closed_final"}
)

_HEAD = (
    "id_ticket", "id_buyer", "status", "open_reason", "topic", "is_seller_responsible",
    "fulfillment_type", "storefront", "ts_updated_iso", "ids_order_units",
)  # fmt: skip
_UNIT = ("id_order", "id_order_unit", "status", "price", "currency", "storefront")
"""What a message needs of its ticket and of the order; mail and postal addresses stay away."""


def of_ticket(ticket: dict[str, Json], floor: datetime, now: datetime) -> Sequence[RawItem]:
    """The ticket's messages since `floor`, oldest first, and its closing."""
    raw = Fields(ticket)
    name = raw.id("id_ticket", default="")
    head: dict[str, Json] = {key: ticket[key] for key in _HEAD if key in ticket}
    head["order_units"] = [
        {key: unit.value[key] for key in _UNIT if key in unit.value}
        for unit in raw.each("order_units")
    ]
    said = sorted(raw.each("messages"), key=lambda one: _order(one, now))
    files = _files_of(raw.each("files"), said)
    found = []
    for number, one in enumerate(said):
        at = one.instant_or_none("ts_created_iso")
        if at is not None and at < floor:
            continue
        payload: dict[str, Json] = {
            "ticket": head,
            "message": one.value,
            "is_first": number == 0,
            "is_newest": number == len(said) - 1,
            "files": files.get(number, []),
        }
        found.append(_item(f"message:{_id(one, number, name)}", at, now, payload))
    closing = _closing(raw, head, said, floor, now)
    return [*found, closing] if closing else found


def unopened(ticket_id: str, now: datetime) -> RawItem:
    """A changed ticket that Kaufland refuses to show: nobody can read it, a person has to look."""
    day = now.date().isoformat()
    return _item(f"unopened:{ticket_id}:{day}", None, now, {"ticket": {"id_ticket": ticket_id}})


def storefront(ticket: dict[str, Json]) -> str:
    """The country of a ticket, in small letters; that of its first unit where it names none."""
    raw = Fields(ticket)
    told = (unit.text("storefront", default="") for unit in raw.each("order_units"))
    return next(filter(None, (raw.text("storefront", default=""), *told)), "").lower()


def _closing(
    raw: Fields, head: dict[str, Json], said: Sequence[Fields], floor: datetime, now: datetime
) -> RawItem | None:
    status = raw.text("status", default="")
    at = raw.instant_or_none("ts_updated_iso")
    if status not in CLOSED or (at is not None and at < floor):
        return None
    name = raw.id("id_ticket", default="")
    last = _id(said[-1], len(said) - 1, name) if said else ""
    return _item(f"closed:{name}:{status}:{last}", at, now, {"ticket": head, "closed": status})


def _files_of(files: Sequence[Fields], said: Sequence[Fields]) -> dict[int, list[Json]]:
    """Files by the number of the message they came with; strangers go with the first."""
    found: dict[int, list[Json]] = {}
    for file in files:
        at = file.instant_or_none("ts_created_iso")
        near = [
            (abs(at - when), number)
            for number, one in enumerate(said)
            if at is not None and (when := one.instant_or_none("ts_created_iso")) is not None
        ]
        distance, number = min(near, default=(TOGETHER, 0))
        found.setdefault(number if distance <= TOGETHER else 0, []).append(file.value)
    return found


def _item(source: str, at: datetime | None, now: datetime, payload: dict[str, Json]) -> RawItem:
    return RawItem(
        source_id=source,
        received_at=arrived_at(at, now),
        payload=json.dumps(payload, ensure_ascii=True).encode(),
    )


def _order(message: Fields, now: datetime) -> tuple[datetime, int]:
    at = message.instant_or_none("ts_created_iso")
    return at or now, message.number("id_ticket_message", default=0)


def _id(message: Fields, number: int, ticket: str) -> str:
    return message.id("id_ticket_message", default="") or f"{ticket}:{number}"

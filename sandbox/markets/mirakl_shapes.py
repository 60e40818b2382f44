"""What Mirakl writes: messages and orders as M10, M11 and OR11 show them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import BodyPartReader

from sandbox.markets.base import Said
from sla_rules.vocabulary import Author

SHOP = {"type": "SHOP", "id": "2301", "display_name": "Bottega Salici"}
OPERATOR = {"type": "OPERATOR", "display_name": "Casa Grande"}
WRITERS = {
    Author.CUSTOMER: "CUSTOMER_USER",
    Author.AGENT: "SHOP_USER",
    Author.PLATFORM: "OPERATOR_USER",
}


def instant(at: datetime) -> str:
    """As Mirakl writes them, to the millisecond."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def customer_of(thread: str) -> dict[str, str]:
    """The customer of a thread."""
    return {"type": "CUSTOMER", "id": f"c-{thread}", "display_name": "Nora Quist"}


def recipients(said: Said) -> list[str]:
    """To whom a message went."""
    usual = {Author.AGENT: ["CUSTOMER"]}
    to: list[str] = said.more.get("to", usual.get(said.author, ["SHOP"]))
    return to


def writer_of(said: Said, thread: str) -> dict[str, Any]:
    """Who wrote a message; people of organisations name theirs."""
    kind = WRITERS[said.author]
    if kind == "CUSTOMER_USER":
        return {"type": kind, "display_name": customer_of(thread)["display_name"]}
    organization = SHOP if kind == "SHOP_USER" else OPERATOR
    return {"type": kind, "display_name": "Anna Bassi", "organization_details": organization}


def message_shape(said: Said, thread: str) -> dict[str, Any]:
    """A message as M10 and M11 write it."""
    people = {"SHOP": SHOP, "OPERATOR": OPERATOR, "CUSTOMER": customer_of(thread)}
    return {
        "id": said.id,
        "body": said.text,
        "date_created": instant(said.at),
        "from": writer_of(said, thread),
        "to": [people[kind] for kind in recipients(said)],
        "attachments": said.more["attachments"],
    }


def order_shape(order: str, now: datetime) -> dict[str, Any]:
    """An order as OR11 writes it, the parts that are read."""
    placed = instant(now - timedelta(days=4))
    return {
        "order_id": order,
        "commercial_id": order.removesuffix("-A"),
        "created_date": placed,
        "customer_debited_date": placed,
        "currency_iso_code": "EUR",
        "total_price": 39.8,
        "order_state": "SHIPPED",
        "has_incident": False,
        "customer": {"customer_id": f"c-{order}", "firstname": "Nora", "lastname": "Quist"},
        "shipping_company": "Corriere Rapido",
        "shipping_tracking": "1Z0042",
        "shipping_tracking_url": "https://tracking.example/1Z0042",
        "order_lines": [
            {
                "order_line_id": f"{order}-1",
                "order_line_state": "SHIPPED",
                "product_title": "Wooden train",
                "offer_sku": "TRAIN-1",
                "quantity": 2,
                "total_price": 39.8,
                "refunds": [],
                "last_updated_date": placed,
            }
        ],
    }


def incident_shape(reason: str, now: datetime) -> dict[str, str]:
    """What an open incident makes of an order line."""
    return {
        "order_line_state": "INCIDENT_OPEN",
        "order_line_state_reason_code": "18",
        "order_line_state_reason_label": reason,
        "last_updated_date": instant(now),
    }


def is_json(part: BodyPartReader) -> bool:
    """Whether a part of a call says that it is JSON."""
    return part.headers.get("Content-Type", "").partition(";")[0] == "application/json"

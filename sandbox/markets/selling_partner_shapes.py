"""What the selling API answers, shaped as in its published models and report schemas."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sandbox.markets.base import Said

MARKETPLACES: Final = frozenset(
    {"A1F83G8C2ARO7P", "A1PA6795UKMFR9", "A13V1IB3VIYZZH", "APJ6JRA9NG5V4", "A1RKKUPIHCS9HS"}
)
ITALY: Final = "APJ6JRA9NG5V4"

SETS: Final[Mapping[str, str]] = {
    "FULFILLMENT": "fulfillment",
    "PACKAGES": "packages",
    "PROCEEDS": "proceeds",
    "PAYMENT": "payment",
}
"""Sets of `includedData` and the key of an order each one adds."""


def an_order(**changes: Any) -> dict[str, Any]:
    """An order shipped by the seller in two parcels, as the whole of it would be told."""
    return {
        "createdTime": "2026-03-04T10:15:00Z",
        "lastUpdatedTime": "2026-03-08T07:00:00Z",
        "salesChannel": {
            "channelName": "AMAZON",
            "marketplaceId": ITALY,
            "marketplaceName": "Amazon.it",
        },
        "fulfillment": {
            "fulfillmentStatus": "SHIPPED",
            "fulfilledBy": "MERCHANT",
            "fulfillmentServiceLevel": "STANDARD",
            "shipByWindow": {"latestDateTime": "2026-03-06T22:59:59Z"},
            "deliverByWindow": {
                "earliestDateTime": "2026-03-09T23:00:00Z",
                "latestDateTime": "2026-03-12T22:59:59Z",
            },
        },
        "orderItems": [an_item()],
        "packages": [a_parcel("1"), a_parcel("2", carrier="BRT", number="1Z04417720")],
        **changes,
    }


def an_item(**changes: Any) -> dict[str, Any]:
    """Two of one lamp, a gift with a note."""
    return {
        "orderItemId": "10294837465",
        "quantityOrdered": 2,
        "product": {
            "asin": "B0EXAMPLE1",
            "title": "Desk lamp, brass",
            "sellerSku": "LAMP-BRASS",
            "price": {"unitPrice": {"amount": "24.90", "currencyCode": "EUR"}},
        },
        "fulfillment": {
            "quantityFulfilled": 2,
            "quantityUnfulfilled": 0,
            "packing": {"giftOption": {"giftMessage": "Auguri, zia Pina!"}},
        },
        **changes,
    }


def a_parcel(reference: str, *, carrier: str = "GLS", number: str = "GE-20077") -> dict[str, Any]:
    """A parcel on its way."""
    return {
        "packageReferenceId": reference,
        "createdTime": "2026-03-06T09:00:00Z",
        "shipTime": "2026-03-06T16:30:00Z",
        "packageStatus": {"status": "IN_TRANSIT"},
        "carrier": carrier,
        "trackingNumber": number,
        "packageItems": [{"orderItemId": "10294837465", "quantity": 1}],
    }


def order_page(order_id: str, order: Mapping[str, Any], included: frozenset[str]) -> dict[str, Any]:
    """The order with the sets asked for, and no others."""
    hidden = {key for name, key in SETS.items() if name not in included}
    told = {key: value for key, value in order.items() if key not in hidden}
    items = [_item(item, included) for item in told.get("orderItems", [])]
    return {"orderId": order_id, **told, "orderItems": items}


def _item(item: Mapping[str, Any], included: frozenset[str]) -> dict[str, Any]:
    wanted = {"cancellation": "CANCELLATION", "fulfillment": "FULFILLMENT"}
    return {key: v for key, v in item.items() if wanted.get(key, "") in {"", *included}}


HEADING: Final = (
    "Data", "Valutazione", "Commenti", "Risposta", "Consegnato in tempo", "Conforme",
    "Servizio clienti", "ID ordine", "E-mail del valutatore",
)  # fmt: skip


def feedback_table(feedback: Sequence[Said], responses: Mapping[str, str]) -> bytes:
    """GET_SELLER_FEEDBACK_DATA as an Italian seller gets it: nine columns, strokes in dates."""
    lines = ["\t".join(HEADING)]
    for said in feedback:
        rater = f"b{said.id[-7:]}@marketplace.amazon.it"
        cells = (
            f"{said.at:%d/%m/%y}",
            str(said.more.get("rating", 1)),
            _cell(said.text),
            _cell(responses.get(said.id, "")),
            *("Yes", "No", ""),
            said.id,
            rater,
        )
        lines.append("\t".join(cells))
    return ("\r\n".join(lines) + "\r\n").encode()


def _cell(text: str) -> str:
    return " ".join(text.split())


TARGETS: Final[Mapping[str, tuple[float, str]]] = {
    "orderDefectRate": (0.01, "LESS_THAN"),
    "lateShipmentRate": (0.04, "LESS_THAN"),
    "prefulfillmentCancelRate": (0.025, "LESS_THAN"),
    "validTrackingRate": (0.95, "GREATER_THAN"),
}
GOOD: Final[Mapping[str, float]] = {
    "orderDefectRate": 0.002,
    "lateShipmentRate": 0.01,
    "prefulfillmentCancelRate": 0.004,
    "validTrackingRate": 0.991,
}


def a_performance_report(
    statuses: Mapping[str, str], rates: Mapping[str, float], warnings: Mapping[str, str]
) -> dict[str, Any]:
    """GET_V2_SELLER_PERFORMANCE_REPORT of a seller in Italy."""
    told = {**GOOD, **rates}
    metrics: dict[str, Any] = {name: _metric(name, told[name]) for name in TARGETS}
    metrics["orderDefectRate"] = {
        "mfn": {**_metric("orderDefectRate", told["orderDefectRate"]), "fulfillmentType": "mfn"},
        "afn": {**_metric("orderDefectRate", 0.0), "fulfillmentType": "afn", "orderCount": 0},
    }
    states = [{"warningType": name, "status": status} for name, status in warnings.items()]
    status = {ITALY: "NORMAL", **statuses}
    return {
        "accountStatuses": [{"marketplaceId": one, "status": said} for one, said in status.items()],
        "performanceMetrics": [{"marketplaceId": ITALY, **metrics, "warningStates": states}],
    }


def _metric(name: str, rate: float) -> dict[str, Any]:
    target, condition = TARGETS[name]
    good = rate < target if condition == "LESS_THAN" else rate > target
    return {
        "reportingDateRange": {
            "reportingDateFrom": "2026-02-01T00:00Z",
            "reportingDateTo": "2026-03-02T23:59Z",
        },
        "orderCount": 1843,
        "status": "GOOD" if good else "BAD",
        "rate": rate,
        "targetValue": target,
        "targetCondition": condition,
    }

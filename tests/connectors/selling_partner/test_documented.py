"""What we ask and what the fake answers, held against Amazon's published model of Orders.

THREADLINE_SPECS names a folder with `amazon/orders_2026-01-01.json`; without it these are skipped.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator

from connectors.fields import Fields
from connectors.selling_partner.client import INCLUDED, ORDERS
from connectors.selling_partner.operations import GET_ORDER
from connectors.selling_partner.orders import order_of
from sandbox.markets.selling_partner import INCLUDED as KNOWN
from sandbox.markets.selling_partner_shapes import an_item, an_order, order_page
from tests.connectors.selling_partner.bench import ORDER, access

SPECS = os.environ.get("THREADLINE_SPECS")
pytestmark = pytest.mark.skipif(SPECS is None, reason="THREADLINE_SPECS names no folder")


def model() -> Any:
    path = Path(SPECS or "") / "amazon" / "orders_2026-01-01.json"
    return json.loads(path.read_text(encoding="utf-8"))


def errors(definition: str, told: Any) -> list[str]:
    schema = {"$ref": f"#/definitions/{definition}", "definitions": model()["definitions"]}
    return [one.message for one in Draft4Validator(schema).iter_errors(told)]


def operation() -> Any:
    return model()["paths"][f"{ORDERS}/{{orderId}}"]["get"]


def test_the_sets_we_ask_for_are_documented_and_the_fake_knows_all_of_them() -> None:
    parameter = next(one for one in operation()["parameters"] if one["name"] == "includedData")
    documented = set(parameter["items"]["enum"])
    assert set(INCLUDED) <= documented
    assert set(KNOWN) == documented
    # Comma-separated is what Swagger 2.0 means where a list says nothing else.
    assert parameter.get("collectionFormat", "csv") == "csv"


def test_the_rate_is_the_documented_one() -> None:
    row = f"| {GET_ORDER.per_second:g} | {GET_ORDER.burst} |"
    assert row in operation()["description"]


async def test_the_fakes_orders_fit_the_model() -> None:
    cancelled = {"cancellationRequest": {"requester": "BUYER", "cancelReason": "twice"}}
    for order in (an_order(), an_order(orderItems=[an_item(cancellation=cancelled)])):
        told = {"order": order_page(ORDER, order, frozenset(INCLUDED))}
        assert errors("GetOrderResponse", told) == []


async def test_the_fakes_refusals_fit_the_model() -> None:
    async with access() as a:
        for response in (a.market.refused(), a.market.throttled(7), a.market.problem(500, "x")):
            assert errors("ErrorList", json.loads(response.text or "")) == []
            assert str(response.status) in operation()["responses"]


def test_every_published_example_is_understood_without_a_persons_data() -> None:
    examples = operation()["responses"]["200"]["x-amzn-api-sandbox"]["static"]
    assert examples
    for one in examples:
        told = one["response"]["order"]
        found = order_of(Fields(told))
        assert found.order_id == told["orderId"]
        assert found.items
        assert found.url is not None
        shown = repr(found)
        for hidden in (told.get("buyer", {}), told.get("recipient", {}).get("deliveryAddress", {})):
            private = [hidden.get(key) for key in ("buyerName", "buyerEmail", "name", "phone")]
            assert not [value for value in private if value and value in shown]

"""A platform's JSON, read field by field."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.errors import Malformed
from connectors.fields import Fields

AT = datetime(2026, 3, 10, 8, 30, tzinfo=UTC)


def fields(**values: Any) -> Fields:
    return Fields.of(json.dumps(values).encode())


@pytest.mark.parametrize(
    "told",
    [
        "2026-03-10T08:30:00Z",
        "2026-03-10T09:30:00+01:00",
        "2026-03-10T08:30:00",
        "2026-03-10T08:30:00.000Z",
        1773131400,
        1773131400000,
        "01773131400",
    ],
)
def test_invariant_12_every_way_to_write_an_instant_ends_in_utc(told: object) -> None:
    found = fields(at=told).instant("at")
    assert found == AT
    assert found.tzinfo is UTC


@pytest.mark.parametrize("told", [None, "", "soon", True, [], {}, 10**30, "9" * 39, float("inf")])
def test_what_is_no_instant_is_malformed_at_its_place(told: object) -> None:
    with pytest.raises(Malformed, match=r"^at: ") as error:
        fields(at=told).instant("at")
    assert error.value.pointer == "at"


def test_long_ids_stay_what_they_are() -> None:
    assert fields(id=9007199254740993).id("id") == "9007199254740993"
    assert fields(id=" a-1 ").id("id") == "a-1"


@pytest.mark.parametrize("told", [1.0, True, "", None, [1]])
def test_what_is_no_id_is_not_made_one(told: object) -> None:
    with pytest.raises(Malformed, match="an id"):
        fields(id=told).id("id")


@pytest.mark.parametrize("told", ["39.80", 39.8])
def test_an_amount_is_exact(told: object) -> None:
    assert fields(total=told).amount("total") == Decimal("39.8")


@pytest.mark.parametrize("told", ["NaN", "Infinity", "12,50", True, None, "x"])
def test_what_is_no_amount_is_not_guessed(told: object) -> None:
    with pytest.raises(Malformed, match="amount"):
        fields(total=told).amount("total")
    assert fields(total=told).amount("total", Decimal(0)) == 0


def test_a_default_stands_for_what_is_missing_or_odd() -> None:
    odd = fields(text=7, count="x", yes="true", list={"a": 1}, inner=[1])
    assert odd.text("text", default="") == ""
    assert odd.number("count", default=1) == 1
    assert odd.flag("yes") is False
    assert odd.each("list") == []
    assert odd.texts("list") == []
    assert odd.inner("inner").text("name", default="?") == "?"


def test_a_path_leads_to_what_is_wrong() -> None:
    order = fields(orders=[{"items": [{"sku": "a"}, "odd", {"sku": 3}]}]).each("orders")[0]
    with pytest.raises(Malformed) as error:
        order.each("items")[1].text("sku")
    assert error.value.pointer == "orders.0.items.2.sku"


def test_text_loses_what_databases_refuse() -> None:
    assert Fields.of(b'{"text": "a\\u0000b\\ud800c"}').text("text") == "abc"


@pytest.mark.parametrize("payload", [b"", b"[]", b"null", b"\xff", b"[" * 50_000, b'"x"'])
def test_invariant_11_what_is_no_object_is_malformed_and_not_repeated(payload: bytes) -> None:
    with pytest.raises(Malformed) as error:
        Fields.of(payload)
    assert error.value.__context__ is None

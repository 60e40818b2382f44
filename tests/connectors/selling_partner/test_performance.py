"""The performance report: what crosses a limit, and keys that Amazon names two ways."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.selling_partner.performance import LIMITS, parse_performance
from sandbox.markets.selling_partner_shapes import ITALY, a_performance_report
from tests.connectors.spoilt_items import strange_values


def troubles(told: Any) -> dict[str, str]:
    found = parse_performance(json.dumps(told).encode())
    assert found is not None
    return {one.key: one.words for one in found}


def report(
    rates: dict[str, float] | None = None,
    *,
    statuses: dict[str, str] | None = None,
    warnings: dict[str, str] | None = None,
) -> dict[str, Any]:
    return a_performance_report(statuses or {}, rates or {}, warnings or {})


def test_an_account_in_order_has_no_troubles() -> None:
    assert troubles(report()) == {}


@pytest.mark.parametrize(
    ("metric", "good", "crossed", "words"),
    [
        ("orderDefectRate", 0.0099, 0.01, "is 1 %; Amazon wants below 1 %"),
        ("lateShipmentRate", 0.0399, 0.041, "is 4.1 %; Amazon wants below 4 %"),
        ("prefulfillmentCancelRate", 0.0249, 0.03, "is 3 %; Amazon wants below 2.5 %"),
        ("validTrackingRate", 0.9501, 0.9499, "is 94.99 %; Amazon wants above 95 %"),
    ],
)
def test_each_limit_is_crossed_where_amazon_says(
    metric: str, good: float, crossed: float, words: str
) -> None:
    assert troubles(report({metric: good})) == {}
    (said,) = troubles(report({metric: crossed})).values()
    assert said.startswith("IT: ")
    assert said.endswith(words)
    assert metric in LIMITS


def test_a_metric_without_orders_says_nothing() -> None:
    told = report()
    told["performanceMetrics"][0]["validTrackingRate"] |= {"rate": 0.0, "orderCount": 0}
    assert troubles(told) == {}


def test_an_account_at_risk_and_one_suspended_are_named_by_country() -> None:
    told = report(statuses={ITALY: "AT_RISK", "A1PA6795UKMFR9": "SUSPENDED"})
    assert list(troubles(told).values()) == [
        "IT: the account is at risk",
        "DE: the account is suspended",
    ]


@pytest.mark.parametrize("name", ["warningState", "warningStates"])
def test_a_warning_is_read_under_either_name_and_wherever_it_stands(name: str) -> None:
    state = {"warningType": "spammingSellerMessaging", "status": "BAD"}
    inside = report()
    del inside["performanceMetrics"][0]["warningStates"]
    inside["performanceMetrics"][0][name] = [state]
    outside = {**report(), name: [{**state, "marketplaceId": ITALY}]}
    single = {**report(), name: state}
    for told in (inside, outside, single):
        (said,) = troubles(told).values()
        assert said.endswith("Amazon warns: spammingSellerMessaging is BAD")
    assert troubles({**report(), name: [{**state, "status": "GOOD"}]}) == {}


def test_metrics_of_one_marketplace_may_come_without_a_list() -> None:
    told = report({"lateShipmentRate": 0.2})
    told["performanceMetrics"] = told["performanceMetrics"][0]
    assert len(troubles(told)) == 1


def test_the_key_is_the_same_for_as_long_as_the_trouble_is() -> None:
    assert set(troubles(report({"lateShipmentRate": 0.05}))) == set(
        troubles(report({"lateShipmentRate": 0.06}))
    )


@pytest.mark.parametrize("content", [b"", b"[]", b"null", b"{}", b"<html>", b"[" * 5000])
def test_what_is_no_such_report_is_told_apart(content: bytes) -> None:
    assert parse_performance(content) is None


def places(tree: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    entries = (
        tree.items()
        if isinstance(tree, dict)
        else enumerate(tree)
        if isinstance(tree, list)
        else ()
    )
    return [at, *(place for key, one in entries for place in places(one, (*at, key)))]


def spoilt(tree: Any, at: tuple[Any, ...], new: Any) -> Any:
    if not at:
        return new
    copy = dict(tree) if isinstance(tree, dict) else list(tree)
    copy[at[0]] = spoilt(tree[at[0]], at[1:], new)
    return copy


WHOLE = report({"lateShipmentRate": 0.2}, statuses={ITALY: "AT_RISK"}, warnings={"x": "BAD"})


@settings(max_examples=25, deadline=None)
@given(at=st.sampled_from(places(WHOLE)), new=strange_values)
def test_a_spoilt_report_is_read_as_far_as_it_can_be(at: tuple[Any, ...], new: Any) -> None:
    for one in parse_performance(json.dumps(spoilt(WHOLE, at, new)).encode()) or ():
        assert one.key
        assert one.words

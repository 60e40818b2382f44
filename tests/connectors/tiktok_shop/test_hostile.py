"""Whatever a payload holds: a message, or Malformed, and nothing else."""

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.contract import RawItem
from connectors.errors import Malformed
from connectors.testing.virtual_time import START
from connectors.tiktok_shop.contents import read_content
from connectors.tiktok_shop.normalise import explain
from tests.connectors.tiktok_shop.stand import SPEC

FIXTURES = sorted((SPEC.folder / "fixtures").glob("*.json"))
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
ODD = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3), max_leaves=6
)  # fmt: skip
TYPES = st.sampled_from(["TEXT", "IMAGE", "VIDEO", "ORDER_CARD", "COUPON_CARD", "EMOTICONS", "?"])
KEYS = st.sampled_from(["content", "url", "duration", "format", "size", "order_id", "product_id"])


def spoilt(tree: Any, where: list[int], odd: Any) -> Any:
    """The tree with one value, found by `where`, in place of which stands something odd."""
    if not isinstance(tree, dict | list) or not tree or not where:
        return odd
    keys = list(tree) if isinstance(tree, dict) else list(range(len(tree)))
    key = keys[where[0] % len(keys)]
    copy = dict(tree) if isinstance(tree, dict) else list(tree)
    copy[key] = spoilt(copy[key], where[1:], odd)
    return copy


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(FIXTURES), st.lists(st.integers(0, 50), min_size=1, max_size=4), ODD)
def test_invariant_1_a_spoilt_item_is_understood_or_malformed(path, where, odd):
    payload = json.dumps(spoilt(json.loads(path.read_text(encoding="utf-8")), where, odd)).encode()
    item = RawItem(source_id="x", received_at=START, payload=payload)
    try:
        message = explain(item, {"CUSTOMER_SERVICE"})
    except Malformed:
        return
    assert message.external_id
    assert message.sent_at <= item.received_at


@settings(max_examples=80, deadline=None)
@given(TYPES, st.dictionaries(KEYS, ODD, max_size=4) | st.text(max_size=20))
def test_any_content_becomes_words(kind, content):
    raw = content if isinstance(content, str) else json.dumps(content)
    assert isinstance(read_content(kind, raw).text, str)

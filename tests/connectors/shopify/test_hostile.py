"""Whatever an item holds: understood, or Malformed with the place; nothing else."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.contract import RawItem
from connectors.testing.bench import understood
from tests.connectors.shopify.bench import ShopBench, reader

CONNECTOR = reader()
FIXTURES = ShopBench().raw_fixtures()
CLAIMS = sorted(name for name in FIXTURES if name.endswith(".json"))
MAILS = sorted(name for name in FIXTURES if name.endswith(".eml"))

odd = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    entries = value.items() if isinstance(value, dict) else enumerate(value)
    found = []
    for key, one in entries:
        found.append((*at, key))
        if isinstance(one, dict | list):
            found += places(one, (*at, key))
    return found


def spoilt(tree: Any, path: tuple[Any, ...], new: Any) -> Any:
    copy = dict(tree) if isinstance(tree, dict) else list(tree)
    copy[path[0]] = spoilt(tree[path[0]], path[1:], new) if path[1:] else new
    return copy


@settings(max_examples=150, deadline=None)
@given(name=st.sampled_from(CLAIMS), data=st.data(), new=odd)
def test_a_spoilt_claim_is_understood_or_malformed(
    name: str, data: st.DataObject, new: Any
) -> None:
    tree = json.loads(FIXTURES[name].payload)
    path = data.draw(st.sampled_from(places(tree)))
    payload = json.dumps(spoilt(tree, path, new)).encode()
    item = FIXTURES[name]
    found = understood(
        CONNECTOR, RawItem(source_id="x", received_at=item.received_at, payload=payload)
    )
    if found is not None:
        assert found.sent_at <= item.received_at


@settings(max_examples=100, deadline=None)
@given(name=st.sampled_from(MAILS), at=st.integers(0, 3000), junk=st.binary(max_size=40))
def test_a_spoilt_mail_is_always_understood(name: str, at: int, junk: bytes) -> None:
    item = FIXTURES[name]
    payload = item.payload[:at] + junk + item.payload[at + len(junk) :]
    if not payload.startswith(b"{"):
        found = CONNECTOR.normalise(
            RawItem(source_id="x", received_at=item.received_at, payload=payload)
        )
        assert found.reason

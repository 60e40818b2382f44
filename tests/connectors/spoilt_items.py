"""Fixtures spoilt in ways no author thinks of, for the tests of a channel's `normalise`."""

import json
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from connectors.contract import RawItem

strange_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


@st.composite
def spoilt_items(draw: st.DrawFn, fixtures: dict[str, RawItem]) -> RawItem:
    """One of the JSON fixtures with one value replaced by another."""
    item = fixtures[draw(st.sampled_from(sorted(fixtures)))]
    tree = json.loads(item.payload)
    broken = _with(tree, draw(st.sampled_from(_places(tree))), draw(strange_values))
    return replace(item, payload=json.dumps(broken).encode())


def _places(tree: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(tree, dict):
        entries: list[tuple[Any, Any]] = list(tree.items())
    else:
        entries = list(enumerate(tree)) if isinstance(tree, list) else []
    return [at, *(place for key, one in entries for place in _places(one, (*at, key)))]


def _with(tree: Any, at: tuple[Any, ...], new: Any) -> Any:
    if not at:
        return new
    copy = dict(tree) if isinstance(tree, dict) else list(tree)
    copy[at[0]] = _with(tree[at[0]], at[1:], new)
    return copy

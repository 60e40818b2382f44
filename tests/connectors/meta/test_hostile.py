"""Whatever Meta, or somebody in its name, sends: understood or Malformed, and nothing else."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.contract import RawItem
from connectors.errors import Malformed
from tests.connectors.meta.worlds import BENCHES, CHANNELS

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
WORDS = st.text(max_size=40) | st.sampled_from(
    ["\x00", "\ud800", "<!channel>", "2026-13-45", "1" * 500, "https://evil.example"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)


def fixtures(channel: str) -> list[Any]:
    folder = Path(__file__).parents[3] / "connectors" / channel / "fixtures"
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]


@st.composite
def mutated(draw: st.DrawFn, channel: str) -> Any:
    tree = draw(st.sampled_from(fixtures(channel)))
    return _changed(draw, json.loads(json.dumps(tree)))


def _changed(draw: st.DrawFn, value: Any) -> Any:
    keys = (
        list(value)
        if isinstance(value, dict)
        else list(range(len(value)))
        if isinstance(value, list)
        else []
    )
    if not keys or draw(st.integers(0, 3)) == 0:
        return draw(VALUES)
    key = draw(st.sampled_from(keys))
    value[key] = _changed(draw, value[key])
    return value


@pytest.mark.parametrize("channel", CHANNELS)
def test_invariant_1_a_mutated_item_is_understood_or_malformed(channel):
    connector = BENCHES[channel]({}).asleep()

    @settings(max_examples=150, deadline=None)
    @given(tree=mutated(channel))
    def survives(tree: Any) -> None:
        item = RawItem(source_id="x", received_at=NOW, payload=json.dumps(tree).encode())
        try:
            message = connector.normalise(item)
        except Malformed:
            return
        assert message.external_id
        assert message.sent_at <= NOW
        assert not {"\x00", "\ud800"} & set(message.text + message.subject + message.sender_name)

    survives()

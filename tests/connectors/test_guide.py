"""The guide for authors shows the example connector as it is."""

import re
import textwrap

import pytest

from tests.architecture.sources import ROOT

GUIDE = (ROOT / "docs" / "write-a-connector.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(?:python|toml)\n(.*?)```", GUIDE, re.DOTALL)
EXAMPLE = [
    path.read_text(encoding="utf-8")
    for path in (*(ROOT / "sandbox" / "toy").glob("*.*"), ROOT / "sandbox" / "markets" / "toy.py")
]


def test_the_guide_shows_code() -> None:
    assert len(BLOCKS) > 6


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: textwrap.shorten(block, 40))
def test_every_block_of_the_guide_stands_in_the_example(block: str) -> None:
    assert any(block in text for text in EXAMPLE)


def test_the_guide_names_every_rule_of_the_suite() -> None:
    table = GUIDE[GUIDE.index("## The rules, by number") :]
    named: set[int] = set()
    for first, last in re.findall(r"\b(\d\d)(?: to (\d\d))?\b", table):
        named |= set(range(int(first), int(last or first) + 1))

    assert named == set(range(1, 44))

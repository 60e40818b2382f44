"""Whatever the docs say cannot happen here is held by a test that is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_NAMED = re.findall(
    r"`(tests/[\w/]+\.py)::(\w+)`", (ROOT / "docs/operations.md").read_text(encoding="utf-8")
)


@pytest.mark.parametrize(("path", "name"), _NAMED)
def test_a_test_that_the_docs_name_is_there(path: str, name: str) -> None:
    source = (ROOT / path).read_text(encoding="utf-8")

    assert re.search(rf"^(async )?def {name}\(", source, re.MULTILINE)


def test_the_docs_name_one_for_each_of_the_twenty_five() -> None:
    assert len(_NAMED) == 25

"""Every control of the threat model names a test that exists, and every chapter has its row."""

import re

import pytest

from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "threat-model.md").read_text("utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[^`]+)`", PAGE)))
CHAPTERS = range(1, 18)


@pytest.mark.parametrize("test", NAMED)
def test_a_test_named_by_the_threat_model_exists(test: str) -> None:
    file, _, function = test.partition("::")

    assert (ROOT / file).exists()
    if function:
        assert re.search(
            rf"^(?:async )?def {function}\(", (ROOT / file).read_text("utf-8"), re.MULTILINE
        )


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_chapter_has_a_row(chapter: int) -> None:
    assert re.search(rf"^\| (?:V\d+, )?V{chapter}(?: \w[^|]*|, V\d+ )?\|", PAGE, re.MULTILINE)

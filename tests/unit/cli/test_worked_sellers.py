"""The sellers of docs/rules.md: what the page promises is what the rules do."""

import re
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT
from tests.unit.cli.desk import threadline
from tests.unit.settings.files import GOOD, write

PAGE = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```toml (\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = BLOCK.findall(PAGE)
SELLERS = [text for kind, text in BLOCKS if kind == "seller"]
EXPECTED = [text for kind, text in BLOCKS if kind == "expected"]


def test_three_sellers_each_with_what_is_expected_of_them() -> None:
    assert [kind for kind, _ in BLOCKS] == ["seller", "expected"] * 3


@pytest.mark.parametrize(("settings", "expected"), list(zip(SELLERS, EXPECTED, strict=True)))
def test_a_worked_sellers_rules_do_what_the_page_says(
    tmp_path: Path, settings: str, expected: str
) -> None:
    (tmp_path / "threadline.toml").write_text(settings, encoding="utf-8")
    file = tmp_path / "expected.toml"
    file.write_text(expected, encoding="utf-8")

    said = threadline(tmp_path, "rules", "test", str(file))

    assert said.code == 0, said.out + said.err
    assert f"All {expected.count('[[expect]]')} expectations hold." in said.out


def test_the_first_rule_of_the_page_is_one_that_works(tmp_path: Path) -> None:
    (example,) = re.findall(r"^```toml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    write(tmp_path, GOOD + example)
    file = tmp_path / "expected.toml"
    file.write_text(
        '[[expect]]\ninbox = "shop"\nstage = "pre_sale"\n'
        "received = 2026-12-01T10:00:00\ndue = 2026-12-01T10:30:00\n"
        'policy = "website.before_order"\n',
        encoding="utf-8",
    )

    said = threadline(tmp_path, "rules", "test", str(file))

    assert said.code == 0, said.out + said.err

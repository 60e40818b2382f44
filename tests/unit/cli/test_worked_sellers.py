"""The sellers of docs/rules.md: what the page promises is what the rules do."""

import re
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT
from tests.unit.cli.desk import threadline
from tests.unit.settings.files import GOOD, inbox, write

PAGE = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```toml (\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = BLOCK.findall(PAGE)
EXAMPLES = re.findall(r"^```toml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
LADDERS = [text for text in EXAMPLES if text.startswith("ladder")]
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


def test_the_rules_and_the_calendar_before_the_sellers_are_ones_that_work(tmp_path: Path) -> None:
    examples = [text for text in EXAMPLES if text.startswith("[")]
    assert len(examples) == 3
    write(tmp_path, GOOD + inbox(name="outlet").replace('"milan"', '"outlet"') + "".join(examples))
    file = tmp_path / "expected.toml"
    file.write_text(
        '[[expect]]\ninbox = "shop"\nstage = "pre_sale"\n'
        "received = 2026-12-01T10:00:00\ndue = 2026-12-01T10:30:00\n"
        'policy = "website.before_order"\n'
        '[[expect]]\ninbox = "shop"\ntopic = "return"\norder_value = 100\n'
        "received = 2027-01-05T10:00:00\ndue = 2027-01-05T11:00:00\n"
        'policy = "website.big_return_in_january"\n'
        # Closed on the 14th, which is the outlet's own; open on a Saturday, and in the base's hours.
        '[[expect]]\ninbox = "outlet"\nstage = "pre_sale"\n'
        "received = 2026-08-13T17:45:00\ndue = 2026-08-15T10:15:00\n",
        encoding="utf-8",
    )

    said = threadline(tmp_path, "rules", "test", str(file))

    assert said.code == 0, said.out + said.err


def test_the_ladders_of_the_page_are_ones_that_work(tmp_path: Path) -> None:
    rule = next(text for text in EXAMPLES if text.startswith("[[policies]]"))
    assert len(LADDERS) == 2
    for ladder in LADDERS:
        write(tmp_path, GOOD + rule + ladder)

        said = threadline(tmp_path, "check", MAIL_PASSWORD="x")

        assert said.code == 0, said.out + said.err

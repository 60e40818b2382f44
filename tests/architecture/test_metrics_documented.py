"""Every figure of a report is defined on its page, completely, and nothing else is."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Final

import pytest

from bot.db.tables.figures import feedback, ticket_figure, wait_figure
from bot.domain.figures import MissCause
from bot.reports.metrics import METRICS, SMALL_SAMPLE, STATISTICS, Metric, Unit
from bot.reports.question import Dimension
from bot.reports.report import Reconciled
from tests.architecture.sources import ROOT

PAGE: Final = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
OWN: Final = re.sub(r"(?s)<!-- health: begin -->.*<!-- health: end -->", "", PAGE)
"""The page without the marketplaces' own figures, which stand between two marks."""

UNITS: Final[Mapping[Unit, str]] = {
    Unit.COUNT: "number of ",
    Unit.SECONDS: "seconds;",
    Unit.WORKED_SECONDS: "seconds of shop hours;",
    Unit.SHARE: "share",
    Unit.SCORE: "score:",
    Unit.PER_HOUR: "per hour ",
    Unit.MONEY: "money",
}
LINES: Final = ("Formula", "Unit", "Better", "Left out", "Example", "Rows")


def _sections() -> Iterator[tuple[str, str, str]]:
    """Key, name and text of every figure on the page."""
    for section in re.split(r"(?m)^#{2,3} ", OWN)[1:]:
        head, _, text = section.partition("\n")
        if (named := re.fullmatch(r"`(\w+)`: (.+)", head)) is not None:
            yield named[1], named[2], text


SECTIONS: Final = {key: (name, text) for key, name, text in _sections()}


def _line(metric: Metric, what: str) -> str:
    found = re.findall(rf"(?m)^- \*\*{what}:\*\* (.+)$", SECTIONS[metric.key][1])
    assert len(found) == 1, f"{metric.key} has {len(found)} lines for {what}"
    return str(found[0])


def test_the_page_defines_the_figures_that_there_are_in_their_order() -> None:
    assert list(SECTIONS) == [each.key for each in METRICS]


@pytest.mark.parametrize("metric", METRICS, ids=lambda each: each.key)
def test_every_figure_is_defined_completely(metric: Metric) -> None:
    name, text = SECTIONS[metric.key]
    lines = {what: _line(metric, what) for what in LINES}

    assert name == metric.name
    assert lines["Unit"].startswith(UNITS[metric.unit])
    assert ("median, mean and p90" in lines["Unit"]) is metric.spread
    assert lines["Better"] == metric.better
    assert re.search(r"\d", lines["Example"])
    assert text.strip()[0].isupper()


def test_the_columns_that_figures_are_made_from_are_there() -> None:
    tables = {each.name: each for each in (ticket_figure, wait_figure, feedback)}
    named = re.findall(r"`(\w+_figure|feedback)\.(\w+)`", OWN)

    assert named
    assert [f"{table}.{column}" for table, column in named if column not in tables[table].c] == []


@pytest.mark.parametrize(
    "word",
    [*Dimension, *MissCause, *STATISTICS, *(each.name for each in fields(Reconciled))],
)
def test_every_word_of_a_report_is_explained(word: str) -> None:
    assert re.search(rf"`{word}`|\*{word}\*", OWN)


def test_the_page_tells_what_a_small_sample_is() -> None:
    assert f"fewer than {SMALL_SAMPLE} cases" in PAGE
    assert PAGE.count("<!-- health: begin -->") == PAGE.count("<!-- health: end -->") == 1

"""A line of marketplace health in words: the value, the threshold, what is left, how it moved."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.language import Language, speaking
from bot.reports.health.lines import Certainty, Direction, HealthLine, Measure, Origin, Point, Sort
from bot.reports.health.standards import STANDARDS
from bot.reports.health.words import (
    health_name,
    health_words,
    origin_words,
    place_name,
    room_words,
    threshold_words,
    trend_words,
    value_words,
)
from connectors.report_files.formats import Format
from tests.architecture.sources import ROOT

LINE = HealthLine(
    inbox="amazon-it",
    label="Amazon IT",
    platform="amazon",
    marketplace="it",
    measure=Measure.LATE_SHIPMENT,
    sort=Sort.MISSES,
    origin=Origin.IMPORT,
    value=3 / 412,
    counted=3,
    out_of=412,
    threshold=0.04,
    direction=Direction.BELOW,
    kept=True,
    misses_left=13,
    to_regain=0,
    grows=False,
    badge=False,
    window_days=30,
    within=None,
    first_only=False,
    rule_source="Amazon's schema",
    certainty=Certainty.DOCUMENTED,
    trend=(Point(day=date(2026, 3, 2), value=9 / 400),),
    change=3 / 412 - 9 / 400,
    as_of=date(2026, 3, 9),
    is_small=False,
    is_stale=False,
)
LOST = replace(LINE, kept=False, misses_left=0, to_regain=1)


def test_a_line_says_value_threshold_and_what_is_left() -> None:
    assert place_name(LINE) == "Amazon IT · IT"
    assert health_name(LINE) == "Shipped late"
    assert health_words(LINE) == "0.73 % (3 of 412), below 4 %; 13 misses left"
    assert trend_words(LINE) == "▼ 1.52 points since 2 March 2026, better"
    assert origin_words(LINE) == "from a report file, 9 March 2026"
    assert origin_words(replace(LINE, is_stale=True)).endswith(": out of date")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (replace(LINE, misses_left=1), "1 miss left"),
        (replace(LINE, misses_left=0), "kept, and lost with the next miss"),
        (LOST, "1 miss too many"),
        (replace(LOST, grows=True), "missed until the next answer is in time"),
        (replace(LOST, grows=True, to_regain=9), "missed until the next 9 answers are in time"),
        (replace(LINE, misses_left=None, to_regain=None), "kept"),
        (replace(LOST, misses_left=None, to_regain=None), "missed"),
        (replace(LINE, kept=None), ""),
        (replace(LINE, value=None), "nothing to judge"),
    ],
)
def test_what_is_left_is_said_for_every_standing(line: HealthLine, words: str) -> None:
    assert room_words(line) == words


@pytest.mark.parametrize(
    ("value", "sort", "words"),
    [
        (0.009991, Sort.MISSES, "1 %"),  # never better than it is
        (0.0249, Sort.MISSES, "2.49 %"),
        (0.989999, Sort.HITS, "98.99 %"),
        (0.9, Sort.HITS, "90 %"),
        (4.0, Sort.COUNT, "4"),
        (12.5, Sort.MINUTES, "12.5 min"),
    ],
)
def test_a_share_is_rounded_so_that_no_miss_hides(value: float, sort: Sort, words: str) -> None:
    assert value_words(replace(LINE, value=value, sort=sort)) == words


def test_a_measure_without_a_threshold_is_a_number_alone() -> None:
    claims = replace(
        LINE, measure=Measure.A_TO_Z_CLAIMS, sort=Sort.COUNT, value=2.0, counted=2, out_of=None,
        threshold=None, direction=None, kept=None, misses_left=None, to_regain=None,
        trend=(), change=None,
    )  # fmt: skip
    assert health_words(claims) == "2"
    assert (threshold_words(claims), trend_words(claims)) == ("–", "–")  # noqa: RUF001


def test_a_promise_says_how_fast_and_a_badge_that_it_is_one() -> None:
    rate = replace(LINE, measure=Measure.RESPONSE_RATE, within=timedelta(hours=24))
    assert health_name(rate) == "Messages answered within 24 h"
    first = replace(rate, first_only=True, badge=True)
    assert health_name(first) == "First messages answered within 24 h (badge)"


def test_every_measure_has_a_name() -> None:
    names = {health_name(replace(LINE, measure=one)) for one in Measure}
    assert len(names) >= len(Measure) - 1  # negative feedback is a number here, a share there


def test_numbers_are_written_as_the_reader_writes_them() -> None:
    with speaking(Language.IT):
        assert value_words(LINE) == "0,73%"
    with speaking(Language.DE):
        assert value_words(LINE) == "0,73\N{NO-BREAK SPACE}%"


def test_every_measure_and_every_threshold_stands_in_the_docs() -> None:
    page = (ROOT / "docs/metrics.md").read_text(encoding="utf-8")
    section = page.partition("<!-- health: begin -->")[2].partition("<!-- health: end -->")[0]
    words = section.replace(", `_30d`, `_90d`", ", `contact_response_30d`, `contact_response_90d`")

    assert [one for one in Measure if f"`{one}`" not in words] == []
    for standard in STANDARDS:
        if standard.threshold is None:
            continue
        asked = f"{standard.threshold.limit / 100:g} %"
        rows = [row for row in words.splitlines() if f"`{standard.measure}`" in row]
        assert any(asked in row for row in rows), standard
    assert [one for one in Format if f"| `{one}` |" not in section] == []

"""What a report says in Slack, and what of it Slack draws by itself."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.domain.digests import Digest, DigestKind
from bot.language import Language, speaking
from bot.reports.charts import Chart, ChartKind, Series
from bot.reports.metrics import Unit
from bot.reports.report import Day
from bot.slack.blocks.digest import render_digest
from bot.slack.blocks.rendered import Rendered
from bot.slack.blocks.report import pictured, render_report
from bot.slack.blocks.report_charts import chart_block
from sandbox.slack.blocks import validate_blocks
from sandbox.slack.plain_blocks import BlockWriter
from tests.report_world import (
    a_question,
    bars_chart,
    empty_report,
    heat_chart,
    lines_chart,
    sample_report,
    some_figures,
)
from tests.unit.slack.ping_scenes import COUNTS
from tests.unit.slack.scenes import NOON, a_desk

DESK = a_desk()


class Reader:
    def name(self, some_id: str, given: str = "") -> str:
        return given or some_id

    def date(self, timestamp: float, tokens: str, fallback: str) -> str:
        return fallback

    def mrkdwn(self, text: str) -> str:
        return text


def words(drawn: Rendered) -> str:
    writer = BlockWriter(Reader())
    return "\n".join(line for block in drawn.blocks for line in writer.lines(block))


def kinds(drawn: Rendered) -> list[str]:
    return [block["type"] for block in drawn.blocks]


def test_a_report_says_what_happened_what_changed_and_why_limits_were_missed():
    said = words(render_report(sample_report(), DESK, modern=True))
    assert "Marketplace limit kept: 97.6 % · ▲ 3.1 points, better" in said
    assert "Time to the first answer: median 2 h 14 min, mean 3 h 15 min" in said
    assert "Of the 1,240 tickets received: 987 answered, 61 needed no answer" in said
    assert "Why limits were missed: claimed late (17), answered late (11)" in said
    assert "#337 · Amazon.de · limit" in said
    assert "2 d 13 h late and still waiting · answered late" in said
    assert "closed 40 h late, without an answer" in said


def test_what_is_made_of_few_cases_says_so():
    few = [
        replace(each, sample=7) if each.key == "limit_attained" else each for each in some_figures()
    ]
    said = words(render_report(sample_report(figures=few), DESK, modern=True))
    assert "few cases (7 cases)" in said
    assert "Etsy | 12 (few cases) | 100 % |" in said


def test_the_owner_of_a_miss_is_named_only_where_people_are_asked_about():
    desk = replace(DESK)
    assert "Anna" not in words(render_report(sample_report(), desk, modern=True))
    named = sample_report(question=a_question(names_people=True))
    assert "Anna" in words(render_report(named, desk, modern=True))


def test_newer_workspaces_draw_charts_and_tables_and_older_ones_get_lists_and_pictures():
    modern = render_report(sample_report(), DESK, modern=True)
    classic = render_report(sample_report(), DESK, modern=False)
    assert kinds(modern).count("data_visualization") == 2
    assert kinds(modern).count("data_table") == 1
    assert {"data_visualization", "data_table"}.isdisjoint(kinds(classic))
    assert "Amazon: 744 tickets · limit kept 97.6 %" in words(classic)
    assert list(pictured(sample_report(), modern=True)) == []
    assert [each.key for each in pictured(sample_report(), modern=False)] == [
        "limit_attained",
        "volume",
    ]


def test_what_slack_cannot_draw_becomes_a_picture():
    report = sample_report(charts=(bars_chart(), heat_chart()))
    assert [each.key for each in pictured(report, modern=True)] == ["heat"]


def test_nothing_is_said_in_one_line():
    drawn = render_report(empty_report(), DESK, modern=True)
    assert drawn.text.startswith("1–30 Oct 2026: nothing came in")  # noqa: RUF001 - as dates have it
    assert kinds(drawn) == ["rich_text"]


def test_a_chart_of_a_month_is_drawn_in_steps_that_hold_every_case():
    block = chart_block(lines_chart())
    assert block is not None
    assert validate_blocks([block]) == []
    received = block["chart"]["series"][0]["data"]
    assert len(received) == 15
    assert sum(point["value"] for point in received) == 1240
    assert block["chart"]["axis_config"]["x_label"] == "1,240 tickets, in steps of 2"


def a_day(number: int, decided: int, missed: int) -> Day:
    return Day(
        day=date(2026, 10, 1) + timedelta(days=number),
        received=0,
        answers=0,
        limit_decided=decided,
        limit_missed=missed,
        target_decided=0,
        target_missed=0,
    )


def shares(days: list[Day]) -> Chart:
    kept = [1 - d.limit_missed / d.limit_decided if d.limit_decided else None for d in days]
    return Chart(
        key="kept_by_day",
        kind=ChartKind.LINES,
        title="Kept",
        unit=Unit.SHARE,
        labels=[str(day.day) for day in days],
        series=[Series(name="Marketplace limit kept", values=kept)],
        sample=1,
        sample_words="1 case",
        threshold=0.9,
        threshold_name="promised",
    )


def test_the_shares_of_a_long_time_are_counted_anew_and_not_averaged():
    days = [a_day(number, 10 if number % 2 else 90, 0 if number % 2 else 9) for number in range(24)]
    block = chart_block(shares(days), days)
    assert block is not None
    kept, promised = block["chart"]["series"]
    assert (kept["name"], promised["name"]) == ("Limit kept", "promised")
    assert {point["value"] for point in kept["data"]} == {91}  # 9 of 100 missed, not 5 per cent
    assert {point["value"] for point in promised["data"]} == {90}


def test_days_without_a_case_leave_no_gap_in_a_chart():
    days = [a_day(number, number % 2, 0) for number in range(8)]
    block = chart_block(shares(days), days)
    assert block is not None
    assert block["chart"]["axis_config"]["categories"] == [f"2026-10-0{n}" for n in (2, 4, 6, 8)]


def test_labels_that_look_alike_are_told_apart():
    chart = replace(bars_chart(), labels=["x" * 30] * 4)
    block = chart_block(chart)
    assert block is not None
    assert len(set(block["chart"]["axis_config"]["categories"])) == 4


@pytest.mark.parametrize("chart", [heat_chart(), replace(bars_chart(), labels=(), series=())])
def test_what_has_no_places_is_no_chart(chart):
    assert chart_block(chart) is None


def test_the_week_is_told_with_its_change_its_gravest_misses_and_what_would_help():
    drawn = render_digest(
        Digest(kind=DigestKind.WEEKLY, counts=COUNTS),
        DESK,
        NOON,
        week=sample_report(),
        advice="Tuesday 18 to 20: 9 an hour.\nTried with one more person there.",
    )
    said = words(drawn)
    assert validate_blocks(drawn.blocks) == []
    assert "Marketplace limit kept: 97.6 % · ▲ 3.1 points, better" in said
    assert said.count(" late") >= 3
    assert "#448" not in said  # the fourth
    assert "💡 Tuesday 18 to 20: 9 an hour. Tried with one more person there." in said
    assert "/sla report 7d" in said


def test_a_report_is_told_in_the_readers_language():
    with speaking(Language.DE):
        said = words(render_report(sample_report(), DESK, modern=False))
    assert "97,6" in said

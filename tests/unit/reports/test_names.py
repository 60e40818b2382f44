"""Figures in words: with their unit, their change, and whether that is good."""

from datetime import UTC, datetime

import pytest

from bot.domain.figures import MissCause
from bot.language import Language, speaking
from bot.reports.asking import read_question
from bot.reports.metrics import METRICS, STATISTICS, Unit
from bot.reports.names import (
    cause_words,
    change_words,
    dimension_name,
    metric_name,
    period_words,
    sample_words,
    statistic_name,
    value_words,
)
from bot.reports.question import Dimension
from bot.reports.report import Figure

NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("received", 1204, "1,204"),
        ("tickets_per_agent", 12.34, "12.3"),
        ("limit_attained", 0.9641, "96.4 %"),
        ("limit_attained", 1.0, "100 %"),
        ("limit_attained", 0.99996, "99.9 %"),  # one was missed
        ("negative_feedback", 0.0001, "0.1 %"),
        ("first_response.median", 8040.4, "2 h 14 min"),
        ("first_response.p90", 200_000.0, "2 d 7 h"),
        ("first_response_worked.p90", 200_000.0, "55 h"),
        ("nps", -12.0, "-12"),
        ("mood_change", 0.3456, "0.35"),
        ("answers_per_hour", 3.26, "3.3 an hour"),
        ("sales_after_answer", 1234.5, "1,234.50"),
        ("csat", None, "–"),  # noqa: RUF001
    ],
)
def test_a_value_is_told_with_its_unit(key: str, value: float | None, words: str) -> None:
    assert value_words(key, value) == words


@pytest.mark.parametrize(
    ("key", "value", "before", "words"),
    [
        ("limit_attained", 0.96, 0.929, "▲ 3.1 points, better"),
        ("limit_attained", 0.96, 0.97, "▼ 1 point, worse"),
        ("limit_attained", 0.96001, 0.96, "unchanged"),
        ("reopen_rate", 0.02, 0.05, "▼ 3 points, better"),
        ("first_response.median", 7200, 9000, "▼ 20 %, better"),
        ("backlog", 3, 2, "▲ 50 %, worse"),
        ("received", 10, 12, "▼ 16.7 %"),
        ("received", 10, 10, "unchanged"),
        ("received", 3, 0, "▲ from 0"),
        ("nps", -3, 5, "▼ 8 points, worse"),
        ("received", 3, None, "no figure before"),
        ("received", None, 3, "–"),  # noqa: RUF001
    ],
)
def test_a_change_says_how_far_and_whether_it_is_better(
    key: str, value: float | None, before: float | None, words: str
) -> None:
    assert change_words(Figure(key=key, value=value, sample=30, before=before)) == words


@pytest.mark.parametrize(
    ("asked", "language", "words"),
    [
        ("2026-03", Language.EN, "1–31 Mar 2026"),  # noqa: RUF001
        ("2026-03", Language.IT, "1–31 mar 2026"),  # noqa: RUF001
        ("2026-03", Language.DE, "1.–31. März 2026"),  # noqa: RUF001
        ("2026-03-29", Language.ES, "29 de marzo de 2026"),
        ("today", Language.EN, "22 November 2026, until 11:30"),
    ],
)
def test_a_period_is_told_by_its_days(asked: str, language: Language, words: str) -> None:
    period, _ = read_question(asked, now=NOW, zone="Europe/Rome")

    with speaking(language):
        assert period_words(period) == words


def test_a_period_can_be_told_in_another_zone() -> None:
    period, _ = read_question("2026-03-02", now=NOW, zone="Europe/Rome")

    assert period_words(period, "UTC").endswith("2 Mar 2026, until 23:00")


def test_everything_that_can_be_shown_has_a_name() -> None:
    names = [metric_name(each.key) for each in METRICS]

    assert len(set(names)) == len(METRICS)
    assert metric_name("first_response.p90") == "Time to the first answer, 90th percentile"
    assert all(map(dimension_name, Dimension))
    assert all(map(cause_words, MissCause))
    assert all(map(statistic_name, STATISTICS))
    assert all(value_words(each.key, 1) for each in METRICS)
    assert {each.unit for each in METRICS} == set(Unit)
    assert [sample_words(1), sample_words(1200)] == ["1 case", "1,200 cases"]

"""What people ask of the past, in any of the languages, over a change of the clocks, and wrongly."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reports.asking import LONGEST, read_question
from bot.reports.question import Dimension, Period, QuestionError

NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)  # a Sunday, 11:30 in Rome


def period(text: str, *, now: datetime = NOW, zone: str = "Europe/Rome") -> Period:
    found, _ = read_question(text, now=now, zone=zone)
    return found


def local(text: str) -> tuple[str, str]:
    found = period(text, zone="UTC")
    return f"{found.since:%m-%d %H:%M}", f"{found.until:%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("text", "begins", "ends"),
    [
        ("", "11-16 00:00", "11-22 10:30"),
        ("today", "11-22 00:00", "11-22 10:30"),
        ("Aujourd\u2019hui", "11-22 00:00", "11-22 10:30"),
        ("IERI", "11-21 00:00", "11-22 00:00"),
        ("7d", "11-16 00:00", "11-22 10:30"),
        ("1d", "11-22 00:00", "11-22 10:30"),
        ("gli ultimi 7 giorni", "11-16 00:00", "11-22 10:30"),
        ("7 derniers jours", "11-16 00:00", "11-22 10:30"),
        ("diese Woche", "11-16 00:00", "11-22 10:30"),
        ("last week", "11-09 00:00", "11-16 00:00"),
        ("el mes pasado", "10-01 00:00", "11-01 00:00"),
        ("2026-11", "11-01 00:00", "11-22 10:30"),
        ("2026-11-05", "11-05 00:00", "11-06 00:00"),
        ("2026-11-05..2026-11-07", "11-05 00:00", "11-08 00:00"),
        ("from 2026-11-05 to yesterday", "11-05 00:00", "11-22 00:00"),
        ("vom 2026-11-05 bis heute", "11-05 00:00", "11-22 10:30"),
        ("2026-11-05..", "11-05 00:00", "11-22 10:30"),
    ],
)
def test_a_stretch_of_time_is_understood(text: str, begins: str, ends: str) -> None:
    assert local(text) == (begins, ends)


def test_days_are_those_of_the_desk_when_the_clocks_change() -> None:
    """29 March 2026 has 23 hours in Rome, 25 October 25, and March one hour less than 31 days."""
    lengths = {
        text: period(text).until - period(text).since
        for text in ("2026-03-29", "2026-10-25", "2026-03-01..2026-03-31")
    }

    assert lengths == {
        "2026-03-29": timedelta(hours=23),
        "2026-10-25": timedelta(hours=25),
        "2026-03-01..2026-03-31": timedelta(days=31, hours=-1),
    }
    assert period("2026-03-01..2026-03-31") == period("2026-03")


def test_a_day_that_begins_without_a_midnight_begins_when_the_clocks_jump() -> None:
    """In Beirut the clocks went from 0:00 to 1:00 on 29 March 2026: that day begins at 22:00 UTC."""
    found = period("2026-03-29", zone="Asia/Beirut")

    assert (found.since.hour, found.until - found.since) == (22, timedelta(hours=23))


@pytest.mark.parametrize(
    ("text", "by"),
    [
        ("7d by channel", Dimension.CHANNEL),
        ("by Agents", Dimension.AGENT),
        ("oggi per lingua", Dimension.LANGUAGE),
        ("by hour 30d", Dimension.HOUR),
        ("30 Tage nach Wochentag", Dimension.WEEKDAY),
        ("30d", None),
    ],
)
def test_figures_are_cut_by_what_is_said(text: str, by: Dimension | None) -> None:
    assert read_question(text, now=NOW, zone="Europe/Rome")[1] is by


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("soon", "“soon” is no stretch of time"),
        ("2026-02-30", "There is no day 2026-02-30"),
        ("2026-03-31..2026-03-01", "2026-03-01 is before 2026-03-31"),
        ("2026-12", "2026-12-01 is still to come"),
        ("2026-11-01..2026-12-24", "2026-12-24 is still to come"),
        ("9999-12-31", "still to come"),
        ("0001-01-01", "no figures of before 1970-01-01"),
        ("401d", "400 days at the most"),
        ("99999999999d", "400 days at the most"),
        ("2025-10-01..2026-11-21", "400 days at the most"),
        ("0d", "one day or more"),
        ("7d by chanel", "Did you mean: 30d by channel"),
        ("7d by nothing", "cut by channel, inbox"),
        ("7d by", "cut by channel, inbox"),
        ("by agent by channel", "one thing at a time"),
        ("7d " * 100, "is no stretch of time"),
    ],
)
def test_what_cannot_be_answered_is_refused_with_a_question_that_can(text: str, words: str) -> None:
    with pytest.raises(QuestionError) as refused:
        period(text)

    said = str(refused.value)
    assert words in said
    example = said.rpartition(": ")[2].rpartition(", ")[2]
    assert period(example).since < NOW


def test_dates_of_before_any_ticket_are_no_mistake() -> None:
    assert period("2019-05").since == datetime(2019, 4, 30, 22, tzinfo=UTC)


_PIECES = st.sampled_from(
    ["7d", "by", "channel", "..", "2026-03", "-31", "today", "last", "–", "0", "9999-12", " ", "\0"]  # noqa: RUF001
)


@given(
    st.text(max_size=80) | st.lists(_PIECES, max_size=8).map("".join),
    st.sampled_from(["Europe/Rome", "Pacific/Kiritimati", "America/St_Johns"]),
)
def test_whatever_is_typed_is_answered_or_refused(text: str, zone: str) -> None:
    try:
        found = period(text, zone=zone)
    except QuestionError:
        return
    assert found.since < found.until <= NOW
    assert found.until - found.since <= timedelta(days=LONGEST, hours=1)

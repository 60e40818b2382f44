"""The example week of docs/metrics.md, counted by the report: the page tells what comes out of it."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from bot.db.figure_rows import write_figures
from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.domain.figures import End, MissCause, TicketFigure, WaitFigure
from bot.domain.roster import WorkShift
from bot.reports.answering import answer
from bot.reports.asking import read_question
from bot.reports.metrics import METRICS
from bot.reports.names import value_words
from bot.reports.question import Question
from bot.reports.report import Reconciled, Report
from sla_rules.calendar import BusinessCalendar
from sla_rules.topics import Topic
from sla_rules.vocabulary import Kind, Risk, Scope, Stage
from tests.architecture.sources import ROOT
from tests.builders import ANNA, BRUNO, a_roster, a_shop_calendar

PAGE: Final = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
NOW: Final = datetime(2026, 3, 20, 8, tzinfo=UTC)
SHOP: Final = a_shop_calendar()

NOT_OF_THE_WEEK: Final = frozenset(
    {
        *("pings", "needless_pings", "csat", "nps", "negative_feedback", "positive_reviews"),
        *("repeat_contact", "repeat_purchase", "sales_after_answer"),
    }
)
"""Figures whose examples bring numbers of their own."""


def at(text: str) -> datetime:
    """`2 10:00` is 10:00 on the second of March in Rome."""
    day, _, clock = text.partition(" ")
    hour, minute = map(int, clock.split(":"))
    return datetime(2026, 3, int(day), hour, minute, tzinfo=ZoneInfo("Europe/Rome"))


def a_wait(ticket: int, begins: str, *, instance: int = 0, **other: Any) -> WaitFigure:
    instants = {name: at(text) for name, text in other.items() if name.endswith("_at")}
    began, ended = at(begins), instants.get("ended_at")
    worked = None if ended is None else int(SHOP.elapsed(began, ended).total_seconds())
    found = WaitFigure(
        ticket_id=ticket,
        instance=instance,
        inbox_id=1,
        began_at=began,
        seen_at=began,
        worked_seconds=worked,
    )
    return replace(found, **{**other, **instants})


def a_ticket(ticket: int, opened: str, **other: Any) -> TicketFigure:
    instants = {name: at(text) for name, text in other.items() if name.endswith("_at")}
    began, resolved = at(opened), instants.get("resolved_at")
    found = TicketFigure(
        ticket_id=ticket,
        inbox_id=1,
        number=ticket,
        customer_id=ticket,
        marketplace="",
        language="it",
        kind=Kind.MESSAGE,
        stage=Stage.POST_SALE,
        risk=Risk.NORMAL,
        intent=Topic.OTHER,
        vip=False,
        owner="",
        opened_at=began,
        seen_at=began,
        state="open",
        resolution_worked=(
            None if resolved is None else int(SHOP.elapsed(began, resolved).total_seconds())
        ),
        customer_turns=1,
    )
    return replace(found, **{**other, **instants})


def the_week() -> Sequence[tuple[TicketFigure, Sequence[WaitFigure]]]:
    by_anna: dict[str, Any] = {"end": End.ANSWERED, "answered_by": ANNA}
    by_bruno: dict[str, Any] = {"end": End.ANSWERED, "answered_by": BRUNO}
    first = a_wait(
        1,
        "2 10:00",
        claimed_at="2 10:20",
        ended_at="2 12:00",
        limit_due_at="3 10:00",
        target_due_at="2 14:00",
        **by_anna,
    )
    second = a_wait(
        1,
        "3 9:00",
        instance=1,
        claimed_at="3 9:00",
        ended_at="3 9:30",
        limit_due_at="4 9:00",
        target_due_at="3 13:00",
        **by_anna,
    )
    forgotten = a_wait(
        2,
        "6 17:00",
        limit_due_at="7 17:00",
        limit_cause=MissCause.LATE_CLAIM,
        target_due_at="9 12:00",
    )
    waved = a_wait(
        3,
        "3 15:00",
        claimed_at="3 15:05",
        ended_at="3 16:00",
        end=End.WAVED,
        target_due_at="4 10:00",
    )
    handed_over = a_wait(
        4,
        "4 9:00",
        claimed_at="4 9:30",
        ended_at="4 15:00",
        limit_due_at="5 9:00",
        target_due_at="4 13:00",
        target_cause=MissCause.LATE_ANSWER,
        **by_bruno,
    )
    elsewhere = a_wait(
        5,
        "1 22:00",
        ended_at="2 9:10",
        end=End.ELSEWHERE,
        limit_due_at="2 22:00",
        target_due_at="2 13:00",
    )
    answered: dict[str, Any] = {
        "first_answer_at": "2 12:00",
        "resolved_at": "3 9:30",
        "customer_turns": 2,
        "answer_turns": 2,
        "handling_seconds": 130 * 60,
        "mood_first": -1,
        "mood_last": 1,
    }
    passed_on: dict[str, Any] = {
        "first_answer_at": "4 15:00",
        "resolved_at": "4 15:00",
        "answer_turns": 1,
        "hand_overs": 1,
        "handling_seconds": 60 * 60,
    }
    return [
        (a_ticket(1, "2 10:00", **answered), [first, second]),
        (a_ticket(2, "6 17:00"), [forgotten]),
        (a_ticket(3, "3 15:00"), [waved]),
        (a_ticket(4, "4 9:00", **passed_on), [handed_over]),
        (a_ticket(5, "1 22:00", first_answer_at="2 9:10", answer_turns=1), [elsewhere]),
    ]


async def the_report(db: Database, desk: Desk) -> Report:
    days = {day: [("09:00", "18:00")] for day in ("mon", "tue", "wed", "thu", "fri")}
    crew = WorkShift(
        name="day",
        calendar=BusinessCalendar("Europe/Rome", days),
        people=frozenset({ANNA, BRUNO}),
    )
    staffed = replace(desk, roster=replace(a_roster(), shifts=(crew,)))
    period, _ = read_question("2026-03-02..2026-03-08", now=NOW, zone="Europe/Rome")
    await db.write(lambda tx: write_figures(tx, the_week()), now=NOW)
    return await db.read(lambda conn: answer(conn, staffed, Question(period=period), NOW))


def example_of(key: str) -> str:
    section = PAGE.partition(f"### `{key}`:")[2].partition("\n### ")[0]
    found = re.search(r"(?m)^- \*\*Example:\*\* (.+)$", section)
    assert found is not None
    return found[1]


def tells(example: str, words: str) -> bool:
    """Whether the figure stands there, and not as a part of another one."""
    figure = re.escape(words.removesuffix(" an hour"))
    return re.search(rf"(?<![\d.]){figure}(?!\.?\d)", example) is not None


async def test_the_examples_of_the_page_are_what_the_report_says(
    sqlite_db: Database, desk: Desk
) -> None:
    report = await the_report(sqlite_db, desk)
    wrong = [
        f"{each.key}: {value_words(each.key, each.value)} is not in “{example_of(metric.key)}”"
        for metric in METRICS
        if metric.key not in NOT_OF_THE_WEEK
        for each in report.figures
        if each.key.partition(".")[0] == metric.key
        if not tells(example_of(metric.key), value_words(each.key, each.value))
    ]

    assert wrong == []


async def test_the_week_adds_up_and_its_misses_have_their_causes(
    sqlite_db: Database, desk: Desk
) -> None:
    report = await the_report(sqlite_db, desk)

    assert report.reconciled == Reconciled(
        received=4, answered=2, waved=1, settled=0, merged=0, waiting=1, told=0
    )
    assert report.causes == {
        Scope.MARKETPLACE: {MissCause.LATE_CLAIM: 1},
        Scope.INTERNAL: {MissCause.LATE_ANSWER: 1},
    }

"""Which stretch of the week hurts most, and what one more person there would have changed."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import pytest
from sqlalchemy import Connection

from bot.clock import Clock
from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.domain.roster import WorkShift
from bot.language import Language, speaking
from bot.reports.advice import Advice, Tried, WorstStretch, advice_words, advise, worst_stretch
from bot.reports.asking import read_question
from bot.reports.question import Question
from bot.reports.report import HeatCell, Reconciled, Report
from bot.usecases.figures import catch_up
from sla_rules.calendar import BusinessCalendar
from tests.builders import AMAZON, ANNA, a_roster, an_inbound, answer, arrive, ticket

NOW = datetime(2026, 3, 16, 8, tzinfo=UTC)
TUESDAY_EVENING = WorstStretch(
    weekday=1, begins=18, ends=20, arrivals_an_hour=9.0, staffed=1.0, decided=36, late=11
)
HALF_SAVED = Tried(
    tickets=840,
    is_capped=False,
    limits_before=12,
    limits_after=5,
    targets_before=41,
    targets_after=20,
    answers=800,
    outside=30,
)


def cell(weekday: int, hour: int, late: int, decided: int, staffed: float | None = 1.0) -> HeatCell:
    return HeatCell(
        weekday=weekday,
        hour=hour,
        arrivals_an_hour=float(decided),
        staffed=staffed,
        decided=decided,
        late=late,
    )


def test_the_stretch_is_of_adjacent_hours_that_are_late_together() -> None:
    heat = [cell(1, hour, 0, 20) for hour in range(18)]
    heat += [cell(1, 18, 6, 18), cell(1, 19, 5, 18), cell(1, 20, 0, 20), cell(2, 19, 6, 20)]

    found = worst_stretch(heat)

    assert found is not None
    assert (found.weekday, found.begins, found.ends) == (1, 18, 20)
    assert (found.decided, found.late, found.staffed) == (36, 11, 1.0)


def test_the_same_misses_weigh_more_where_fewer_people_are() -> None:
    heat = [cell(0, 9, 8, 40, 6.0), cell(3, 21, 7, 40, 0.0), cell(4, 12, 0, 400, 3.0)]

    found = worst_stretch(heat)

    assert found is not None
    assert (found.weekday, found.staffed) == (3, 0.0)


@pytest.mark.parametrize(
    "heat",
    [
        [],
        [cell(0, 9, 0, 40), cell(0, 10, 0, 40)],
        [cell(0, 9, 19, 19), cell(1, 9, 0, 400)],  # nineteen cases are few
        [cell(0, 9, 4, 40), cell(1, 9, 4, 40)],  # no hour is later than another
        [cell(0, 23, 10, 10), cell(1, 0, 9, 10), cell(3, 1, 0, 100)],  # two days, few of each
    ],
)
def test_nothing_is_advised_where_nothing_stands_out(heat: list[HeatCell]) -> None:
    assert worst_stretch(heat) is None


def test_the_last_hour_of_a_day_ends_at_midnight() -> None:
    found = worst_stretch([cell(0, 22, 0, 400), cell(0, 23, 30, 40, None)])

    assert found is not None
    assert (found.begins, found.ends, found.staffed) == (23, 24, None)


def a_report(*cells: HeatCell, asked: str = "2026-03-09..2026-03-15") -> Report:
    period, _ = read_question(asked, now=NOW, zone="Europe/Rome")
    nothing = Reconciled(received=0, answered=0, waved=0, settled=0, merged=0, waiting=0, told=0)
    return Report(
        question=Question(period=period),
        made_at=NOW,
        figures=(),
        cuts=(),
        causes={},
        misses=(),
        reconciled=nothing,
        days=(),
        heat=cells,
    )


EVENING = (cell(1, 17, 0, 400), cell(1, 18, 20, 20), cell(1, 19, 20, 20))


def staffed(desk: Desk) -> Desk:
    hours = {day: [("09:00", "18:00")] for day in ("mon", "tue", "wed", "thu", "fri")}
    shift = WorkShift(
        name="day",
        calendar=BusinessCalendar("Europe/Rome", hours),
        people=frozenset({ANNA}),
    )
    return replace(desk, roster=replace(a_roster(), shifts=(shift,)))


async def a_question_of_tuesday_evening(db: Database, desk: Desk) -> None:
    """Asked on Tuesday at 18:05 in Rome, answered on Thursday at 9:30: after Amazon's 24 hours."""
    asked = datetime(2026, 3, 10, 17, 5, tzinfo=UTC)
    await arrive(db, desk, an_inbound(sent_at=asked), inbox=AMAZON)
    await answer(db, desk, (await ticket(db)).id, at=datetime(2026, 3, 12, 8, 30, tzinfo=UTC))
    await catch_up(db, desk, Clock(start=NOW))


async def test_one_more_person_is_tried_on_the_tickets_that_were_missed(
    sqlite_db: Database, desk: Desk
) -> None:
    """That answer took nine and a half hours of Anna's shift. Two of them would have been done on
    Tuesday evening, and the rest on Wednesday by half past four: in time."""
    crew = staffed(desk)
    await a_question_of_tuesday_evening(sqlite_db, crew)

    found = await sqlite_db.read(lambda conn: advise(conn, crew, a_report(*EVENING), NOW))

    assert found is not None
    assert (found.stretch.begins, found.stretch.ends) == (18, 20)
    tried = found.tried
    assert tried is not None
    assert (tried.tickets, tried.limits_before, tried.limits_after) == (1, 1, 0)
    assert tried.saved >= 1
    assert not tried.is_capped


async def test_of_many_tickets_the_newest_are_tried(sqlite_db: Database, desk: Desk) -> None:
    crew = staffed(desk)
    await a_question_of_tuesday_evening(sqlite_db, crew)
    await arrive(sqlite_db, crew, an_inbound(sent_at=datetime(2026, 3, 13, 9, tzinfo=UTC)))
    await catch_up(sqlite_db, crew, Clock(start=NOW))

    found = await sqlite_db.read(lambda conn: advise(conn, crew, a_report(*EVENING), NOW, most=1))

    assert found is not None
    assert found.tried is not None
    assert (found.tried.tickets, found.tried.is_capped, found.tried.answers) == (1, True, 0)


async def test_nobody_is_tried_where_nobody_has_shifts(sqlite_db: Database, desk: Desk) -> None:
    found = await sqlite_db.read(lambda conn: advise(conn, desk, a_report(*EVENING), NOW))

    assert found is not None
    assert found.tried is None
    assert await sqlite_db.read(lambda conn: advise(conn, desk, a_report(), NOW)) is None


def _advised(desk: Desk, report: Report, conn: Connection) -> Advice | None:
    return advise(conn, desk, report, NOW)


async def test_only_tickets_missed_in_the_period_and_of_the_inboxes_asked_about_are_replayed(
    sqlite_db: Database, desk: Desk
) -> None:
    crew = staffed(desk)
    await a_question_of_tuesday_evening(sqlite_db, crew)
    report = a_report(*EVENING)
    elsewhere = replace(report.question, inboxes=frozenset({"shop"}))
    others = [
        a_report(*EVENING, asked="2026-03-01..2026-03-10"),
        a_report(*EVENING, asked="2026-03-12..2026-03-15"),
        replace(report, question=elsewhere),
    ]
    for other in others:
        found = await sqlite_db.read(partial(_advised, crew, other))
        assert found is not None
        assert found.tried is not None
        assert found.tried.tickets == 0


def test_advice_is_said_in_sentences() -> None:
    assert advice_words(Advice(stretch=TUESDAY_EVENING, tried=HALF_SAVED)).splitlines() == [
        "Tuesday 18–20: 9 an hour, 1 person on shift, 30.6 % late.",  # noqa: RUF001
        (
            "Tried with one more person there: 5 marketplace limits missed instead of 12, "
            "20 internal targets instead of 41."
        ),
        "Replayed: all 840 tickets with a missed deadline.",
        "Of 800 answers, 30 were given outside every shift and keep the delay they had.",
    ]


@pytest.mark.parametrize(
    ("staffed", "words"),
    [(0.0, "nobody on shift"), (0.04, "nobody on shift"), (2.0, "2 people"), (1.52, "1.5 people")],
)
def test_people_are_counted_as_people_are(staffed: float, words: str) -> None:
    stretch = replace(TUESDAY_EVENING, staffed=staffed)

    assert words in advice_words(Advice(stretch=stretch, tried=None))


def test_what_could_not_be_tried_or_did_not_help_is_said() -> None:
    unknown = replace(TUESDAY_EVENING, staffed=None)
    useless = replace(HALF_SAVED, limits_after=12, targets_after=41, is_capped=True)

    with speaking(Language.IT):
        assert advice_words(Advice(stretch=unknown, tried=None)).startswith("Martedì 18")
    assert "[shifts]" in advice_words(Advice(stretch=unknown, tried=None))
    said = advice_words(Advice(stretch=TUESDAY_EVENING, tried=useless))
    assert "no fewer deadlines would have been missed" in said
    assert "the newest 840 tickets" in said

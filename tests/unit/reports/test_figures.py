"""A small past, worked out by hand; and what is asked of a report besides its figures."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.figures import End, MissCause, TicketFigure, WaitFigure
from bot.domain.roster import WorkShift
from bot.reports.counting.charting import promised_share
from bot.reports.counting.zones import LocalTime
from bot.reports.question import Dimension, Period, QuestionError
from sla_rules.calendar import BusinessCalendar
from sla_rules.topics import Topic
from sla_rules.vocabulary import Kind, Risk, Scope, Stage
from tests.builders import AMAZON, ANNA, BRUNO, SHOP, a_desk, a_roster
from tests.unit.reports.naive import History, Rated
from tests.unit.reports.written_past import (
    SINCE,
    UNTIL,
    ZONE,
    a_telling_desk,
    plans_of_a_report,
    report_of,
)

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MONDAY = datetime(2026, 3, 30, 7, tzinfo=UTC)  # nine in the morning in Rome


def a_ticket(number: int, opened_at: datetime = MONDAY, **facts: Any) -> TicketFigure:
    base = TicketFigure(
        ticket_id=number,
        inbox_id=1,
        number=number,
        customer_id=number,
        marketplace="it",
        language="it",
        kind=Kind.MESSAGE,
        stage=Stage.POST_SALE,
        risk=Risk.NORMAL,
        intent=Topic.OTHER,
        vip=False,
        owner=ANNA,
        opened_at=opened_at,
        seen_at=opened_at,
        state="open",
        customer_turns=1,
    )
    return replace(base, **facts)


def a_wait(ticket_id: int, began_at: datetime = MONDAY, **facts: Any) -> WaitFigure:
    facts = {"instance": 0, "inbox_id": 1, "seen_at": began_at, **facts}
    if "answered_at" in facts:
        facts |= {"ended_at": facts.pop("answered_at"), "end": End.ANSWERED}
        facts.setdefault("answered_by", ANNA)
    if "limit" in facts:
        facts["limit_due_at"] = began_at + facts.pop("limit")
    return WaitFigure(ticket_id=ticket_id, began_at=began_at, **facts)


def a_small_past() -> History:
    """Five customers write on Monday at nine in the morning, with 24 hours to be answered in.

    1. is answered by Anna after 2 hours, which an agent claimed after one, and is resolved with it.
    2. is answered by Bruno after 4 hours, writes again a day later, and waits ever since.
    3. is answered in the marketplace's console after 30 hours: 6 hours late, for nobody claimed it.
    4. says thanks, and somebody waves it after an hour.
    5. is a notice that nobody answers.
    """
    first = MONDAY + 2 * HOUR
    return History(
        tickets=[
            a_ticket(1, first_answer_at=first, resolved_at=first, answer_turns=1, pings=1),
            a_ticket(2, first_answer_at=MONDAY + 4 * HOUR, owner=BRUNO, hand_overs=1),
            a_ticket(3, first_answer_at=MONDAY + 30 * HOUR, owner="", pings=3, needless_pings=1),
            a_ticket(4, intent=Topic.THANKS),
            a_ticket(5, kind=Kind.NOTICE, customer_id=None),
        ],
        waits=[
            a_wait(1, answered_at=first, limit=DAY, claimed_at=MONDAY + HOUR, worked_seconds=7200),
            a_wait(2, answered_at=MONDAY + 4 * HOUR, limit=DAY, answered_by=BRUNO),
            a_wait(2, MONDAY + DAY, instance=1, limit=DAY, claimed_at=MONDAY + DAY),
            a_wait(
                3,
                ended_at=MONDAY + 30 * HOUR,
                end=End.ELSEWHERE,
                limit=DAY,
                limit_cause=MissCause.LATE_CLAIM,
            ),
            a_wait(4, ended_at=MONDAY + HOUR, end=End.WAVED, limit=DAY),
        ],
    )


def test_a_small_past_is_as_it_was_worked_out_by_hand():
    """The week ends two and a half days after the first message, on Wednesday at nine at night.

    So the second customer has waited 36 hours by then, and was let down after 24: the deadline of
    their second message was on Wednesday morning, and nobody had measured it yet.
    """
    until = MONDAY + 60 * HOUR
    report = report_of(a_small_past(), period=Period(since=SINCE, until=until, zone=ZONE))

    def of(key):
        return report.figure(key).value, report.figure(key).sample

    assert of("received") == (5, 5)
    assert of("handled") == (4, 4)  # the notice is nobody's work
    assert of("resolved") == (1, 1)
    assert of("resolution_rate") == (0.2, 5)
    assert of("backlog") == (1, 1)
    assert of("backlog_age.median") == (36 * 3600, 1)
    assert of("answers") == (3, 3)
    assert of("first_response.median") == (4 * 3600, 3)  # of 2, 4 and 30 hours
    assert of("first_response.mean") == (12 * 3600, 3)
    assert of("first_response.p90") == (30 * 3600, 3)
    assert of("first_response_worked.p90") == (7200, 1)  # of one alone it is known
    assert of("next_response.median") == (None, 0)
    assert of("resolution.median") == (2 * 3600, 1)
    # Claimed after 1 and 0 hours; answered unclaimed after 4 and 30, waved unclaimed after 1.
    assert of("unclaimed.mean") == (36 / 5 * 3600, 5)
    # Decided: two in time, one late, one that lasts. Waved in time: neither kept nor missed.
    assert of("limit_attained") == (0.5, 4)
    assert of("limit_missed") == (2, 4)
    assert of("target_attained") == (None, 0)
    assert of("one_touch") == of("first_contact_resolution") == (1, 1)
    assert of("tickets_per_agent") == (2, 4)  # Anna and Bruno
    assert of("hand_overs") == (0.25, 4)
    assert of("pings") == (0.8, 5)
    assert of("needless_pings") == (0.25, 4)

    assert report.causes[Scope.MARKETPLACE] == {
        MissCause.LATE_CLAIM: 1,
        MissCause.LATE_ANSWER: 1,
    }
    late, unanswered = sorted(report.misses, key=lambda miss: miss.late_seconds)
    assert (late.number, late.late_seconds, late.owner) == (3, 6 * 3600, "")
    assert late.answered_at == MONDAY + 30 * HOUR
    assert (unanswered.number, unanswered.late_seconds) == (2, 12 * 3600)
    assert unanswered.answered_at is unanswered.ended_at is None
    assert (unanswered.due_at, unanswered.inbox) == (MONDAY + 2 * DAY, AMAZON)
    assert [day.limit_missed for day in report.days] == [0, 0, 0, 1, 1]
    assert report.days[2].day == date(2026, 3, 30)
    assert [chart.key for chart in report.charts] == ["kept_by_day", "missed", "arrivals"]


def test_a_chart_has_the_line_of_what_the_platform_asks_for_where_there_is_one():
    desk = a_desk()
    badge = replace(desk.inboxes[SHOP], connector="facebook", platform="facebook", badge=True)
    desk = replace(desk, inboxes={**desk.inboxes, SHOP: badge})
    asked = [report_of(a_small_past(), desk=desk, inboxes=which) for which in ({AMAZON}, None)]
    shares = [promised_share(desk, which) for which in ({AMAZON}, {SHOP}, None)]
    assert shares[1] == 0.9
    assert shares[2] is None or shares[0] == shares[1]
    assert [report.charts[0].threshold for report in asked] == [shares[0], shares[2]]


def test_an_answer_on_the_stroke_of_the_deadline_is_in_time():
    for late, kept in ((0, 1), (1, 0)):
        at = MONDAY + DAY + timedelta(seconds=late)
        report = report_of(
            History(tickets=[a_ticket(1)], waits=[a_wait(1, answered_at=at, limit=DAY)])
        )
        assert report.figure("limit_attained").value == kept


def test_waving_a_message_away_after_its_deadline_does_not_keep_it():
    ended: dict[str, Any] = {"ended_at": MONDAY + 2 * DAY, "end": End.WAVED, "limit": DAY}
    report = report_of(History(tickets=[a_ticket(1)], waits=[a_wait(1, **ended)]))
    assert (report.figure("limit_missed").value, report.reconciled.waved) == (1, 1)
    assert report.misses[0].answered_at is None
    assert report.misses[0].ended_at == MONDAY + 2 * DAY


def test_a_merged_ticket_waits_no_more_and_fails_no_deadline():
    ticket = a_ticket(1, merged_at=MONDAY + HOUR)
    report = report_of(History(tickets=[ticket], waits=[a_wait(1, limit=DAY)]))
    assert report.reconciled.merged == 1
    assert report.figure("backlog").value == report.figure("limit_missed").value == 0
    assert report.figure("resolution_rate").value is None


def test_what_customers_said_and_did():
    """Promoters 9 and 10, detractors up to 6: of 10, 9, 8 and 3 that is 50 % less 25 %."""
    scores = {"nps": (10, 9, 8, 3), "csat": (5, 4, 2, 1)}
    ratings = [
        Rated(ticket_id=number, kind=kind, score=score, at=MONDAY)
        for kind, given in scores.items()
        for number, score in enumerate(given, start=1)
    ]
    answered: dict[str, Any] = {"inbox_id": 2, "first_answer_at": MONDAY + HOUR, "currency": "EUR"}
    bought: dict[str, Any] = {"bought_again_at": MONDAY + DAY, "bought_again_cents": 1250}
    tickets = [
        a_ticket(1, **answered, **bought, stars=1),
        a_ticket(2, **answered, **bought, stars=5),
        a_ticket(3, **{**answered, "currency": "PLN"}, **bought, stars=3),
        a_ticket(4, **answered, stars=4),
        # One writes again within a week of the answer, another half a day after that week.
        a_ticket(5, MONDAY + 2 * DAY, customer_id=1),
        a_ticket(6, SINCE - 3 * DAY, customer_id=6, resolved_at=SINCE - 2 * DAY),
        a_ticket(7, SINCE + 5.5 * DAY, customer_id=6),
    ]
    waits = [a_wait(number, answered_at=MONDAY + HOUR) for number in (1, 2, 3, 4)]
    report = report_of(History(tickets=tickets, waits=waits, ratings=ratings))

    def of(key):
        return report.figure(key).value, report.figure(key).sample

    assert of("nps") == (25, 4)
    assert of("csat") == (0.5, 4)
    assert of("negative_feedback") == (0.25, 4)
    assert of("positive_reviews") == (0.5, 4)
    assert of("repeat_contact") == (1 / 6, 6)
    assert of("repeat_purchase") == (0.75, 4)
    assert of("sales_after_answer") == (25.0, 2)  # euros only, since most were in euros


def test_the_change_against_the_period_before_is_told():
    day = Period(since=MONDAY, until=MONDAY + DAY, zone=ZONE)
    tickets = [a_ticket(1), a_ticket(2), a_ticket(3, MONDAY - HOUR)]
    figure = report_of(History(tickets=tickets, waits=[]), period=day).figure("received")
    assert (figure.value, figure.before, figure.is_small) == (2, 1, True)


def test_nothing_at_all_is_a_report_too():
    report = report_of(History(tickets=[], waits=[]), by=Dimension.COMPLEXITY)
    assert report.is_empty
    assert [*report.cuts, *report.misses, *report.charts] == []
    assert report.figure("first_response.p90").value is None
    assert len(report.days) == 6


def test_a_period_to_come_is_empty():
    history = a_small_past()
    report = report_of(history, now=SINCE - 10 * DAY)
    assert report.is_empty
    assert [*report.days, *report.heat] == []


@pytest.mark.parametrize("inboxes", [None, frozenset({SHOP})])
def test_a_report_does_not_look_through_all_that_ever_was(inboxes):
    plans = plans_of_a_report(inboxes=inboxes)
    for table, at in (("ticket", "opened_at"), ("wait", "began_at"), ("wait", "ended_at")):
        assert f"SCAN {table}_figure" not in plans
        assert f"ix_{table}_figure_" in plans
        assert f"({at}<?)" not in plans, plans
    assert "ix_wait_figure_ended_at (ended_at>?)" in plans


def test_inboxes_that_are_not_asked_for_do_not_count():
    waits = [a_wait(1, limit=HOUR), a_wait(2, limit=HOUR, inbox_id=2)]
    history = History(tickets=[a_ticket(1), a_ticket(2, inbox_id=2)], waits=waits)
    report = report_of(history, inboxes=frozenset({SHOP}))
    assert report.figure("received").value == 1
    assert [miss.number for miss in report.misses] == [2]
    assert report_of(history, inboxes=frozenset()).is_empty


def test_people_are_told_apart_only_where_the_owner_allows_it_and_never_ranked():
    waits = [a_wait(each, answered_at=MONDAY + HOUR, answered_by=BRUNO) for each in (1, 2)]
    waits.append(a_wait(3, answered_at=MONDAY + HOUR))
    tickets = [
        a_ticket(1),
        a_ticket(2, owner=BRUNO),
        a_ticket(3, owner=BRUNO),
        a_ticket(4, owner=""),
    ]
    history = History(tickets=tickets, waits=waits)
    with pytest.raises(QuestionError, match="rank_people = true"):
        report_of(history, by=Dimension.AGENT, names_people=False)
    report = report_of(history, by=Dimension.AGENT)
    assert [(cut.label, cut.figures["answers"].value) for cut in report.cuts] == [
        ("Anna Bassi", 1),
        ("Bruno Conti", 2),
        ("nobody", 0),
    ]


def test_parts_come_by_size_under_the_names_people_know():
    tickets = [a_ticket(1), a_ticket(2, inbox_id=2), a_ticket(3, inbox_id=2)]
    report = report_of(History(tickets=tickets, waits=[]), by=Dimension.INBOX)
    assert [(cut.key, cut.label, cut.sample) for cut in report.cuts] == [
        (SHOP, "Shop", 2),
        (AMAZON, "Amazon IT", 1),
    ]
    assert report.labels == {AMAZON: "Amazon IT", SHOP: "Shop"}


def test_complexity_is_points_of_turns_hand_overs_and_topic():
    tickets = [
        a_ticket(1),
        a_ticket(2, customer_turns=3),
        a_ticket(3, intent=Topic.A_TO_Z),
        a_ticket(4, intent=Topic.A_TO_Z, hand_overs=1),
        a_ticket(5, customer_turns=5, hand_overs=9),
    ]
    report = report_of(History(tickets=tickets, waits=[]), by=Dimension.COMPLEXITY)
    assert {cut.key: cut.sample for cut in report.cuts} == {"easy": 1, "middling": 2, "hard": 2}


def test_answers_an_hour_count_everybody_on_shift():
    """Two people from nine to one on Monday are eight hours; one who left counts no more."""
    mornings = BusinessCalendar("Europe/Rome", {"mon": [("09:00", "13:00")]})
    people = frozenset({ANNA, BRUNO, "U0GIANNI"})
    shift = WorkShift(name="mornings", calendar=mornings, people=people)
    desk = replace(a_desk(), roster=replace(a_roster(), shifts=(shift,)))
    waits = [a_wait(each, answered_at=MONDAY + HOUR) for each in range(1, 5)]
    history = History(tickets=[a_ticket(each) for each in range(1, 5)], waits=waits)
    assert report_of(history, desk=desk).figure("answers_per_hour").value == 0.5
    assert report_of(history, desk=a_telling_desk()).figure("answers_per_hour").value is None


def test_hours_and_weekdays_are_those_on_the_wall_across_a_change_of_the_clocks():
    """On Sunday 29 March 2026 two o'clock is three o'clock in Rome."""
    before, after = (datetime(2026, 3, 29, hour, 30, tzinfo=UTC) for hour in (0, 1))
    late = datetime(2026, 3, 29, 22, 30, tzinfo=UTC)  # half past midnight on Monday
    tickets = [a_ticket(1, before), a_ticket(2, after), a_ticket(3, late)]
    history = History(tickets=tickets, waits=[])
    by_hour = report_of(history, by=Dimension.HOUR)
    assert [cut.label for cut in by_hour.cuts] == ["00:00", "01:00", "03:00"]
    by_day = report_of(history, by=Dimension.WEEKDAY)
    assert [(cut.label, cut.sample) for cut in by_day.cuts] == [("Monday", 1), ("Sunday", 2)]
    assert [day.received for day in report_of(history).days] == [0, 2, 1, 0, 0, 0]
    assert UNTIL - SINCE == 6 * DAY - HOUR


@given(
    st.sampled_from(["Europe/Rome", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"]),
    st.lists(st.integers(0, 2_000_000_000), min_size=1, max_size=8),
)
def test_the_clock_on_the_wall_is_that_of_the_zone(zone, instants):
    local = LocalTime(zone)
    at = np.array([1_700_000_000 + each % 60_000_000 for each in instants])
    walls = [datetime.fromtimestamp(each, ZoneInfo(zone)) for each in at.tolist()]
    assert local.hours(at).tolist() == [wall.hour for wall in walls]
    assert local.weekdays(at).tolist() == [wall.weekday() for wall in walls]
    epoch = date(1970, 1, 1).toordinal()
    assert local.days(at).tolist() == [wall.date().toordinal() - epoch for wall in walls]

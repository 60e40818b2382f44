"""A deadline explained, row by row, as a person reads it."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sla_rules.calendar import ALWAYS
from sla_rules.explain import explain, explained, known_of
from sla_rules.timeline import Event, TicketFacts
from sla_rules.vocabulary import Kind, Metric, Scope
from tests.unit.sla_rules.builders import (
    SHOP,
    WEBSITE,
    answered,
    clock,
    office,
    only,
    planned,
    policy,
    resolved,
    rome,
    utc,
    wrote,
)

HOUR = timedelta(hours=1)


def steps(deadline, calendar, now, **known):
    """What each row is, and what it says."""
    found = explained(deadline, calendar, now, known_of(deadline, **known))
    return [(row.what, row.note) for row in found.rows]


def test_the_way_over_a_weekend_is_a_table_a_person_can_follow():
    start = rome("2026-11-20 17:30")
    deadline = only(planned(wrote(start), facts=WEBSITE), Scope.INTERNAL)

    lines = explain(deadline, SHOP, start + HOUR / 4, known_of(deadline))

    version = deadline.policy_version[:8]
    rule = f'policy "website.message", {deadline.rule}, version {version}'
    assert lines == (
        "First response, our target: 2 h of opening hours",
        "received  Fri 20 Nov 2026 17:30 CET             when the customer wrote, by the platform's own time",
        "counted   Fri 20 Nov 17:30 to 18:00             30 min, 1 h 30 min left",
        "closed    Fri 20 Nov 18:00 to Mon 23 Nov 09:00  Saturday 21 November to Sunday 22 November",
        "counted   Mon 23 Nov 09:00 to 10:30             1 h 30 min, that is all of it",
        "due       Mon 23 Nov 2026 10:30 CET",
        "running                                         1 h 45 min of opening hours left",
        f"rule                                            {rule}",
    )


def test_times_are_told_in_the_zone_that_is_asked_for():
    start = rome("2026-11-20 17:30")
    deadline = only(planned(wrote(start), facts=WEBSITE), Scope.INTERNAL)

    lines = explain(deadline, SHOP, start, zone=ZoneInfo("America/New_York"))

    assert lines[1].startswith("received  Fri 20 Nov 2026 11:30 EST")


def test_a_lunch_break_a_night_and_a_holiday_have_their_names():
    start = rome("2026-12-07 12:30")
    deadline = planned(wrote(start), by=policy(clock("13h", calendar="shop")))[0]

    said = steps(deadline, SHOP, start)

    assert [what for what, _ in said[1:-3]] == [
        *("counted", "closed", "counted", "holiday", "counted"),
        *("closed", "counted", "closed overnight", "counted"),
    ]
    assert ("holiday", "Tuesday 8 December") in said


def test_a_day_that_was_over_before_the_message_came_is_a_night():
    start = rome("2026-11-18 19:00")
    deadline = only(planned(wrote(start), facts=WEBSITE), Scope.INTERNAL)

    assert steps(deadline, SHOP, start)[1] == ("closed overnight", "")


def test_a_single_closed_day_and_a_day_that_ends_at_midnight():
    late = office(("12:00", "24:00"), days=["sat", "mon"])
    by = policy(clock("13h", calendar="shop"))
    deadline = planned(wrote(rome("2026-11-21 12:00")), by=by, calendars={"shop": late})[0]

    assert explain(deadline, late, rome("2026-11-21 12:00"))[2:5] == (
        "counted   Sat 21 Nov 12:00 to Sun 22 Nov 00:00  12 h, 1 h left",
        "closed    Sun 22 Nov 00:00 to Mon 23 Nov 12:00  Sunday 22 November",
        "counted   Mon 23 Nov 12:00 to 13:00             1 h, that is all of it",
    )


def test_plain_hours_count_every_hour():
    start = utc("2026-11-20 10:00:30")
    deadline = only(planned(wrote(start)), Scope.MARKETPLACE)

    lines = explain(deadline, ALWAYS, start + HOUR)

    assert lines[0] == "First response, marketplace limit: 24 h"
    assert lines[2].endswith("24 h, that is all of it; nights, weekends and holidays count")
    assert lines[3].split() == ["due", "Sat", "21", "Nov", "2026", "10:00:30", "UTC"]
    assert lines[4].split() == ["running", "23", "h", "left"]


def test_a_clamp_says_what_the_target_alone_would_have_allowed():
    by = policy(clock("24h", scope="marketplace"), clock("8h", calendar="shop"))
    deadline = only(planned(wrote(rome("2026-11-20 17:00")), by=by), Scope.INTERNAL)

    found = explained(deadline, SHOP, rome("2026-11-20 17:00"), known_of(deadline))

    (moved,) = [row for row in found.rows if row.what == "target alone"]
    (due,) = [row for row in found.rows if row.what == "due"]
    assert moved.start == rome("2026-11-23 17:00")
    assert moved.note == "would end; moved to 5 min before the marketplace limit"
    assert due.start == rome("2026-11-21 16:55")


def test_how_it_stands():
    start = utc("2026-11-20 10:00")

    def stands(*events: Event, at: datetime = start) -> tuple[str, str]:
        deadline = only(planned(wrote(start), *events), Scope.INTERNAL)
        row = explained(deadline, ALWAYS, at).rows[-2]
        return row.what, row.note

    assert stands(at=start + 14 * HOUR) == ("missed", "2 h ago; still running")
    assert stands(answered(start + HOUR)) == ("met", "11 h before the deadline")
    assert stands(answered(start + 13 * HOUR)) == ("late", "stopped 1 h after the deadline")
    assert stands(resolved(start + HOUR)) == ("ended", "nobody waits for it any more")


def test_a_long_way_is_summed_up_in_the_middle():
    by = policy(clock("160h", calendar="shop"))
    start = rome("2026-11-02 09:00")
    deadline = only(planned(wrote(start), by=by), Scope.INTERNAL)

    rows = explained(deadline, SHOP, start).rows

    (more,) = [row for row in rows if row.what == "…"]
    assert len(rows) < 20
    assert "counted in" in more.note
    assert sum((row.counted for row in rows), timedelta()) == deadline.target


def test_time_in_which_a_ticket_was_resolved_is_a_pause_that_says_so():
    start = utc("2026-11-20 10:00")
    by = policy(clock("4h", metric="resolution"))
    events: list[Event] = [wrote(start), resolved(start + HOUR), wrote(start + 3 * HOUR)]
    deadline = only(planned(*events, by=by), Scope.INTERNAL, Metric.RESOLUTION)

    said = steps(deadline, ALWAYS, start)

    assert said[2][0] == "paused"
    assert "resolved" in said[2][1]


def test_a_row_without_its_plan_still_tells_that_time_was_left_out():
    start = utc("2026-11-20 10:00")
    by = policy(clock("4h", metric="resolution"))
    events: list[Event] = [wrote(start), resolved(start + HOUR), wrote(start + 3 * HOUR)]
    deadline = only(planned(*events, by=by), Scope.INTERNAL, Metric.RESOLUTION)

    rows = explained(deadline, ALWAYS, start).rows

    assert ("not counted", "time in which it stood still") in [(r.what, r.note) for r in rows]


def test_a_limit_stated_by_the_platform_is_the_target_that_is_explained():
    claim = TicketFacts(channel="amazon", inbox="amazon-it", kind=Kind.CLAIM)
    start = utc("2026-11-20 10:00")
    deadline = only(planned(wrote(start), facts=claim, limit=168 * HOUR), Scope.MARKETPLACE)

    assert explain(deadline, ALWAYS, start)[0] == "First response, marketplace limit: 168 h"


def test_a_holiday_with_hours_of_its_own_counts():
    day = date(2026, 12, 8)
    calendar = office(holidays=[day], hours={day: [("10:00", "12:00")]})
    by = policy(clock("2h", calendar="shop"))
    start = rome("2026-12-08 08:00")
    deadline = planned(wrote(start), by=by, calendars={"shop": calendar})[0]

    assert explain(deadline, calendar, start)[3].endswith("2 h, that is all of it")

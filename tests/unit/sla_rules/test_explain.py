"""A deadline explained, line by line, as a person reads it."""

from datetime import date, datetime, timedelta

from sla_rules.calendar import ALWAYS
from sla_rules.explain import explain
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


def test_the_walk_over_a_weekend():
    start = rome("2026-11-20 17:30")
    deadline = only(planned(wrote(start), facts=WEBSITE), Scope.INTERNAL)

    assert explain(deadline, SHOP, start + HOUR / 4) == (
        'First response, internal target: 2 h of opening hours, by policy "website.message".',
        "The clock started Friday 20 November 2026 at 17:30 CET, when the customer wrote.",
        "Friday 20 November: 17:30 to 18:00 counts, 30 min; 1 h 30 min left.",
        "Saturday 21 November to Sunday 22 November: closed.",
        "Monday 23 November: 09:00 to 10:30 counts, 1 h 30 min; that is all of it.",
        "Due Monday 23 November 2026 at 10:30 CET.",
        "It is running: 1 h 45 min of opening hours left.",
    )


def test_the_walk_over_a_holiday_and_a_lunch_break():
    deadline = only(planned(wrote(rome("2026-12-07 12:30")), facts=WEBSITE), Scope.INTERNAL)
    later = only(planned(wrote(rome("2026-12-07 17:59")), facts=WEBSITE), Scope.INTERNAL)

    assert (
        "Monday 7 December: 12:30 to 13:00 and 14:00 to 15:30 counts, 2 h; that is all of it."
        in explain(deadline, SHOP, rome("2026-12-07 12:30"))
    )
    assert "Tuesday 8 December: closed, a holiday." in explain(
        later, SHOP, rome("2026-12-07 18:00")
    )


def test_a_day_that_was_over_before_the_message_came():
    deadline = only(planned(wrote(rome("2026-11-18 19:00")), facts=WEBSITE), Scope.INTERNAL)

    lines = explain(deadline, SHOP, rome("2026-11-18 19:00"))

    assert lines[2] == (
        "Wednesday 18 November: open 09:00 to 13:00 and 14:00 to 18:00, "
        "none of it between start and deadline."
    )


def test_a_single_closed_day_and_a_day_that_ends_at_midnight():
    late = office(("12:00", "24:00"), days=["sat", "mon"])
    by = policy(clock("13h", calendar="shop"))
    deadline = planned(wrote(rome("2026-11-21 12:00")), by=by, calendars={"shop": late})[0]

    assert explain(deadline, late, rome("2026-11-21 12:00"))[2:5] == (
        "Saturday 21 November: 12:00 to 24:00 counts, 12 h; 1 h left.",
        "Sunday 22 November: closed.",
        "Monday 23 November: 12:00 to 13:00 counts, 1 h; that is all of it.",
    )


def test_plain_hours_need_no_walk():
    start = utc("2026-11-20 10:00:30")
    deadline = only(planned(wrote(start)), Scope.MARKETPLACE)

    assert explain(deadline, ALWAYS, start + HOUR) == (
        'First response, marketplace limit: 24 h, by policy "amazon.message".',
        "The clock started Friday 20 November 2026 at 10:00:30 UTC, when the customer wrote.",
        "Every hour counts: nights, weekends and holidays too.",
        "Due Saturday 21 November 2026 at 10:00:30 UTC.",
        "It is running: 23 h left.",
    )


def test_a_clamp_says_what_the_target_alone_would_have_allowed():
    by = policy(clock("24h", scope="marketplace"), clock("8h", calendar="shop"))
    deadline = only(planned(wrote(rome("2026-11-20 17:00")), by=by), Scope.INTERNAL)

    lines = explain(deadline, SHOP, rome("2026-11-20 17:00"))

    assert lines[-3:] == (
        (
            "The deadline was moved to 5 min before the marketplace limit; "
            "the target alone would end Monday 23 November 2026 at 17:00 CET."
        ),
        "Due Saturday 21 November 2026 at 16:55 CET.",
        "It is running: 1 h of opening hours left.",
    )


def test_how_it_stands():
    start = utc("2026-11-20 10:00")

    def last(*events: Event, at: datetime = start) -> str:
        deadline = only(planned(wrote(start), *events), Scope.INTERNAL)
        return explain(deadline, ALWAYS, at)[-1]

    assert last(at=start + 14 * HOUR) == "It is running and was missed 2 h ago."
    assert last(answered(start + HOUR)) == (
        "It was met Friday 20 November 2026 at 11:00 UTC, 11 h before the deadline."
    )
    assert last(answered(start + 13 * HOUR)) == (
        "It stopped Friday 20 November 2026 at 23:00 UTC, 1 h late."
    )
    assert last(resolved(start + HOUR)) == (
        "It ended Friday 20 November 2026 at 11:00 UTC: the ticket was resolved without an answer."
    )


def test_a_long_walk_is_summed_up_in_the_middle():
    by = policy(clock("160h", calendar="shop"))
    start = rome("2026-11-02 09:00")
    deadline = only(planned(wrote(start), by=by), Scope.INTERNAL)

    lines = explain(deadline, SHOP, start)

    assert len(lines) == 2 + 6 + 1 + 6 + 2
    assert lines[8] == "… and so on: 80 h counted in between …"
    assert lines[-3].endswith("that is all of it.")


def test_time_in_which_a_ticket_was_resolved_is_mentioned():
    start = utc("2026-11-20 10:00")
    by = policy(clock("4h", metric="resolution"))
    events: list[Event] = [wrote(start), resolved(start + HOUR), wrote(start + 3 * HOUR)]
    deadline = only(planned(*events, by=by), Scope.INTERNAL, Metric.RESOLUTION)

    lines = explain(deadline, ALWAYS, start)

    assert "Time in which the ticket was resolved did not count." in lines
    assert lines[0].startswith("Resolution, internal target: 4 h")


def test_a_limit_stated_by_the_platform_is_the_target_that_is_explained():
    claim = TicketFacts(channel="amazon", inbox="amazon-it", kind=Kind.CLAIM)
    start = utc("2026-11-20 10:00")
    deadline = only(planned(wrote(start), facts=claim, limit=168 * HOUR), Scope.MARKETPLACE)

    assert explain(deadline, ALWAYS, start)[0].startswith(
        "First response, marketplace limit: 168 h"
    )


def test_a_holiday_with_hours_of_its_own_counts():
    day = date(2026, 12, 8)
    calendar = office(holidays=[day], hours={day: [("10:00", "12:00")]})
    by = policy(clock("2h", calendar="shop"))
    start = rome("2026-12-08 08:00")
    deadline = planned(wrote(start), by=by, calendars={"shop": calendar})[0]

    assert explain(deadline, calendar, start)[2] == (
        "Tuesday 8 December: 10:00 to 12:00 counts, 2 h; that is all of it."
    )

"""Explanations of every sort of clock, and of every case of the oracle."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from sla_rules.calendar import ALWAYS
from sla_rules.explain import Known, explain, explained, known_of
from sla_rules.policy import PolicySet
from sla_rules.timeline import CustomerMessage, Hold, Reclassified
from sla_rules.vocabulary import ClockState, Metric, Scope, Waiting
from sla_rules.walk import Passing, stretches
from tests.unit.sla_rules import oracle
from tests.unit.sla_rules.builders import (
    SHOP,
    answered,
    clock,
    lined,
    planned,
    policy,
    rome,
    utc,
    wrote,
)

HOUR = timedelta(hours=1)
T0 = utc("2026-11-20 10:00")
CASES = [case for case in oracle.cases(oracle.SAMPLE) if "expected_deadline" in case]


@dataclass(frozen=True, kw_only=True)
class Stored:
    """A deadline as the database holds it."""

    started_at: datetime
    due_at: datetime
    target_seconds: int
    metric: Metric = Metric.RESOLUTION
    scope: Scope = Scope.INTERNAL
    state: ClockState = ClockState.RUNNING
    stopped_at: datetime | None = None
    policy: str = "ours"
    policy_version: str = ""
    clamped: str | None = None


def told(deadline, calendar, now=T0, **keys):
    """Each row as (what, note)."""
    found = explained(deadline, calendar, now, replace(known_of(deadline), **keys))
    return [(row.what, row.note) for row in found.rows]


def row_of(deadline, calendar, what, now=T0, **keys):
    found = explained(deadline, calendar, now, replace(known_of(deadline), **keys))
    (row,) = [row for row in found.rows if row.what == what]
    return row


def asked(case):
    """The stored row, the calendar and the pauses that an oracle's question is about."""
    start = datetime.fromisoformat(case["start"])
    row = Stored(
        started_at=start,
        due_at=datetime.fromisoformat(case["expected_deadline"]),
        target_seconds=case["target_seconds"],
    )
    return row, oracle.calendar_of(case), pauses_of(case)


def pauses_of(case):
    return tuple(
        (datetime.fromisoformat(begins), datetime.fromisoformat(ends))
        for begins, ends in case.get("pauses", [])
    )


def test_there_are_cases_to_explain():
    assert len(CASES) > 100


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.get("id", "")))
def test_the_way_of_every_oracle_case_adds_up_to_the_target_and_ends_at_its_due(case):
    row, calendar, pauses = asked(case)

    way = stretches(calendar, row.started_at, row.due_at, pauses)

    # The stretches touch from the start to the due; what counted of them is the whole target.
    assert [each.start for each in way] == [row.started_at, *(each.end for each in way[:-1])]
    assert way[-1].end == row.due_at
    assert way[-1].passing is Passing.COUNTED
    assert sum((each.counted for each in way), timedelta()).total_seconds() == row.target_seconds
    for each in way:
        open_time = calendar.elapsed(each.start, each.end)
        assert open_time == each.counted or each.passing is Passing.PAUSED
        if each.passing is Passing.COUNTED:
            assert open_time == each.end - each.start


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.get("id", "")))
def test_the_rows_of_every_oracle_case_show_that_sum_and_the_due_in_local_time(case):
    row, calendar, pauses = asked(case)

    found = explained(row, calendar, row.started_at, Known(pauses=pauses))
    lines = explain(row, calendar, row.started_at, Known(pauses=pauses))

    counted = sum((each.counted for each in found.rows), timedelta())
    assert counted.total_seconds() == row.target_seconds
    assert sum(", that is all of it" in each.note for each in found.rows) == 1
    assert not any(each.what == "not counted" for each in found.rows)
    local = row.due_at.astimezone(ZoneInfo(case["calendar"]["tz"]))
    seconds = f":{local:%S}" if local.second else ""
    (due,) = [line for line in lines if line.startswith("due ")]
    assert due.endswith(f"{local.day} {local:%b %Y %H:%M}{seconds} {local.tzname()}")


@pytest.mark.parametrize(
    "case",
    [case for case in oracle.cases(oracle.SAMPLE) if "expected_elapsed_seconds" in case],
    ids=lambda case: str(case.get("id", "")),
)
def test_what_counted_between_two_instants_is_what_the_oracle_says(case):
    begins, ends = (datetime.fromisoformat(case[key]) for key in ("start", "end"))

    way = stretches(oracle.calendar_of(case), begins, ends, pauses_of(case))

    counted = sum((each.counted for each in way), timedelta())
    assert counted.total_seconds() == case["expected_elapsed_seconds"]


def test_a_rule_is_named_by_file_and_line():
    text = (
        '[[policy]]\nname = "own"\n[[policy.clock]]\n'
        'metric = "response"\nscope = "internal"\ntarget = "2h"\n'
        '[[policy]]\nname = "quiet"\nmatch = { kind = ["notice", "suspect"] }\nclock = []\n'
    )
    own = PolicySet.load_files({"rules.toml": text}).policies[0]

    (deadline,) = planned(wrote(T0), by=own)

    assert told(deadline, ALWAYS)[-1] == (
        "rule",
        f'policy "own", rules.toml:1, version {own.version[:8]}',
    )


def test_business_days_are_counted_date_by_date():
    (deadline,) = planned(wrote(rome("2026-12-04 17:00")), by=policy(clock("2bd", calendar="shop")))

    found = explained(deadline, SHOP, T0, known_of(deadline))

    assert found.promise == "First response, our target: 2 business days"
    assert told(deadline, SHOP)[1:5] == [
        ("closed", "Saturday 5 December to Sunday 6 December"),
        ("counted", "Monday 7 December, day 1 of 2"),
        ("holiday", "Tuesday 8 December"),
        ("counted", "Wednesday 9 December, day 2 of 2"),
    ]
    assert row_of(deadline, SHOP, "due").start == rome("2026-12-09 18:00")


@pytest.mark.parametrize(
    ("received", "counted", "due"),
    [
        ("2026-11-20 18:00", "received before 19:00, so the same day", "2026-11-20 23:30"),
        ("2026-11-20 19:00", "received after 19:00, so the next open day", "2026-11-23 23:30"),
        (
            "2026-11-21 10:00",
            "Saturday 21 November is closed, so the next open day",
            "2026-11-23 23:30",
        ),
    ],
)
def test_a_cut_off_says_on_which_side_of_it_the_message_came(received, counted, due):
    cutoff = {"received_before": "19:00", "reply_by": "23:30"}
    by = policy({"metric": "response", "scope": "internal", "calendar": "shop", "cutoff": cutoff})
    (deadline,) = planned(wrote(rome(received)), by=by)

    found = explained(deadline, SHOP, T0, known_of(deadline))

    assert found.promise.endswith(": received before 19:00, answered by 23:30 of an open day")
    assert ("counted", counted) in told(deadline, SHOP)
    assert row_of(deadline, SHOP, "due").start == rome(due)


def test_the_platforms_own_instant_is_called_that_and_not_walked():
    by = policy(clock("24h", "marketplace"))
    (deadline,) = planned(line=lined(wrote(T0), platform_due_at=T0 + 90 * HOUR), by=by)

    found = explained(deadline, ALWAYS, T0, known_of(deadline))

    assert found.promise == "First response, marketplace limit: by the time the platform named"
    assert ("counted", "nothing: the platform named the time itself") in told(deadline, ALWAYS)
    assert row_of(deadline, ALWAYS, "due").start == T0 + 90 * HOUR


def test_a_pause_is_a_stretch_of_its_own_that_says_for_whom():
    by = policy(clock("3h", metric="resolution", calendar="shop", pause_on="third_party"))
    since, until = rome("2026-11-19 10:00"), rome("2026-11-23 10:00")
    holds = [Hold(on=Waiting.THIRD_PARTY, since=since, until=until)]
    (deadline,) = planned(line=lined(wrote(rome("2026-11-19 09:00")), holds=holds), by=by)

    paused = row_of(deadline, SHOP, "paused", holds=holds)

    assert (paused.start, paused.end) == (since, until)
    assert paused.note == "waiting for a third party"
    assert [what for what, _ in told(deadline, SHOP)[:4]] == [
        *("received", "counted", "paused", "counted")
    ]


def test_a_clock_that_stands_still_names_no_due_and_what_is_left():
    by = policy(clock("3h", metric="resolution", pause_on="third_party"))
    holds = [Hold(on=Waiting.THIRD_PARTY, since=T0 + HOUR)]
    (deadline,) = planned(line=lined(wrote(T0), holds=holds), by=by)
    now = T0 + 50 * HOUR

    due = row_of(deadline, ALWAYS, "due", now, holds=holds)
    stands = row_of(deadline, ALWAYS, "paused", now, holds=holds)

    assert due.start == now + 2 * HOUR
    assert due.note == "if it went on now; while paused it has no date"
    assert stands.start == T0 + HOUR
    assert stands.note == "stands still since then, waiting for a third party; 2 h left"


def test_a_grace_says_its_cause_and_where_the_target_ended():
    changed = Reclassified(at=T0 + 5 * HOUR, what="VIP")
    (deadline,) = planned(line=lined(wrote(T0), reclassified=changed), by=policy(clock("1h")))

    moved = row_of(deadline, ALWAYS, "target alone")

    assert moved.start == T0 + HOUR
    assert moved.note == (
        "would have ended; VIP; its target had passed by then, so 15 min from the change"
    )
    assert row_of(deadline, ALWAYS, "counted").end == T0 + HOUR


def test_the_lag_of_the_desk_is_shown_and_counts():
    (deadline,) = planned(wrote(T0), by=policy(clock("1h")))

    seen = row_of(deadline, ALWAYS, "seen by the desk", seen_at=T0 + HOUR / 6)

    assert (seen.start, seen.note) == (T0 + HOUR / 6, "10 min later; that counts too")
    assert "seen by the desk" not in dict(told(deadline, ALWAYS, seen_at=T0))


def test_a_date_that_was_not_believed_is_shown_beside_the_one_that_counts():
    (deadline,) = planned(wrote(T0), by=policy(clock("1h")))

    (dated, received, *_) = told(deadline, ALWAYS, dated_at=T0 + 900 * HOUR)

    assert dated == ("dated", "as the message says; not believed")
    assert received == ("received", "the desk's own time: the date in the message cannot be")


def test_rules_that_are_lost_are_said_to_be():
    (deadline,) = planned(wrote(T0), by=policy(clock("1h")))

    assert told(deadline, ALWAYS, lost="not at hand")[-1][1].endswith("; not at hand")


def test_an_update_starts_with_the_last_answer():
    (deadline,) = planned(wrote(T0), answered(T0 + HOUR), by=policy(clock("48h", metric="update")))

    found = explained(deadline, ALWAYS, T0, known_of(deadline))

    assert found.promise == "Next update, our target: 48 h"
    assert found.rows[0].what == "answered"
    assert found.rows[0].start == T0 + HOUR


def test_a_window_counts_from_the_newest_message_and_shuts_for_good():
    events = (wrote(T0, "a"), wrote(T0 + HOUR, "b"))
    (deadline,) = planned(*events, by=policy(clock("24h", "window")))

    found = explained(deadline, ALWAYS, T0, known_of(deadline))

    assert found.promise == "First response, answering window: 24 h"
    assert found.rows[0].start == T0 + HOUR
    assert row_of(deadline, ALWAYS, "due").note == "after that the platform takes no answer"


def test_a_limit_the_platform_counts_from_before_the_message_says_so():
    again = CustomerMessage(ref="again", at=T0, waiting_since=T0 - 10 * HOUR)
    (deadline,) = planned(again, by=policy(clock("24h", "marketplace")))

    row = row_of(deadline, ALWAYS, "waiting")

    assert row.start == T0 - 10 * HOUR
    assert row.note == "since then the platform counts the customer as waiting"

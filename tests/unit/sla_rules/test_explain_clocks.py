"""Explanations of every sort of clock, and of every case of the oracle."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sla_rules.calendar import ALWAYS
from sla_rules.explain import Known, explain, known_of
from sla_rules.policy import PolicySet
from sla_rules.timeline import Hold, Reclassified
from sla_rules.vocabulary import ClockState, Metric, Scope, Waiting
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
class Row:
    """A deadline as the database holds it."""

    started_at: datetime
    due_at: datetime
    target_seconds: int
    metric: Metric = Metric.RESOLUTION
    scope: Scope = Scope.INTERNAL
    state: ClockState = ClockState.RUNNING
    stopped_at: datetime | None = None
    policy: str = "ours"
    clamped: str | None = None
    more: dict[str, Any] = field(default_factory=dict)


def told(deadline, calendar, now=T0, **keys):
    known = known_of(deadline, **keys)
    return explain(deadline, calendar, now, known)


def test_there_are_cases_to_explain():
    assert len(CASES) > 100


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.get("id", "")))
def test_the_walk_of_every_oracle_case_ends_at_the_right_instant(case):
    calendar = oracle.calendar_of(case)
    due_at = datetime.fromisoformat(case["expected_deadline"])
    pauses = tuple(
        (datetime.fromisoformat(begins), datetime.fromisoformat(ends))
        for begins, ends in case.get("pauses", [])
    )
    start = datetime.fromisoformat(case["start"])
    row = Row(started_at=start, due_at=due_at, target_seconds=case["target_seconds"])

    lines = explain(row, calendar, start, Known(pauses=pauses))

    local = due_at.astimezone(ZoneInfo(case["calendar"]["tz"]))
    (due,) = [line for line in lines if line.startswith("Due ")]
    seconds = f":{local:%S}" if local.second else ""
    assert f"{local.day} {local:%B %Y} at {local:%H:%M}{seconds} {local.tzname()}." in due
    # The days add up to the target: the walk and the deadline agree on what counted.
    assert sum("that is all of it" in line for line in lines) == 1
    assert not any(line.startswith("Time in which") for line in lines)


def test_a_rule_is_named_by_file_and_line():
    text = (
        '[[policy]]\nname = "own"\n[[policy.clock]]\n'
        'metric = "response"\nscope = "internal"\ntarget = "2h"\n'
        '[[policy]]\nname = "quiet"\nmatch = { kind = ["notice", "suspect"] }\nclock = []\n'
    )
    own = PolicySet.load_files({"rules.toml": text}).policies[0]

    (deadline,) = planned(wrote(T0), by=own)

    assert told(deadline, ALWAYS)[0] == (
        'First response, internal target: 2 h, by policy "own" (rules.toml:1).'
    )


def test_business_days_are_called_days():
    (deadline,) = planned(wrote(rome("2026-11-20 17:00")), by=policy(clock("1bd", calendar="shop")))
    (two,) = planned(wrote(rome("2026-11-20 17:00")), by=policy(clock("2bd", calendar="shop")))

    lines = told(deadline, SHOP)

    assert lines[0].startswith("First response, internal target: 1 business day, by")
    assert lines[-2] == "Due Monday 23 November 2026 at 18:00 CET."
    assert ": 2 business days, by" in told(two, SHOP)[0]


def test_a_cut_off_says_both_times():
    cutoff = {"received_before": "19:00", "reply_by": "23:30"}
    by = policy({"metric": "response", "scope": "internal", "calendar": "shop", "cutoff": cutoff})

    (deadline,) = planned(wrote(rome("2026-11-20 18:00")), by=by)

    assert (
        ": received before 19:00, answered by 23:30 of an open day, by" in told(deadline, SHOP)[0]
    )


def test_the_platforms_own_instant_is_called_that_and_not_walked():
    by = policy(clock("24h", "marketplace"))
    (deadline,) = planned(line=lined(wrote(T0), platform_due_at=T0 + 90 * HOUR), by=by)

    lines = told(deadline, ALWAYS)

    assert "marketplace limit: by the time the platform named, by policy" in lines[0]
    assert lines[2] == "Due Tuesday 24 November 2026 at 04:00 UTC."


def test_pauses_are_told_and_left_out_of_the_days():
    by = policy(clock("3h", metric="resolution", calendar="shop", pause_on="third_party"))
    holds = [
        Hold(
            on=Waiting.THIRD_PARTY,
            since=rome("2026-11-19 10:00"),
            until=rome("2026-11-23 10:00"),
        )
    ]
    (deadline,) = planned(line=lined(wrote(rome("2026-11-19 09:00")), holds=holds), by=by)

    lines = told(deadline, SHOP)

    assert "Thursday 19 November: 09:00 to 10:00 counts, 1 h; 2 h left." in lines
    assert "Friday 20 November: open 09:00 to 13:00 and 14:00 to 18:00, paused." in lines
    assert "Monday 23 November: 10:00 to 12:00 counts, 2 h; that is all of it." in lines
    paused = "Paused from Thursday 19 November 2026 at 10:00 CET to Monday 23 November 2026"
    assert any(line.startswith(paused) for line in lines)


def test_a_paused_clock_says_since_when_and_what_is_left():
    by = policy(clock("3h", metric="resolution", pause_on="third_party"))
    holds = [Hold(on=Waiting.THIRD_PARTY, since=T0 + HOUR)]
    (deadline,) = planned(line=lined(wrote(T0), holds=holds), by=by)

    assert told(deadline, ALWAYS)[-1] == (
        "It is paused since Friday 20 November 2026 at 11:00 UTC, with 2 h left."
    )


def test_a_grace_says_its_cause():
    changed = Reclassified(at=T0 + 5 * HOUR, what="VIP")
    (deadline,) = planned(line=lined(wrote(T0), reclassified=changed), by=policy(clock("1h")))

    assert "policy_change: VIP; its target had passed by then, so 15 min from the change." in told(
        deadline, ALWAYS
    )


def test_the_lag_of_the_desk_is_shown_and_counts():
    (deadline,) = planned(wrote(T0), by=policy(clock("1h")))

    lines = told(deadline, ALWAYS, seen_at=T0 + HOUR / 6)

    assert (
        "The desk saw it 10 min later, Friday 20 November 2026 at 10:10 UTC; that counts too."
        in lines
    )
    assert not any("saw it" in line for line in told(deadline, ALWAYS, seen_at=T0))


def test_an_update_starts_with_the_last_answer():
    (deadline,) = planned(wrote(T0), answered(T0 + HOUR), by=policy(clock("48h", metric="update")))

    lines = told(deadline, ALWAYS)

    assert lines[0].startswith("Next update, internal target: 48 h")
    assert lines[1].endswith("11:00 UTC, when the last answer was given.")


def test_a_window_is_called_one():
    (deadline,) = planned(wrote(T0), by=policy(clock("24h", "window")))

    assert told(deadline, ALWAYS)[0].startswith("First response, answering window: 24 h")

from dataclasses import replace

import pytest

from bot.domain.pings import DuePing, PingOutcome, Quiet, decide
from bot.domain.roster import Roster
from sla_rules.vocabulary import Audience, ClockState, Until
from tests.builders import ANNA, DORA, GONE, NOW, a_roster, hours, minutes

NOBODY_ASKED = Quiet(snoozed_until=None, acknowledged_at=None, acknowledge_for=minutes(30))
DUE_AT = NOW - minutes(31)


def a_due_ping(step="breach", **changes):
    severity = {"warn50": 10, "warn20": 20, "breach": 30, "breach2": 31, "breach3": 32}[step]
    ping = DuePing(
        id=severity,
        ticket_id=1,
        deadline_id=1,
        step=step,
        severity=severity,
        fire_at=NOW,
        due_at=DUE_AT,
        clock=ClockState.RUNNING,
        breached_at=None if step == "breach" else DUE_AT,
    )
    return replace(ping, **changes)


def test_of_several_steps_the_gravest_comes_first():
    due = [a_due_ping("warn50"), a_due_ping("breach"), a_due_ping("warn20")]
    spoken = decide(due, NOBODY_ASKED, NOW).speaking
    assert [ping.step for ping in spoken] == ["breach", "warn20", "warn50"]


@pytest.mark.parametrize("state", [ClockState.MET, ClockState.LATE, ClockState.CANCELLED])
def test_a_clock_that_stopped_says_nothing(state):
    verdicts = decide([a_due_ping(clock=state)], NOBODY_ASKED, NOW)
    assert not verdicts.speaking
    assert [outcome for _, outcome in verdicts.silent] == [PingOutcome.ANSWERED]


def test_a_snooze_silences_warnings_and_never_a_breach():
    quiet = replace(NOBODY_ASKED, snoozed_until=NOW + hours(1))
    verdicts = decide(
        [a_due_ping("warn50"), a_due_ping("breach"), a_due_ping("breach2")], quiet, NOW
    )
    assert [ping.step for ping in verdicts.speaking] == ["breach2", "breach"]
    assert [outcome for _, outcome in verdicts.silent] == [PingOutcome.SNOOZED]


def test_an_answer_on_its_way_silences_warnings_and_never_a_breach():
    quiet = replace(NOBODY_ASKED, answering=True)
    verdicts = decide([a_due_ping("warn50"), a_due_ping("breach")], quiet, NOW)
    assert [ping.step for ping in verdicts.speaking] == ["breach"]
    assert [outcome for _, outcome in verdicts.silent] == [PingOutcome.ANSWERING]


def test_a_snooze_that_is_over_silences_nothing():
    quiet = replace(NOBODY_ASKED, snoozed_until=NOW)
    assert decide([a_due_ping("warn50")], quiet, NOW).speaking


def test_an_acknowledged_miss_is_not_repeated():
    quiet = replace(NOBODY_ASKED, acknowledged_at=NOW - minutes(10))
    verdicts = decide([a_due_ping("breach2")], quiet, NOW)
    assert [outcome for _, outcome in verdicts.silent] == [PingOutcome.ACKNOWLEDGED]


def test_an_acknowledgement_holds_only_for_its_time():
    quiet = replace(NOBODY_ASKED, acknowledged_at=NOW - minutes(31))
    assert decide([a_due_ping("breach2")], quiet, NOW).speaking


def test_what_was_acknowledged_before_the_miss_does_not_silence_it():
    due_at = NOW - minutes(5)
    quiet = replace(NOBODY_ASKED, acknowledged_at=due_at - minutes(1))
    assert decide([a_due_ping("breach2", due_at=due_at)], quiet, NOW).speaking


def test_a_breach_nobody_announced_cannot_have_been_acknowledged():
    quiet = replace(NOBODY_ASKED, acknowledged_at=NOW - minutes(1))
    due = [a_due_ping("breach"), a_due_ping("breach2", breached_at=None)]
    assert len(decide(due, quiet, NOW).speaking) == 2


@pytest.mark.parametrize("assignee", [None, GONE, "U0NOBODY"])
def test_who_is_not_there_is_not_pinged_but_the_group_is(assignee):
    found = a_roster().audience(Audience.ASSIGNEE, assignee=assignee, group=("S0TEAM",))
    assert found == (Audience.GROUP, ("S0TEAM",))


def test_the_assignee_hears_warnings_and_the_managers_breaches():
    roster = a_roster()
    assert roster.audience(Audience.ASSIGNEE, assignee=ANNA, group=())[1] == (ANNA,)
    assert roster.audience(Audience.MANAGERS, assignee=ANNA, group=())[1] == (DORA,)


def test_a_desk_without_managers_tells_the_group():
    roster = Roster(agents={})
    assert roster.audience(Audience.MANAGERS, assignee=None, group=("S0TEAM",))[1] == ("S0TEAM",)


def test_a_step_that_lasts_until_the_answer_is_not_silenced_by_an_acknowledgement():
    quiet = replace(NOBODY_ASKED, acknowledged_at=NOW - minutes(5))
    lasting = a_due_ping("breach2", until=Until.ANSWERED)
    assert decide([a_due_ping("breach2")], quiet, NOW).speaking == []
    assert decide([lasting], quiet, NOW).speaking == [lasting]

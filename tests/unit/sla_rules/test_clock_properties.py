"""What holds for every clock, whatever its hours, its pauses and its history."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sla_rules.timeline import AutomaticAnswer, Hold, Timeline
from sla_rules.vocabulary import ClockState, Waiting
from tests.unit.sla_rules.builders import AMAZON, CALENDARS, clock, planned, policy, wrote
from tests.unit.sla_rules.strategies import SlowClock, events, instants, openings, zones

EXAMPLES = settings(max_examples=60, deadline=None)
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
HISTORIES = st.lists(events, max_size=8)
lengths = st.integers(0, 72 * 3600).map(lambda seconds: timedelta(seconds=seconds))
holds = st.lists(
    st.builds(
        lambda on, since, length: Hold(on=on, since=since, until=since + length),
        st.sampled_from(Waiting),
        instants,
        lengths,
    ),
    max_size=4,
)
EVERY = policy(
    clock("7d", "window"),
    clock("24h", "marketplace"),
    clock("9h", calendar="shop", warn=["50%", "30m"], ping_calendar="shop"),
    clock("20h", metric="resolution", calendar="shop", pause_on=["customer", "third_party"]),
    clock("48h", metric="update"),
    clock("6h", "marketplace", metric="resolution"),
)


def every(history, held=(), now=None):
    line = Timeline(facts=AMAZON, events=tuple(history), holds=tuple(held))
    return planned(line=line, by=EVERY, **({"now": now} if now else {}))


@EXAMPLES
@given(HISTORIES, holds, instants)
def test_invariant_7_planning_again_at_any_time_gives_the_same_rows(history, held, now):
    assert every(history[::-1], held[::-1], now) == every(history, held)


@EXAMPLES
@given(HISTORIES, holds, zones)
def test_the_zone_of_the_instants_changes_nothing(history, held, zone: ZoneInfo):
    moved = [replace(event, at=event.at.astimezone(zone)) for event in history]
    also = [
        replace(
            hold,
            since=hold.since.astimezone(zone),
            until=hold.until.astimezone(zone) if hold.until else None,
        )
        for hold in held
    ]

    assert every(moved, also) == every(history, held)


@EXAMPLES
@given(HISTORIES, holds)
def test_a_hold_never_makes_a_deadline_earlier(history, held):
    without = {(d.metric, d.scope, d.instance): d.due_at for d in every(history)}

    for deadline in every(history, held):
        assert deadline.due_at >= without[deadline.metric, deadline.scope, deadline.instance]


@EXAMPLES
@given(instants, holds, st.integers(1, 40), st.integers(0, 40))
def test_a_longer_target_is_never_due_earlier(at, held, hours, more):
    line = Timeline(facts=AMAZON, events=(wrote(at),), holds=tuple(held))
    rules = [
        policy(clock(f"{count}h", metric="resolution", calendar="shop", pause_on=["third_party"]))
        for count in (hours, hours + more)
    ]

    short, long = (planned(line=line, by=rule)[0].due_at for rule in rules)

    assert short <= long


@EXAMPLES
@given(instants, lengths, st.sampled_from(["2bd", "9h"]))
def test_a_later_message_is_never_due_earlier(at, later, target):
    by = policy(clock(target, calendar="shop"))

    first, second = (planned(wrote(when), by=by)[0].due_at for when in (at, at + later))

    assert first <= second


@EXAMPLES
@given(HISTORIES)
def test_invariant_6_automatic_answers_are_as_if_they_were_not_there(history):
    automatic = [AutomaticAnswer(ref="bot", at=event.at + SECOND) for event in history]

    assert every([*history, *automatic]) == every(history)


@EXAMPLES
@given(HISTORIES, holds)
def test_every_row_and_every_step_has_a_key_of_its_own(history, held):
    deadlines = every(history, held)

    assert len({(d.metric, d.scope, d.instance) for d in deadlines}) == len(deadlines)
    for deadline in deadlines:
        assert len({ping.step for ping in deadline.pings}) == len(deadline.pings)
        assert deadline.due_at > deadline.started_at
        assert deadline.state is ClockState.RUNNING or deadline.pings == ()


@settings(max_examples=25, deadline=None)
@given(
    openings,
    instants,
    st.integers(1, 3 * 3600),
    st.lists(st.tuples(st.integers(0, 20_000), st.integers(0, 9_000)), max_size=3),
)
def test_a_paused_deadline_equals_a_count_second_by_second(opening, start, seconds, spans):
    calendar = opening.calendar()
    start = start.replace(microsecond=0)
    pauses = [
        (start + timedelta(seconds=begin), start + timedelta(seconds=begin + length))
        for begin, length in spans
    ]

    expected = _by_the_second(opening, start, seconds, pauses)
    assume(expected is not None)

    assert calendar.deadline(start, timedelta(seconds=seconds), pauses) == expected


def _by_the_second(opening, start: datetime, seconds: int, pauses) -> datetime | None:
    """Counts one second after another for at most a day; None when that is not enough."""
    wall = SlowClock(opening)
    at = start.astimezone(UTC)
    is_open, minute = False, None
    for _ in range(86_400):
        if (at.hour, at.minute) != minute:
            minute, is_open = (at.hour, at.minute), wall.is_open(at)
        if is_open and not any(paused <= at < resumed for paused, resumed in pauses):
            seconds -= 1
        at += SECOND
        if not seconds:
            return at
    return None


def test_the_calendars_of_the_tests_are_those_the_rules_name():
    assert EVERY.calendars <= set(CALENDARS)

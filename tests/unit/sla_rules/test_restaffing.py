"""Another roster: which answers move, where to, and what never moves."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from sla_rules.policy import PolicySet
from sla_rules.restaffing import Rosters, restaffed
from sla_rules.runs import in_order, response_runs, written_at
from sla_rules.staffing import Shift, Staffing
from sla_rules.timeline import (
    AutomaticAnswer,
    CustomerMessage,
    Event,
    HumanAnswer,
    Resolved,
    TicketFacts,
    Timeline,
)
from sla_rules.whatif import Past, Rules
from tests.unit.sla_rules.builders import (
    CALENDARS,
    LATER,
    answered,
    clock,
    office,
    resolved,
    rome,
    what_if,
    wrote,
)
from tests.unit.sla_rules.strategies import events, openings

HOUR = timedelta(hours=1)
DAY = office(("09:00", "18:00"))
LATE_SHIFT = office(("14:00", "23:00"))
FACTS = TicketFacts(channel="website", inbox="shop")
ACTS = st.lists(events, max_size=8)
CLOCKS = [
    clock("4h"),
    {"metric": "resolution", "scope": "internal", "target": "2d"},
    {"metric": "update", "scope": "internal", "target": "1d"},
]


def crew(calendar=DAY, people: int = 1) -> Staffing:
    return Staffing([Shift(name="crew", calendar=calendar, people=people)])


def under(after: Staffing, *events: Event, before: Staffing | None = None, now=LATER):
    """The times of the events under another roster, in their order."""
    line = Timeline(facts=FACTS, events=events)
    found = restaffed(line, Rosters(before=before or crew(), after=after), now)
    return [written_at(event) for event in found.timeline.events]


def acts(events_: Sequence[Event]) -> list[Event]:
    return [e for e in events_ if not isinstance(e, CustomerMessage | AutomaticAnswer)]


def test_the_same_hours_of_work_are_found_at_the_hours_of_the_other_shift() -> None:
    wrote_at = rome("2026-11-24 10:00")

    assert under(crew(LATE_SHIFT), wrote(wrote_at), answered(rome("2026-11-24 12:00"))) == [
        wrote_at,
        rome("2026-11-24 16:00"),
    ]


def test_twice_the_people_find_the_work_in_half_the_time() -> None:
    found = under(
        crew(people=2), wrote(rome("2026-11-24 10:00")), answered(rome("2026-11-24 14:00"))
    )
    assert found[1] == rome("2026-11-24 12:00")


def test_half_the_people_need_the_next_day() -> None:
    found = under(
        crew(people=1),
        wrote(rome("2026-11-24 13:00")),
        answered(rome("2026-11-24 17:00")),
        before=crew(people=2),
    )
    assert found[1] == rome("2026-11-25 12:00")


def test_an_automatic_answer_stays_where_it_was_whoever_works() -> None:
    automatic = AutomaticAnswer(ref="auto", at=rome("2026-11-24 10:01"))

    found = under(crew(LATE_SHIFT), wrote(rome("2026-11-24 10:00")), automatic)

    assert found[1] == automatic.at


def test_an_answer_outside_every_shift_keeps_its_delay() -> None:
    at = rome("2026-11-24 22:00")
    line = Timeline(facts=FACTS, events=(wrote(rome("2026-11-24 20:00")), answered(at)))

    found = restaffed(line, Rosters(before=crew(), after=crew(LATE_SHIFT, 5)), LATER)

    assert [written_at(event) for event in found.timeline.events][1] == at
    assert (found.answers, found.outside) == (1, 1)


def test_a_faster_answer_never_comes_before_a_message_that_it_answered() -> None:
    first, second = rome("2026-11-24 10:00"), rome("2026-11-24 13:00")

    found = under(crew(people=10), wrote(first), wrote(second), answered(rome("2026-11-24 14:00")))

    assert found == [first, second, second]


def test_a_slower_answer_leaves_the_next_question_to_the_next_answer() -> None:
    line = Timeline(
        facts=FACTS,
        events=(
            wrote(rome("2026-11-24 10:00")),
            answered(rome("2026-11-24 12:00")),
            wrote(rome("2026-11-24 13:00")),
            answered(rome("2026-11-24 15:00")),
        ),
    )

    moved = restaffed(line, Rosters(before=crew(people=4), after=crew()), LATER).timeline

    first, second = response_runs(moved.events)
    assert (first.started_at, first.ended_at) == (
        rome("2026-11-24 10:00"),
        rome("2026-11-24 18:00"),
    )
    assert (second.started_at, second.ended_at) == (
        rome("2026-11-24 13:00"),
        rome("2026-11-25 12:00"),
    )


def test_what_was_settled_after_the_answer_is_settled_after_it_still() -> None:
    found = under(
        crew(LATE_SHIFT),
        wrote(rome("2026-11-24 10:00")),
        answered(rome("2026-11-24 11:00")),
        resolved(rome("2026-11-24 12:00")),
    )
    assert found[1:] == [rome("2026-11-24 15:00"), rome("2026-11-24 16:00")]


def test_an_answer_that_would_not_have_come_yet_is_late_only_if_it_was_due() -> None:
    now = rome("2026-11-24 17:30")
    policies = PolicySet.load([{"name": "ours", "match": {}, "clock": [clock("8h")]}])
    rules = Rules(policies=policies, calendars={"shop": CALENDARS})
    history = [
        Past(ticket=number, timeline=Timeline(facts=FACTS, events=events_))
        for number, events_ in (
            (1, (wrote(rome("2026-11-24 09:00")), answered(rome("2026-11-24 16:00")))),
            (2, (wrote(rome("2026-11-24 16:00")), answered(rome("2026-11-24 17:00")))),
        )
    ]

    found = what_if(
        history, rules, rules, now, Rosters(before=crew(people=3), after=crew(people=1))
    )

    (flip,) = found.flips
    assert (flip.ticket, flip.late_after, flip.ended_after) == (1, True, None)
    assert flip.late_by == now - rome("2026-11-24 17:00")
    assert (found.answers, found.outside) == (2, 0)


@settings(deadline=None, max_examples=60)
@given(ACTS, openings, st.integers(1, 4))
def test_the_same_roster_flips_nothing(events_, opening, people) -> None:
    rosters = Rosters(
        before=crew(opening.calendar(), people), after=crew(opening.calendar(), people)
    )
    line = Timeline(facts=FACTS, events=tuple(events_))

    moved = restaffed(line, rosters, LATER).timeline

    assert [written_at(e) for e in in_order(moved.events)] == [
        written_at(e) for e in in_order(line.events)
    ]
    policies = PolicySet.load([{"name": "ours", "match": {}, "clock": CLOCKS}])
    rules = Rules(policies=policies, calendars={"shop": CALENDARS})
    found = what_if([Past(ticket=1, timeline=line)], rules, rules, LATER, rosters)
    assert found.flips == ()
    assert all(t.deadlines_before == t.deadlines_after for t in found.tallies.values())


@settings(deadline=None, max_examples=60)
@given(ACTS, st.tuples(openings, openings, openings), st.integers(1, 3), st.integers(0, 3))
def test_more_people_answer_nothing_later(events_, hours, people, more) -> None:
    old, new, extra = hours
    before = crew(old.calendar(), people)
    few = [Shift(name="few", calendar=new.calendar(), people=people)]
    many = [
        Shift(name="few", calendar=new.calendar(), people=people + more),
        Shift(name="extra", calendar=extra.calendar(), people=1),
    ]
    line = Timeline(facts=FACTS, events=tuple(events_))

    slow, fast = (
        restaffed(line, Rosters(before=before, after=Staffing(shifts)), LATER).timeline
        for shifts in (few, many)
    )

    for one, other in zip(acts(slow.events), acts(fast.events), strict=True):
        assert written_at(other) <= written_at(one)


@settings(deadline=None, max_examples=60)
@given(ACTS, openings, openings, st.integers(1, 3), st.integers(1, 3))
def test_only_what_people_did_moves_and_its_order_stays(events_, old, new, were, are) -> None:
    line = Timeline(facts=FACTS, events=tuple(events_))
    rosters = Rosters(before=crew(old.calendar(), were), after=crew(new.calendar(), are))

    moved = restaffed(line, rosters, LATER).timeline

    before = in_order(line.events)
    assert [e for e in moved.events if isinstance(e, CustomerMessage)] == [
        e for e in before if isinstance(e, CustomerMessage)
    ]
    assert [type(e) for e in moved.events] == [type(e) for e in before]
    times = [written_at(e) for e in acts(moved.events)]
    assert times == sorted(times)
    assert replace(moved, events=()) == replace(line, events=())


@settings(deadline=None, max_examples=60)
@given(ACTS, openings, openings, st.integers(1, 3), st.integers(1, 3))
def test_every_wait_has_its_counterpart(events_, old, new, were, are) -> None:
    line = Timeline(facts=FACTS, events=tuple(events_))
    rosters = Rosters(before=crew(old.calendar(), were), after=crew(new.calendar(), are))

    moved = restaffed(line, rosters, LATER).timeline

    before, after = response_runs(line.events), response_runs(moved.events)
    assert [(r.started_at, r.ending) for r in before] == [(r.started_at, r.ending) for r in after]


def test_what_was_done_first_is_done_first_although_both_wait_for_the_same_hour() -> None:
    line = Timeline(
        facts=FACTS,
        events=(
            wrote(rome("2026-11-24 10:00")),
            resolved(rome("2026-11-24 12:00")),
            wrote(rome("2026-11-24 15:00")),
            answered(rome("2026-11-24 15:30")),
        ),
    )

    moved = restaffed(line, Rosters(before=crew(), after=crew(LATE_SHIFT)), LATER).timeline

    assert [type(event) for event in acts(in_order(moved.events))] == [Resolved, HumanAnswer]
    assert acts(in_order(moved.events))[0].at == rome("2026-11-24 16:00")

"""History replayed under other rules."""

from datetime import timedelta
from decimal import Decimal

from sla_rules.calendar import ALWAYS
from sla_rules.policy import PolicySet
from sla_rules.timeline import TicketFacts, Timeline
from sla_rules.vocabulary import Metric, Scope
from sla_rules.whatif import KEPT, Group, Past, Rules, Tally
from tests.unit.sla_rules.builders import (
    SHOP,
    answered,
    clock,
    office,
    resolved,
    rome,
    utc,
    what_if,
    wrote,
)

HOUR = timedelta(hours=1)
T0 = utc("2026-11-20 10:00")
OURS = Group("website", Metric.FIRST_RESPONSE, Scope.INTERNAL)


def rules(target, calendar="always", shop=SHOP, match=None):
    table = {"name": "ours", "match": match or {}, "clock": [clock(target, calendar=calendar)]}
    return Rules(policies=PolicySet.load([table]), calendars={"shop": {"shop": shop}})


def past(ticket, *events, channel="website"):
    facts = TicketFacts(channel=channel, inbox="shop")
    return Past(ticket=ticket, timeline=Timeline(facts=facts, events=events))


HISTORY = [
    past(1, wrote(T0), answered(T0 + HOUR)),
    past(2, wrote(T0), answered(T0 + 3 * HOUR)),
    past(3, wrote(T0), answered(T0 + 9 * HOUR)),
    past(4, wrote(T0)),
    past(5, wrote(T0 + 28 * HOUR)),
]
NOW = T0 + 30 * HOUR


def test_the_same_rules_change_nothing():
    found = what_if(HISTORY, rules("4h"), rules("4h"), NOW)

    assert (found.tickets, found.flips) == (5, ())
    assert found.tallies == {
        OURS: Tally(deadlines_before=5, deadlines_after=5, breaches_before=2, breaches_after=2)
    }


def test_a_stricter_target_tells_which_tickets_would_have_been_late():
    found = what_if(HISTORY, rules("4h"), rules("2h"), NOW)

    (flip,) = found.flips
    assert (flip.ticket, flip.late_before, flip.late_after) == (2, False, True)
    assert (flip.due_before, flip.due_after) == (T0 + 4 * HOUR, T0 + 2 * HOUR)
    assert (flip.ended_before, flip.ended_after) == (T0 + 3 * HOUR, T0 + 3 * HOUR)
    assert flip.late_by == HOUR
    assert (found.newly_late, found.no_longer_late) == (1, 0)
    assert found.tallies[OURS].breaches_after == 3
    assert list(found.tallies) == [OURS]


def test_other_opening_hours_are_a_question_too():
    history = [past(1, wrote(rome("2026-11-20 17:00")), answered(rome("2026-11-21 10:00")))]

    found = what_if(history, rules("4h", "shop"), rules("4h", "shop", shop=ALWAYS), NOW)

    assert [flip.late_after for flip in found.flips] == [True]


def test_a_clock_that_only_one_side_has_is_counted_on_that_side():
    nothing = rules("4h", match={"channel": "elsewhere"})

    found = what_if(HISTORY, nothing, rules("4h"), NOW)

    assert found.tallies[OURS] == Tally(deadlines_after=5, breaches_after=2, newly_late=2)
    assert {flip.due_before for flip in found.flips} == {None}
    assert {flip.due_after for flip in what_if(HISTORY, rules("4h"), nothing, NOW).flips} == {None}


def test_channels_are_counted_apart():
    history = [
        *HISTORY,
        *(past(10 + i, wrote(T0), answered(T0 + 3 * HOUR), channel="etsy") for i in range(3)),
        past(20, wrote(T0), resolved(T0 + HOUR), channel="etsy"),
    ]

    found = what_if(history, rules("4h"), rules("2h"), NOW)

    assert {
        group.channel: (tally.breaches_before, tally.breaches_after)
        for group, tally in found.tallies.items()
    } == {"website": (2, 3), "etsy": (0, 3)}


def test_the_gravest_flips_come_first_and_the_rest_is_only_counted():
    history = [
        past(n, wrote(T0), answered(T0 + 2 * HOUR + timedelta(minutes=n)), channel="etsy")
        for n in range(1, KEPT + 11)
    ]
    relieved = past(99, wrote(T0), answered(T0 + 3 * HOUR), channel="other")
    tables = [
        {"name": "a", "match": {"channel": "etsy"}, "clock": [clock("4h")]},
        {"name": "b", "match": {"channel": "other"}, "clock": [clock("2h")]},
    ]
    swapped = [{**tables[0], "clock": [clock("2h")]}, {**tables[1], "clock": [clock("4h")]}]
    before, after = (
        Rules(policies=PolicySet.load(each), calendars={}) for each in (tables, swapped)
    )

    found = what_if([*history, relieved], before, after, NOW)

    assert (found.newly_late, found.no_longer_late) == (KEPT + 10, 1)
    assert [flip.ticket for flip in found.flips] == [*range(KEPT + 10, 10, -1), 99]


def test_a_wait_that_goes_on_is_as_late_as_it_is_by_now():
    found = what_if([past(1, wrote(T0))], rules("40h"), rules("4h"), NOW)

    (flip,) = found.flips
    assert (flip.ended_after, flip.late_by) == (None, 26 * HOUR)


def test_a_policy_that_says_the_same_in_other_hours_is_planned_anew():
    history = [past(1, wrote(rome("2026-11-20 17:00")), answered(rome("2026-11-23 11:00")))]
    longer = office(("09:00", "20:00"))

    found = what_if(history, rules("3h", "shop"), rules("3h", "shop", shop=longer), NOW)

    assert [(flip.due_before, flip.due_after) for flip in found.flips] == [
        (rome("2026-11-23 11:00"), rome("2026-11-20 20:00"))
    ]


def test_many_sorts_of_tickets_do_not_change_the_answer():
    """More order values than sorts are remembered: nothing depends on what was remembered."""
    history = [
        Past(
            ticket=n,
            timeline=Timeline(
                facts=TicketFacts(channel="website", inbox="shop", order_value=Decimal(n)),
                events=(wrote(T0), answered(T0 + 3 * HOUR)),
            ),
        )
        for n in range(10_050)
    ]
    big = {"name": "big", "match": {"order_value_from": 10_000}, "clock": [clock("2h")]}
    rest = {"name": "ours", "match": {}, "clock": [clock("4h")]}
    after = Rules(policies=PolicySet.load([big, rest]), calendars={"shop": {}})

    found = what_if(history, rules("4h"), after, NOW)

    assert (found.newly_late, found.tickets) == (50, 10_050)

"""Which deadlines are forecast to be missed, why, and how often forecasts were right."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.forecast import (
    DRAWS,
    FEWEST,
    USUAL,
    Because,
    Cause,
    Clock,
    Forecast,
    Handling,
    OpenTicket,
    Outlook,
    forecasts,
)
from bot.domain.forecast_rate import Missed, Said, hit_rate
from bot.domain.priority import Urgency
from bot.domain.roster import Agent, Role, Roster, WorkShift
from bot.domain.working_hours import Presence, presences
from sla_rules.calendar import ALWAYS, BusinessCalendar
from sla_rules.vocabulary import Risk, Scope

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
ANNA, BRUNO = "U0ANNA", "U0BRUNO"
INBOX = "bol-nl"
LATE = BusinessCalendar("UTC", {"tue": [("14:00", "18:00")]})


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


def roster(**changes: object) -> Roster:
    agents = {who: Agent(slack_id=who, name=who, role=Role.AGENT) for who in (ANNA, BRUNO)}
    return Roster(agents=agents, **changes)  # type: ignore[arg-type]


def a_ticket(number: int, due: timedelta, *, owner: str | None = None) -> OpenTicket:
    due_at = NOW + due
    return OpenTicket(
        urgency=Urgency(
            ticket_id=number,
            limit_at=due_at,
            target_at=None,
            risk=Risk.NORMAL,
            vip=False,
            worth=0.0,
            waiting_since=NOW - hours(1),
        ),
        inbox=INBOX,
        assignee=owner,
        meant=frozenset({ANNA, BRUNO}),
        clocks=[Clock(deadline_id=number * 10, scope=Scope.MARKETPLACE, due_at=due_at)],
    )


def foreseen(
    *tickets: OpenTicket, staff: Roster | None = None, **changes: object
) -> list[Forecast]:
    staff = staff or roster()
    outlook = Outlook(
        now=NOW,
        until=NOW + hours(8),
        tickets=tickets,
        presences=presences(staff, ALWAYS, NOW, NOW + hours(8)),
    )
    return forecasts(replace(outlook, **changes), staff)  # type: ignore[arg-type]


def test_with_somebody_there_and_time_enough_nothing_is_missed() -> None:
    found = foreseen(a_ticket(1, hours(2)), a_ticket(2, hours(3)))
    assert [each.percent for each in found] == [0, 0]
    assert all(each.expected_at is not None for each in found)
    assert not any(each.is_likely for each in found)


def test_with_nobody_on_shift_in_time_it_says_from_when_somebody_is() -> None:
    staff = roster(shifts=[WorkShift(name="late", calendar=LATE, people=frozenset({ANNA, BRUNO}))])
    (found,) = foreseen(a_ticket(1, hours(2)), staff=staff)
    assert found.percent == 100
    assert found.cause == Cause(because=Because.NOBODY, at=NOW + hours(5))


def test_a_shift_for_other_inboxes_does_not_help() -> None:
    shift = WorkShift(
        name="other", calendar=ALWAYS, people=frozenset({ANNA, BRUNO}), inboxes=frozenset({"etsy"})
    )
    (found,) = foreseen(a_ticket(1, hours(2)), staff=roster(shifts=[shift]))
    assert (found.percent, found.cause) == (100, Cause(because=Because.NOBODY))
    assert found.expected_at is None


@pytest.mark.parametrize(("until", "at"), [(NOW + hours(4), NOW + hours(4)), (None, None)])
def test_a_ticket_waits_for_its_owner_who_is_away(
    until: datetime | None, at: datetime | None
) -> None:
    (found,) = foreseen(a_ticket(1, hours(2), owner=ANNA), staff=roster(away={ANNA: until}))
    assert found.percent == 100
    assert found.cause == Cause(because=Because.OWNER, at=at, who=ANNA)


def test_of_more_than_can_be_done_the_later_ones_are_missed() -> None:
    tickets = [a_ticket(number, timedelta(minutes=61 + number)) for number in range(1, 21)]
    found = foreseen(*tickets)
    assert [each.is_likely for each in found][:4] == [False] * 4
    last = found[-1]
    assert (last.percent, last.cause) == (100, Cause(because=Because.QUEUE, count=19))


def test_less_time_than_an_answer_takes_is_said_as_that() -> None:
    (found,) = foreseen(a_ticket(1, USUAL / 5))
    assert (found.is_likely, found.cause.because) == (True, Because.SHORT)


def test_what_takes_long_in_a_channel_is_missed_there() -> None:
    slow = Handling(samples={"bol": [hours(3)] * FEWEST}, channels={INBOX: "bol"})
    (found,) = foreseen(a_ticket(1, hours(2)), handling=slow)
    assert found.percent == 100
    few = Handling(samples={"bol": [hours(3)] * (FEWEST - 1)}, channels={INBOX: "bol"})
    (found,) = foreseen(a_ticket(1, hours(2)), handling=few)
    assert found.percent == 0


def test_tickets_that_usually_come_in_take_their_time_too() -> None:
    tickets = [*(a_ticket(number, hours(0.9)) for number in (1, 2)), a_ticket(3, hours(7.5))]
    alone = roster(away={BRUNO: None})
    assert not any(each.is_likely for each in foreseen(*tickets, staff=alone))
    flood = foreseen(*tickets, staff=alone, arrivals={INBOX: [12.0] * 8})
    assert [each.is_likely for each in flood] == [False, False, True]
    assert flood == foreseen(*tickets, staff=alone, arrivals={INBOX: [12.0] * 8, "etsy": []})
    deluge = foreseen(*tickets, staff=alone, arrivals={INBOX: [100_000.0] * 8})
    assert [each.is_likely for each in deluge] == [False, False, True]


def test_the_same_queue_is_forecast_the_same() -> None:
    tickets = [a_ticket(number, timedelta(minutes=30 + 9 * number)) for number in range(1, 12)]
    assert foreseen(*tickets) == foreseen(*reversed(tickets))
    shares = {each.percent for each in foreseen(*tickets)}
    assert all(round(share * DRAWS / 100) in range(DRAWS + 1) for share in shares)


def test_a_deadline_that_has_passed_is_no_forecast() -> None:
    assert foreseen(a_ticket(1, -hours(1))) == []


def test_whoever_is_full_takes_nothing_new_before_their_own_is_done() -> None:
    full = {ANNA: Agent(slack_id=ANNA, name="Anna", role=Role.AGENT, capacity=2)}
    own = [a_ticket(number, hours(6), owner=ANNA) for number in (1, 2)]
    new = a_ticket(3, timedelta(minutes=25))
    (first, *_) = foreseen(*own, new, staff=replace(roster(), agents=full))
    assert (first.ticket_id, first.is_likely) == (3, True)
    (first, *_) = foreseen(*own, new)
    assert (first.ticket_id, first.is_likely) == (3, False)


def test_a_cause_is_kept_whole() -> None:
    for cause in (
        Cause(because=Because.OWNER, at=NOW, who=ANNA),
        Cause(because=Because.QUEUE, count=3),
    ):
        assert Cause.load(cause.dump()) == cause


def test_two_shifts_at_once_are_one_presence_that_takes_the_inboxes_of_both() -> None:
    early = BusinessCalendar("UTC", {"tue": [("08:00", "13:00")]})
    late = BusinessCalendar("UTC", {"tue": [("12:00", "15:00")]})
    staff = roster(
        shifts=[
            WorkShift(name="a", calendar=early, people=frozenset({ANNA}), inboxes=frozenset({"a"})),
            WorkShift(name="b", calendar=late, people=frozenset({ANNA}), inboxes=frozenset({"b"})),
        ],
        away={BRUNO: None},
    )
    assert presences(staff, ALWAYS, NOW, NOW + hours(8)) == [
        Presence(who=ANNA, begins=NOW, ends=NOW + hours(6), inboxes=frozenset({"a", "b"}))
    ]


def said(deadline: int, at: timedelta, *, over: bool = True, missed: bool = True) -> Said:
    return Said(deadline_id=deadline, made_at=NOW + at, is_over=over, was_missed=missed)


def test_the_hit_rate_counts_each_deadline_once_and_only_what_is_over() -> None:
    rate = hit_rate(
        NOW,
        [
            said(1, hours(0)),
            said(1, hours(1)),
            said(2, hours(0), missed=False),
            said(3, hours(0), over=False, missed=False),
            said(4, hours(4)),
        ],
        [
            Missed(deadline_id=1, due_at=NOW + hours(3)),
            Missed(deadline_id=4, due_at=NOW + hours(4.5)),
            Missed(deadline_id=5, due_at=NOW + hours(5)),
        ],
    )
    assert (rate.foreseen, rate.came) == (3, 2)
    assert (rate.missed, rate.warned) == (3, 1)
    assert rate.is_small

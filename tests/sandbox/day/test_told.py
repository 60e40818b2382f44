from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.effects import EffectKind
from bot.domain.ticket import EventType
from sandbox.day.record import SlackCall
from sandbox.day.rows import DeadlineRow, EventRow, PingRow, TicketRow
from sandbox.day.told import Presence, Told, is_on_its_way, needless, twice
from sla_rules.calendar import BusinessCalendar

NINE = datetime(2026, 11, 24, 9, tzinfo=UTC)
ANNA, TEAM = "U0ANNA00001", "S0TEAM00001"
SHOP = BusinessCalendar("UTC", {"tue": (("09:00", "18:00"),)})


def at(minutes: float) -> datetime:
    return NINE + timedelta(minutes=minutes)


PRESENCE = Presence(
    shifts={ANNA: (at(0), at(300))},
    away=[(ANNA, at(120), at(150))],
    groups={TEAM: (ANNA,)},
    calendars={"shop": SHOP},
)


def told(
    minutes: float,
    *events: tuple[str, float],
    step: str = "warn50",
    called: Sequence[str] = (ANNA,),
    calendar: str = "always",
    breached: float | None = None,
) -> Told:
    """A ping at so many minutes past nine, of a ticket that was opened at nine."""
    history = (("opened", 0.0), *events)
    return Told(
        at=at(minutes),
        ping=PingRow(
            id=1, deadline_id=2, ticket_id=3, step=step, fire_at=at(minutes), outcome="sent"
        ),
        deadline=DeadlineRow(
            id=2,
            ticket_id=3,
            scope="internal",
            calendar=calendar,
            started_at=at(0),
            due_at=at(60),
            stopped_at=None,
            breached_at=None if breached is None else at(breached),
        ),
        ticket=TicketRow(
            id=3,
            number=1,
            inbox="shop",
            kind="message",
            risk="normal",
            customer_ids=(),
            events=[EventRow(type=what, actor=ANNA, at=at(when)) for what, when in history],
        ),
        post=SlackCall(
            at=at(minutes).timestamp(),
            method="chat.postMessage",
            status=200,
            error=None,
            channel="C1",
            ts="1.0",
            called=tuple(called),
        ),
        kind=EffectKind.POST_PING,
    )


def test_a_ping_for_somebody_who_is_there_about_a_customer_who_waits_is_needed() -> None:
    assert needless(told(30), PRESENCE) is None


@pytest.mark.parametrize(
    "what",
    [
        EventType.REPLY_SENT,
        EventType.ANSWERED_ELSEWHERE,
        EventType.NO_ANSWER_NEEDED,
        EventType.RESOLVED,
    ],
)
def test_a_ping_after_whatever_ends_the_wait_is_needless(what: str) -> None:
    assert needless(told(30, (what, 29)), PRESENCE) == "answered"
    assert needless(told(30, (what, 31)), PRESENCE) is None


def test_what_happens_while_a_ping_is_on_its_way_makes_it_no_more_needless() -> None:
    meanwhile = told(30, (EventType.REPLY_SENT, 30 - 0.05 / 60))

    assert needless(meanwhile, PRESENCE) is None


def test_an_answer_is_on_its_way_from_send_until_it_is_out_or_taken_back() -> None:
    queued = (EventType.REPLY_QUEUED, 20)

    assert is_on_its_way(told(30, queued))
    assert not is_on_its_way(told(30))
    assert not is_on_its_way(told(30, queued, (EventType.REPLY_SENT, 21)))
    assert not is_on_its_way(told(30, queued, (EventType.REPLY_UNDONE, 21)))


def test_a_customer_who_wrote_again_waits_again() -> None:
    again = told(30, (EventType.REPLY_SENT, 10), (EventType.CUSTOMER_WROTE, 20))

    assert needless(again, PRESENCE) is None


def test_a_repeat_of_a_miss_that_somebody_is_on_is_needless_and_the_first_telling_is_not() -> None:
    seen = (EventType.ACKNOWLEDGED, 65)

    assert needless(told(90, seen, step="breach2", breached=60), PRESENCE) == "acknowledged"
    assert needless(told(90, seen, step="breach", breached=60), PRESENCE) is None
    assert needless(told(90, seen, step="warn20"), PRESENCE) is None


@pytest.mark.parametrize("who", [ANNA, TEAM])
@pytest.mark.parametrize("minutes", [130, 301])
def test_a_ping_for_somebody_at_lunch_or_gone_home_is_needless(who: str, minutes: float) -> None:
    assert needless(told(minutes, called=[who]), PRESENCE) == "nobody there"


def test_a_clock_of_opening_hours_pings_in_them_and_for_a_moment_after() -> None:
    everybody = replace(PRESENCE, shifts={})
    closing = 9 * 60

    assert needless(told(closing + 1, calendar="shop"), everybody) is None
    assert needless(told(closing + 6, calendar="shop"), everybody) == "closed hours"
    assert needless(told(closing + 6, calendar="always"), everybody) is None


def test_a_step_told_in_two_posts_is_told_twice_but_not_when_one_is_direct() -> None:
    one = told(30)

    assert twice([one]) == 0
    assert twice([one, one]) == 1
    assert twice([one, replace(one, kind=EffectKind.POST_DIRECT)]) == 0

"""What connectors know of a conversation reaches the rules that look at it."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from bot.db import tables
from connectors.contract import Verdict
from sla_rules.policy import PolicySet
from sla_rules.topics import Topic
from sla_rules.vocabulary import ClockState, Kind, Scope
from tests.builders import (
    NOW,
    SHOP,
    a_desk,
    an_inbound,
    answer,
    arrive,
    days,
    hours,
    minutes,
    ticket,
)
from tests.db.reading import deadline_states, last_event, rows

pytestmark = pytest.mark.postgres(first=2)

PLAIN = "Good morning, a word about my order please."


def policy(name, target, **match):
    return {
        "name": name,
        "source": "invented for this test",
        **({"match": match} if match else {}),
        "clock": [{"metric": "response", "scope": "internal", "target": target}],
    }


def a_desk_with(name, target, **match):
    usual, other = policy("usual", "12h"), policy(name, target, **match)
    return a_desk(policies=PolicySet.load([usual, other]))


async def policy_of(db, number=1):
    return {clock.policy for clock in (await ticket(db, number)).clocks}


async def test_a_season_begins_with_the_shops_own_midnight(db):
    desk = a_desk_with("december", "2h", season="12-01..12-31")
    eve = datetime(2026, 11, 30, 22, 59, tzinfo=UTC)  # one minute to midnight in Rome
    await arrive(db, desk, an_inbound(sent_at=eve), inbox=SHOP)
    await arrive(db, desk, an_inbound(sent_at=eve + minutes(1)), inbox=SHOP)
    assert await policy_of(db, 1) == {"usual"}
    assert await policy_of(db, 2) == {"december"}


async def test_a_season_without_a_calendar_goes_by_the_desks_zone(db):
    desk = replace(a_desk_with("december", "2h", season="12-01..12-31"), timezone="Europe/Rome")
    await arrive(db, desk, an_inbound(sent_at=datetime(2026, 11, 30, 23, 30, tzinfo=UTC)))
    assert await policy_of(db) == {"december"}


@pytest.mark.parametrize(
    ("value", "rule"), [("500", "big"), ("499.99", "usual"), (None, "usual"), ("0", "usual")]
)
async def test_a_rule_for_big_orders_takes_the_value_to_the_cent(db, value, rule):
    desk = a_desk_with("big", "1h", order_value_from=500)
    worth = Decimal(value) if value else None
    await arrive(db, desk, an_inbound(text=PLAIN, order_value=worth, currency="EUR"))
    assert await policy_of(db) == {rule}


async def test_an_order_value_that_is_learnt_later_counts_from_the_same_start(db):
    desk = a_desk_with("big", "2h", order_value_from=500)
    await arrive(db, desk, an_inbound(thread="a", text=PLAIN))
    later = NOW + hours(1)
    priced = an_inbound(
        thread="a", text=PLAIN, sent_at=later, order_value=Decimal("612.50"), currency="EUR"
    )
    await arrive(db, desk, priced)
    (clock,) = (await ticket(db)).clocks
    assert (clock.policy, clock.started_at, clock.due_at) == ("big", NOW, NOW + hours(2))
    (row,) = await rows(db, tables.ticket)
    assert (row.order_value_cents, row.currency) == (61250, "EUR")


async def test_a_rule_for_a_topic_takes_what_the_connector_knows(db):
    desk = a_desk_with("feedback", "30m", topic="negative_feedback")
    await arrive(db, desk, an_inbound(text=PLAIN, topic=Topic.NEGATIVE_FEEDBACK))
    assert await policy_of(db) == {"feedback"}


async def test_the_graver_topic_stays(db):
    desk = a_desk_with("chargeback", "30m", topic="chargeback")
    await arrive(db, desk, an_inbound(thread="a", text=PLAIN, topic=Topic.CHARGEBACK))
    thanks = an_inbound(thread="a", text=PLAIN, topic=Topic.THANKS, sent_at=NOW + minutes(5))
    await arrive(db, desk, thanks)
    assert await policy_of(db) == {"chargeback"}


@pytest.mark.parametrize(
    ("match", "known"),
    [
        ({"marketplace": "it"}, {"marketplace": "IT"}),
        ({"language": "it"}, {"language": "it"}),
        ({"tag": "trade"}, {"tags": ["new", "trade"]}),
    ],
)
async def test_a_rule_may_look_at_whatever_a_connector_tells(db, match, known):
    desk = a_desk_with("special", "1h", **match)
    await arrive(db, desk, an_inbound(text=PLAIN, language="en"))
    await arrive(db, desk, an_inbound(text=PLAIN, **{"language": "en", **known}))
    assert await policy_of(db, 1) == {"usual"}
    assert await policy_of(db, 2) == {"special"}


def claim(**changes):
    given = {"verdict": Verdict.CLAIM, "thread": "case", "text": "A case was opened."}
    return an_inbound(**{**given, **changes})


async def limit(db):
    (found,) = [each for each in (await ticket(db)).clocks if each.scope is Scope.MARKETPLACE]
    return found


async def test_a_later_notice_moves_the_instant_the_platform_named(db, desk):
    await arrive(db, desk, claim(respond_by=NOW + days(2)))
    assert (await limit(db)).due_at == NOW + days(2)

    more = claim(sent_at=NOW + hours(5), respond_by=NOW + days(6), text="You have more time.")
    await arrive(db, desk, more)

    assert (await limit(db)).due_at == NOW + days(6)
    (row,) = await rows(db, tables.ticket)
    assert row.platform_due_at == NOW + days(6)
    assert {each.respond_by for each in await rows(db, tables.message)} == {
        NOW + days(2),
        NOW + days(6),
    }


async def test_a_notice_about_a_return_moves_its_instant_too(db, desk):
    asked = {"thread": "return", "kind": Kind.RETURN_REQUEST}
    await arrive(db, desk, an_inbound(**asked, respond_by=NOW + days(1)))
    notice = {"thread": "return", "verdict": Verdict.NOTICE, "sent_at": NOW + hours(2)}
    await arrive(db, desk, an_inbound(**notice, respond_by=NOW + days(4)))
    assert (await limit(db)).due_at == NOW + days(4)


async def test_invariant_5_an_instant_that_is_over_leaves_no_time(db, desk):
    await arrive(db, desk, claim(respond_by=NOW - days(2)))
    assert (await limit(db)).due_at <= NOW + minutes(1)


@pytest.mark.parametrize(
    ("since", "starts"),
    [(NOW - hours(6), NOW - hours(6)), (NOW + hours(1), NOW), (NOW - days(1000), NOW)],
    ids=["before the message", "after it", "a number misread"],
)
async def test_the_platforms_own_start_of_the_wait_counts_where_it_makes_sense(db, since, starts):
    desk = counting(answers=False)
    await arrive(db, desk, an_inbound(waiting_since=since))
    found = await limit(db)
    assert (found.started_at, found.due_at) == (starts, starts + days(1))


async def test_the_window_closes_when_the_platform_says(db):
    own = {
        "name": "chat",
        "source": "invented for this test",
        "clock": [{"metric": "response", "scope": "window", "target": "24h"}],
    }
    desk = a_desk(policies=PolicySet.load([own]))
    await arrive(db, desk, an_inbound(reply_until=NOW + hours(3)))
    (window,) = (await ticket(db)).clocks
    assert window.due_at == NOW + hours(3)


def counting(answers):
    """A platform's own clock, and whether the platform counts receipts as answers."""
    own = {
        "name": "platform",
        "source": "invented for this test",
        "auto_reply_satisfies": answers,
        "clock": [{"metric": "response", "scope": "marketplace", "target": "24h"}],
    }
    return a_desk(policies=PolicySet.load([own]))


@pytest.mark.parametrize(("counts", "state"), [(True, "met"), (False, "running")])
async def test_invariant_6_a_receipt_satisfies_only_where_the_platform_counts_it(db, counts, state):
    desk = counting(counts)
    await arrive(db, desk, an_inbound(thread="a"))
    view = await ticket(db)
    receipt = an_inbound(
        thread="a", verdict=Verdict.ACKNOWLEDGEMENT, sent_at=NOW + minutes(2), sender_handle=""
    )
    await arrive(db, desk, receipt, now=NOW + minutes(7))
    assert set((await deadline_states(db, view.id)).values()) == {state}
    (row,) = await rows(db, tables.deadline)
    assert row.stopped_at == (NOW + minutes(2) if counts else None)
    assert (await ticket(db)).waiting_since == NOW


async def test_invariant_6_a_customers_automatic_mail_satisfies_nothing_anywhere(db):
    desk = counting(True)
    await arrive(db, desk, an_inbound(thread="a"))
    away = an_inbound(thread="a", verdict=Verdict.AUTO_REPLY, sent_at=NOW + minutes(2))
    await arrive(db, desk, away)
    (clock,) = (await ticket(db)).clocks
    assert clock.state is ClockState.RUNNING


async def test_a_forged_date_counts_from_its_receipt_and_both_instants_are_kept(db, desk):
    forged = an_inbound(sent_at=NOW + days(400))
    await arrive(db, desk, forged, now=NOW + minutes(3), received_at=NOW)
    view = await ticket(db)
    assert {clock.started_at for clock in view.clocks} == {NOW}
    event = await last_event(db, view.id, "opened")
    assert event.data["stated_at"] == (NOW + days(400)).isoformat()
    (row,) = await rows(db, tables.message)
    assert (row.sent_at, row.seen_at) == (NOW, NOW + minutes(3))


async def test_a_date_that_is_believed_is_told_once(db, desk):
    await arrive(db, desk, an_inbound())
    view = await ticket(db)
    assert "stated_at" not in (await last_event(db, view.id, "opened")).data


async def test_a_finished_clock_outlives_its_rule(db, desk):
    await arrive(db, desk, an_inbound(thread="a"))
    view = await ticket(db)
    await answer(db, desk, view.id, at=NOW + hours(1))
    before = await deadline_states(db, view.id)
    closing = {
        "name": "closing",
        "source": "invented for this test",
        "clock": [{"metric": "resolution", "scope": "internal", "target": "30h"}],
    }
    other = a_desk(policies=PolicySet.load([closing]))
    await arrive(db, other, an_inbound(thread="a", sent_at=NOW + hours(2)))
    after = await deadline_states(db, view.id)
    assert set(before.values()) == {"met"}
    assert before.items() <= after.items()
    assert ("resolution", "internal", 0) in after

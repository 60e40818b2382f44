import pytest

from bot.domain.class_change import moves_told
from bot.errors import DeskError, NotAllowed
from bot.usecases.reclassify import Reclassification, Reclassify, Unchanged, reclassify
from bot.usecases.wait import WaitFor, wait_for
from sla_rules.policy import PolicySet
from sla_rules.topics import Topic
from sla_rules.vocabulary import ClockState, Risk, Stage, Waiting
from tests.builders import (
    ANNA,
    NOW,
    VIEWER,
    a_desk,
    a_ticket,
    an_inbound,
    answer,
    arrive,
    hours,
    minutes,
    ticket,
)
from tests.db.reading import effects, event_types, fire, last_event, mark_posted

pytestmark = pytest.mark.postgres(first=2)


def policy(name, target, **match):
    return {
        "name": name,
        "source": "invented for this test",
        **({"match": match} if match else {}),
        "clock": [
            {"metric": "response", "scope": "marketplace", "target": "24h"},
            {"metric": "response", "scope": "internal", "target": target},
            {
                "metric": "resolution",
                "scope": "internal",
                "target": "20h",
                "pause_on": ["third_party"],
            },
        ],
    }


@pytest.fixture
def desk():
    """Three classes of customers, three promises."""
    policies = [
        policy("usual", "12h"),
        policy("vip", "2h", vip=True),
        policy("grave", "1h", risk="critical"),
        policy("grave vip", "30m", risk="critical", vip=True),
        policy("trade", "6h", tag="trade"),
        policy("trade vip", "2h", tag="trade", vip=True),
        policy("grave trade", "1h", tag="trade", risk="critical"),
        policy("all of it", "30m", tag="trade", risk="critical", vip=True),
    ]
    return a_desk(policies=PolicySet.load(policies))


async def becomes(db, desk, at, *, actor=ANNA, **facts):
    view = await ticket(db)
    command = Reclassify(ticket_id=view.id, actor=actor, **facts)
    return await db.write(lambda tx: reclassify(tx, desk, command), now=at, urgent=True)


async def own_target(db):
    (found,) = [
        each
        for each in (await ticket(db)).clocks
        if each.scope == "internal" and each.metric != "resolution"
    ]
    return found


async def test_a_customer_who_proves_important_is_due_earlier_from_the_same_start(db, desk):
    await a_ticket(db, desk)

    outcome = await becomes(db, desk, NOW + hours(1), vip=True)

    assert isinstance(outcome, Reclassification)
    assert (outcome.what, outcome.cause) == ("VIP", None)
    (move,) = outcome.moves
    assert (move.before, move.after) == (NOW + hours(12), NOW + hours(2))
    clock = await own_target(db)
    assert (clock.started_at, clock.due_at, clock.policy) == (NOW, NOW + hours(2), "vip")
    assert (await ticket(db)).vip


async def test_a_target_that_had_passed_already_leaves_grace_and_pages_nobody_before(db, desk):
    view = await a_ticket(db, desk)
    at = NOW + hours(5)

    outcome = await becomes(db, desk, at, vip=True)

    clock = await own_target(db)
    assert clock.due_at == at + minutes(15)
    assert clock.cause == outcome.cause
    assert clock.cause is not None
    assert "VIP" in clock.cause
    await fire(db, desk, at)
    assert "breach" not in await event_types(db, view.id)
    await fire(db, desk, at + minutes(15))
    assert (await last_event(db, view.id, "breach")).data["late_seconds"] == 0


async def test_invariant_7_the_grace_stays_what_it_was_however_often_it_is_planned(db, desk):
    await arrive(db, desk, an_inbound(thread="a"))
    await becomes(db, desk, NOW + hours(5), vip=True)
    due = (await own_target(db)).due_at
    await arrive(db, desk, an_inbound(thread="a", sent_at=NOW + hours(5.1)))
    assert (await own_target(db)).due_at == due


async def test_who_was_late_already_stays_late(db, desk):
    await a_ticket(db, desk)
    await fire(db, desk, NOW + hours(12))

    outcome = await becomes(db, desk, NOW + hours(13), vip=True)

    assert outcome.cause is None
    clock = await own_target(db)
    assert clock.due_at == NOW + hours(2)
    assert clock.breached_at == NOW + hours(12)


async def test_the_thread_is_told_what_changed_and_what_moved(db, desk):
    view = await a_ticket(db, desk)
    await mark_posted(db, view.id)

    outcome = await becomes(db, desk, NOW + hours(1), vip=True, topic=Topic.CHARGEBACK)

    event = await last_event(db, view.id, "reclassified")
    assert event.actor == ANNA
    assert event.data["what"] == outcome.what == "topic where is my order → chargeback, VIP"
    assert event.data["due_before"] == (NOW + hours(12)).isoformat()
    told = [(each.scope, each.before, each.after) for each in moves_told(event.data)]
    assert told == [("internal", NOW + hours(12), NOW + hours(2))]
    assert sorted(await effects(db)) == ["post_log", "update_card"]


async def test_a_fact_no_rule_looks_at_is_written_down_and_moves_nothing(db, desk):
    view = await a_ticket(db, desk)
    await mark_posted(db, view.id)
    outcome = await becomes(db, desk, NOW + hours(1), stage=Stage.PRE_SALE)
    assert sorted(await effects(db)) == ["post_log", "update_card"]
    assert (outcome.moves, outcome.cause) == ((), None)
    assert (await ticket(db)).stage is Stage.PRE_SALE
    assert (await own_target(db)).due_at == NOW + hours(12)
    assert "reclassified" in await event_types(db, view.id)


async def test_tags_replace_those_there_were_and_rules_know_them(db, desk):
    await a_ticket(db, desk, an_inbound(tags=["old"]))
    await becomes(db, desk, NOW + hours(1), tags=frozenset({" trade ", ""}))
    assert (await ticket(db)).tags == ["trade"]
    assert (await own_target(db)).due_at == NOW + hours(6)


async def test_what_is_so_already_changes_nothing(db, desk):
    view = await a_ticket(db, desk)
    before = await event_types(db, view.id)
    assert await becomes(db, desk, NOW + hours(1), vip=False) == Unchanged()
    assert await event_types(db, view.id) == before


async def test_a_command_without_a_fact_says_what_to_write(db, desk):
    await a_ticket(db, desk)
    with pytest.raises(DeskError, match="for example"):
        await becomes(db, desk, NOW + hours(1))


async def test_only_who_works_here_changes_a_class(db, desk):
    await a_ticket(db, desk)
    with pytest.raises(NotAllowed):
        await becomes(db, desk, NOW + hours(1), vip=True, actor=VIEWER)


async def test_a_finished_clock_keeps_the_policy_it_was_judged_by(db, desk):
    await arrive(db, desk, an_inbound(thread="a"))
    view = await ticket(db)
    await answer(db, desk, view.id, at=NOW + hours(4))
    await becomes(db, desk, NOW + hours(5), vip=True)
    clock = await own_target(db)
    assert (clock.state, clock.policy) == (ClockState.MET, "usual")


async def test_a_pause_is_kept_by_the_change_of_class(db, desk):
    view = await a_ticket(db, desk)
    command = WaitFor(ticket_id=view.id, actor=ANNA, on=Waiting.THIRD_PARTY)
    await db.write(lambda tx: wait_for(tx, desk, command), now=NOW + hours(1))
    await becomes(db, desk, NOW + hours(2), vip=True)
    (clock,) = [each for each in (await ticket(db)).clocks if each.metric == "resolution"]
    assert (clock.state, clock.paused_at) == (ClockState.PAUSED, NOW + hours(1))


async def test_graver_words_bring_the_ticket_under_another_rule_and_the_thread_says_so(db, desk):
    await arrive(db, desk, an_inbound(thread="a", text="Hello there"))
    view = await ticket(db)
    await mark_posted(db, view.id)
    at = NOW + minutes(30)

    grave = an_inbound(thread="a", sent_at=at, text="I will call my lawyer")
    await arrive(db, desk, grave)

    assert (await ticket(db)).risk is Risk.CRITICAL
    clock = await own_target(db)
    assert (clock.started_at, clock.due_at) == (NOW, NOW + hours(1))
    event = await last_event(db, view.id, "reclassified")
    assert (event.actor, event.data["due_before"]) == ("desk", (NOW + hours(12)).isoformat())
    assert "risk normal → critical" in event.data["what"]
    assert "update_card" in await effects(db)


async def test_graver_words_hours_later_leave_grace(db, desk):
    await arrive(db, desk, an_inbound(thread="a", text="Hello there"))
    at = NOW + hours(3)
    await arrive(db, desk, an_inbound(thread="a", sent_at=at, text="I will call my lawyer"))
    clock = await own_target(db)
    assert clock.due_at == at + minutes(15)
    assert clock.cause is not None


async def test_more_words_of_the_same_class_are_no_change(db, desk):
    await arrive(db, desk, an_inbound(thread="a", text="Hello there"))
    view = await ticket(db)
    await arrive(db, desk, an_inbound(thread="a", sent_at=NOW + hours(1), text="And hello again"))
    assert "reclassified" not in await event_types(db, view.id)

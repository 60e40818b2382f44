import pytest

from bot.db import tables
from bot.db.thread_keys import register_keys
from bot.usecases.confirm_reply import reply_started, reply_unsure
from bot.usecases.resolve import Resolve, resolve
from connectors.contract import Verdict
from tests.builders import (
    ANNA,
    NOW,
    a_ticket,
    an_inbound,
    answer,
    arrive,
    days,
    hours,
    minutes,
    queue,
    ticket,
)
from tests.db.reading import (
    count,
    deadline_states,
    effects,
    event_types,
    fire,
    last_event,
    ping_steps,
    rows,
)

pytestmark = pytest.mark.postgres(first=2)

AUTOMATIC = [
    Verdict.AUTO_REPLY,
    Verdict.ACKNOWLEDGEMENT,
    Verdict.DELIVERY_NOTICE,
    Verdict.OWN_LOOP,
    Verdict.BULK,
]
FIRST = ("first_response", "internal", 0), ("first_response", "marketplace", 0)


@pytest.mark.parametrize("verdict", AUTOMATIC)
async def test_invariant_6_automatic_mail_stops_no_clock_and_is_logged_with_its_verdict(
    db, desk, verdict
):
    view = await a_ticket(db, desk, an_inbound(thread="c"))
    automatic = an_inbound(
        thread="c", verdict=verdict, reason="Auto-Submitted says so", sent_at=NOW + hours(1)
    )
    await arrive(db, desk, automatic)
    after = await ticket(db)
    assert (after.state, after.clocks) == ("open", view.clocks)
    event = await last_event(db, view.id, "verdict")
    assert (event.data["verdict"], event.data["reason"]) == (verdict, "Auto-Submitted says so")
    assert await effects(db) == ["post_root", "post_log"]
    assert await count(db, tables.message) == 1


@pytest.mark.parametrize("verdict", [*AUTOMATIC, Verdict.ANSWERED_ELSEWHERE])
async def test_automatic_mail_opens_no_ticket(db, desk, verdict):
    report = await arrive(db, desk, an_inbound(verdict=verdict, reason="a list"))
    assert (report.opened, report.ignored) == (0, 1)
    assert await count(db, tables.ticket) == 0
    (raw,) = await rows(db, tables.raw_inbound)
    assert (raw.state, raw.verdict) == ("ignored", verdict)
    assert raw.detail


async def test_an_answer_given_in_the_marketplace_stops_the_clock(db, desk):
    view = await a_ticket(db, desk, an_inbound(thread="c"))
    copy = an_inbound(
        thread="c",
        verdict=Verdict.ANSWERED_ELSEWHERE,
        text="It is on its way.",
        sent_at=NOW + hours(2),
    )
    await arrive(db, desk, copy, now=NOW + hours(3))
    after = await ticket(db)
    assert after.state == "answered"
    assert {clock.stopped_at for clock in after.clocks} == {NOW + hours(2)}
    assert await ping_steps(db, view.id) == []
    out = (await rows(db, tables.message))[-1]
    assert (out.direction, out.author, out.state) == ("out", "agent", "sent")
    assert "answered_elsewhere" in await event_types(db, view.id)


async def test_with_one_likely_conversation_its_clock_stops(db, desk):
    await arrive(db, desk, an_inbound(thread="c", weak_thread="from:mara"))
    copy = an_inbound(
        thread=None,
        weak_thread="from:mara",
        verdict=Verdict.ANSWERED_ELSEWHERE,
        sent_at=NOW + hours(1),
    )
    await arrive(db, desk, copy)
    assert (await ticket(db)).state == "answered"


async def test_with_two_likely_conversations_neither_clock_stops_and_both_say_check(db, desk):
    for thread in ("order-1", "order-2"):
        await arrive(db, desk, an_inbound(thread=thread, sender_handle="mara"))
    first = (await rows(db, tables.ticket))[0]
    copy = an_inbound(
        thread=None,
        weak_thread="from:mara",
        verdict=Verdict.ANSWERED_ELSEWHERE,
        sent_at=NOW + hours(1),
    )
    # An address leads to one ticket only; the customer's other one is as likely.
    await db.write(lambda tx: register_keys(tx, first.inbox_id, {"from:mara": first.id}), now=NOW)
    await arrive(db, desk, copy)
    for number in (1, 2):
        view = await ticket(db, number)
        assert view.state == "open"
        event = await last_event(db, view.id, "verdict")
        assert event.data["check"] is True
        assert "check in the marketplace" in event.data["reason"]


async def test_the_copy_of_our_own_answer_is_no_second_answer(db, desk):
    view = await a_ticket(db, desk, an_inbound(thread="c"))
    _, external_id = await answer(db, desk, view.id, at=NOW + hours(1))
    copy = an_inbound(
        thread="c",
        verdict=Verdict.ANSWERED_ELSEWHERE,
        refers_to=[external_id],
        sent_at=NOW + hours(1),
    )
    report = await arrive(db, desk, copy, now=NOW + hours(2))
    assert (report.messages, report.ignored) == (0, 1)
    assert "answered_elsewhere" not in await event_types(db, view.id)


async def test_the_copy_of_an_answer_nobody_was_sure_of_proves_that_it_arrived(db, desk):
    view = await a_ticket(db, desk, an_inbound(thread="c"))
    queued = await queue(db, desk, view.id, at=NOW + hours(1))
    await db.write(lambda tx: reply_started(tx, queued.message_id), now=NOW + hours(1))
    await db.write(
        lambda tx: reply_unsure(tx, desk, queued.message_id, "the line was cut"),
        now=NOW + hours(1),
    )
    copy = an_inbound(
        thread="c",
        verdict=Verdict.ANSWERED_ELSEWHERE,
        refers_to=[f"reply:{queued.message_id}"],
        sent_at=NOW + hours(1),
    )
    await arrive(db, desk, copy, now=NOW + hours(2))
    assert (await ticket(db)).state == "answered"
    assert "reply_sent" in await event_types(db, view.id)


async def test_invariant_6_a_bounce_sets_the_clock_running_with_its_original_deadline(db, desk):
    before = await a_ticket(db, desk, an_inbound(thread="c"))
    message_id, external_id = await answer(db, desk, before.id, at=NOW + hours(1))
    bounce = an_inbound(
        verdict=Verdict.BOUNCE,
        reason="mailbox full",
        refers_to=[external_id],
        sent_at=NOW + hours(2),
    )
    await arrive(db, desk, bounce)
    after = await ticket(db)
    assert (after.state, after.clocks) == ("open", before.clocks)
    assert after.waiting_since == NOW
    message = (await rows(db, tables.message, id=message_id))[0]
    assert (message.state, message.error) == ("bounced", "mailbox full")
    event = await last_event(db, after.id, "reply_bounced")
    assert (event.data["agent"], event.data["assignee"]) == (ANNA, ANNA)
    assert (await ping_steps(db, after.id))[0] == "warn50"


async def test_a_bounce_after_the_deadline_says_the_breach_that_was_never_said(db, desk):
    view = await a_ticket(db, desk, an_inbound(thread="c"))
    _, external_id = await answer(db, desk, view.id, at=NOW + hours(1))
    late = NOW + days(2)
    bounce = an_inbound(verdict=Verdict.BOUNCE, refers_to=[external_id], sent_at=late)
    await arrive(db, desk, bounce)
    report = await fire(db, desk, late + minutes(1))
    assert report.fired == 1
    (effect,) = [row for row in await rows(db, tables.outbox) if row.kind == "post_ping"]
    pings = await rows(db, tables.ping)
    loudest = next(ping for ping in pings if ping.id == effect.payload["ping_ids"][0])
    assert loudest.step.startswith("breach")
    assert loudest.severity == max(ping.severity for ping in pings)


async def test_a_bounce_opens_a_ticket_that_was_resolved_on_that_answer(db, desk):
    view = await a_ticket(db, desk, an_inbound(thread="c"))
    _, external_id = await answer(db, desk, view.id, at=NOW + hours(1))
    await db.write(
        lambda tx: resolve(tx, desk, Resolve(ticket_id=view.id, actor=ANNA)), now=NOW + hours(2)
    )
    bounce = an_inbound(verdict=Verdict.BOUNCE, refers_to=[external_id], sent_at=NOW + hours(3))
    await arrive(db, desk, bounce)
    after = await ticket(db)
    assert (after.state, after.waiting_since) == ("open", NOW)
    assert {clock.state for clock in after.clocks} == {"running"}


async def test_a_bounce_twice_has_one_effect(db, desk):
    view = await a_ticket(db, desk, an_inbound(thread="c"))
    _, external_id = await answer(db, desk, view.id, at=NOW + hours(1))
    for minute in (1, 2):
        bounce = an_inbound(
            thread="c",
            verdict=Verdict.BOUNCE,
            refers_to=[external_id],
            sent_at=NOW + hours(2) + minutes(minute),
        )
        await arrive(db, desk, bounce)
    types = await event_types(db, view.id)
    assert (types.count("reply_bounced"), types.count("verdict")) == (1, 1)


async def test_a_later_answer_stands_when_an_earlier_one_bounces(db, desk):
    view = await a_ticket(db, desk, an_inbound(thread="c"))
    _, first = await answer(db, desk, view.id, at=NOW + hours(1))
    await answer(db, desk, view.id, at=NOW + hours(2))
    bounce = an_inbound(verdict=Verdict.BOUNCE, refers_to=[first], sent_at=NOW + hours(3))
    await arrive(db, desk, bounce)
    after = await ticket(db)
    assert after.state == "answered"
    assert {clock.stopped_at for clock in after.clocks} == {NOW + hours(2)}


async def test_a_run_that_never_was_is_cancelled_when_the_answer_before_it_bounces(db, desk):
    view = await a_ticket(db, desk, an_inbound(thread="c"))
    _, first = await answer(db, desk, view.id, at=NOW + hours(1))
    await arrive(db, desk, an_inbound(thread="c", sent_at=NOW + hours(2)))
    bounce = an_inbound(verdict=Verdict.BOUNCE, refers_to=[first], sent_at=NOW + hours(3))
    await arrive(db, desk, bounce)
    states = await deadline_states(db, view.id)
    assert {states[key] for key in FIRST} == {"running"}
    assert {state for key, state in states.items() if key not in FIRST} == {"cancelled"}


async def test_a_bounce_that_fits_nothing_is_told_to_ops(db, desk):
    report = await arrive(db, desk, an_inbound(verdict=Verdict.BOUNCE, refers_to=["<x@y.example>"]))
    assert report.ignored == 1
    assert await effects(db) == ["post_ops"]


async def test_a_decided_claim_closes_its_ticket_with_a_line(db, desk):
    view = await a_ticket(db, desk, an_inbound(thread="o", verdict=Verdict.CLAIM))
    decided = an_inbound(
        thread="o", verdict=Verdict.CLAIM_CLOSED, text="Granted.", sent_at=NOW + hours(5)
    )
    await arrive(db, desk, decided)
    after = await ticket(db)
    assert after.state == "resolved"
    assert await ping_steps(db, view.id) == []
    assert (await last_event(db, view.id, "claim_closed")).data["text"] == "Granted."


async def test_a_decision_about_an_unknown_claim_is_shown_as_a_notice(db, desk):
    view = await a_ticket(db, desk, an_inbound(verdict=Verdict.CLAIM_CLOSED))
    assert (view.kind, view.state) == ("notice", "open")
    assert view.first_message is not None


async def test_a_notice_joins_the_conversation_it_is_about(db, desk):
    await arrive(db, desk, an_inbound(thread="o"))
    await arrive(db, desk, an_inbound(thread="o", verdict=Verdict.NOTICE))
    assert await count(db, tables.ticket) == 1
    assert await effects(db) == ["post_root", "post_message"]

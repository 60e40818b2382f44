import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import update

from bot.db import queries, tables
from bot.domain.ticket import MessageState
from bot.errors import DeskError, NotAllowed
from bot.usecases.confirm_reply import (
    confirm_reply,
    reply_failed,
    reply_started,
    reply_unsure,
    settle_unsure,
)
from bot.usecases.reply import (
    AlreadyQueued,
    NewerMessage,
    Queued,
    QueueReply,
    TooLate,
    Undone,
    UndoReply,
    queue_reply,
    undo_reply,
)
from connectors.contract import ReplyReceipt, Verdict
from tests.builders import (
    AMAZON,
    ANNA,
    BRUNO,
    NOW,
    SHOP,
    VIEWER,
    a_ticket,
    an_inbound,
    answer,
    arrive,
    hours,
    minutes,
    queue,
    said,
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

AT = NOW + hours(1)


def a_command(view, **changes):
    command = QueueReply(
        ticket_id=view.id,
        actor=ANNA,
        text="It arrives tomorrow.",
        key="form-1",
        seen_message_id=None,
    )
    return replace(command, **changes)


async def queueing(db, desk, command, at=AT):
    return await db.write(lambda tx: queue_reply(tx, desk, command), now=at, urgent=True)


async def undoing(db, desk, message_id, at, actor=ANNA):
    command = UndoReply(message_id=message_id, actor=actor)
    return await db.write(lambda tx: undo_reply(tx, desk, command), now=at, urgent=True)


async def reply_row(db):
    (row,) = [each for each in await rows(db, tables.outbox) if each.kind == "send_reply"]
    return row


async def test_a_reply_waits_for_its_undo_window_and_stops_no_clock(db, desk):
    view = await a_ticket(db, desk)
    outcome = await queueing(db, desk, a_command(view))
    assert isinstance(outcome, Queued)
    assert outcome.goes_out_at == AT + desk.undo_window
    row = await reply_row(db)
    assert (row.not_before, row.lane_group) == (outcome.goes_out_at, f"inbox:{AMAZON}")
    assert (await ticket(db)).clocks == view.clocks


async def test_who_answers_an_unclaimed_ticket_owns_it(db, desk):
    view = await a_ticket(db, desk)
    await queueing(db, desk, a_command(view))
    assert (await ticket(db)).assignee == ANNA


async def test_invariant_3_a_form_submitted_twice_sends_once_even_after_the_first_is_gone(db, desk):
    view = await a_ticket(db, desk)
    outcomes = await asyncio.gather(*(queueing(db, desk, a_command(view)) for _ in range(3)))
    assert [type(each) for each in outcomes].count(Queued) == 1
    (queued,) = [each for each in outcomes if isinstance(each, Queued)]
    receipt = ReplyReceipt(external_id="<r@shop.example>", accepted_at=AT + minutes(1))
    await db.write(
        lambda tx: confirm_reply(tx, desk, queued.message_id, receipt), now=AT + minutes(1)
    )
    again = await queueing(db, desk, a_command(view), at=AT + minutes(5))
    assert again == AlreadyQueued(message_id=queued.message_id, state=MessageState.SENT)
    assert (await effects(db)).count("send_reply") == 1


async def test_a_message_the_agent_has_not_seen_stops_the_reply(db, desk):
    view = await a_ticket(db, desk, an_inbound(thread="c"))
    seen = said(view.last_customer_message).id
    await arrive(db, desk, an_inbound(thread="c", text="Cancel it!", sent_at=NOW + minutes(5)))
    outcome = await queueing(db, desk, a_command(view, seen_message_id=seen))
    assert isinstance(outcome, NewerMessage)
    assert outcome.message.body == "Cancel it!"
    assert "send_reply" not in await effects(db)
    forced = await queueing(db, desk, a_command(view, seen_message_id=seen, force=True))
    assert isinstance(forced, Queued)


async def test_automatic_mail_is_no_newer_message(db, desk):
    view = await a_ticket(db, desk, an_inbound(thread="c"))
    seen = said(view.last_customer_message).id
    await arrive(db, desk, an_inbound(thread="c", verdict=Verdict.NOTICE, sent_at=NOW + minutes(5)))
    assert isinstance(await queueing(db, desk, a_command(view, seen_message_id=seen)), Queued)


async def test_the_reply_answers_in_the_context_of_the_newest_message(db, desk):
    view = await a_ticket(db, desk, an_inbound(thread="c", reply_context={"to": "old@x.example"}))
    later = an_inbound(thread="c", reply_context={"to": "new@x.example"}, sent_at=NOW + minutes(1))
    await arrive(db, desk, later)
    queued = await queueing(db, desk, a_command(view))
    inbox, command = await db.read(lambda conn: queries.reply_command(conn, queued.message_id))
    assert (inbox, command.ticket_number, command.text) == (AMAZON, 1, "It arrives tomorrow.")
    assert command.context == {"to": "new@x.example"}
    assert (command.reply_id, command.agent_name) == (str(queued.message_id), "Anna Bassi")
    draft = await db.read(lambda conn: queries.reply_draft(conn, view.id, "Hi", "Anna"))
    assert draft is not None
    assert draft[1].context == command.context


async def test_an_empty_reply_is_refused(db, desk):
    view = await a_ticket(db, desk)
    with pytest.raises(DeskError, match="words"):
        await queueing(db, desk, a_command(view, text=" \n"))


async def test_who_may_not_work_sends_nothing(db, desk):
    view = await a_ticket(db, desk)
    with pytest.raises(NotAllowed):
        await queueing(db, desk, a_command(view, actor=VIEWER))
    assert "send_reply" not in await effects(db)


async def test_a_reply_is_taken_back_within_its_window(db, desk):
    view = await a_ticket(db, desk)
    queued = await queueing(db, desk, a_command(view))
    outcome = await undoing(db, desk, queued.message_id, queued.goes_out_at - minutes(0.1))
    assert outcome == Undone(text="It arrives tomorrow.", ticket_id=view.id)
    assert (await reply_row(db)).state == "superseded"
    assert "reply_undone" in await event_types(db, view.id)
    assert not await db.write(lambda tx: reply_started(tx, queued.message_id), now=AT + hours(1))
    again = await undoing(db, desk, queued.message_id, AT + minutes(0.1))
    assert again == TooLate(state=MessageState.CANCELLED)


async def test_after_its_window_a_reply_is_not_taken_back(db, desk):
    view = await a_ticket(db, desk)
    queued = await queueing(db, desk, a_command(view))
    outcome = await undoing(db, desk, queued.message_id, queued.goes_out_at)
    assert outcome == TooLate(state=MessageState.QUEUED)
    assert (await reply_row(db)).state == "ready"


async def test_invariant_3_a_reply_somebody_sends_already_is_not_taken_back(db, desk):
    view = await a_ticket(db, desk)
    queued = await queueing(db, desk, a_command(view))
    await db.write(
        lambda tx: tx.conn.execute(
            update(tables.outbox)
            .where(tables.outbox.c.kind == "send_reply")
            .values(state="sending")
        ),
        now=AT,
    )
    assert isinstance(await undoing(db, desk, queued.message_id, AT), TooLate)
    assert (await rows(db, tables.message, id=queued.message_id))[0].state == "queued"


async def test_an_unknown_reply_cannot_be_undone(db, desk):
    with pytest.raises(DeskError, match="no such reply"):
        await undoing(db, desk, 404, AT)


async def test_a_confirmed_answer_stops_the_clock_at_the_time_it_was_accepted(db, desk):
    view = await a_ticket(db, desk)
    queued = await queueing(db, desk, a_command(view))
    assert await db.write(lambda tx: reply_started(tx, queued.message_id), now=AT + minutes(1))
    accepted = AT + minutes(1)
    receipt = ReplyReceipt(external_id="<r@shop.example>", accepted_at=accepted)
    await db.write(
        lambda tx: confirm_reply(tx, desk, queued.message_id, receipt), now=AT + minutes(4)
    )
    after = await ticket(db)
    assert (after.state, after.waiting_since) == ("answered", None)
    assert {clock.stopped_at for clock in after.clocks} == {accepted}
    assert await ping_steps(db, view.id) == []
    assert (await fire(db, desk, NOW + hours(50))).fired == 0
    event = await last_event(db, view.id, "reply_sent")
    assert (event.actor, event.data["message_id"]) == (ANNA, queued.message_id)


async def test_a_message_that_crossed_our_answer_has_a_clock_of_its_own(db, desk):
    view = await a_ticket(db, desk, an_inbound(thread="c"))
    await answer(db, desk, view.id, at=AT)
    crossing = an_inbound(thread="c", sent_at=AT - minutes(1))
    await arrive(db, desk, crossing, now=AT + minutes(1))
    after = await ticket(db)
    assert (after.state, after.waiting_since) == ("open", AT - minutes(1))
    assert {clock.due_at for clock in after.clocks} == {
        AT + hours(12) - minutes(1),
        AT + hours(24) - minutes(1),
    }
    states = await deadline_states(db, view.id)
    assert states["first_response", "marketplace", 0] == "met"


async def test_confirming_twice_has_one_effect(db, desk):
    view = await a_ticket(db, desk)
    message_id, external_id = await answer(db, desk, view.id, at=AT)
    before = await ticket(db)
    receipt = ReplyReceipt(external_id=external_id, accepted_at=AT + hours(9))
    await db.write(lambda tx: confirm_reply(tx, desk, message_id, receipt), now=AT + hours(9))
    assert await ticket(db) == before
    assert (await event_types(db, view.id)).count("reply_sent") == 1


async def test_an_answer_after_the_deadline_is_late(db, desk):
    view = await a_ticket(db, desk)
    await answer(db, desk, view.id, at=NOW + hours(13))
    states = await deadline_states(db, view.id)
    assert states["first_response", "internal", 0] == "late"
    assert states["first_response", "marketplace", 0] == "met"


async def test_a_refused_reply_leaves_the_clock_running_and_says_why(db, desk):
    view = await a_ticket(db, desk)
    queued = await queueing(db, desk, a_command(view))
    await db.write(lambda tx: reply_started(tx, queued.message_id), now=AT)
    await db.write(lambda tx: reply_failed(tx, desk, queued.message_id, "550 no such user"), now=AT)
    after = await ticket(db)
    assert (after.state, after.clocks) == ("open", view.clocks)
    event = await last_event(db, view.id, "reply_failed")
    assert (event.data["reason"], event.data["agent"]) == ("550 no such user", ANNA)
    assert not await db.write(lambda tx: reply_started(tx, queued.message_id), now=AT)


async def test_invariant_4_a_reply_nobody_is_sure_of_is_shown_and_never_sent_again(db, desk):
    view = await a_ticket(db, desk)
    queued = await queueing(db, desk, a_command(view))
    await db.write(lambda tx: reply_started(tx, queued.message_id), now=AT)
    for _ in range(2):
        await db.write(
            lambda tx: reply_unsure(tx, desk, queued.message_id, "the line was cut"), now=AT
        )
    assert (await ticket(db)).clocks == view.clocks
    assert (await event_types(db, view.id)).count("reply_unsure") == 1
    assert (await effects(db)).count("send_reply") == 1
    assert not await db.write(lambda tx: reply_started(tx, queued.message_id), now=AT)


@pytest.mark.parametrize(
    ("arrived", "state", "outbox"), [(True, "answered", "sent"), (False, "open", "dead")]
)
async def test_a_person_settles_what_nobody_was_sure_of(db, desk, arrived, state, outbox):
    view = await a_ticket(db, desk)
    queued = await queueing(db, desk, a_command(view))
    handed_over = AT + minutes(1)
    await db.write(lambda tx: reply_started(tx, queued.message_id), now=handed_over)
    await db.write(lambda tx: reply_unsure(tx, desk, queued.message_id, "cut"), now=handed_over)
    await db.write(
        lambda tx: tx.conn.execute(
            update(tables.outbox).where(tables.outbox.c.kind == "send_reply").values(state="unsure")
        ),
        now=AT,
    )

    def settle(tx):
        return settle_unsure(tx, desk, queued.message_id, BRUNO, arrived)

    assert await db.write(settle, now=AT + hours(1))
    after = await ticket(db)
    assert after.state == state
    if arrived:
        assert {clock.stopped_at for clock in after.clocks} == {handed_over}
    assert (await reply_row(db)).state == outbox
    assert not await db.write(settle, now=AT + hours(2))


async def test_settling_needs_the_role_and_a_reply(db, desk):
    with pytest.raises(NotAllowed):
        await db.write(lambda tx: settle_unsure(tx, desk, 1, VIEWER, arrived=True), now=AT)
    with pytest.raises(DeskError, match="no such reply"):
        await db.write(lambda tx: settle_unsure(tx, desk, 1, ANNA, arrived=True), now=AT)


async def test_a_receipt_whose_id_is_known_already_still_confirms(db, desk):
    view = await a_ticket(db, desk, an_inbound(thread="c"))
    queued = await queue(db, desk, view.id, at=AT)
    copy = an_inbound(
        thread="c", external_id="<r@shop.example>", verdict=Verdict.ANSWERED_ELSEWHERE, sent_at=AT
    )
    await arrive(db, desk, copy)
    receipt = ReplyReceipt(external_id="<r@shop.example>", accepted_at=AT)
    await db.write(
        lambda tx: confirm_reply(tx, desk, queued.message_id, receipt), now=AT + minutes(1)
    )
    assert (await rows(db, tables.message, id=queued.message_id))[0].state == "sent"
    assert await count(db, tables.message) == 3


async def in_pieces(db, desk, *ids):
    """An answer that went out as several messages, and its ticket."""
    view = await a_ticket(db, desk, an_inbound(thread="c"))
    queued = await queue(db, desk, view.id, at=AT)
    first, *further = ids
    receipt = ReplyReceipt(external_id=first, accepted_at=AT, further_ids=further)
    await db.write(lambda tx: reply_started(tx, queued.message_id), now=AT)
    await db.write(lambda tx: confirm_reply(tx, desk, queued.message_id, receipt), now=AT)
    return view, queued.message_id


@pytest.mark.parametrize("piece", ["piece-1", "piece-2", "piece-3"])
async def test_the_copy_of_any_piece_of_an_answer_is_our_own(db, desk, piece):
    view, _ = await in_pieces(db, desk, "piece-1", "piece-2", "piece-3")
    copy = an_inbound(
        thread="c",
        external_id=piece,
        verdict=Verdict.ANSWERED_ELSEWHERE,
        sent_at=AT,
        text="one third of the words",
        refers_to=[piece],
    )
    await arrive(db, desk, copy, now=AT + minutes(1))
    assert await count(db, tables.message) == 2
    assert "answered_elsewhere" not in await event_types(db, view.id)


async def test_a_bounce_of_a_later_piece_reopens_the_clock_of_the_whole(db, desk):
    view, message_id = await in_pieces(db, desk, "piece-1", "piece-2")
    bounce = an_inbound(
        thread=None, verdict=Verdict.BOUNCE, sent_at=AT + minutes(2), refers_to=["piece-2"]
    )
    await arrive(db, desk, bounce)
    assert (await rows(db, tables.message, id=message_id))[0].state == "bounced"
    assert (await ticket(db, view.number)).state == "open"


async def test_a_piece_of_another_inbox_is_nobodys(db, desk):
    view, _ = await in_pieces(db, desk, "piece-1", "piece-2")
    elsewhere = an_inbound(
        external_id="piece-2", verdict=Verdict.ANSWERED_ELSEWHERE, sent_at=AT, refers_to=["piece-2"]
    )
    report = await arrive(db, desk, elsewhere, inbox=SHOP, now=AT + minutes(1))
    assert (report.messages, report.ignored) == (0, 1)
    assert (await ticket(db, view.number)).state == "answered"

"""Observed inboxes, answers on somebody's word, and what goes with an answer."""

from dataclasses import replace

import pytest

from bot.db import queries, tables
from bot.db.file_rows import awaited_files, keep_content
from bot.errors import DeskError
from bot.usecases.answered import AnsweredElsewhere, answered_elsewhere
from bot.usecases.outbound import IN_PORTAL, OBSERVED, NothingGoesOut
from bot.usecases.reply import QueueReply, queue_reply
from connectors.contract import Attachment, File
from sla_rules.vocabulary import Author
from tests.builders import (
    AMAZON,
    ANNA,
    NOW,
    VIEWER,
    a_ticket,
    an_inbound,
    arrive,
    hours,
    minutes,
    queue,
    ticket,
)
from tests.db.reading import count, deadline_states, effects, last_event, ping_steps

pytestmark = pytest.mark.postgres(first=2)


def closed(desk, **how):
    route = replace(desk.inboxes[AMAZON], **how)
    return replace(desk, inboxes={**desk.inboxes, AMAZON: route})


async def attest(db, desk, ticket_id, at, actor=ANNA):
    command = AnsweredElsewhere(ticket_id=ticket_id, actor=actor)
    return await db.write(lambda tx: answered_elsewhere(tx, desk, command), now=at)


@pytest.mark.parametrize(
    ("how", "why"), [({"observe": True}, OBSERVED), ({"replies_in_portal": True}, IN_PORTAL)]
)
async def test_invariant_3_nothing_goes_out_through_an_inbox_that_is_only_watched(
    db, desk, how, why
):
    watched = closed(desk, **how)
    view = await a_ticket(db, watched)
    with pytest.raises(NothingGoesOut, match=why[:40]):
        await queue(db, watched, view.id, at=NOW)
    assert "send_reply" not in await effects(db)
    assert await count(db, tables.message) == 1


async def test_an_observed_inbox_is_timed_like_any_other(db, desk):
    view = await a_ticket(db, closed(desk, observe=True))
    assert view.clocks
    assert await ping_steps(db, view.id)


async def test_the_word_of_an_agent_stops_the_clock_at_that_moment(db, desk):
    view = await a_ticket(db, closed(desk, observe=True))
    done = await attest(db, desk, view.id, NOW + hours(1))

    assert done.changed
    after = await ticket(db, view.number)
    assert (after.state, after.waiting_since) == ("answered", None)
    assert await ping_steps(db, view.id) == []
    assert "running" not in (await deadline_states(db, view.id)).values()
    said = await last_event(db, view.id, "answered_elsewhere")
    assert (said.actor, said.data["attested"]) == (ANNA, True)


async def test_a_word_given_twice_is_one_answer(db, desk):
    view = await a_ticket(db, desk)
    await attest(db, desk, view.id, NOW + hours(1))
    assert not (await attest(db, desk, view.id, NOW + hours(2))).changed
    assert await count(db, tables.message) == 2


async def test_invariant_6_a_word_answers_nothing_that_came_in_after_it_was_given(db, desk):
    view = await a_ticket(db, desk, an_inbound(thread="case-1"))
    await attest(db, desk, view.id, NOW + hours(1))
    later = an_inbound(thread="case-1", sent_at=NOW + minutes(50))
    await arrive(db, desk, later, now=NOW + hours(1.1))
    assert (await ticket(db, view.number)).state == "open"


async def test_only_agents_may_give_their_word(db, desk):
    view = await a_ticket(db, desk)
    with pytest.raises(DeskError):
        await attest(db, desk, view.id, NOW, actor=VIEWER)


async def test_a_command_carries_what_the_agent_decided(db, desk):
    view = await a_ticket(db, desk, an_inbound(public=True))
    label = Attachment(name="label.pdf", media_type="application/pdf", size=8, ref="F0LABEL11")
    queued = await queue(db, desk, view.id, at=NOW + minutes(5), files=[label])
    (awaited,) = await db.read(lambda conn: awaited_files(conn, queued.message_id))
    await db.write(lambda tx: keep_content(tx, awaited.id, b"%PDF-1.7"), now=NOW + minutes(6))

    found = await db.read(lambda conn: queries.reply_command(conn, queued.message_id))
    assert found is not None
    command = found[1]
    assert command.decided_at == NOW + minutes(5)
    assert command.author is Author.AGENT
    assert command.public
    file = File(name="label.pdf", media_type="application/pdf", content=b"%PDF-1.7")
    assert list(command.attachments) == [file]


async def test_an_answer_to_a_private_message_is_private(db, desk):
    view = await a_ticket(db, desk)
    queued = await queue(db, desk, view.id, at=NOW)
    found = await db.read(lambda conn: queries.reply_command(conn, queued.message_id))
    assert found is not None
    assert not found[1].public


@pytest.mark.parametrize(
    ("asked_in_public", "chosen", "answered_in_public"),
    [(True, None, True), (True, False, False), (True, True, True), (False, True, False)],
)
async def test_an_answer_is_public_only_where_the_message_was_and_nobody_chose_otherwise(
    db, desk, asked_in_public, chosen, answered_in_public
):
    view = await a_ticket(db, desk, an_inbound(public=asked_in_public))
    queued = await queue(db, desk, view.id, at=NOW, public=chosen)
    found = await db.read(lambda conn: queries.reply_command(conn, queued.message_id))
    assert found is not None
    assert found[1].public is answered_in_public


async def test_a_rule_is_overruled_with_a_reason_that_stays_in_the_history(db, desk):
    view = await a_ticket(db, desk)
    rules = ["amazon.emoji"]
    with pytest.raises(DeskError, match="Say why"):
        await queue(db, desk, view.id, at=NOW, overruled=rules, reason="  ")
    await queue(db, desk, view.id, at=NOW, overruled=rules, reason="The customer asked for it.")

    said = await last_event(db, view.id, "reply_queued")
    assert said.data["overruled"] == rules
    assert said.data["why"] == "The customer asked for it."


async def test_an_answer_that_breaks_no_rule_needs_no_reason(db, desk):
    view = await a_ticket(db, desk)
    command = QueueReply(ticket_id=view.id, actor=ANNA, text="Hello", key="k", seen_message_id=None)
    await db.write(lambda tx: queue_reply(tx, desk, command), now=NOW)
    assert "why" not in (await last_event(db, view.id, "reply_queued")).data

"""Who may ask a language model, what it may cost a day, and what is kept of it: never a word."""

from dataclasses import replace

import pytest

from bot.assist.llm.budget import DailyLimits, Spent
from bot.assist.llm.uses import Help, Use
from bot.db import tables
from bot.db.ledger_rows import ledger_of
from bot.db.llm_rows import forget_old_days, spent_on
from bot.domain.machine import Origin
from bot.errors import DeskError, NotAllowed
from bot.usecases.ask_machine import BeginAsking, EndAsking, begin_asking, end_asking
from bot.usecases.drafts import KeepDraft, keep_draft
from bot.usecases.reply import QueueReply, queue_reply
from tests.builders import AMAZON, ANNA, BRUNO, NOW, VIEWER, a_desk, a_ticket, days, minutes
from tests.db.reading import last_event, rows

pytestmark = pytest.mark.postgres(first=2)

LIMITS = DailyLimits(requests=3, tokens=1000)


@pytest.fixture
def desk():
    plain = a_desk()
    helped = replace(plain.inboxes[AMAZON], llm=frozenset({Help.DRAFT, Help.SUMMARY}))
    return replace(plain, inboxes={**plain.inboxes, AMAZON: helped})


async def begin(db, desk, ticket, *, actor=ANNA, use=Use.DRAFT, limits=LIMITS, at=NOW):
    command = BeginAsking(
        ticket_id=ticket.id, actor=actor, use=use, limits=limits, patience=minutes(1)
    )
    await db.write(lambda tx: begin_asking(tx, desk, command), now=at, urgent=True)


async def end(db, desk, ticket, *, actor=ANNA, tokens=100, at=NOW):
    command = EndAsking(
        ticket_id=ticket.id, actor=actor, use=Use.DRAFT, model="tiny-1", outcome="answered",
        tokens=tokens, ms=850,
    )  # fmt: skip
    await db.write(lambda tx: end_asking(tx, desk, command), now=at, urgent=True)


async def spent(db, at=NOW):
    return await db.read(lambda conn: spent_on(conn, at))


async def test_a_request_is_counted_before_it_is_made_and_noted_without_a_word(db, desk):
    ticket = await a_ticket(db, desk)

    await begin(db, desk, ticket)
    assert await spent(db) == Spent(requests=1)
    await end(db, desk, ticket)

    assert await spent(db) == Spent(requests=1, tokens=100)
    event = await last_event(db, ticket.id, "machine_asked")
    assert event.actor == ANNA
    assert event.data == {
        "use": "draft", "model": "tiny-1", "outcome": "answered", "tokens": 100, "ms": 850,
    }  # fmt: skip


async def test_one_question_at_a_time_for_each_agent(db, desk):
    ticket = await a_ticket(db, desk)
    await begin(db, desk, ticket)

    with pytest.raises(DeskError, match="still writing for you"):
        await begin(db, desk, ticket)
    await begin(db, desk, ticket, actor=BRUNO)
    assert (await spent(db)).requests == 2

    await end(db, desk, ticket)
    await begin(db, desk, ticket)


async def test_a_question_that_a_crash_left_open_does_not_lock_anybody_out(db, desk):
    ticket = await a_ticket(db, desk)
    await begin(db, desk, ticket)

    await begin(db, desk, ticket, at=NOW + minutes(1))


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        (DailyLimits(requests=1, tokens=None), "as often today as the settings allow"),
        (DailyLimits(requests=None, tokens=100), "allow the machine to cost today is spent"),
    ],
)
async def test_a_spent_day_refuses_with_the_way_out_and_the_next_one_begins_anew(
    db, desk, limits, told
):
    ticket = await a_ticket(db, desk)
    await begin(db, desk, ticket)
    await end(db, desk, ticket)

    with pytest.raises(DeskError, match=told) as refused:
        await begin(db, desk, ticket, limits=limits)
    assert "Write the answer yourself" in str(refused.value)
    assert await spent(db) == Spent(requests=1, tokens=100)

    await begin(db, desk, ticket, limits=limits, at=NOW + days(1))


async def test_what_is_not_switched_on_is_refused(db, desk):
    ticket = await a_ticket(db, desk)

    with pytest.raises(DeskError, match="No machine helps with this inbox"):
        await begin(db, desk, ticket, use=Use.WORDS)
    with pytest.raises(DeskError, match="No machine helps with this inbox"):
        await begin(db, a_desk(), ticket)
    with pytest.raises(NotAllowed):
        await begin(db, desk, ticket, actor=VIEWER)
    assert await spent(db) == Spent()


async def test_old_days_are_forgotten(db, desk):
    ticket = await a_ticket(db, desk)
    await begin(db, desk, ticket)
    later = NOW + days(91)

    await db.write(lambda tx: forget_old_days(tx, 10), now=later)

    assert await rows(db, tables.llm_day) == []


@pytest.mark.parametrize("edited", [False, True])
async def test_invariant_3_a_drafted_answer_goes_out_by_an_agents_send_and_the_ledger_says_what_it_was(
    db, desk, edited
):
    ticket = await a_ticket(db, desk)
    origin = Origin.of(Use.DRAFT, "tiny-1", "It is on its way.")
    await begin(db, desk, ticket)
    await end(db, desk, ticket)
    kept = KeepDraft(
        ticket_id=ticket.id,
        actor=ANNA,
        text="It is on its way.",
        machine=origin.dump(),
        aside="Mine",
    )
    await db.write(lambda tx: keep_draft(tx, desk, kept), now=NOW)
    assert [one.direction for one in await rows(db, tables.message)] == ["in"]

    text = "It is on its way!" if edited else "It is on its way."
    command = QueueReply(
        ticket_id=ticket.id,
        actor=ANNA,
        text=text,
        key="form",
        seen_message_id=None,
        machine=origin.dump(),
    )
    await db.write(lambda tx: queue_reply(tx, desk, command), now=NOW, urgent=True)

    (line,) = await db.read(lambda conn: ledger_of(conn, ticket.id))
    assert (line.entry.model, line.entry.edited, line.entry.agent) == ("tiny-1", edited, ANNA)

"""An answer that wants a second person, from the agent's window to the customer or back."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select

from bot.configuration.macros import Macro
from bot.db import queries, tables
from bot.domain.approvals import APPROVE_WITHIN
from bot.domain.roster import Agent, Role
from bot.slack.blocks.log import render_log
from bot.usecases.approve import settle_approvals
from tests.slack.front import GIULIA, MARCO, Front, a_front
from tests.slack.loopback import as_object
from tests.slack.machine_world import a_desk as a_helped_desk
from tests.slack.machine_world import a_world, press
from tests.slack.macro_world import (
    LEAD,
    THANKS,
    a_desk,
    asked,
    drafts,
    inserts,
    next_view,
    opened,
    submits,
    text_of,
    updated,
    with_text,
)

REFUND = Macro(
    ref="file::refund",
    name="refund",
    text="We have refunded it.",
    origin="macros/any.toml:9",
    approval=True,
)
SECOND = "U0SECOND1"
_ANSWERS = select(tables.message.c.agent).where(tables.message.c.direction == "out")


@pytest_asyncio.fixture
async def front(tmp_path: Path) -> AsyncIterator[Front]:
    desk = a_desk()
    second = Agent(slack_id=SECOND, name="Sara Lodi", role=Role.MANAGER)
    roster = replace(desk.roster, agents={**desk.roster.agents, SECOND: second})
    async with a_front(tmp_path, replace(desk, macros=(THANKS, REFUND), roster=roster)) as made:
        yield made


async def approvals(front: Front) -> list[Any]:
    return await front.db.read(
        lambda conn: list(conn.execute(select(tables.approval).order_by(tables.approval.c.id)))
    )


async def held(front: Front, number: int, user: str = GIULIA) -> str:
    """The agent answers with the macro; the id that the buttons carry."""
    said = await front.command(user, f"reply {number} !refund")
    assert "Not sent yet" in said["text"]
    return str((await approvals(front))[-1].id)


async def line_of(front: Front, number: int, type_: str) -> str:
    """The line of the newest event of that type, as it is posted."""
    view = await front.ticket(number)
    events = await front.db.read(lambda conn: queries.events(conn, view.id))
    newest = [one for one in events if one.type == type_][-1]
    event = await front.db.read(lambda conn: queries.event(conn, newest.id))
    assert event is not None
    return str(render_log(view, event, front.desk))


async def sends_back(front: Front, user: str, approval: str, reason: str) -> dict[str, Any]:
    await front.press(user, "send_back", approval)
    view = dict(as_object(front.slack.of("views.open")[-1]["view"]))
    values = {"reason": {"reason": {"type": "plain_text_input", "value": reason}}}
    submission = {"type": "view_submission", "user": {"id": user}, "team": {"id": "T0TEAM111"}}
    window = {**view, "id": "V0BACK111", "state": {"values": values}}
    return next_view(await front.dispatch(submission | {"view": window}))


async def test_an_answer_is_held_shown_to_leads_and_let_out_by_one_of_them(front: Front) -> None:
    number = await asked(front)
    approval = await held(front, number)

    assert await front.outgoing() == []
    posted = await line_of(front, number, "approval_asked")
    assert "We have refunded it." in posted
    assert f"<@{LEAD}>" in posted
    assert f"'value': '{approval}'" in posted

    await front.press(LEAD, "approve", approval)

    (reply,) = await front.outgoing()
    assert reply.body == "We have refunded it."
    (message,) = await front.db.read(lambda conn: list(conn.execute(_ANSWERS)))
    assert message.agent == GIULIA
    assert await drafts(front, number) == []
    clocks = (await front.ticket(number)).clocks
    assert {str(clock.state) for clock in clocks} == {"running"}
    assert f"<@{GIULIA}>" in await line_of(front, number, "approved")
    assert "goes out at" in front.slack.answers[-1]["text"]


async def test_one_decision_counts(front: Front) -> None:
    number = await asked(front)
    approval = await held(front, number)
    await front.press(LEAD, "approve", approval)
    await front.press(SECOND, "approve", approval)
    assert "Lea Serra let this answer out already." in front.slack.answers[-1]["text"]
    assert len(await front.outgoing()) == 1


@pytest.mark.parametrize("user", [GIULIA, pytest.param(MARCO, marks=pytest.mark.slow)])
async def test_agents_let_nothing_out_their_own_least_of_all(front: Front, user: str) -> None:
    approval = await held(front, await asked(front))
    await front.press(user, "approve", approval)
    assert "Only leads and managers" in front.slack.answers[-1]["text"]
    assert await front.outgoing() == []


@pytest.mark.slow
async def test_who_became_a_lead_does_not_let_out_what_they_wrote_before(front: Front) -> None:
    approval = await held(front, await asked(front))
    people = front.desk.roster.agents
    promoted = {**people, GIULIA: replace(people[GIULIA], role=Role.LEAD)}
    await front.restarts_with(roster=replace(front.desk.roster, agents=promoted))
    await front.press(GIULIA, "approve", approval)
    assert "somebody else lets it out" in front.slack.answers[-1]["text"]
    assert await front.outgoing() == []


@pytest.mark.slow
async def test_leads_send_theirs_at_once(front: Front) -> None:
    number = await asked(front)
    said = await front.command(LEAD, f"reply {number} !refund")
    assert "goes out" in said["text"]
    assert (await approvals(front), len(await front.outgoing())) == ([], 1)


async def test_changed_words_are_held_all_the_same_also_from_a_draft_opened_again(
    front: Front,
) -> None:
    number = await asked(front)
    await inserts(front, await opened(front, number), REFUND.ref)
    # The window was closed; what was written is a draft.
    again = await opened(front, number)
    assert text_of(again) == "We have refunded it."
    preview = next_view(await submits(front, again, "You get half of it back."))
    told = next_view(await submits(front, preview, "You get half of it back."))

    assert "Not sent yet" in str(told)
    (row,) = await approvals(front)
    assert (row.body, await front.outgoing()) == ("You get half of it back.", [])


@pytest.mark.slow
async def test_many_other_macros_do_not_push_it_out_of_memory(front: Front) -> None:
    number = await asked(front)
    view = await inserts(front, await opened(front, number), REFUND.ref)
    for _ in range(5):
        view = await inserts(front, view, THANKS.ref, "x")
    preview = next_view(await submits(front, view, "You get it back."))
    assert "Not sent yet" in str(next_view(await submits(front, preview, "You get it back.")))


@pytest.mark.slow
async def test_a_draft_that_was_handed_over_is_held_though_its_macro_is_gone(front: Front) -> None:
    number = await asked(front)
    await front.command(MARCO, f"claim {number}")
    await inserts(front, await opened(front, number, MARCO), REFUND.ref, user=MARCO)
    await front.command(MARCO, f"assign {number} <@{GIULIA}>")
    await front.restarts_with(macros=(THANKS,))
    view = await opened(front, number)
    await front.press(GIULIA, "use_draft", MARCO, view=with_text(view, ""))
    preview = next_view(await submits(front, updated(front), "You get it back."))
    assert "Not sent yet" in str(next_view(await submits(front, preview, "You get it back.")))


@pytest.mark.slow
async def test_a_draft_thrown_away_and_words_typed_by_hand_need_nobody(front: Front) -> None:
    number = await asked(front)
    view = await inserts(front, await opened(front, number), REFUND.ref)
    await front.press(GIULIA, "drop_draft", "drop", view={**view, "state": {"values": {}}})
    emptied = updated(front)
    preview = next_view(await submits(front, emptied, "We have refunded it."))
    next_view(await submits(front, preview, "We have refunded it."))
    assert len(await front.outgoing()) == 1


async def test_what_is_sent_back_is_a_draft_again_with_the_reason_and_held_again(
    front: Front,
) -> None:
    number = await asked(front)
    approval = await held(front, number)
    told = await sends_back(front, LEAD, approval, "first the parcel, then the money")

    assert "went back to its author" in str(told)
    posted = await line_of(front, number, "approval_returned")
    assert "first the parcel, then the money" in posted
    assert f"<@{GIULIA}>" in posted
    assert await drafts(front, number) == [(GIULIA, "We have refunded it.")]
    await front.press(SECOND, "approve", approval)
    assert "sent this answer back already" in front.slack.answers[-1]["text"]

    view = await opened(front, number)
    preview = next_view(await submits(front, view, "In part."))
    assert "Not sent yet" in str(next_view(await submits(front, preview, "In part.")))


@pytest.mark.slow
async def test_its_author_takes_it_back(front: Front) -> None:
    number = await asked(front)
    approval = await held(front, number)
    await front.press(GIULIA, "send_back", approval)
    assert "draft again" in front.slack.answers[-1]["text"]
    await front.press(LEAD, "approve", approval)
    assert "Giulia Conti took this answer back." in front.slack.answers[-1]["text"]


async def test_a_customer_who_wrote_since_is_shown_before_it_goes_out(front: Front) -> None:
    number = await asked(front)
    approval = await held(front, number)
    front.clock.at += timedelta(minutes=1)
    await front.customer_writes("It has just arrived!")
    await front.press(LEAD, "approve", approval)
    said = front.slack.answers[-1]
    assert "It has just arrived!" in str(said)
    assert await front.outgoing() == []

    value = said["blocks"][-1]["elements"][0]["value"]
    await front.press(LEAD, "approve", value)
    assert len(await front.outgoing()) == 1


async def test_it_ends_when_the_ticket_is_answered_otherwise(front: Front) -> None:
    number = await asked(front)
    approval = await held(front, number)
    await front.command(MARCO, f"reply {number} It comes tomorrow.")
    await front.press(LEAD, "approve", approval)
    assert "not needed any more" in front.slack.answers[-1]["text"]

    await front.db.write(lambda tx: settle_approvals(tx, front.desk), now=front.clock.at)
    assert [row.state for row in await approvals(front)] == ["overtaken"]
    assert "the ticket was settled" in await line_of(front, number, "approval_closed")
    assert len(await front.outgoing()) == 1


async def test_after_a_day_it_is_a_draft_again(front: Front) -> None:
    number = await asked(front)
    await held(front, number)
    late = front.clock.at + APPROVE_WITHIN
    await front.db.write(lambda tx: settle_approvals(tx, front.desk), now=late)
    assert [row.state for row in await approvals(front)] == ["expired"]
    assert await drafts(front, number) == [(GIULIA, "We have refunded it.")]
    assert f"<@{GIULIA}>" in await line_of(front, number, "approval_closed")


@pytest.mark.slow
async def test_a_desk_without_anybody_else_refuses_it(front: Front) -> None:
    number = await asked(front)
    people = {who: replace(one, role=Role.AGENT) for who, one in front.desk.roster.agents.items()}
    await front.restarts_with(roster=replace(front.desk.roster, agents=people))
    said = await front.command(GIULIA, f"reply {number} !refund")
    assert "no lead who sees" in said["text"]
    assert await front.outgoing() == []


async def test_no_word_of_a_macro_that_wants_a_second_person_is_there_to_write_from(
    tmp_path: Path,
) -> None:
    free = Macro(
        ref="file:it:a", name="a", language="it", text="Arriva.", intents=("where_is_order",)
    )
    wanting = replace(free, ref="file:it:b", name="b", text="Le rimborsiamo tutto.", approval=True)
    desk = replace(a_helped_desk(), macros=(free, wanting))
    async with a_world(tmp_path, desk=desk) as (front, fake):
        number = await asked(front, "Dov'è il mio pacco?")
        await press(front, await opened(front, number), "machine_draft", number)
        assert "Arriva." in fake.last_words()
        assert "rimborsiamo" not in fake.last_words()

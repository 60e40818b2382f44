"""Whoever has their Home open sees what changed, soon and seldom."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import insert, select

from bot.db import tables
from bot.db.unit import Database
from bot.domain.effects import EffectKind
from bot.domain.home import OPEN_FOR, HomeChoice, HomeQueue
from bot.domain.roster import Agent, Role, Roster
from bot.outbox.dispatcher import Dispatcher
from bot.slack.home_executor import HomeExecutor
from bot.slack.limits import SlackLimits
from bot.usecases.note import AddNote, add_note
from bot.usecases.open_home import OpenHome, open_home
from bot.usecases.release import Release, release
from sandbox.slack.faults import FaultKind
from sandbox.slack.seed import ANNA, BEN, CHIARA, DARIO
from tests.builders import a_ticket, an_inbound, arrive, ticket
from tests.slack.executor_world import Story, story
from tests.slack.executor_world import take as take_it

PEOPLE = [
    Agent(slack_id=ANNA, name="Anna Bassi", role=Role.AGENT),
    Agent(slack_id=BEN, name="Ben Conti", role=Role.AGENT),
    Agent(slack_id=CHIARA, name="Chiara Dini", role=Role.LEAD),
    Agent(slack_id=DARIO, name="Dario Gori", role=Role.AGENT, active=False),
]


@pytest.fixture
async def s(db: Database) -> AsyncIterator[Story]:
    async with story(db) as told:
        told.desk = replace(told.desk, roster=Roster(agents={one.slack_id: one for one in PEOPLE}))
        homes = HomeExecutor(told.client, db, lambda: told.desk, told.clock)
        kinds = dict.fromkeys(homes.kinds, homes)
        told.sender = Dispatcher(db, kinds, told.clock, SlackLimits())
        yield told


async def opens(s: Story, user: str, choice: HomeChoice | None = None) -> None:
    command = OpenHome(actor=user, choice=choice or HomeChoice())
    await s.db.write(lambda tx: open_home(tx, s.desk, command), now=s.clock.now())
    s.clock.move(1)


async def take(s: Story, actor: str = ANNA, *, take_over_from: str | None = None) -> None:
    await take_it(s, actor, take_over_from=take_over_from)


async def note(s: Story, text: str = "Called the carrier.") -> None:
    view = await ticket(s.db)
    command = AddNote(ticket_id=view.id, actor=ANNA, text=text, key=f"note:{text}")
    await s.db.write(lambda tx: add_note(tx, s.desk, command), now=s.clock.now())


async def endings(s: Story) -> Sequence[str]:
    box = tables.outbox.c
    query = select(box.state).where(box.kind == EffectKind.PUBLISH_HOME).order_by(box.id)
    return await s.db.read(lambda conn: list(conn.scalars(query)))


def published(s: Story) -> int:
    return len(s.calls("views.publish"))


async def test_a_claim_is_seen_on_the_home_of_whoever_claimed(s: Story) -> None:
    await a_ticket(s.db, s.desk)
    await opens(s, ANNA)
    await take(s)
    await s.send()
    assert published(s) == 1
    assert await endings(s) == ["sent"]


async def test_nobody_who_has_not_opened_their_home_gets_one(s: Story) -> None:
    await a_ticket(s.db, s.desk)
    await take(s)
    await s.send()
    assert await endings(s) == []


async def test_a_home_opened_yesterday_is_left_alone(s: Story) -> None:
    await a_ticket(s.db, s.desk)
    await opens(s, ANNA)
    s.clock.move(OPEN_FOR.total_seconds())
    await take(s)
    assert await endings(s) == []


async def test_what_concerns_somebody_else_draws_no_home(s: Story) -> None:
    await a_ticket(s.db, s.desk)
    await take(s)
    await opens(s, BEN)
    await note(s)
    assert await endings(s) == []


async def test_whoever_leads_sees_the_whole_team(s: Story) -> None:
    await a_ticket(s.db, s.desk)
    await opens(s, CHIARA)
    await take(s)
    await s.send()
    assert published(s) == 1


async def test_a_new_ticket_is_everybodys(s: Story) -> None:
    await opens(s, ANNA)
    await opens(s, BEN)
    await arrive(s.db, s.desk, an_inbound(), now=s.clock.now())
    await s.send()
    assert published(s) == 2


async def test_whoever_lost_a_ticket_sees_it_go(s: Story) -> None:
    await a_ticket(s.db, s.desk)
    await take(s)
    await opens(s, ANNA)
    await take(s, BEN, take_over_from=ANNA)
    await s.send()
    assert published(s) == 1


async def test_many_changes_are_one_home_and_the_next_waits_five_seconds(s: Story) -> None:
    await a_ticket(s.db, s.desk)
    await opens(s, ANNA)
    for _ in range(3):
        await take(s)
        await put_back(s)
    await take(s)
    await s.send()
    assert published(s) == 1

    await put_back(s)
    await s.send()
    assert published(s) == 1
    s.clock.move(5.1)
    await s.send()
    assert published(s) == 2


async def put_back(s: Story) -> None:
    view = await ticket(s.db)
    command = Release(ticket_id=view.id, actor=ANNA)
    await s.db.write(lambda tx: release(tx, s.desk, command), now=s.clock.now())


async def test_a_home_that_would_show_the_same_is_not_sent(s: Story) -> None:
    await a_ticket(s.db, s.desk)
    await take(s)
    await opens(s, ANNA)
    await note(s)
    await s.send()
    s.clock.move(6)
    await note(s, "Called again.")
    await s.send()
    assert published(s) == 1
    assert await endings(s) == ["sent", "superseded"]


async def test_a_home_drawn_since_is_not_drawn_again(s: Story) -> None:
    await a_ticket(s.db, s.desk)
    await opens(s, ANNA)
    await take(s)
    s.clock.move(1)
    await opens(s, ANNA)
    await s.send()
    assert published(s) == 0
    assert await endings(s) == ["superseded"]


async def test_it_shows_the_queue_that_was_chosen(s: Story) -> None:
    await a_ticket(s.db, s.desk)
    await opens(s, ANNA, HomeChoice(queue=HomeQueue.MINE))
    await take(s)
    await s.send()
    shown = str(home_of(s, ANNA))
    assert "My tickets · 1" in shown
    assert "At risk" not in shown.partition("My tickets · 1")[2]


def home_of(s: Story, user: str) -> Any:
    return s.slack.workspace.homes[user]


async def test_an_answer_that_was_lost_draws_it_once_more(s: Story) -> None:
    await a_ticket(s.db, s.desk)
    await opens(s, ANNA)
    await take(s)
    s.fault("views.publish", FaultKind.SERVER_ERROR_AFTER)
    await s.send(rounds=3, seconds=61)
    assert (await endings(s))[-1] == "sent"


async def test_whoever_left_the_desk_gets_none(s: Story) -> None:
    await a_ticket(s.db, s.desk)
    row = {
        "slack_id": DARIO,
        "opened_at": s.clock.now(),
        "drawn_at": s.clock.now(),
        "choice": HomeChoice().dump(),
    }
    await s.db.write(lambda tx: tx.conn.execute(insert(tables.home), row), now=s.clock.now())
    await arrive(s.db, s.desk, an_inbound(), now=s.clock.now())
    await s.send()
    assert await endings(s) == ["superseded"]

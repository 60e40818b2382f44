"""Every person with every use case that a person can reach, each cell asserted."""

import dataclasses
import importlib
import inspect
import pkgutil
import re
import typing
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from bot import usecases
from bot.domain.roster import Role, Verb, needs
from bot.errors import NotAllowed, NotInSight
from bot.usecases.approve import Approve, approve
from bot.usecases.assign import Assign, assign
from bot.usecases.assign_next import HandOver, hand_over
from bot.usecases.away import GoAway, go_away
from bot.usecases.claim import Claim, claim
from bot.usecases.confirm_reply import settle_unsure
from tests.builders import AMAZON, ANNA, BRUNO, SHOP, a_desk, a_ticket, ticket
from tests.db.authorisation_world import AT, a_world, everybody
from tests.db.everything_asked import ASKED, expected, outcomes

pytestmark = pytest.mark.postgres(first=0)

ROOT = Path(__file__).parent.parent.parent

NOT_ASKED_BY_PEOPLE = {
    "ask_machine.end_asking": "ends what begin_asking allowed, whatever happened meanwhile",
    "class_changes.plan_classes": "a step of others; its actor is only written down",
    "composing.end_composing": "forgets that the actor's own window is open",
    "hold_reply.tell": "a step of others",
    "meanwhile.refuse_if_changed": "a step of others",
    "reply.queue_approved": "a step of approve, which asks for the role",
    "route.route_tickets": "a step of others; its actor is only written down",
    "away.require_here": "a step of others",
    "meanwhile.what_happened": "words about an event",
}


async def test_every_cell_of_who_may_do_what(db):
    world = await a_world(db)
    cells = [
        (person, *cell)
        for person in everybody()
        for cell in await db.write(partial(outcomes, world=world, person=person), now=AT)
    ]
    assert len(cells) == 22 * len(ASKED) >= 1000
    assert [
        f"{person.name}: {asked.name}: {got} {said}"
        for person, asked, got, said in cells
        if got != expected(person, asked)
    ] == []
    # Nothing of a ticket stands in what a refused person reads.
    read = {said for _, _, _, said in cells}
    assert [said for said in read if re.search(r"#|\d{2}|Question|Mara|marketplace", said)] == []


def test_nothing_that_takes_an_actor_is_missing_from_the_table():
    known = {asked.name.partition(" ")[0] for asked in ASKED} | NOT_ASKED_BY_PEOPLE.keys()
    known.add(f"confirm_reply.{settle_unsure.__name__}")
    found = {
        f"{module}.{name}"
        for module in sorted(one.name for one in pkgutil.iter_modules(usecases.__path__))
        for name, function in vars(importlib.import_module(f"bot.usecases.{module}")).items()
        if module != "access" and _is_asked_by_somebody(module, name, function)
    }
    assert found - known == set(), "write down in ASKED who may do it"
    assert {one for one in NOT_ASKED_BY_PEOPLE if one not in found} == set()


def _is_asked_by_somebody(module: str, name: str, function: object) -> bool:
    if name.startswith("_") or not inspect.isfunction(function):
        return False
    if function.__module__ != f"bot.usecases.{module}":
        return False
    hints = typing.get_type_hints(function)
    hints.pop("return", None)
    commands = [one for one in hints.values() if dataclasses.is_dataclass(one)]
    return "actor" in hints or any(
        field.name == "actor" for command in commands for field in dataclasses.fields(command)
    )


def test_the_page_about_roles_says_what_the_roster_does():
    page = (ROOT / "docs" / "roles.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \| (\w+) \|", page, re.MULTILINE))
    assert rows == {str(verb): str(needs(verb)) for verb in Verb}


def with_person(desk, who, **changes):
    agents = desk.roster.agents
    return replace(
        desk, roster=replace(desk.roster, agents={**agents, who: replace(agents[who], **changes)})
    )


async def test_a_role_taken_while_a_window_is_open_holds_when_it_is_submitted(db):
    """The window was opened under one roster and is submitted under the next."""
    desk = a_desk()
    view = await a_ticket(db, desk)
    command = Claim(ticket_id=view.id, actor=ANNA)
    for taken in ({"role": Role.VIEWER}, {"active": False}):
        with pytest.raises(NotAllowed):
            await db.write(
                lambda tx, taken=taken: claim(tx, with_person(desk, ANNA, **taken), command), now=AT
            )
    elsewhere = with_person(desk, ANNA, inboxes=frozenset({SHOP}))
    with pytest.raises(NotInSight):
        await db.write(lambda tx: claim(tx, elsewhere, command), now=AT)
    assert (await ticket(db)).assignee is None


async def test_an_author_who_left_answers_nobody_through_a_second_person(db):
    world = await a_world(db)
    lead = next(one for one in everybody() if one.name == "lead everywhere")
    command = Approve(approval_id=world.held, actor=lead.slack_id)
    gone = with_person(world.desk, ANNA, active=False)
    with pytest.raises(Exception, match="may not answer here any more"):
        await db.write(lambda tx: approve(tx, gone, command), now=AT)


async def test_nobody_is_given_a_ticket_of_an_inbox_they_do_not_see(db):
    desk = with_person(a_desk(), BRUNO, inboxes=frozenset({SHOP}))
    view = await a_ticket(db, desk)
    command = Assign(ticket_id=view.id, actor=ANNA, assignee=BRUNO)
    with pytest.raises(NotAllowed, match="Bruno Conti cannot be given this ticket"):
        await db.write(lambda tx: assign(tx, desk, command), now=AT)


async def test_what_is_handed_over_is_what_one_sees(db):
    desk = a_desk()
    view = await a_ticket(db, desk)
    await db.write(lambda tx: claim(tx, desk, Claim(ticket_id=view.id, actor=BRUNO)), now=AT)
    await db.write(lambda tx: go_away(tx, desk, GoAway(actor=BRUNO, who=BRUNO)), now=AT)
    command = HandOver(actor=ANNA, who=BRUNO)
    elsewhere = with_person(desk, ANNA, inboxes=frozenset({SHOP}))
    assert not await db.write(lambda tx: hand_over(tx, elsewhere, command), now=AT)
    here = with_person(desk, ANNA, inboxes=frozenset({AMAZON}))
    assert len(await db.write(lambda tx: hand_over(tx, here, command), now=AT)) == 1

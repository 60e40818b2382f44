"""The response ledger in Slack: a lead corrects a line where it is shown."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.domain.roster import Role, Roster
from bot.domain.rulings import Ruling
from bot.slack.blocks.ledger import LINES_SHOWN, reason_view, render_ledger
from sandbox.slack.blocks import validate_blocks, validate_view
from tests.slack.front import GIULIA, MARCO, Front, a_front, the_desk
from tests.slack.loopback import as_object
from tests.unit.slack.ledger_scenes import many_lines
from tests.unit.slack.scenes import a_desk, a_ticket

LEAD = GIULIA


@pytest.fixture
async def front(tmp_path: Path) -> AsyncIterator[Front]:
    desk = the_desk()
    agents = {**desk.roster.agents, LEAD: replace(desk.roster.agents[LEAD], role=Role.LEAD)}
    async with a_front(tmp_path, replace(desk, roster=Roster(agents=agents))) as front:
        yield front


async def answered(front: Front) -> int:
    number = await front.customer_writes()
    await front.command(MARCO, f"answered {number}")
    return number


def menus(blocks: Any) -> list[dict[str, Any]]:
    found = [element for block in as_object(blocks) for element in block.get("elements", ())]
    return [element for element in found if element.get("action_id") == "ledger_line"]


async def chooses(front: Front, user: str, value: str, **where: Any) -> Any:
    action = {"type": "static_select", "action_id": "ledger_line", "block_id": "b"}
    chosen = action | {"selected_option": {"value": value}}
    return await front.dispatch(front._interaction(user, chosen, **where))


async def gives_reason(front: Front, user: str, view: Any, reason: str) -> Any:
    state = {"values": {"reason": {"reason": {"type": "plain_text_input", "value": reason}}}}
    return await front.dispatch(
        {
            "type": "view_submission",
            "user": {"id": user},
            "team": {"id": "T0TEAM111"},
            "view": {**as_object(view), "id": "V0REASON1", "state": state},
        }
    )


async def test_each_line_has_what_it_may_have_been_for_a_lead_and_nothing_for_others(front):
    number = await answered(front)
    (menu,) = menus((await front.command(LEAD, f"ledger {number}"))["blocks"])
    ticket = await front.ticket(number)
    assert {option["value"] for option in menu["options"]} == {
        f"{ticket.id}|1|{ruling}" for ruling in ("automatic", "person", "elsewhere")
    }
    assert menus((await front.command(MARCO, f"ledger {number}"))["blocks"]) == []


async def test_a_lead_chooses_says_why_and_sees_the_ledger_as_it_is_then(front):
    number = await answered(front)
    ticket = await front.ticket(number)
    await chooses(front, LEAD, f"{ticket.id}|1|automatic")
    view = front.slack.of("views.open")[-1]["view"]
    done = await gives_reason(front, LEAD, view, "Our autoresponder wrote it.")
    assert "it was automatic (Our autoresponder wrote it)." in done.body
    assert "verdict_corrected" in await front.events(number)


async def test_from_a_window_the_question_opens_on_top_of_it(front):
    ticket = await front.ticket(await answered(front))
    await chooses(front, LEAD, f"{ticket.id}|1|automatic", view={"type": "modal"})
    assert front.slack.of("views.push")
    assert front.slack.of("views.open") == []


async def test_whoever_is_no_lead_is_told_at_the_press_and_at_the_reason(front):
    number = await answered(front)
    ticket = await front.ticket(number)
    await chooses(front, MARCO, f"{ticket.id}|1|automatic")
    assert front.slack.of("views.open") == []
    await chooses(front, LEAD, f"{ticket.id}|1|automatic")
    view = front.slack.of("views.open")[-1]["view"]
    refused = await gives_reason(front, MARCO, view, "Because.")
    assert '"errors"' in refused.body
    assert "verdict_corrected" not in await front.events(number)


def test_a_long_ledger_has_pages_that_a_message_can_hold():
    lines = many_lines("why")
    page = 0
    seen: list[str] = []
    while True:
        drawn = render_ledger(a_ticket(), lines, a_desk(), page=page, corrects=True)
        assert validate_blocks(drawn.blocks) == []
        assert len(menus(drawn.blocks)) <= LINES_SHOWN
        seen += [menu["options"][0]["value"].split("|")[1] for menu in menus(drawn.blocks)]
        older = [
            element
            for block in drawn.blocks
            for element in block.get("elements", ())
            if element.get("text") and "Older lines" in str(element["text"])
        ]
        if not older:
            break
        page += 1
    assert sorted(map(int, seen)) == [line.number for line in lines]


@pytest.mark.parametrize("page", [-5, 10_000])
def test_a_page_that_is_not_there_is_the_nearest_one(page):
    drawn = render_ledger(a_ticket(), many_lines("why"), a_desk(), page=page)
    assert len(drawn.blocks) > 1


async def test_turning_a_page_replaces_the_list(front):
    number = await answered(front)
    ticket = await front.ticket(number)
    await front.press(LEAD, "ledger_page_0", f"{ticket.id}|0")
    assert front.slack.answers[-1]["replace_original"] is True


@pytest.mark.parametrize("ruling", list(Ruling))
def test_the_question_is_one_slack_takes(ruling):
    assert validate_view(reason_view(a_ticket(), 3, ruling)) == []

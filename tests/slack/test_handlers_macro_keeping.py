"""Macros written, found, changed and archived in Slack."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.slack.front import GIULIA, MARCO, Front, a_front, card_ts
from tests.slack.loopback import as_object
from tests.slack.macro_world import (
    LEAD,
    a_desk,
    asked,
    offered,
    opened,
    updated,
)


@pytest.fixture
async def front(tmp_path: Path) -> AsyncIterator[Front]:
    async with a_front(tmp_path, a_desk()) as front:
        yield front


def filled_in(view: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The window of a macro with its fields as they are, but for the changes."""
    held: dict[str, Any] = {}
    for block in view["blocks"]:
        if block["type"] != "input":
            continue
        element = block["element"]
        state = {
            "value": element.get("initial_value"),
            "selected_option": element.get("initial_option"),
            "selected_options": element.get("initial_options", []),
        }
        held[block["block_id"]] = {element["action_id"]: state}
    for name, value in changes.items():
        state = held[name][name]
        if isinstance(value, list):
            state["selected_options"] = [{"value": one} for one in value]
        else:
            state["value"], state["selected_option"] = value, {"value": value}
    return {**view, "id": "V0MACRO11", "state": {"values": held}}


async def keeps(front: Front, user: str, view: dict[str, Any], **changes: Any) -> dict[str, Any]:
    response = await front.dispatch(
        {
            "type": "view_submission",
            "user": {"id": user},
            "team": {"id": "T0TEAM111"},
            "view": filled_in(view, **changes),
        }
    )
    return dict(as_object(response.body))


async def writes(front: Front, user: str, **changes: Any) -> dict[str, Any]:
    await front.command(user, "macro new")
    view = dict(as_object(front.slack.of("views.open")[-1]["view"]))
    return await keeps(front, user, view, **changes)


def rows_of(told: dict[str, Any]) -> list[str]:
    return [block["text"]["text"] for block in told["blocks"] if block["type"] == "section"]


async def test_an_agents_macro_is_their_own(front: Front) -> None:
    told = await writes(front, GIULIA, name="saluti", text="Saluti, {agent.name}", language="it")
    assert "!saluti" in str(told["view"])
    number = await asked(front)
    assert [len(group) for group in offered(await opened(front, number))] == [3]
    assert [len(group) for group in offered(await opened(front, number, MARCO))] == [2]
    await front.command(GIULIA, f"reply {number} !saluti")
    (reply,) = await front.outgoing()
    assert reply.body == "Saluti, Giulia Conti"


async def test_a_leads_macro_is_everybodys_where_it_may_be_used(front: Front) -> None:
    number = await asked(front)
    topic = str((await front.ticket(number)).topic)
    await writes(front, LEAD, name="reso", text="Reso", topics=[topic], channels=["amazon"])
    view = await opened(front, number, MARCO)
    assert [len(group) for group in offered(view)] == [1, 2]
    await front.command(MARCO, "macro reso")
    assert "everybody's" in rows_of(front.slack.answers[-1])[0]


async def test_an_agent_cannot_write_for_everybody(front: Front) -> None:
    told = await writes(front, GIULIA, name="x", text="y", owner="everybody")
    assert "leads and managers" in told["errors"]["name"]


@pytest.mark.parametrize(
    ("changes", "field_name", "why"),
    [
        ({"name": "two words"}, "name", "is no name for a macro"),
        ({"text": "Hi {customer.nam}"}, "text", "Write {customer.name}."),
        ({"text": None}, "text", "is no answer"),
    ],
)
async def test_what_cannot_be_kept_is_said_at_its_field(
    front: Front, changes: dict[str, Any], field_name: str, why: str
) -> None:
    told = await writes(front, GIULIA, **{"name": "x", "text": "y", **changes})
    assert why in told["errors"][field_name]


async def test_a_name_is_used_once_for_the_same_people_and_language(front: Front) -> None:
    await writes(front, GIULIA, name="Saluti", text="a")
    told = await writes(front, GIULIA, name="saluti", text="b")
    assert "already" in told["errors"]["name"]
    assert "view" in await writes(front, GIULIA, name="saluti", text="b", language="it")
    assert "view" in await writes(front, MARCO, name="saluti", text="b")


async def of_the_list(front: Front, user: str, words: str) -> dict[str, Any]:
    """Open the first macro that is found."""
    told = await front.command(user, f"macro {words}")
    row = next(block for block in told["blocks"] if block["type"] == "section")
    button = row["accessory"]
    await front.press(user, button["action_id"], button["value"])
    return dict(as_object(front.slack.of("views.open")[-1]["view"]))


async def test_of_two_changes_at_once_the_second_is_told(front: Front) -> None:
    await writes(front, LEAD, name="reso", text="Reso")
    view = await of_the_list(front, LEAD, "reso")
    assert "view" in await keeps(front, LEAD, view, text="Reso gratuito")
    told = await keeps(front, LEAD, view, text="Reso a pagamento")
    assert "changed by somebody else" in told["errors"]["name"]


async def test_an_archived_macro_is_offered_no_more(front: Front) -> None:
    await writes(front, LEAD, name="reso", text="Reso")
    view = await of_the_list(front, LEAD, "reso")
    button = view["blocks"][-1]["elements"][0]
    assert "confirm" in button
    await front.press(LEAD, "macro_archive", button["value"], view={**view, "id": "V1"})
    assert "archived" in str(updated(front))
    assert rows_of(await front.command(LEAD, "macro reso")) == []
    # Its name is free again.
    assert "view" in await writes(front, LEAD, name="reso", text="Reso")


async def test_one_with_a_second_person_says_so_and_only_managers_end_that(front: Front) -> None:
    told = await writes(front, LEAD, name="goodwill", text="Keep it.", approval=["approval"])
    assert "goes out when a lead has let it" in str(told["view"])
    assert "with a second person" in rows_of(await front.command(GIULIA, "macro goodwill"))[0]
    own = await writes(front, LEAD, name="b", text="y", owner="mine", approval=["approval"])
    assert "only macros for everybody" in own["errors"]["approval"].casefold()

    view = await of_the_list(front, LEAD, "goodwill")
    assert "goes out when a lead has let it" in str(view["blocks"])
    assert "approval" not in filled_in(view)["state"]["values"]
    told = await keeps(front, LEAD, view, text="Keep it, please.", owner="mine")
    assert "Only managers may change that" in str(told["errors"])
    assert "view" in await keeps(front, LEAD, view, text="Keep it, please.")
    button = view["blocks"][-1]["elements"][0]
    await front.press(LEAD, "macro_archive", button["value"], view={**view, "id": "V1"})
    (row,) = rows_of(await front.command(GIULIA, "macro goodwill"))
    assert "with a second person" in row


async def test_a_macro_of_a_file_says_where_it_is_changed(front: Front) -> None:
    view = await of_the_list(front, LEAD, "grazie")
    assert "This macro is written in macros/it.toml:2. Change it there." in str(view["blocks"])
    assert "submit" not in view


async def test_an_agent_looks_at_a_shared_macro_and_cannot_change_it(front: Front) -> None:
    await writes(front, LEAD, name="reso", text="Reso")
    assert "submit" not in await of_the_list(front, GIULIA, "reso")


async def test_the_list_comes_by_the_bots_name_too(front: Front) -> None:
    number = await asked(front)
    await front.mention(GIULIA, "macro", thread=card_ts(number))
    (said,) = front.slack.of("chat.postEphemeral")
    assert "3 macros" in str(said)

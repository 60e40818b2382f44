"""`/sla report`: who is promised which figures, where, and what a question that is none is answered."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.db import tables
from bot.domain.effects import EffectKind
from bot.domain.report_effects import order_of
from bot.domain.roster import Role
from tests.db.reading import rows
from tests.slack.front import CHANNEL, DANA, GIULIA, MARCO, START, STRANGER, VIOLA, Front, a_front

OTHER = "C0LEADS11"


@pytest.fixture
async def front(tmp_path: Path) -> AsyncIterator[Front]:
    async with a_front(tmp_path) as front:
        yield front


async def ask(front: Front, user: str, text: str) -> str:
    said = await front.command(user, f"report {text}".strip(), name="/sla")
    return str(said["text"])


async def promised(front: Front) -> list[Any]:
    return list(await rows(front.db, tables.outbox, kind=EffectKind.POST_REPORT))


async def test_a_report_is_promised_at_once_and_goes_into_the_channel(front: Front) -> None:
    said = await ask(front, DANA, "7d by channel")

    assert "in this channel" in said
    assert "28 Jan" in said
    (row,) = await promised(front)
    order = order_of(row.payload)
    assert row.lane_group == f"slack:{CHANNEL}"
    assert (order.by, order.asked_at, order.inboxes) == ("channel", START, ["amazon-it"])


async def test_an_agent_is_shown_the_figures_of_a_channel_but_not_of_single_people(
    front: Front,
) -> None:
    refused = await ask(front, GIULIA, "7d by agent")
    told = await ask(front, GIULIA, "today")

    assert refused.startswith("Figures of single people are for leads and managers.")
    assert "in this channel" in told
    assert len(await promised(front)) == 1


async def test_outside_the_inboxes_channels_an_agents_report_is_for_their_eyes(
    front: Front,
) -> None:
    moved = {name: replace(one, channel=OTHER) for name, one in front.desk.inboxes.items()}
    front.rules[0] = replace(front.desk, inboxes=moved)

    said = await ask(front, GIULIA, "")
    await ask(front, DANA, "")

    assert "direct message" in said
    assert [row.lane_group for row in await promised(front)] == [
        f"slack:{GIULIA}",
        f"slack:{CHANNEL}",
    ]


async def test_people_are_told_apart_only_where_the_owner_allows_it_and_to_who_asks_alone(
    front: Front,
) -> None:
    refused = await ask(front, DANA, "30d by agent")
    front.rules[0] = replace(front.desk, rank_people=True)
    said = await ask(front, DANA, "30d by agent")

    assert "rank_people = true" in refused
    assert "direct message" in said
    (row,) = await promised(front)
    assert row.lane_group == f"slack:{DANA}"
    assert order_of(row.payload).names_people


async def test_a_lead_who_works_in_some_inboxes_asks_about_those(front: Front) -> None:
    shop = replace(front.desk.inboxes["amazon-it"], name="shop", channel=OTHER, group=(MARCO,))
    elsewhere = replace(front.desk.inboxes["amazon-it"], channel="C0ELSE111")
    marco = replace(front.desk.roster.agents[MARCO], role=Role.LEAD)
    roster = replace(front.desk.roster, agents={**front.desk.roster.agents, MARCO: marco})
    front.rules[0] = replace(
        front.desk, inboxes={"amazon-it": elsewhere, "shop": shop}, roster=roster
    )

    await ask(front, MARCO, "")
    await ask(front, DANA, "")

    inboxes = [order_of(row.payload).inboxes for row in await promised(front)]
    assert inboxes == [["shop"], None]


@pytest.mark.parametrize("user", [VIOLA, STRANGER])
async def test_who_only_looks_on_is_told_nothing(front: Front, user: str) -> None:
    said = await ask(front, user, "7d")

    assert "agent role" in said or "may do that" in said
    assert await promised(front) == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2026-03-31..2026-03-01", "is before"),
        ("7d by colour", "cut by"),
        ("sometime", "sometime"),
        ("2030-01-01..2030-02-01", "still to come"),
    ],
)
async def test_a_question_that_is_none_is_answered_with_one_that_is(
    front: Front, text: str, shown: str
) -> None:
    said = await ask(front, DANA, text)

    assert shown in said
    assert "rite for instance" in said or "Did you mean" in said
    assert await promised(front) == []

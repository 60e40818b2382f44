"""People who left, guests, outsiders, and those who see some inboxes only, at Slack's side."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.desk import Workspace
from bot.domain.home import HomeChoice
from bot.domain.roster import Role
from bot.domain.standing import Standing, standing_of
from bot.slack.gate import is_outsider
from bot.slack.people import PeopleWatch
from tests.slack.front import CHANNEL, DANA, GIULIA, MARCO, Front, a_front, card_ts, the_desk
from tests.slack.loopback import as_object
from tests.slack.macro_world import next_view, opened, submits

OURS = "T0TEAM111"
THEIRS = "T0OTHER11"
REFUSED = "This desk is for the people of its own workspace only."


@pytest_asyncio.fixture
async def front(tmp_path: Path) -> AsyncIterator[Front]:
    desk = replace(the_desk(), workspace=Workspace(team=OURS))
    async with a_front(tmp_path, desk) as made:
        yield made


async def slack_says(front: Front, user: str, **facts: Any) -> None:
    event = {"type": "user_change", "user": {"id": user, "team_id": OURS, **facts}}
    await front.dispatch(
        {"type": "event_callback", "event_id": f"Ev{user}", "team_id": OURS, "event": event}
    )


async def keeps_to(front: Front, user: str, *inboxes: str) -> None:
    agents = front.desk.roster.agents
    limited = {**agents, user: replace(agents[user], inboxes=frozenset(inboxes))}
    await front.restarts_with(roster=replace(front.desk.roster, agents=limited))


def watch_of(front: Front) -> PeopleWatch:
    client = AsyncWebClient(token="xoxb-test", base_url=f"{front.slack.url}/api/")
    return PeopleWatch(client, front.db, lambda: front.desk, front.clock)


@pytest.mark.parametrize(
    "fact",
    [
        "deleted",
        pytest.param("is_restricted", marks=pytest.mark.slow),
        pytest.param("is_ultra_restricted", marks=pytest.mark.slow),
        pytest.param("is_stranger", marks=pytest.mark.slow),
    ],
)
async def test_whoever_stops_being_a_member_loses_tickets_and_every_right(
    front: Front, fact: str
) -> None:
    number = await front.customer_writes()
    await front.command(GIULIA, f"claim {number}")
    await slack_says(front, GIULIA, **{fact: True})

    assert (await front.ticket(number)).assignee is None
    assert (await front.events(number))[-1] == "owner_left"
    said = await front.command(GIULIA, f"claim {number}")
    assert "not on this desk's roster" in said["text"]
    assert str(number) not in said["text"]
    assert (await front.ticket(number)).assignee is None


async def test_who_is_a_member_again_works_again(front: Front) -> None:
    number = await front.customer_writes()
    await slack_says(front, GIULIA, is_restricted=True)
    await slack_says(front, GIULIA)
    await front.command(GIULIA, f"claim {number}")
    assert (await front.ticket(number)).assignee == GIULIA


async def test_what_slack_says_of_others_is_none_of_ours(front: Front) -> None:
    await slack_says(front, "U0SOMEBODY", deleted=True)
    await slack_says(front, GIULIA, real_name="Giulia C.")
    number = await front.customer_writes()
    await front.command(GIULIA, f"claim {number}")
    assert (await front.ticket(number)).assignee == GIULIA


async def test_an_event_that_was_lost_is_asked_for(front: Front) -> None:
    number = await front.customer_writes()
    await front.command(GIULIA, f"claim {number}")
    front.slack.says["users.info"] = {"user": {"id": GIULIA, "deleted": True}}
    await watch_of(front).ask(GIULIA)
    assert (await front.ticket(number)).assignee is None


async def test_owners_who_may_not_work_there_any_more_lose_it_at_the_next_start(
    front: Front,
) -> None:
    number = await front.customer_writes()
    await front.command(GIULIA, f"claim {number}")
    await keeps_to(front, GIULIA, "elsewhere")
    await watch_of(front).settle()
    assert (await front.ticket(number)).assignee is None


async def test_a_press_from_another_workspace_goes_no_further(front: Front) -> None:
    number = await front.customer_writes()
    view = await front.ticket(number)
    pressed = {"type": "button", "action_id": "claim", "value": str(view.id), "block_id": "b"}
    body = {
        "type": "block_actions",
        "user": {"id": GIULIA, "team_id": THEIRS},
        "team": {"id": OURS},
        "trigger_id": "t",
        "actions": [pressed | {"action_ts": "1"}],
        "channel": {"id": CHANNEL},
        "container": {"type": "message"},
        "message": {"ts": card_ts(number), "type": "message"},
        "response_url": f"{front.slack.url}/response",
    }
    await front.dispatch(body)
    assert (await front.ticket(number)).assignee is None
    assert front.slack.answers[-1]["text"] == REFUSED


async def test_a_command_and_a_window_from_another_workspace_read_one_sentence(
    front: Front,
) -> None:
    number = await front.customer_writes()
    told = await front.dispatch(
        {
            "command": "/ticket",
            "text": f"status {number}",
            "user_id": GIULIA,
            "team_id": THEIRS,
            "trigger_id": "t",
            "response_url": f"{front.slack.url}/response",
        }
    )
    assert as_object(told.body)["text"] == REFUSED
    told = await front.dispatch(
        {
            "type": "view_submission",
            "user": {"id": GIULIA, "team_id": THEIRS},
            "team": {"id": OURS},
            "view": {
                "id": "V1",
                "type": "modal",
                "callback_id": "act",
                "private_metadata": "{}",
                "blocks": [],
            },
        }
    )
    assert REFUSED in str(as_object(told.body)["view"])
    assert front.slack.answers == []


@pytest.mark.parametrize(
    ("body", "outside"),
    [
        ({"team": {"id": OURS}, "user": {"id": "U", "team_id": OURS}}, False),
        ({"team": {"id": OURS}, "user": {"id": "U"}}, False),
        ({"team": {"id": OURS}, "user": {"id": "U", "team_id": THEIRS}}, True),
        ({"team": {"id": THEIRS}, "user": {"id": "U", "team_id": THEIRS}}, True),
        ({"team": None, "user": {"id": "U"}}, False),
        ({"team_id": THEIRS, "user_id": "U"}, True),
        # In a shared channel an event may carry the other workspace's id beside ours.
        ({"team_id": THEIRS, "event": {"user": "U", "user_team": OURS}}, False),
        ({"team_id": OURS, "event": {"user": "U", "user_team": THEIRS}}, True),
        ({"team_id": OURS, "event": {"user": "U", "source_team": THEIRS}}, True),
        ({"team_id": OURS, "event": {"user": {"id": "U"}}}, False),
    ],
)
def test_where_a_request_is_from(body: Any, outside: bool) -> None:
    desk = replace(the_desk(), workspace=Workspace(team=OURS))
    assert is_outsider(body, desk) is outside


def test_a_desk_that_does_not_know_its_workspace_goes_by_the_request() -> None:
    body = {"team": {"id": OURS}, "user": {"id": "U", "team_id": THEIRS}}
    assert is_outsider(body, the_desk())
    assert not is_outsider({"team_id": OURS, "user_id": "U"}, the_desk())


def test_sister_workspaces_of_one_organisation_are_told_from_strangers_by_slack() -> None:
    sister = {"id": "U", "team_id": THEIRS, "enterprise_user": {"enterprise_id": "E1"}}
    assert standing_of(sister, OURS, "E1") is Standing.MEMBER
    assert standing_of(sister, OURS, "E2") is Standing.OUTSIDER
    assert standing_of(sister, OURS) is Standing.OUTSIDER


# Some inboxes only.


@pytest.mark.parametrize(
    "asked",
    [
        "status {number}",
        "why {number}",
        "claim {number}",
        "reply {number} Hello",
        "note {number} x",
    ],
)
async def test_a_ticket_of_another_inbox_is_no_ticket(front: Front, asked: str) -> None:
    number = await front.customer_writes("Where is my parcel?")
    await keeps_to(front, MARCO, "elsewhere")
    there = await front.command(MARCO, asked.format(number=number))
    nowhere = await front.command(MARCO, asked.format(number=number + 100))
    assert there == nowhere
    assert "There is no such ticket in the inboxes you work in." in there["text"]
    assert (await front.ticket(number)).assignee is None


async def test_a_ticket_of_another_inbox_is_in_no_list(front: Front) -> None:
    number = await front.customer_writes("Where is my parcel?")
    for user, sight in ((MARCO, "elsewhere"), (GIULIA, "amazon-it")):
        await keeps_to(front, user, sight)
    for asked in ("queue all", "queue unclaimed", "find parcel"):
        assert f"#{number}" in str(await front.command(GIULIA, asked)), asked
        assert f"#{number}" not in str(await front.command(MARCO, asked)), asked
    for asked in ("status", "promises", "forecast"):
        assert "Amazon" not in str(await front.command(MARCO, asked, "/sla")), asked


async def test_a_home_shows_what_its_owner_sees(front: Front) -> None:
    await front.customer_writes("Where is my parcel?")
    await keeps_to(front, DANA, "elsewhere")
    shown = {}
    for user in (GIULIA, DANA):
        event = {"type": "app_home_opened", "user": user, "tab": "home"}
        await front.dispatch(
            {"type": "event_callback", "event_id": f"Ev{user}", "team_id": OURS, "event": event}
        )
        shown[user] = str(front.slack.of("views.publish")[-1]["view"])
    assert "Lucia" in shown[GIULIA]
    assert "Lucia" not in shown[DANA]
    assert "Amazon IT" not in shown[DANA]


async def test_a_home_drawn_for_another_inbox_shows_nothing_of_it(front: Front) -> None:
    await front.customer_writes("Where is my parcel?")
    await keeps_to(front, DANA, "elsewhere")
    chosen = HomeChoice(inbox="amazon-it").dump()
    event = {
        "type": "app_home_opened",
        "user": DANA,
        "tab": "home",
        "view": {"private_metadata": chosen},
    }
    await front.dispatch(
        {"type": "event_callback", "event_id": "Ev1", "team_id": OURS, "event": event}
    )
    assert "Lucia" not in str(front.slack.of("views.publish")[-1]["view"])


@pytest.mark.parametrize(
    "action",
    [
        pytest.param("claim", marks=pytest.mark.slow),
        "reply",
        pytest.param("resolve", marks=pytest.mark.slow),
        "show_words",
        pytest.param("no_answer", marks=pytest.mark.slow),
    ],
)
async def test_a_button_on_a_card_of_another_inbox_does_nothing(front: Front, action: str) -> None:
    number = await front.customer_writes("Where is my parcel?")
    await keeps_to(front, MARCO, "elsewhere")
    before = await front.events(number)
    await front.press(MARCO, action, (await front.ticket(number)).id)
    assert "no such ticket" in front.slack.answers[-1]["text"]
    assert (await front.events(number), front.slack.of("views.open")) == (before, [])


@pytest.mark.parametrize(
    "taken",
    [
        {"role": Role.VIEWER},
        pytest.param({"inboxes": frozenset({"elsewhere"})}, marks=pytest.mark.slow),
        pytest.param({"active": False}, marks=pytest.mark.slow),
    ],
)
async def test_a_window_opened_under_one_role_is_submitted_under_the_next(
    front: Front, taken: dict[str, Any]
) -> None:
    number = await front.customer_writes("Where is my parcel?")
    view = await opened(front, number)
    preview = next_view(await submits(front, view, "Tomorrow."))
    agents = front.desk.roster.agents
    changed = {**agents, GIULIA: replace(agents[GIULIA], **taken)}
    await front.restarts_with(roster=replace(front.desk.roster, agents=changed))

    for window in (view, preview):
        told = str(as_object((await submits(front, window, "Tomorrow.")).body))
        assert "errors" in told or "Not done" in told
        assert "parcel" not in told
        assert str(number) not in told
    assert await front.outgoing() == []

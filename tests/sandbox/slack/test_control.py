"""What the workspace's owner does over the control API, and what the app hears of it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientSession
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack.seed import ANNA, BEN, BOT_USER, SHOP
from sandbox.slack.server import SandboxSlack
from tests.sandbox.slack.bolt import bolt_app, http_manifest, socket_mode, until
from tests.sandbox.slack.test_web_api import error_of


@pytest.fixture
async def owner(slack: SandboxSlack) -> AsyncIterator[ClientSession]:
    async with ClientSession(slack.url) as session:
        yield session


async def post(owner: ClientSession, path: str, **body: Any) -> dict[str, Any]:
    async with owner.post(path, json=body) as response:
        answer: dict[str, Any] = await response.json()
        return answer


async def test_a_channel_is_archived_and_brought_back(
    owner: ClientSession, client: AsyncWebClient
) -> None:
    await post(owner, "/control/channels/shop", archived=True)
    refused = await error_of(client.chat_postMessage(channel=SHOP, text="x"))
    await post(owner, "/control/channels/shop", archived=False)

    assert refused["error"] == "is_archived"
    assert (await client.chat_postMessage(channel=SHOP, text="x"))["ok"]


async def test_the_bot_is_thrown_out_and_let_in(
    owner: ClientSession, client: AsyncWebClient
) -> None:
    await post(owner, f"/control/channels/{SHOP}", remove="threadline")
    refused = await error_of(client.chat_postMessage(channel=SHOP, text="x"))
    await post(owner, f"/control/channels/{SHOP}", add="threadline", rename="store")

    assert refused["error"] == "not_in_channel"
    assert (await client.conversations_info(channel=SHOP))["channel"]["name"] == "store"


async def test_a_token_is_revoked_and_given_back(
    owner: ClientSession, client: AsyncWebClient
) -> None:
    await post(owner, "/control/token", error="token_revoked")
    refused = await error_of(client.auth_test())
    await post(owner, "/control/token", error=None)
    odd = await post(owner, "/control/token", error="lost")

    assert refused["error"] == "token_revoked"
    assert (await client.auth_test())["ok"]
    assert odd["error"] == "bad_request"


async def test_people_groups_and_channels_are_made_and_changed(
    slack: SandboxSlack, owner: ClientSession, client: AsyncWebClient
) -> None:
    made = (await post(owner, "/control/users", name="Franco Neri", tz="Europe/Paris"))["user"]
    await post(owner, "/control/users/ben", deleted=True)
    group = await post(owner, "/control/usergroups/@night", users=["franco", "anna"])
    channel = await post(
        owner, "/control/channels", name="night", is_private=True, members=["anna"]
    )

    assert (await client.users_info(user=made["id"]))["user"]["tz"] == "Europe/Paris"
    assert (await client.users_info(user=BEN))["user"]["deleted"]
    assert group["usergroup"]["users"] == [made["id"], ANNA]
    assert channel["channel"]["members"] == [ANNA]
    assert not slack.workspace.can_see(made["id"], channel["channel"]["id"])


async def test_the_app_hears_of_what_it_subscribed_to(
    slack: SandboxSlack, owner: ClientSession
) -> None:
    app = bolt_app(slack)
    heard: list[str] = []
    kinds = ("channel_archive", "channel_rename", "user_change", "member_joined_channel")
    for kind in (*kinds, "subteam_members_changed", "tokens_revoked"):

        @app.event(kind)
        async def on_event(event: dict[str, Any]) -> None:
            heard.append(event["type"])

    async with socket_mode(slack, app):
        await post(owner, "/control/channels/shop", archived=True)
        await post(owner, "/control/channels/shop", rename="store")
        await post(owner, "/control/channels/store", add="anna")
        await post(owner, "/control/users/ben", deleted=True)
        await post(owner, "/control/usergroups/managers", users=["anna"])
        await until(lambda: len(heard) == 5)

    assert sorted(heard) == sorted([*kinds, "subteam_members_changed"])


async def test_limits_are_switched_off(owner: ClientSession, client: AsyncWebClient) -> None:
    await post(owner, "/control/limits", enabled=False)
    for number in range(20):
        await client.chat_postMessage(channel=SHOP, text=str(number))


async def test_another_manifest_is_installed_or_refused(
    slack: SandboxSlack, owner: ClientSession
) -> None:
    refused = await post(owner, "/control/manifest", display_information={"name": ""})
    fine = await post(owner, "/control/manifest", **http_manifest("http://127.0.0.1:1/"))

    assert refused["error"] == "bad_request"
    assert fine["ok"]
    assert not slack.core.app.manifest.socket_mode


async def test_the_log_is_read_from_where_one_stopped(
    owner: ClientSession, client: AsyncWebClient
) -> None:
    await client.auth_test()
    async with owner.get("/control/log") as response:
        seq = (await response.json())["seq"]
    await client.chat_postMessage(channel=SHOP, text="x")
    await client.users_list()
    async with owner.get(
        "/control/log", params={"after": seq, "method": "chat.postMessage"}
    ) as response:
        calls = (await response.json())["calls"]

    assert [(call["method"], call["args"]["text"]) for call in calls] == [("chat.postMessage", "x")]


async def test_sockets_are_counted(slack: SandboxSlack, owner: ClientSession) -> None:
    async with socket_mode(slack, bolt_app(slack)), owner.get("/control/sockets") as response:
        connections = (await response.json())["connections"]

    assert connections == [{"number": 1, "silent": False, "delivered": 0}]
    odd = await post(owner, "/control/sockets", action="explode")
    assert odd["error"] == "bad_request"


async def test_a_person_waits_for_what_comes(slack: SandboxSlack, client: AsyncWebClient) -> None:
    anna = slack.person("anna")
    waiting = asyncio.create_task(anna.wait_for("#shop", lambda post: post.text == "late"))
    await asyncio.sleep(0.05)
    await client.chat_postMessage(channel=SHOP, text="late")

    found = await waiting
    again = await anna.wait_for("#shop", lambda post: post.user == BOT_USER)

    assert found.ts == again.ts
    with pytest.raises(TimeoutError):
        await anna.wait_for("#shop", lambda post: post.text == "never", seconds=0.2)


async def test_a_person_without_a_form_says_so(slack: SandboxSlack) -> None:
    with pytest.raises(LookupError, match="Anna has no form open"):
        await slack.person("anna").submit()

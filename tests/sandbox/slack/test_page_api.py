"""The JSON and the event stream that the page lives on."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientResponse, ClientSession
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack.seed import ANNA, BEN, BOT_USER, SHOP
from sandbox.slack.server import SandboxSlack
from tests.sandbox.slack.stepped import START


@pytest.fixture
async def page(slack: SandboxSlack) -> AsyncIterator[ClientSession]:
    async with ClientSession(slack.url) as session:
        yield session


async def read(page: ClientSession, path: str, **query: str) -> dict[str, Any]:
    async with page.get(path, params=query) as response:
        body: dict[str, Any] = await response.json()
        return body


async def act(page: ClientSession, name: str, **body: Any) -> dict[str, Any]:
    async with page.post(f"/ui/acts/{name}", json=body) as response:
        answer: dict[str, Any] = await response.json()
        return answer


async def events(response: ClientResponse) -> AsyncIterator[tuple[int, str, Any]]:
    seq, kind = 0, ""
    async for line in response.content:
        name, _, value = line.decode().strip().partition(": ")
        if name == "id":
            seq = int(value)
        elif name == "event":
            kind = value
        elif name == "data":
            yield seq, kind, json.loads(value)


async def test_the_state_of_one_person(page: ClientSession) -> None:
    state = await read(page, "/ui/state", user=ANNA)

    assert state["team"]["name"] == "Rossi Casa"
    assert [channel["name"] for channel in state["channels"]] == [
        "amazon-it",
        "shop",
        "marketplaces",
        "threadline-ops",
        "general",
    ]
    assert all(channel["is_member"] for channel in state["channels"])
    assert state["clock"] == {"now": START.timestamp(), "speed": 1.0}
    assert state["commands"][0]["command"] == "/ticket"
    assert state["app"]["connected"] is False


async def test_nobody_sees_foreign_direct_messages_and_private_channels(
    slack: SandboxSlack, page: ClientSession, client: AsyncWebClient
) -> None:
    dm = (await client.chat_postMessage(channel=ANNA, text="x"))["channel"]
    slack.workspace.channel(SHOP).is_private = True
    slack.workspace.channel(SHOP).members.remove(BEN)

    async def seen_by(user: str) -> list[str]:
        return [c["id"] for c in (await read(page, "/ui/state", user=user))["channels"]]

    assert dm in await seen_by(ANNA)
    assert dm not in await seen_by(BEN)
    assert SHOP not in await seen_by(BEN)
    async with page.get("/ui/messages", params={"user": BEN, "channel": SHOP}) as response:
        assert response.status == 404


async def test_a_thread_and_its_root(page: ClientSession, client: AsyncWebClient) -> None:
    root = (await client.chat_postMessage(channel=SHOP, text="root"))["ts"]
    await act(page, "post", user=ANNA, channel=SHOP, text="reply", thread_ts=root)
    await client.chat_postEphemeral(channel=SHOP, user=ANNA, text="psst", thread_ts=root)

    channel = await read(page, "/ui/messages", user=ANNA, channel=SHOP)
    thread = await read(page, "/ui/thread", user=ANNA, channel=SHOP, ts=root)
    of_ben = await read(page, "/ui/thread", user=BEN, channel=SHOP, ts=root)

    (shown,) = channel["messages"]
    assert (shown["reply_count"], shown["reply_users"]) == (1, [ANNA])
    assert [m["text"] for m in thread["messages"]] == ["root", "reply", "psst"]
    assert [m["text"] for m in of_ben["messages"]] == ["root", "reply"]


async def test_the_stream_brings_what_this_person_may_see(
    page: ClientSession, client: AsyncWebClient
) -> None:
    state = await read(page, "/ui/state", user=ANNA)
    query = {"user": ANNA, "after": str(state["seq"])}
    async with page.get("/ui/events", params=query) as response:
        await client.chat_postEphemeral(channel=SHOP, user=BEN, text="for Ben")
        posted = await client.chat_postMessage(channel=SHOP, text="for all")
        await client.chat_update(channel=SHOP, ts=posted["ts"], text="changed")
        await client.chat_delete(channel=SHOP, ts=posted["ts"])
        heard = []
        async with asyncio.timeout(30):
            async for seq, kind, data in events(response):
                heard.append((seq, kind, data))
                if kind == "message_deleted":
                    break

    assert [kind for _, kind, _ in heard] == ["message", "message_changed", "message_deleted"]
    assert heard[1][2]["message"]["text"] == "changed"
    resumed = {"Last-Event-ID": str(heard[1][0])}
    async with page.get("/ui/events", params={"user": ANNA}, headers=resumed) as response:
        async with asyncio.timeout(30):
            async for _, kind, _ in events(response):
                assert kind == "message_deleted"
                break


async def test_a_stream_from_another_run_says_reload(page: ClientSession) -> None:
    async with page.get("/ui/events", params={"user": ANNA, "after": "999999"}) as response:
        async with asyncio.timeout(30):
            async for _, kind, _ in events(response):
                assert kind == "reload"
                break


async def test_a_permalink_is_found_again(page: ClientSession, client: AsyncWebClient) -> None:
    root = (await client.chat_postMessage(channel=SHOP, text="x"))["ts"]
    reply = (await client.chat_postMessage(channel=SHOP, text="y", thread_ts=root))["ts"]
    link = (await client.chat_getPermalink(channel=SHOP, message_ts=reply))["permalink"]

    found = await read(page, "/ui/permalink", link=link)

    assert found == {"channel": SHOP, "ts": reply, "thread_ts": root}


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/ui/acts/post", {"user": ANNA}, 400),
        ("/ui/acts/post", {"user": "U0", "channel": SHOP, "text": "x"}, 404),
        ("/ui/acts/post", {"user": ANNA, "channel": "C0", "text": "x"}, 404),
        ("/ui/acts/dance", {"user": ANNA}, 404),
        ("/ui/acts/post", ["x"], 400),
    ],
)
async def test_bad_requests_are_told_apart(
    page: ClientSession, path: str, body: Any, status: int
) -> None:
    async with page.post(path, json=body) as response:
        assert response.status == status
        assert (await response.json())["ok"] is False


async def test_membership_from_the_page(slack: SandboxSlack, page: ClientSession) -> None:
    left = await act(page, "leave", user=ANNA, channel=SHOP)
    joined = await act(page, "join", user=ANNA, channel=SHOP)
    slack.workspace.channel(SHOP).members.remove(BOT_USER)
    invited = await act(page, "invite", user=ANNA, channel=SHOP, who="threadline")
    dm = await act(page, "dm", user=ANNA, who="threadline")

    assert left["channel"]["is_member"] is False
    assert joined["channel"]["is_member"] is True
    assert BOT_USER in invited["channel"]["members"]
    assert dm["channel"]["im_user"] == ANNA


async def test_only_own_messages_are_edited_and_ephemerals_dismissed(
    slack: SandboxSlack, page: ClientSession, client: AsyncWebClient
) -> None:
    posted = (await client.chat_postMessage(channel=SHOP, text="x"))["ts"]
    private = await client.chat_postEphemeral(channel=SHOP, user=ANNA, text="psst")

    refused = await act(page, "edit", user=ANNA, channel=SHOP, ts=posted, text="y")
    dismissed = await act(page, "dismiss", user=ANNA, ts=private["message_ts"])

    assert refused["error"] == "not_yours"
    assert dismissed["ok"]
    assert slack.workspace.ephemerals == []


async def test_the_page_is_served(page: ClientSession) -> None:
    async with page.get("/") as response:
        assert response.status == 200
        assert "text/html" in response.headers["Content-Type"]

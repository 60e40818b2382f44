"""chat.*: what a bot may post, edit and delete, and where."""

from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack.model import Ts
from sandbox.slack.seed import ANNA, BOT_USER, ELENA, GENERAL, SHOP
from sandbox.slack.server import SandboxSlack
from tests.sandbox.slack.bolt import rich_text, section
from tests.sandbox.slack.stepped import START, SteppedClock
from tests.sandbox.slack.test_web_api import error_of, with_scopes

METADATA = {"event_type": "threadline", "event_payload": {"outbox_id": 7}}


async def test_ts_grow_even_when_the_clock_stands_or_is_set_back(
    clock: SteppedClock, client: AsyncWebClient
) -> None:
    first = (await client.chat_postMessage(channel=SHOP, text="1"))["ts"]
    second = (await client.chat_postMessage(channel=SHOP, text="2"))["ts"]
    clock.set_back(3600)
    third = (await client.chat_postMessage(channel=SHOP, text="3"))["ts"]

    assert first < second < third
    assert float(first) == pytest.approx(START.timestamp())


async def test_a_message_can_be_answered_in_its_thread_only(client: AsyncWebClient) -> None:
    root = (await client.chat_postMessage(channel=SHOP, text="root"))["ts"]
    reply = await client.chat_postMessage(channel=SHOP, text="reply", thread_ts=root)

    nested = await error_of(client.chat_postMessage(channel=SHOP, text="x", thread_ts=reply["ts"]))
    nowhere = await error_of(client.chat_postMessage(channel=SHOP, text="x", thread_ts="1.000000"))

    assert reply["message"]["thread_ts"] == root
    assert nested["error"] == nowhere["error"] == "cannot_reply_to_message"


async def test_a_broadcast_reply_shows_in_the_channel_too(client: AsyncWebClient) -> None:
    root = (await client.chat_postMessage(channel=SHOP, text="root"))["ts"]
    await client.chat_postMessage(channel=SHOP, text="quiet", thread_ts=root)
    await client.chat_postMessage(channel=SHOP, text="loud", thread_ts=root, reply_broadcast=True)

    shown = (await client.conversations_history(channel=SHOP))["messages"]

    assert [message["text"] for message in shown] == ["loud", "root"]


async def test_where_the_bot_may_post(slack: SandboxSlack, client: AsyncWebClient) -> None:
    shop = slack.workspace.channel(SHOP)
    shop.members.remove(BOT_USER)
    outside = await error_of(client.chat_postMessage(channel=SHOP, text="x"))
    slack.install(with_scopes("chat:write", "chat:write.public"))
    public = await client.chat_postMessage(channel=SHOP, text="x")
    shop.is_private = True
    hidden = await error_of(client.chat_postMessage(channel=SHOP, text="x"))
    slack.workspace.channel(GENERAL).is_archived = True
    archived = await error_of(client.chat_postMessage(channel=GENERAL, text="x"))

    assert outside["error"] == "not_in_channel"
    assert public["ok"]
    assert hidden["error"] == "channel_not_found"
    assert archived["error"] == "is_archived"


async def test_a_user_id_as_channel_means_the_direct_message(client: AsyncWebClient) -> None:
    first = await client.chat_postMessage(channel=ANNA, text="x")
    second = await client.chat_postMessage(channel=first["channel"], text="y")
    gone = await error_of(client.chat_postMessage(channel=ELENA, text="x"))

    assert first["channel"] == second["channel"]
    assert first["channel"].startswith("D")
    assert gone["error"] == "channel_not_found"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({}, "no_text"),
        ({"blocks": "{"}, "invalid_blocks_format"),
        ({"blocks": {"type": "divider"}}, "invalid_blocks_format"),
        ({"markdown_text": "x", "text": "x"}, "markdown_text_conflict"),
        ({"text": "x", "metadata": {"event_type": 1}}, "invalid_metadata_format"),
        ({"text": "x", "metadata": "{"}, "invalid_metadata_format"),
        (
            {"text": "x", "metadata": {"event_type": "t", "event_payload": {"a": "x" * 20_000}}},
            "metadata_too_large",
        ),
        ({"text": "x", "username": "Someone"}, "missing_scope"),
    ],
)
async def test_what_cannot_be_posted(
    client: AsyncWebClient, arguments: dict[str, Any], code: str
) -> None:
    call = client.api_call("chat.postMessage", json={"channel": SHOP, **arguments})

    assert (await error_of(call))["error"] == code


async def test_invalid_blocks_come_with_a_pointer(client: AsyncWebClient) -> None:
    refused = await error_of(
        client.chat_postMessage(channel=SHOP, text="x", blocks=[section("x" * 3001)])
    )

    assert refused["error"] == "invalid_blocks"
    assert refused["response_metadata"]["messages"] == [
        "[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]"
    ]


async def test_text_beyond_forty_thousand_characters_is_cut(client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(channel=SHOP, text="x" * 40_001)

    assert len(posted["message"]["text"]) == 40_000


async def test_metadata_is_kept_and_given_back_on_request(client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(channel=SHOP, text="x", metadata=METADATA)
    await client.chat_update(channel=SHOP, ts=posted["ts"], text="y")

    asked = await client.conversations_history(channel=SHOP, include_all_metadata=True)
    not_asked = await client.conversations_history(channel=SHOP)

    assert asked["messages"][0]["metadata"] == METADATA
    assert "metadata" not in not_asked["messages"][0]


async def test_an_update_replaces_text_and_blocks(
    slack: SandboxSlack, client: AsyncWebClient
) -> None:
    posted = await client.chat_postMessage(channel=SHOP, text="old", blocks=[section("old")])
    message = slack.workspace.message(SHOP, posted["ts"])

    await client.chat_update(channel=SHOP, ts=posted["ts"], text="new", blocks=[section("new")])
    assert (message.text, message.blocks[0]["text"]["text"]) == ("new", "new")
    assert message.edited_ts is None

    await client.chat_update(channel=SHOP, ts=posted["ts"], text="bare")
    assert message.blocks == []
    assert message.edited_ts is not None


async def test_rich_text_cannot_become_something_else(client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(channel=SHOP, text="x", blocks=[rich_text("x")])

    refused = await error_of(
        client.chat_update(channel=SHOP, ts=posted["ts"], text="x", blocks=[section("x")])
    )
    taken = await client.chat_update(
        channel=SHOP, ts=posted["ts"], text="x", blocks=[section("x"), rich_text("y")]
    )

    assert refused["error"] == "block_mismatch"
    assert taken["ok"]


async def test_what_cannot_be_updated_or_deleted(
    slack: SandboxSlack, client: AsyncWebClient
) -> None:
    foreign = (await slack.person("anna").post("#shop", "mine")).ts
    own = (await client.chat_postMessage(channel=SHOP, text="x"))["ts"]
    private = await client.chat_postEphemeral(channel=SHOP, user=ANNA, text="x")

    codes = [
        (await error_of(call))["error"]
        for call in (
            client.chat_update(channel=SHOP, ts=foreign, text="x"),
            client.chat_delete(channel=SHOP, ts=foreign),
            client.chat_update(channel=SHOP, ts="1.000000", text="x"),
            client.chat_update(channel=SHOP, ts=private["message_ts"], text="x"),
            client.chat_update(channel=SHOP, ts=own, text="x" * 4001),
        )
    ]
    slack.workspace.channel(SHOP).is_archived = True
    archived = await error_of(client.chat_update(channel=SHOP, ts=own, text="x"))

    assert codes == [
        "cant_update_message",
        "cant_delete_message",
        "message_not_found",
        "message_not_found",
        "msg_too_long",
    ]
    assert archived["error"] == "is_inactive"


async def test_a_deleted_message_is_gone(slack: SandboxSlack, client: AsyncWebClient) -> None:
    ts = (await client.chat_postMessage(channel=SHOP, text="x"))["ts"]

    await client.chat_delete(channel=SHOP, ts=ts)

    assert slack.workspace.posted(SHOP, Ts(ts)) is None


async def test_an_ephemeral_message_is_seen_by_one_member_only(
    slack: SandboxSlack, client: AsyncWebClient
) -> None:
    await client.chat_postEphemeral(channel=SHOP, user=ANNA, text="psst")
    slack.workspace.channel(SHOP).members.remove(ANNA)
    outside = await error_of(client.chat_postEphemeral(channel=SHOP, user=ANNA, text="psst"))

    assert [post.text for post in await slack.person("anna").messages("#shop")] == ["psst"]
    assert await slack.person("ben").messages("#shop") == []
    assert (await client.conversations_history(channel=SHOP))["messages"] == []
    assert outside["error"] == "user_not_in_channel"


async def test_a_permalink_leads_to_the_message_in_its_thread(client: AsyncWebClient) -> None:
    root = (await client.chat_postMessage(channel=SHOP, text="root"))["ts"]
    reply = (await client.chat_postMessage(channel=SHOP, text="x", thread_ts=root))["ts"]

    to_root = await client.chat_getPermalink(channel=SHOP, message_ts=root)
    to_reply = await client.chat_getPermalink(channel=SHOP, message_ts=reply)

    digits = root.replace(".", "")
    assert to_root["permalink"] == f"https://rossi-casa.slack.example/archives/{SHOP}/p{digits}"
    assert to_reply["permalink"].endswith(f"?thread_ts={root}&cid={SHOP}")

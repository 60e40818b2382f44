"""Channels, people, groups and reactions, through the Web API."""

from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack.seed import AMAZON_TEAM, ANNA, BEN, BOT_USER, CHIARA, ELENA, MANAGERS, SHOP
from sandbox.slack.server import SandboxSlack
from tests.sandbox.slack.test_web_api import error_of, with_scopes


async def test_the_list_of_channels_comes_in_pages(client: AsyncWebClient) -> None:
    first = await client.conversations_list(limit=3)
    cursor = first["response_metadata"]["next_cursor"]
    second = await client.conversations_list(limit=3, cursor=cursor)

    names = [channel["name"] for page in (first, second) for channel in page["channels"]]
    assert names == ["amazon-it", "shop", "marketplaces", "threadline-ops", "general"]
    assert second["response_metadata"]["next_cursor"] == ""


async def test_private_channels_are_listed_to_members_with_the_scope(
    slack: SandboxSlack, client: AsyncWebClient
) -> None:
    shop = slack.workspace.channel(SHOP)
    shop.is_private = True

    async def listed() -> list[str]:
        answer = await client.conversations_list(types="private_channel")
        return [channel["name"] for channel in answer["channels"]]

    assert await listed() == ["shop"]
    shop.members.remove(BOT_USER)
    assert await listed() == []
    slack.install(with_scopes("channels:read"))
    refused = await error_of(client.conversations_list(types="private_channel"))
    assert (refused["error"], refused["needed"]) == ("missing_scope", "groups:read")


async def test_archived_channels_can_be_left_out(
    slack: SandboxSlack, client: AsyncWebClient
) -> None:
    slack.workspace.channel(SHOP).is_archived = True

    answer = await client.conversations_list(exclude_archived=True)

    assert "shop" not in [channel["name"] for channel in answer["channels"]]


async def test_a_channel_says_whether_the_bot_is_in_it(
    slack: SandboxSlack, client: AsyncWebClient
) -> None:
    before = await client.conversations_info(channel=SHOP)
    slack.workspace.channel(SHOP).members.remove(BOT_USER)
    after = await client.conversations_info(channel=SHOP)
    history = await error_of(client.conversations_history(channel=SHOP))
    joined = await client.conversations_join(channel=SHOP)
    members = await client.conversations_members(channel=SHOP)

    assert (before["channel"]["is_member"], after["channel"]["is_member"]) == (True, False)
    assert history["error"] == "not_in_channel"
    assert joined["channel"]["is_member"]
    assert BOT_USER in members["members"]


async def test_history_between_two_ts(client: AsyncWebClient) -> None:
    ts = [(await client.chat_postMessage(channel=SHOP, text=str(n)))["ts"] for n in range(4)]

    async def texts(**bounds: Any) -> list[str]:
        answer = await client.conversations_history(channel=SHOP, **bounds)
        return [message["text"] for message in answer["messages"]]

    assert await texts(oldest=ts[0], latest=ts[3]) == ["2", "1"]
    assert await texts(oldest=ts[0], latest=ts[3], inclusive=True) == ["3", "2", "1", "0"]
    assert await texts(limit=1) == ["3"]


async def test_replies_come_with_their_root_in_pages(client: AsyncWebClient) -> None:
    root = (await client.chat_postMessage(channel=SHOP, text="root"))["ts"]
    for number in range(3):
        await client.chat_postMessage(channel=SHOP, text=str(number), thread_ts=root)

    first = await client.conversations_replies(channel=SHOP, ts=root, limit=2)
    rest = await client.conversations_replies(
        channel=SHOP, ts=root, cursor=first["response_metadata"]["next_cursor"]
    )

    assert [message["text"] for message in first["messages"]] == ["root", "0"]
    assert first["has_more"]
    assert first["messages"][0]["reply_count"] == 3
    assert [message["text"] for message in rest["messages"]] == ["1", "2"]


REFUSED: dict[str, tuple[str, dict[str, Any], str]] = {
    "unknown type": ("conversations.list", {"types": "secret"}, "invalid_types"),
    "odd cursor": ("conversations.list", {"cursor": "x"}, "invalid_cursor"),
    "unknown channel": ("conversations.info", {"channel": "C0"}, "channel_not_found"),
    "no channel": ("conversations.info", {}, "invalid_arguments"),
    "unknown thread": ("conversations.replies", {"channel": SHOP, "ts": "1.0"}, "thread_not_found"),
    "odd oldest": ("conversations.history", {"channel": SHOP, "oldest": "x"}, "invalid_ts_oldest"),
    "odd limit": ("conversations.history", {"channel": SHOP, "limit": "x"}, "invalid_arguments"),
    "nobody": ("conversations.open", {}, "users_list_not_supplied"),
    "a crowd": ("conversations.open", {"users": f"{ANNA},{BEN}"}, "too_many_users"),
    "somebody who left": ("conversations.open", {"users": ELENA}, "user_disabled"),
    "the bot itself": ("conversations.open", {"users": BOT_USER}, "invalid_user_combination"),
    "a channel to open": (
        "conversations.open",
        {"channel": SHOP},
        "method_not_supported_for_channel_type",
    ),
    "unknown person": ("users.info", {"user": "U0"}, "user_not_found"),
    "unknown address": ("users.lookupByEmail", {"email": "x@y.example"}, "users_not_found"),
    "unknown group": ("usergroups.users.list", {"usergroup": "S0"}, "no_such_subteam"),
    "a group of nobody": (
        "usergroups.users.update",
        {"usergroup": MANAGERS, "users": ""},
        "no_users_provided",
    ),
    "a group that is none": (
        "usergroups.users.update",
        {"usergroup": "S0", "users": ANNA},
        "invalid_users",
    ),
    "a group with somebody who left": (
        "usergroups.users.update",
        {"usergroup": MANAGERS, "users": f"{ANNA},{ELENA}"},
        "failed_for_some_users",
    ),
    "unknown bot": ("bots.info", {"bot": "B0"}, "bot_not_found"),
    "odd emoji": (
        "reactions.add",
        {"channel": SHOP, "timestamp": "1.000000", "name": "a b"},
        "invalid_name",
    ),
    "odd timestamp": (
        "reactions.add",
        {"channel": SHOP, "timestamp": "1", "name": "eyes"},
        "bad_timestamp",
    ),
    "nothing to react to": ("reactions.add", {"name": "eyes"}, "no_item_specified"),
    "no such message": (
        "reactions.add",
        {"channel": SHOP, "timestamp": "1.000000", "name": "eyes"},
        "message_not_found",
    ),
}


@pytest.mark.parametrize(("method", "arguments", "code"), REFUSED.values(), ids=REFUSED)
async def test_what_is_refused(
    client: AsyncWebClient, method: str, arguments: dict[str, Any], code: str
) -> None:
    assert (await error_of(client.api_call(method, json=arguments)))["error"] == code


async def test_people_are_found_by_id_and_address(client: AsyncWebClient) -> None:
    anna = (await client.users_info(user=ANNA))["user"]
    same = (await client.users_lookupByEmail(email="ANNA@rossi-casa.example"))["user"]
    left = (await client.users_info(user=ELENA))["user"]
    gone = await error_of(client.users_lookupByEmail(email="elena@rossi-casa.example"))

    assert anna == same
    assert (anna["tz"], anna["tz_offset"]) == ("Europe/Rome", 3600)
    assert left["deleted"] is True
    assert gone["error"] == "users_not_found"


async def test_a_locale_is_told_by_those_methods_that_are_asked_for_it(
    slack: SandboxSlack, client: AsyncWebClient
) -> None:
    slack.workspace.user(ANNA).locale = "de-AT"

    asked = (await client.users_info(user=ANNA, include_locale=True))["user"]
    unasked = (await client.users_info(user=ANNA))["user"]
    members = (await client.users_list(include_locale=True))["members"]
    by_address = (await client.users_lookupByEmail(email="anna@rossi-casa.example"))["user"]

    assert asked["locale"] == "de-AT"
    assert {each["id"]: each["locale"] for each in members}[ANNA] == "de-AT"
    assert "locale" not in unasked
    assert "locale" not in by_address


async def test_a_group_gets_the_people_it_is_given(client: AsyncWebClient) -> None:
    changed = await client.usergroups_users_update(usergroup=MANAGERS, users=[ANNA, BEN])

    assert changed["usergroup"]["users"] == [ANNA, BEN]
    assert (await client.usergroups_users_list(usergroup=MANAGERS))["users"] == [ANNA, BEN]


async def test_changing_a_group_takes_its_own_scope(
    slack: SandboxSlack, client: AsyncWebClient
) -> None:
    slack.install(with_scopes("usergroups:read"))
    change = client.usergroups_users_update(usergroup=MANAGERS, users=[ANNA])

    assert (await error_of(change))["needed"] == "usergroups:write"


async def test_addresses_are_shown_with_their_scope_only(
    slack: SandboxSlack, client: AsyncWebClient
) -> None:
    with_scope = (await client.users_list())["members"]
    slack.install(with_scopes("users:read"))
    without = (await client.users_list())["members"]

    assert "email" in with_scope[0]["profile"]
    assert "email" not in without[0]["profile"]
    assert any(member["is_bot"] for member in without)


async def test_groups_and_their_people(slack: SandboxSlack, client: AsyncWebClient) -> None:
    groups = (await client.usergroups_list(include_users=True))["usergroups"]
    slack.workspace.groups[AMAZON_TEAM].disabled = True
    remaining = (await client.usergroups_list())["usergroups"]

    assert {group["handle"]: group["users"] for group in groups} == {
        "managers": [CHIARA],
        "amazon-team": [ANNA, BEN],
    }
    assert [group["id"] for group in remaining] == [MANAGERS]
    assert (await client.usergroups_users_list(usergroup=MANAGERS))["users"] == [CHIARA]


async def test_a_reaction_is_put_on_once_and_taken_off(
    slack: SandboxSlack, client: AsyncWebClient
) -> None:
    ts = (await client.chat_postMessage(channel=SHOP, text="x"))["ts"]
    await client.reactions_add(channel=SHOP, timestamp=ts, name="eyes")
    again = await error_of(client.reactions_add(channel=SHOP, timestamp=ts, name="eyes"))
    shown = (await slack.person("anna").messages("#shop"))[0].json["reactions"]
    await client.reactions_remove(channel=SHOP, timestamp=ts, name="eyes")
    gone = await error_of(client.reactions_remove(channel=SHOP, timestamp=ts, name="eyes"))

    assert again["error"] == "already_reacted"
    assert shown == [{"name": "eyes", "users": [BOT_USER], "count": 1}]
    assert gone["error"] == "no_reaction"


async def test_a_message_is_pinned_once_and_unpinned_once(
    slack: SandboxSlack, client: AsyncWebClient
) -> None:
    ts = (await client.chat_postMessage(channel=SHOP, text="x"))["ts"]
    await client.pins_add(channel=SHOP, timestamp=ts)
    again = await error_of(client.pins_add(channel=SHOP, timestamp=ts))
    shown = (await slack.person("anna").messages("#shop"))[0].json["pinned"]
    await client.pins_remove(channel=SHOP, timestamp=ts)
    gone = await error_of(client.pins_remove(channel=SHOP, timestamp=ts))
    nowhere = await error_of(client.pins_add(channel=SHOP, timestamp="1.000000"))

    assert (again["error"], shown, gone["error"]) == ("already_pinned", True, "no_pin")
    assert nowhere["error"] == "message_not_found"


async def test_the_small_reads(client: AsyncWebClient) -> None:
    me = await client.auth_test()

    bot = (await client.bots_info(bot=me["bot_id"]))["bot"]
    team = (await client.team_info())["team"]
    opened = await client.conversations_open(users=[ANNA], return_im=True)

    assert (bot["user_id"], team["domain"]) == (BOT_USER, "rossi-casa")
    assert opened["channel"]["is_im"]

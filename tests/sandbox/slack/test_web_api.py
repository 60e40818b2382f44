"""Tokens, scopes, bodies and answers of every Web API call, through slack_sdk."""

import json
from typing import Any

import pytest
from aiohttp import ClientSession
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack.manifest_default import default_manifest
from sandbox.slack.seed import BOT_USER, SHOP
from sandbox.slack.server import SandboxSlack


async def error_of(call: Any) -> dict[str, Any]:
    with pytest.raises(SlackApiError) as caught:
        await call
    data: dict[str, Any] = caught.value.response.data
    return data


def with_scopes(*scopes: str) -> dict[str, Any]:
    manifest = default_manifest()
    manifest["oauth_config"]["scopes"]["bot"] = ["commands", *scopes]
    return manifest


async def test_auth_test_names_the_bot_and_its_scopes(
    slack: SandboxSlack, client: AsyncWebClient
) -> None:
    answer = await client.auth_test()

    assert answer["user_id"] == BOT_USER
    assert answer["team"] == "Rossi Casa"
    assert "chat:write" in answer.headers["x-oauth-scopes"].split(",")


@pytest.mark.parametrize(
    ("token", "code"),
    [("", "not_authed"), ("xoxb-wrong", "invalid_auth"), ("nonsense", "invalid_auth")],
)
async def test_a_wrong_token_is_refused(slack: SandboxSlack, token: str, code: str) -> None:
    client = AsyncWebClient(token=token, base_url=slack.api_url)

    assert (await error_of(client.auth_test()))["error"] == code


async def test_each_kind_of_token_opens_only_its_own_methods(slack: SandboxSlack) -> None:
    with_app_token = AsyncWebClient(token=slack.app_token, base_url=slack.api_url)
    with_bot_token = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)

    posting = await error_of(with_app_token.chat_postMessage(channel=SHOP, text="x"))
    opening = await error_of(with_bot_token.apps_connections_open(app_token=slack.bot_token))

    assert posting["error"] == opening["error"] == "not_allowed_token_type"


async def test_a_revoked_token_ends_every_call(slack: SandboxSlack, client: AsyncWebClient) -> None:
    slack.core.app.token_error = "token_revoked"

    assert (await error_of(client.auth_test()))["error"] == "token_revoked"


async def test_a_missing_scope_is_named_beside_those_given(
    slack: SandboxSlack, client: AsyncWebClient
) -> None:
    slack.install(with_scopes("users:read"))

    refused = await error_of(client.chat_postMessage(channel=SHOP, text="x"))

    assert refused["error"] == "missing_scope"
    assert refused["needed"] == "chat:write"
    assert refused["provided"] == "commands,users:read"


async def test_an_unknown_method_says_so(slack: SandboxSlack, client: AsyncWebClient) -> None:
    assert (await error_of(client.api_call("chat.shout")))["error"] == "unknown_method"


@pytest.mark.parametrize("as_json", [True, False])
async def test_forms_and_json_say_the_same(slack: SandboxSlack, as_json: bool) -> None:
    blocks = [{"type": "divider"}]
    body: dict[str, Any] = {"channel": SHOP, "text": "à <b>", "blocks": blocks}
    headers = {"Authorization": f"Bearer {slack.bot_token}"}
    async with ClientSession(headers=headers) as session:
        sent = (
            session.post(slack.api_url + "chat.postMessage", json=body)
            if as_json
            else session.post(
                slack.api_url + "chat.postMessage", data={**body, "blocks": json.dumps(blocks)}
            )
        )
        async with sent as response:
            answer = await response.json()

    assert answer["message"]["text"] == "à <b>"
    assert answer["message"]["blocks"][0]["type"] == "divider"


@pytest.mark.parametrize(("body", "code"), [("{", "invalid_json"), ("[]", "json_not_object")])
async def test_a_broken_json_body_is_refused(slack: SandboxSlack, body: str, code: str) -> None:
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {slack.bot_token}"}
    async with ClientSession() as session:
        address = slack.api_url + "auth.test"
        async with session.post(address, data=body, headers=headers) as response:
            assert (await response.json())["error"] == code


async def test_the_log_keeps_calls_without_tokens(
    slack: SandboxSlack, client: AsyncWebClient
) -> None:
    await client.chat_postMessage(channel=SHOP, text="x", token=slack.bot_token)
    await error_of(client.chat_postMessage(channel="C0NOWHERE", text="x"))

    first, second = slack.core.calls

    assert (first.method, first.ok, second.error) == ("chat.postMessage", True, "channel_not_found")
    assert slack.bot_token not in json.dumps([call.to_json() for call in slack.core.calls])


async def test_blocks_validate_needs_no_token_and_points_at_errors(slack: SandboxSlack) -> None:
    client = AsyncWebClient(base_url=slack.api_url)

    fine = await client.api_call("blocks.validate", json={"blocks": [{"type": "divider"}]})
    wrong = await error_of(
        client.api_call("blocks.validate", json={"view": {"type": "home", "blocks": [{}]}})
    )
    empty = await error_of(client.api_call("blocks.validate", json={}))

    assert fine["ok"]
    assert wrong["error"] == "invalid_view"
    assert wrong["errors"][0]["pointer"] == "/blocks/0"
    assert empty["error"] == "invalid_arguments"

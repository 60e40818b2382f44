import json
from pathlib import Path

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.outbox.executor import (
    Ambiguous,
    GroupPaused,
    Refused,
    Throttled,
    TryLater,
)
from bot.slack.errors import (
    DEFAULT_RETRY_AFTER,
    MEANING,
    ChannelClosed,
    ContentRefused,
    MessageGone,
    send_error,
)
from bot.slack.limits import HISTORY, POST, SLACK, UPDATE, SlackLimits, channel_gate

SPECS = Path(__file__).parents[3] / "shared" / "specs" / "slack" / "methods"


def refusal(code: str | None, *, status: int = 200, **headers: str) -> SlackApiError:
    data = {"ok": False} | ({"error": code} if code else {})
    response = AsyncSlackResponse(
        client=AsyncWebClient(),
        http_verb="POST",
        api_url="https://slack.example/api/chat.postMessage",
        req_args={},
        data=data,
        headers=headers,
        status_code=status,
    )
    return SlackApiError("refused", response)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("is_archived", ChannelClosed),
        ("not_in_channel", ChannelClosed),
        ("channel_not_found", ChannelClosed),
        ("invalid_blocks", ContentRefused),
        ("msg_too_long", ContentRefused),
        ("block_mismatch", ContentRefused),
        ("message_not_found", MessageGone),
        ("edit_window_closed", MessageGone),
        ("token_revoked", GroupPaused),
        ("invalid_auth", GroupPaused),
        ("missing_scope", GroupPaused),
        ("ratelimited", Throttled),
        ("internal_error", Ambiguous),
        ("fatal_error", Ambiguous),
        ("request_timeout", TryLater),
        ("a_code_of_next_year", Refused),
    ],
)
def test_each_code_means_what_the_sender_must_do(code: str, expected: type[Exception]):
    assert type(send_error(refusal(code), gate="g")) is expected


def test_a_429_closes_the_gate_it_was_met_at_for_as_long_as_slack_says():
    error = send_error(refusal("ratelimited", status=429, **{"Retry-After": "12"}), gate=UPDATE)
    assert isinstance(error, Throttled)
    assert (error.retry_after, error.gate) == (12.0, UPDATE)


@pytest.mark.parametrize("value", ["soon", ""])
def test_a_429_without_a_usable_time_waits_a_while(value: str):
    error = send_error(refusal("ratelimited", status=429, **{"Retry-After": value}), gate=POST)
    assert isinstance(error, Throttled)
    assert error.retry_after == DEFAULT_RETRY_AFTER


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_server_error_leaves_the_outcome_open(status: int):
    assert isinstance(send_error(refusal(None, status=status), gate=POST), Ambiguous)


def test_a_refused_token_pauses_all_of_slack_and_asks_nobody_through_slack():
    error = send_error(refusal("token_revoked"), gate=POST)
    assert isinstance(error, GroupPaused)
    assert (error.gate, error.tell_ops) == (SLACK, False)


def test_a_missing_scope_of_a_look_up_stops_the_look_up_only():
    assert type(send_error(refusal("missing_scope"), gate=HISTORY)) is Refused


def test_a_connection_never_made_is_no_doubt_and_one_that_broke_is():
    never = aiohttp.ClientConnectorError(connection_key=_key(), os_error=OSError(111, "refused"))
    assert isinstance(send_error(never, gate=POST), TryLater)
    assert isinstance(send_error(aiohttp.ServerDisconnectedError(), gate=POST), Ambiguous)
    assert isinstance(send_error(TimeoutError(), gate=POST), Ambiguous)


def _key():
    return aiohttp.client_reqrep.ConnectionKey(
        host="slack.example",
        port=443,
        is_ssl=True,
        ssl=True,
        proxy=None,
        proxy_auth=None,
        proxy_headers_hash=None,
    )


def test_a_mistake_of_ours_is_not_explained_away_as_slacks():
    assert send_error(ZeroDivisionError(), gate=POST) is None


@pytest.mark.skipif(not SPECS.is_dir(), reason="the published method lists are not at hand")
@pytest.mark.parametrize("method", ["chat.postMessage", "chat.update"])
def test_every_documented_code_of_a_channel_or_of_blocks_has_its_meaning(method: str):
    codes = json.loads((SPECS / f"{method}.json").read_text())["errors"]
    ours = [
        code
        for code in codes
        if code.startswith(("restricted_action", "invalid_blocks", "msg_", "channel_", "is_"))
    ]
    assert ours
    assert [code for code in ours if code not in MEANING] == []


def test_posts_pass_their_channels_gate_and_edits_pass_their_cards():
    limits = SlackLimits()
    post = limits.gates(kind="post_log", lane="ticket:1", lane_group="slack:C1")
    edit = limits.gates(kind="update_card", lane="card:1", lane_group="slack:C1")
    assert channel_gate("slack:C1") in post
    assert POST in post
    assert UPDATE not in post
    assert UPDATE in edit
    assert "card:1" in edit
    assert channel_gate("slack:C1") not in edit
    assert SLACK in post
    assert SLACK in edit


def test_the_burst_and_the_rate_of_edits_stay_within_fifty_a_minute():
    rate = SlackLimits().rate(UPDATE)
    assert rate is not None
    assert rate.burst + rate.per_second * 60 <= 50


def test_an_inbox_has_no_rate_of_ours():
    limits = SlackLimits()
    (gate,) = limits.gates(kind="send_reply", lane="reply:1", lane_group="inbox:a")
    assert limits.rate(gate) is None

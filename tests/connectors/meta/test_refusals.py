"""Meta's error codes, and what the desk makes of them."""

import json
from datetime import timedelta
from typing import Any

import pytest

from connectors.answer import HttpAnswer
from connectors.errors import (
    AuthExpired,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    ReplyWindowClosed,
    Unavailable,
)
from connectors.meta.refusal import refusal
from connectors.meta.usage import STOPPED, pace, regained_in
from tests.connectors.meta.worlds import account

TOKEN = "EAABsbCS1iHgBAKZCZCnotARealTokenAtAll0123456789"


def told(
    code: int,
    subcode: int = 0,
    *,
    message: str = "",
    wrote: bool = True,
    status: int = 400,
    **headers: Any,
) -> HttpAnswer:
    error = {"code": code, "error_subcode": subcode, "message": message, "type": "OAuthException"}
    return HttpAnswer(
        status=status,
        headers={name.replace("_", "-"): json.dumps(value) for name, value in headers.items()},
        body=json.dumps({"error": error}).encode(),
        request="POST graph.facebook.example /v26.0/*/messages",
        wrote=wrote,
    )


@pytest.mark.parametrize(
    ("code", "subcode", "wrote", "wanted"),
    [
        (190, 463, False, AuthExpired),
        (190, 460, True, AuthExpired),
        (190, 490, False, AuthExpired),
        (190, 0, False, AuthExpired),
        (102, 0, False, AuthExpired),
        (10, 2018278, True, ReplyWindowClosed),
        (10, 2534022, True, ReplyWindowClosed),
        (10, 1893063, True, Rejected),
        (10, 1893063, False, Unavailable),
        (10, 0, True, Rejected),
        (10, 0, False, AuthExpired),
        (200, 0, False, AuthExpired),
        (200, 2534041, True, Rejected),
        (200, 2534041, False, AuthExpired),
        (200, 1545041, True, Rejected),
        (200, 2018028, True, Rejected),
        (3, 0, False, AuthExpired),
        (551, 1545041, True, Rejected),
        (100, 2018001, True, Rejected),
        (100, 2534029, True, Rejected),
        (100, 33, False, Rejected),
        (10900, 0, True, Rejected),
        (10903, 0, True, Rejected),
        (368, 0, True, Rejected),
        (368, 0, False, Unavailable),
        (1, 1357046, True, OutcomeUnknown),
        (2, 0, True, OutcomeUnknown),
        (2, 0, False, Unavailable),
        (4, 0, False, RateLimited),
        (17, 0, False, RateLimited),
        (32, 0, False, RateLimited),
        (613, 0, True, RateLimited),
        (80001, 0, False, RateLimited),
        (80002, 0, False, RateLimited),
    ],
)
def test_a_code_means_what_the_documentation_says(code, subcode, wrote, wanted):
    assert type(refusal(told(code, subcode, wrote=wrote))) is wanted


def test_the_words_for_a_closed_window_count_without_a_subcode():
    words = "(#10) This message is sent outside of allowed window. Learn more."
    assert type(refusal(told(10, message=words))) is ReplyWindowClosed


def test_an_unknown_code_and_what_is_no_error_are_left_to_the_status():
    fine = HttpAnswer(status=200, headers={}, body=b'{"data":[]}', request="GET x /y")
    page = HttpAnswer(status=502, headers={}, body=b"<html>", request="GET x /y")
    listed = HttpAnswer(status=400, headers={}, body=b'{"error":"no"}', request="GET x /y")

    assert [refusal(one) for one in (fine, page, listed, told(7777))] == [None] * 4


def test_invariant_11_metas_words_are_shown_without_tokens():
    words = f"Malformed access token {TOKEN}"
    shown = [str(refusal(told(code, message=words))) for code in (190, 100, 200, 10, 368)]

    assert not any(TOKEN in one for one in shown)


def test_how_long_to_wait_stands_in_minutes_in_a_header():
    use = {
        "104000000000111": [
            {"type": "messenger", "call_count": 101, "estimated_time_to_regain_access": 9}
        ]
    }
    answer = told(80006, wrote=False, x_business_use_case_usage=use)
    found = refusal(answer)

    assert isinstance(found, RateLimited)
    assert found.retry_after == 9 * 60
    assert regained_in(answer) == 9 * 60


@pytest.mark.parametrize(
    ("usage", "seconds"),
    [
        ({"call_count": 10, "total_time": 74.9, "total_cputime": 0}, 0.0),
        ({"call_count": 85, "total_time": 1, "total_cputime": 2}, 9.0),
        ({"call_count": 1, "total_time": 96, "total_cputime": 2}, STOPPED),
        ({"call_count": True, "total_time": None, "total_cputime": "90"}, 0.0),
    ],
)
def test_an_allowance_nearly_used_up_slows_and_stops_the_calls(usage, seconds):
    answer = told(0, status=200, x_app_usage=usage)
    assert pace(answer) == pytest.approx(seconds)


@pytest.mark.parametrize("header", ["", "nonsense", "[1, 2]", '{"1": [[], 7, null]}', "[" * 9000])
def test_a_header_that_cannot_be_read_holds_nothing_up(header):
    answer = HttpAnswer(status=200, headers={"x-app-usage": header}, body=b"{}", request="GET x /y")
    assert pace(answer) == 0.0


async def test_calls_wait_while_the_allowance_is_nearly_used_up():
    async with account("facebook") as (stage, market):
        await stage.asked()
        market.usage = {"1": [{"type": "messenger", "call_count": 97, "total_time": 5}]}
        await stage.poll()
        with pytest.raises(RateLimited) as refused:
            await stage.poll()
        assert refused.value.retry_after == pytest.approx(STOPPED, abs=5)
        market.usage = None
        stage.time.advance(timedelta(minutes=6))
        await stage.poll()


async def test_the_end_of_the_token_is_told_before_it_comes():
    async with account("instagram") as (stage, market):
        market.token_ends = int((stage.time.now() + timedelta(days=5)).timestamp())
        near = await stage.connector.check()
        market.token_ends = int((stage.time.now() + timedelta(days=60)).timestamp())
        far = await stage.connector.check()

    assert near.ok
    assert "ends on 2026-03-15" in near.detail
    assert far.ok
    assert "ends" not in far.detail


async def test_a_token_without_a_permission_is_named_by_check():
    async with account("facebook") as (stage, market):
        market.granted = ("pages_messaging",)
        health = await stage.connector.check()

    assert not health.ok
    assert "pages_manage_metadata" in health.detail


async def test_a_person_who_blocked_the_page_is_told_to_the_agent():
    async with account("facebook") as (stage, market):
        message = await stage.asked()
        market.unreachable.add(message.sender_handle)

        with pytest.raises(Rejected, match="blocked"):
            await stage.connector.reply(stage.answer(message))

"""Refusals of eBay, each in its own shape, told in our words."""

import json
from typing import Any

import pytest

from connectors.answer import HttpAnswer
from connectors.ebay.refusal import refusal
from connectors.errors import AuthExpired, Rejected


def answer(status: int, body: Any) -> HttpAnswer:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return HttpAnswer(status=status, headers={}, body=raw, request="POST api.example /send_message")


@pytest.mark.parametrize(
    ("status", "body", "wanted", "words"),
    [
        (400, {"errors": [{"errorId": 355013, "message": "secret words"}]}, Rejected, "too long"),
        (400, {"errors": [{"errorId": "355007"}]}, Rejected, "does not know this conversation"),
        (400, {"errors": [{"errorId": 999}]}, Rejected, "error 999"),
        (400, {"errorMessage": {"error": [{"errorId": 1616}]}}, Rejected, "error 1616"),
        (400, {"error": [{"errorId": 1617}]}, Rejected, "error 1617"),
        (400, {"error": "invalid_grant"}, AuthExpired, "consent again"),
        (400, {"error": "invalid_scope"}, AuthExpired, "consent again"),
        (403, {"errors": [{"errorId": 1100}]}, AuthExpired, "lacks the permission (error 1100)"),
        (400, b"<html>", Rejected, "eBay refused it"),
        (400, [1], Rejected, "eBay refused it"),
        (400, {"errors": ["x"]}, Rejected, "eBay refused it"),
        (409, {"errors": [{"errorId": "<b>"}]}, Rejected, "eBay refused it"),
    ],
)
def test_a_refusal_is_told_in_our_words(
    status: int, body: Any, wanted: type[Exception], words: str
) -> None:
    found = refusal(answer(status, body))
    assert isinstance(found, wanted)
    assert words in str(found)
    assert "secret" not in str(found)
    assert "<b>" not in str(found)


@pytest.mark.parametrize("status", [200, 201, 401, 429, 500, 503])
def test_the_status_says_the_rest(status: int) -> None:
    assert refusal(answer(status, {"errors": [{"errorId": 335000}]})) is None

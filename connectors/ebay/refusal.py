"""How eBay words its refusals. Its own sentences may carry a customer's words, so ours are shown."""

from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Final

from connectors.answer import HttpAnswer
from connectors.errors import AuthExpired, ConnectorError, Rejected
from connectors.fields import Fields

_CLIENT_ERRORS: Final = range(400, 500)

REASONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "355006": "eBay does not know this member any more",
        "355007": "eBay does not know this conversation any more",
        "355010": "too many attachments for eBay",
        "355013": "the text is too long for eBay",
        "355015": "eBay takes no empty message",
        "355018": "the message names nobody who should get it",
        "355020": "the listing of this conversation is gone",
    }
)
"""Numbers of the Message API's errors (OpenAPI document of version 1.0.0), in our words."""


def refusal(answer: HttpAnswer) -> ConnectorError | None:
    """What eBay's words for a refused call mean; the status says the rest."""
    if answer.status not in _CLIENT_ERRORS:
        return None
    number, oauth = _first_error(answer)
    shown = f" (error {number})" if number.isdecimal() else ""
    if oauth == "invalid_grant":
        return AuthExpired("eBay takes our consent no more: the seller has to consent again")
    if oauth == "invalid_scope":
        return AuthExpired("the consent lacks a permission: the seller has to consent again")
    match answer.status:
        case HTTPStatus.FORBIDDEN:
            return AuthExpired(f"{answer.request}: the consent lacks the permission{shown}")
        case HTTPStatus.UNAUTHORIZED | HTTPStatus.TOO_MANY_REQUESTS:
            return None
        case _:
            return Rejected(REASONS.get(number) or f"{answer.request}: eBay refused it{shown}")


def _first_error(answer: HttpAnswer) -> tuple[str, str]:
    """The number of the first error and the word of an OAuth refusal; each may be empty."""
    fields = Fields(answer.object_or_empty())
    # REST names a list `errors`; Post-Order wraps `error` in `errorMessage`; OAuth has one word.
    listed = [
        *fields.each("errors"),
        *fields.inner("errorMessage").each("error"),
        *fields.each("error"),
    ]
    number = listed[0].id("errorId", default="") if listed else ""
    return number, fields.text("error", default="")

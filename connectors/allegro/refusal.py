"""How Allegro words its refusals: a list of errors, each with a code and words for people."""

from http import HTTPStatus
from typing import Final

from connectors.answer import HttpAnswer
from connectors.errors import (
    AuthExpired,
    ConnectorError,
    OutcomeUnknown,
    Rejected,
    ReplyWindowClosed,
    Unavailable,
)
from connectors.fields import Fields

_CLIENT_ERRORS: Final = range(400, 500)
_LONGEST: Final = 200

FAILED_INSIDE: Final = frozenset({"DATA_FETCHING_ERROR"})
"""Allegro's own failures that come as a 403 (its issue tracker, 2025): nobody is locked out."""


def refusal(answer: HttpAnswer) -> ConnectorError | None:
    """What a refused call means; the status says the rest."""
    if answer.status not in _CLIENT_ERRORS:
        return None
    code, words = _first(answer)
    match answer.status:
        case HTTPStatus.UNAUTHORIZED | HTTPStatus.TOO_MANY_REQUESTS:
            return None
        case HTTPStatus.FORBIDDEN if code in FAILED_INSIDE:
            said = f"{answer.request}: Allegro failed inside ({code})"
            return OutcomeUnknown(said) if answer.wrote else Unavailable(said)
        case HTTPStatus.FORBIDDEN:
            return AuthExpired(f"{answer.request}: the application lacks the permission ({code})")
        case HTTPStatus.CONFLICT if answer.wrote:
            return ReplyWindowClosed("Allegro takes no more messages in this dispute or claim")
        case _:
            return Rejected(f"Allegro refused: {words or code or answer.status}")


def _first(answer: HttpAnswer) -> tuple[str, str]:
    """Code and words of the first error. `message` and `details` may repeat what was sent."""
    errors = Fields(answer.object_or_empty()).each("errors")
    if not errors:
        return "", ""
    words = " ".join(errors[0].text("userMessage", default="").split())
    return errors[0].text("code", default=""), words[:_LONGEST]

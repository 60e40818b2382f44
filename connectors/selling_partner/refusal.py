"""How Amazon words a refusal: `{"errors": [{"code", "message", "details"}]}`, and its login's own.

Messages may repeat what was asked for, so only codes are kept; the request id is what Amazon's
support asks for.
"""

import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from connectors.answer import HttpAnswer
from connectors.errors import (
    AccessWithdrawn,
    AuthExpired,
    ConnectorError,
    RateLimited,
    Rejected,
    Unavailable,
)
from connectors.fields import Fields
from connectors.pace import MOST_TOLD
from connectors.selling_partner.operations import Operation, wait_when_throttled

REQUEST_ID: Final = "x-amzn-requestid"
JITTER: Final = 0.1
"""The part of a wait by which callers of one seller are spread."""

_WORD: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,60}")
_ID: Final = re.compile(r"[A-Za-z0-9-]{1,80}")

_FOR_GOOD: Final = frozenset({"invalid_grant", "unauthorized_client"})
"""What the login says of a refresh token that was taken back or has ended (RFC 6749, 5.2)."""


def judge_of(
    operation: Operation, jitter: Callable[[], float]
) -> Callable[[HttpAnswer], ConnectorError | None]:
    """How the answers to `operation` are judged. `jitter` gives 0 to 1."""

    def judge(answer: HttpAnswer) -> ConnectorError | None:
        if answer.status < HTTPStatus.BAD_REQUEST:
            return None
        if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
            return RateLimited(_wait(answer, operation, jitter))
        said = f"{operation.name}: {_codes(answer)}{_request_id(answer)}"
        if answer.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            return AuthExpired(said)
        return (
            Rejected(said)
            if answer.status < HTTPStatus.INTERNAL_SERVER_ERROR
            else Unavailable(said)
        )

    return judge


def judge_login(answer: HttpAnswer) -> ConnectorError | None:
    """A refused token: for good, or because the app's own name or secret is wrong."""
    if answer.status not in {HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED}:
        return None
    told = answer.object_or_empty().get("error")
    code = told if isinstance(told, str) and _WORD.fullmatch(told) else "no reason given"
    if code in _FOR_GOOD:
        return AccessWithdrawn(f"Amazon's login takes the refresh token no more ({code})")
    return AuthExpired(f"Amazon's login gives no token ({code})")


def _wait(answer: HttpAnswer, operation: Operation, jitter: Callable[[], float]) -> float:
    told = answer.headers.get("retry-after", "")
    if told.isdecimal():
        # Not documented for this API; a proxy in between may say it, and it costs nothing to heed.
        return min(max(float(told), 1.0), MOST_TOLD)
    return min(wait_when_throttled(answer.headers, operation) * (1 + jitter() * JITTER), MOST_TOLD)


def _codes(answer: HttpAnswer) -> str:
    codes = [
        one.text("code", default="") for one in Fields(answer.object_or_empty()).each("errors")
    ]
    known = [code for code in dict.fromkeys(codes) if _WORD.fullmatch(code)]
    return f"{', '.join(known) or 'refused'} ({answer.status})"


def _request_id(answer: HttpAnswer) -> str:
    found = answer.headers.get(REQUEST_ID, "")
    return f", Amazon's request id {found}" if _ID.fullmatch(found) else ""

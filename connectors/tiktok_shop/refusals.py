"""TikTok Shop's codes, and what the desk has to do about each.

A refusal is a `code` other than 0 in the body, under HTTP 200 as often as not. The codes are those
of the platform's pages "Common errors" and of the customer service calls.
"""

from datetime import datetime
from typing import Final

from connectors.answer import HttpAnswer
from connectors.errors import (
    AuthExpired,
    ConnectorError,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    ReplyWindowClosed,
    Unavailable,
)
from connectors.fields import Fields
from connectors.pace import retry_after

TOO_FAST: Final = 36009002
QUOTA_USED: Final = 45101004
INVALID: Final = 36009004
EXPIRED: Final = 105002
WINDOW_CLOSED: Final = 45109001

QUOTA_PAUSE: Final = 3600.0
"""Seconds until the day's quota is tried again: the hour it is given anew is not documented."""

FAILED: Final = frozenset({36009003, 36009007, 45101001, 45101008})
"""Internal errors and time-outs. 45101001 also stands for a parameter that is wrong."""

NOT_GRANTED: Final = {
    101000: "the access does not belong to this shop: authorise the app again",
    105005: "the app lacks a scope (Partner Center, Manage API), or the shop has not granted it",
    106001: "the signature is refused: app_secret is not this app's",
    106013: "no shop is named: authorise the app again",
    36009033: "this machine's address is not in the app's list of allowed addresses",
}
"""Refusals that a new token does not mend."""

REFUSED: Final = {
    45101003: "TikTok does not know this conversation",
    45101006: "TikTok refuses words in this message as sensitive",
    45102007: "TikTok lets this shop not into the conversation",
}


class NotGranted(AuthExpired):
    """The app or the shop's consent does not allow this call; another token changes nothing."""


class ClockIsWrong(NotGranted):
    """TikTok takes calls from 5 minutes ago to 30 seconds ahead of its own clock."""


def refusal(answer: HttpAnswer, now: datetime) -> ConnectorError | None:
    """The error behind an answer's code; None for a success, or where the status says it all."""
    code = code_of(answer)
    if code in {None, 0}:
        return None
    said = f"{answer.request}: TikTok says {code}"
    if code == TOO_FAST:
        return RateLimited(retry_after(answer.headers, now))
    if code == QUOTA_USED:
        return RateLimited(QUOTA_PAUSE)
    if code in FAILED:
        return OutcomeUnknown(said) if answer.wrote else Unavailable(said)
    return _about_access(answer, code or 0, said) or _about_reply(code or 0, said)


def code_of(answer: HttpAnswer) -> int | None:
    """The `code` of an answer; None where a failing status has no body of TikTok's.

    Raises Unavailable, or OutcomeUnknown, when a success is no JSON.
    """
    if answer.status >= 300:  # noqa: PLR2004 - RFC 9110: no success; its body may be a proxy's
        try:
            return Fields(answer.object()).number("code", 0)
        except ConnectorError:
            return None
    code = Fields(answer.object()).value.get("code")
    if isinstance(code, int) and not isinstance(code, bool):
        return code
    lost = f"{answer.request}: an answer without a code"
    raise OutcomeUnknown(lost) if answer.wrote else Unavailable(lost)


def _about_access(answer: HttpAnswer, code: int, said: str) -> ConnectorError | None:
    if code in NOT_GRANTED:
        return NotGranted(f"{said}: {NOT_GRANTED[code]}")
    if code == EXPIRED:
        return AuthExpired(f"{said}: the access has expired")
    if code == INVALID:
        words = Fields(answer.object()).text("message", default="").lower()
        if "timestamp" in words:
            return ClockIsWrong(f"{said}: this machine's clock is wrong")
        return AuthExpired(f"{said}: the app key or the access is not taken")
    return None


def _about_reply(code: int, said: str) -> ConnectorError:
    if code == WINDOW_CLOSED:
        return ReplyWindowClosed(f"{said}: the conversation takes no answer any more")
    return Rejected(f"{said}: {REFUSED[code]}" if code in REFUSED else said)

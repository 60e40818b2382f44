"""Meta's refusals: an error object with code and subcode, whatever the status is.

Where a code's meaning comes from stands in the channels' quality.toml.
"""

import re
from collections.abc import Callable, Mapping
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
from connectors.meta.usage import regained_in
from connectors.pace import UNTOLD

REFUSED: Final = 400
MOST_WORDS: Final = 200
RATE_CODES: Final = frozenset({4, 17, 32, 613}) | frozenset(range(80000, 80015))
"""Too many calls: of the app, of a person, of a Page, of a use case."""

WINDOW_SUBCODES: Final = frozenset({2018278, 2018065, 2534022})
RESTRICTED: Final = 1893063
_WINDOW_WORDS: Final = re.compile(r"outside (?:of )?(?:the )?allowed window", re.IGNORECASE)

TOKEN_WORDS: Final[Mapping[int, str]] = {
    458: "the app was removed from the account",
    459: "the person behind the token has to log in at Facebook first (checkpoint)",
    460: "the person behind the token changed the password",
    463: "the token has expired",
    464: "the person behind the token is not confirmed",
    467: "the token is not valid any more",
    490: "the person behind the token has to log in at Facebook first (checkpoint)",
    492: "the person behind the token has no role on the Page any more",
}

PERSON_WORDS: Final[Mapping[tuple[int, int], str]] = {
    (551, 0): "the person cannot be reached: the account is gone, or has blocked you",
    (100, 2018001): "Meta knows no such person",
    (100, 2534029): "the person has blocked you",
    (200, 1545041): "the person cannot be reached: the account is gone, or has blocked you",
    (200, 2018028): "the app has Standard Access: only people with a role on it can be written to",
    (10900, 0): "this comment was answered privately before; Meta allows it once",
    (10903, 0): "this comment cannot be answered privately",
}
"""Refusals that concern one person or comment, never the account. Subcode 0 stands for any."""

Reading = Callable[[HttpAnswer, int, str], ConnectorError | None]


def refusal(answer: HttpAnswer) -> ConnectorError | None:
    """What an error object says; None leaves it to the status."""
    error = _error_of(answer)
    if error is None:
        return None
    code, subcode = error.number("code", default=0), error.number("error_subcode", default=0)
    said = error.text("message", default="")
    personal = PERSON_WORDS.get((code, subcode)) or PERSON_WORDS.get((code, 0))
    if personal is not None:
        return Rejected(f"{personal} (code {code})")
    if code in RATE_CODES:
        return RateLimited(regained_in(answer) or UNTOLD)
    reading = _READINGS.get(code)
    if reading is not None:
        return reading(answer, subcode, said)
    return _forbidden(answer, code, said) if code in _PERMISSION_CODES else None


def _token(_answer: HttpAnswer, subcode: int, _said: str) -> ConnectorError:
    # Meta's own words may repeat the token.
    return AuthExpired(TOKEN_WORDS.get(subcode, f"the token is refused (subcode {subcode})"))


def _denied(answer: HttpAnswer, subcode: int, said: str) -> ConnectorError:
    if subcode in WINDOW_SUBCODES or _WINDOW_WORDS.search(said):
        return ReplyWindowClosed("Meta takes no answer to this conversation any more")
    if subcode == RESTRICTED:
        words = "Meta has restricted the account's messages for a while"
        return Rejected(words) if answer.wrote else Unavailable(words)
    return _forbidden(answer, 10, said)


def _forbidden(answer: HttpAnswer, code: int, said: str) -> ConnectorError:
    """One refused answer does not stop the inbox; what stops reading does."""
    words = f"a permission or feature is missing (code {code}): {_quoted(said)}"
    return Rejected(words) if answer.wrote else AuthExpired(words)


def _failed(answer: HttpAnswer, _subcode: int, _said: str) -> ConnectorError:
    """Codes 1 and 2: a failure at Meta, now and then although the message was sent."""
    words = f"{answer.request}: Meta failed"
    return OutcomeUnknown(words) if answer.wrote else Unavailable(words)


def _wrong(answer: HttpAnswer, _subcode: int, said: str) -> ConnectorError:
    return Rejected(f"{answer.request}: {_quoted(said)}")


def _blocked(answer: HttpAnswer, _subcode: int, said: str) -> ConnectorError:
    words = f"Meta blocks this for a while: {_quoted(said)}"
    return Rejected(words) if answer.wrote else Unavailable(words)


_READINGS: Final[Mapping[int, Reading]] = {
    190: _token,
    102: _token,
    10: _denied,
    1: _failed,
    2: _failed,
    100: _wrong,
    368: _blocked,
}
_PERMISSION_CODES: Final = frozenset({3, *range(200, 300)})

_TOKENS: Final = re.compile(r"[A-Za-z0-9_|-]{24,}")


def _quoted(said: str) -> str:
    """Meta's words, without anything that may be a token."""
    return _TOKENS.sub("…", " ".join(said.split()))[:MOST_WORDS] or "without a reason"


def _error_of(answer: HttpAnswer) -> Fields | None:
    if answer.status < REFUSED and b'"error"' not in answer.body[:64]:
        return None
    inner = answer.object_or_empty().get("error")
    return Fields(inner, "error") if isinstance(inner, dict) else None

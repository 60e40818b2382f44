"""One answer of a platform, and what its status alone says."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus

from connectors.contract import Json
from connectors.errors import (
    AuthExpired,
    ConnectorError,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Unavailable,
)
from connectors.pace import retry_after

_REDIRECTS = range(300, 400)
_REFUSALS = range(400, 500)
_SAID_BY_STATUS = frozenset(
    {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS}
)
_MOST_WORDS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpAnswer:
    """One whole answer. Header names are in small letters. `wrote` says that `send` got it."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    request: str  # "GET api.example /threads", fit to be shown
    wrote: bool = False

    def json(self) -> Json:
        """The body, read. Raises Unavailable, or OutcomeUnknown for an answer to `send`."""
        try:
            found: Json = json.loads(self.body)
        except (ValueError, RecursionError) as error:
            why = type(error).__name__
        else:
            return found
        # Outside the handler: the decoder's error carries the whole body.
        raise self._lost(f"the answer is no JSON ({why})")

    def object(self) -> dict[str, Json]:
        """The body, a JSON object. Raises as `json` does."""
        found = self.json()
        if not isinstance(found, dict):
            raise self._lost("the answer is no JSON object")
        return found

    def object_or_empty(self) -> dict[str, Json]:
        """The body where it is a JSON object, else nothing: for the words of a refusal."""
        try:
            found: Json = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}

    def _lost(self, why: str) -> ConnectorError:
        said = f"{self.request}: {why} (status {self.status})"
        return OutcomeUnknown(said) if self.wrote else Unavailable(said)


def refusal_by_status(answer: HttpAnswer, now: datetime) -> ConnectorError | None:
    """What a status alone says (RFC 9110); None for 2xx. Asked where the platform says no more.

    A 5xx after `send` leaves the outcome unknown: what failed may have failed after the work.
    """
    said = f"{answer.request} answered {answer.status}"
    match answer.status:
        case HTTPStatus.UNAUTHORIZED | HTTPStatus.FORBIDDEN:
            return AuthExpired(said)
        case HTTPStatus.TOO_MANY_REQUESTS:
            return RateLimited(retry_after(answer.headers, now))
        case status if status in _REFUSALS:
            return Rejected(said)
        case status if status in _REDIRECTS:
            said += ", a redirect, which is not followed"
            return Rejected(said) if answer.wrote else Unavailable(said)
        case status if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return _failed(answer, said, now)
    return None


def refusal_in_words(answer: HttpAnswer, platform: str, words: Json) -> Rejected | None:
    """A refusal in the platform's own `words`; None where it has none, or refuses nothing.

    Who is not let in and who asks too often is said by the status, whatever the words are.
    """
    if answer.status not in _REFUSALS or answer.status in _SAID_BY_STATUS:
        return None
    if not isinstance(words, str) or not words.strip():
        return None
    return Rejected(f"{platform} refused: {words.strip()[:_MOST_WORDS]}")


def _failed(answer: HttpAnswer, said: str, now: datetime) -> ConnectorError:
    if answer.wrote:
        return OutcomeUnknown(said)
    if answer.status == HTTPStatus.SERVICE_UNAVAILABLE and "retry-after" in answer.headers:
        return RateLimited(retry_after(answer.headers, now))
    return Unavailable(said)

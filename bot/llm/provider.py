"""A language model behind an OpenAI-compatible address: one question, one answer, or why there is none.

Nothing here repeats what was asked, what was answered, or the key (invariant 11).
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import Final

from pydantic import SecretStr

from bot.assist.llm.budget import DailyLimits
from bot.assist.llm.prompts import Prompt
from bot.assist.llm.replies import NoReply, read_reply
from bot.clock import Clock
from connectors.contract import InboxContext, Json
from connectors.errors import (
    AuthExpired,
    ConnectorError,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Unavailable,
)
from connectors.http import MarketHttp
from connectors.pace import Limits

MOST_BYTES: Final = 512 * 1024
"""Of one answer. A long one of ours has some kilobytes."""

_TEMPERATURE: Final = 0.2
"""Low: the same ticket should not get a different tone each time."""

_PACE: Final = Limits(per_second=5, burst=10)


class Trouble(StrEnum):
    """Why a model gave no answer. Kept in a ticket's history: a value keeps its meaning."""

    SLOW = "slow"
    DOWN = "down"
    BUSY = "busy"  # it says that too much is asked of it, or the account has no credit left
    REFUSED_KEY = "refused_key"
    REFUSED = "refused"  # the request itself, such as an unknown model
    NONSENSE = "nonsense"


class NoAnswer(Exception):
    """The model gave no answer that could be used."""

    def __init__(self, why: Trouble) -> None:
        super().__init__(str(why))
        self.why = why


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Where the model is, and what one request and one day may take.

    `patience` is how long an answer may take; `most_characters` of data leave with one request,
    `most_tokens` are asked for. `limit_key` is what the provider calls that limit.
    """

    url: str
    model: str
    api_key: SecretStr | None
    most_characters: int
    most_tokens: int
    patience: timedelta
    limits: DailyLimits
    limit_key: str = "max_tokens"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the model wrote. `tokens` is an estimate where the provider does not count them."""

    text: str = field(repr=False)
    tokens: int
    ms: int


class LanguageModel:
    """One provider, asked through the desk's one HTTP client. A question is never sent twice."""

    def __init__(self, access: Access, clock: Clock) -> None:
        self.access = access
        self._clock = clock
        key = access.api_key.get_secret_value() if access.api_key else ""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        context = InboxContext(
            inbox="llm", instance_key=b"", now=clock.now, patience=access.patience
        )
        self._http = MarketHttp(
            access.url, context, limits=_PACE, headers=headers, most_bytes=MOST_BYTES
        )

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no answer may hold."""
        key = self.access.api_key
        return (key.get_secret_value(),) if key else ()

    async def ask(self, prompt: Prompt) -> Answer:
        """Ask once. Raises NoAnswer."""
        begun = self._clock.monotonic()
        body = await self._sent(prompt)
        try:
            reply = read_reply(body)
        except NoReply:
            raise NoAnswer(Trouble.NONSENSE) from None
        return Answer(
            text=reply.text,
            tokens=reply.tokens or estimated_tokens(prompt.system, prompt.user, reply.text),
            ms=round((self._clock.monotonic() - begun) * 1000),
        )

    async def models(self) -> Sequence[str] | None:
        """The models the provider has, which costs nothing; None where it does not tell.

        Raises:
            ConnectorError: as every read of `connectors.http`.
        """
        answer = await self._http.get("/models", allow=(HTTPStatus.NOT_FOUND,))
        told = answer.object_or_empty().get("data")
        if answer.status == HTTPStatus.NOT_FOUND or not isinstance(told, list):
            return None
        return [str(one["id"]) for one in told if isinstance(one, dict) and "id" in one]

    async def close(self) -> None:
        """Close the connections. Harmless twice."""
        await self._http.close()

    async def _sent(self, prompt: Prompt) -> bytes:
        request: Json = {
            "model": self.access.model,
            "messages": [dict(message) for message in prompt.messages],
            self.access.limit_key: self.access.most_tokens,
            "temperature": _TEMPERATURE,
            "stream": False,
        }
        try:
            async with asyncio.timeout(self.access.patience.total_seconds()):
                answer = await self._http.send("POST", "/chat/completions", json=request)
        except TimeoutError:
            trouble = Trouble.SLOW
        except ConnectorError as refusal:
            trouble = _trouble(refusal)
        else:
            return answer.body
        raise NoAnswer(trouble)


def estimated_tokens(*texts: str) -> int:
    """About how many tokens texts are: three characters each, which is rather too many."""
    return sum(len(text) for text in texts) // 3


def _trouble(refusal: ConnectorError) -> Trouble:
    if isinstance(refusal, OutcomeUnknown) and "TimeoutError" in str(refusal):
        return Trouble.SLOW
    if isinstance(refusal, OutcomeUnknown) and "TooLarge" in str(refusal):
        return Trouble.NONSENSE
    for kind, trouble in _TROUBLES.items():
        if isinstance(refusal, kind):
            return trouble
    return Trouble.DOWN


_TROUBLES: Final[Mapping[type[ConnectorError], Trouble]] = {
    RateLimited: Trouble.BUSY,
    AuthExpired: Trouble.REFUSED_KEY,
    Rejected: Trouble.REFUSED,
    Unavailable: Trouble.DOWN,
    OutcomeUnknown: Trouble.DOWN,
}

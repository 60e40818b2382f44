"""Toybox's calls, and nothing else."""

from collections.abc import Sequence
from datetime import datetime

from connectors.answer import HttpAnswer
from connectors.contract import InboxContext, Json
from connectors.errors import ConnectorError, ReplyWindowClosed
from connectors.http import MarketHttp
from connectors.pace import Limits
from connectors.tokens import KeyAuth
from sandbox.toy.config import Config

CONFLICT = 409
NOT_FOUND = 404


class ToyClient:
    """Raises `connectors.errors` classes only."""

    def __init__(self, config: Config, context: InboxContext) -> None:
        self._http = MarketHttp(
            config.base_url,
            context,
            auth=KeyAuth({"Authorization": config.api_key}, scheme="Bearer"),
            limits=Limits(per_second=5, burst=10),
            judge=refusal,
        )

    async def me(self) -> str:
        """The seller's name."""
        return str((await self._http.get("/v1/me")).object().get("seller"))

    async def messages(self, since: datetime, start: int) -> tuple[Sequence[Json], int | None]:
        """A page of messages at or after `since`, and where the next page begins."""
        params = {"since": since.isoformat(), "start": str(start)}
        found = (await self._http.get("/v1/messages", params=params)).object()
        messages, following = found.get("messages"), found.get("next")
        return (
            messages if isinstance(messages, list) else [],
            following if isinstance(following, int) else None,
        )

    async def thread(self, thread: str) -> Sequence[Json]:
        """The messages of one conversation."""
        found = (await self._http.get(f"/v1/threads/{thread}")).object().get("messages")
        return found if isinstance(found, list) else []

    async def order(self, order_id: str) -> dict[str, Json] | None:
        """One order, or None where there is none."""
        answer = await self._http.get(f"/v1/orders/{order_id}", allow=(NOT_FOUND,))
        return None if answer.status == NOT_FOUND else answer.object()

    async def answer(self, thread: str, text: str) -> str:
        """Send a message. Returns its id."""
        sent = await self._http.send("POST", f"/v1/threads/{thread}/messages", json={"text": text})
        return str(sent.object().get("id"))

    async def done(self, thread: str) -> None:
        """Say that nothing is left to answer."""
        await self._http.send("POST", f"/v1/threads/{thread}/done")

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()


def refusal(answer: HttpAnswer) -> ConnectorError | None:
    """Toybox's own words for a closed conversation; the status says the rest."""
    if answer.status == CONFLICT and answer.object().get("error") == "conversation_closed":
        return ReplyWindowClosed("Toybox closes a conversation after seven days")
    return None

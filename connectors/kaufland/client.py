"""Kaufland's calls, and nothing else."""

import base64
from collections.abc import Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

from connectors.answer import HttpAnswer, refusal_in_words
from connectors.contract import File, InboxContext, Json
from connectors.errors import ConnectorError
from connectors.http import MarketHttp
from connectors.kaufland.config import Config
from connectors.kaufland.signature import Signed
from connectors.pace import Limits

A_PAGE: Final = 30
"""`limit` is 1 to 30 for tickets and for messages (Kaufland's interface description)."""

EMBEDDED: Final = "messages,order_units,files"


class KauflandClient:
    """The calls of one seller. Raises `connectors.errors` classes only."""

    def __init__(self, config: Config, context: InboxContext) -> None:
        self._storefronts = config.storefronts
        self._http = MarketHttp(
            config.base_url,
            context,
            auth=Signed(config.client_key, config.secret_key, context.now),
            # Kaufland allows 111 a second for all of a seller's programs together.
            limits=Limits(per_second=10, burst=20),
            judge=refusal,
        )

    async def count_of_tickets(self) -> int:
        """How many tickets there are at all."""
        answer = await self._http.get("/tickets", params={"limit": "1"})
        pagination = answer.object().get("pagination")
        total = pagination.get("total") if isinstance(pagination, dict) else None
        return total if isinstance(total, int) else 0

    async def tickets(self, since: datetime, offset: int) -> Sequence[Json]:
        """A page of the tickets updated at or after `since`, the latest update first."""
        params = {
            "ts_updated_from_iso": _instant(since),
            "sort": "ts_updated_iso:desc",
            "limit": str(A_PAGE),
            "offset": str(offset),
        }
        # How several countries are written is described in two ways; one is the same in both.
        if len(self._storefronts) == 1:
            params["storefront"] = self._storefronts[0]
        return _data(await self._http.get("/tickets", params=params))

    async def messages(self, since: datetime, offset: int) -> Sequence[Json]:
        """A page of the messages created at or after `since`, in their order."""
        params = {
            "ts_created_from_iso": _instant(since),
            "sort": "ts_created_iso:asc",
            "limit": str(A_PAGE),
            "offset": str(offset),
        }
        return _data(await self._http.get("/tickets/messages", params=params))

    async def ticket(self, ticket_id: str) -> dict[str, Json] | None:
        """One ticket with its messages, order units and files; None where there is none."""
        answer = await self._http.get(
            f"/tickets/{quote(ticket_id, safe='')}",
            params={"embedded": EMBEDDED},
            allow=(HTTPStatus.NOT_FOUND,),
        )
        return None if answer.status == HTTPStatus.NOT_FOUND else _object(answer)

    async def answer(self, ticket_id: str, text: str, files: Sequence[File]) -> None:
        """Write into a ticket. Kaufland answers with nothing, not even an id."""
        content: dict[str, Json] = {"text": text}
        if files:
            content["ticket_message_files"] = [_attached(one) for one in files]
        path = f"/tickets/{quote(ticket_id, safe='')}/messages"
        await self._http.send("POST", path, json=content)

    async def close_ticket(self, ticket_id: str) -> None:
        """Close the seller's side of a ticket."""
        await self._http.send("PATCH", f"/tickets/{quote(ticket_id, safe='')}/close")

    async def order(self, order_id: str) -> dict[str, Json] | None:
        """One order with its units; None where there is none."""
        answer = await self._http.get(
            f"/orders/{quote(order_id, safe='')}", allow=(HTTPStatus.NOT_FOUND,)
        )
        return None if answer.status == HTTPStatus.NOT_FOUND else _object(answer)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()


def refusal(answer: HttpAnswer) -> ConnectorError | None:
    """A refusal in Kaufland's own words (`message`); the status says who may not, or too often."""
    return refusal_in_words(answer, "Kaufland", answer.object_or_empty().get("message"))


def _attached(file: File) -> Json:
    content = base64.b64encode(file.content).decode()
    return {
        "filename": file.name,
        "mime_type": file.media_type,
        "data": f"data:{file.media_type};base64,{content}",
    }


def _data(answer: HttpAnswer) -> Sequence[Json]:
    data = answer.object().get("data")
    return data if isinstance(data, list) else []


def _object(answer: HttpAnswer) -> dict[str, Json]:
    data = answer.object().get("data")
    return data if isinstance(data, dict) else {}


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

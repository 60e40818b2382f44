"""Mirakl's calls for sellers, and nothing else; each is named by Mirakl's own code (M11, OR11)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

from connectors.answer import HttpAnswer, refusal_in_words
from connectors.contract import File, InboxContext, Json
from connectors.errors import ConnectorError
from connectors.http import MarketHttp
from connectors.mirakl.config import Config
from connectors.pace import Limits
from connectors.request import multipart
from connectors.tokens import KeyAuth

THREADS_A_PAGE: Final = 50  # M11: the documented default
ORDERS_A_PAGE: Final = 100  # OR11: `max`
RETURNS_A_PAGE: Final = 100  # RT11: seek pagination
LARGEST_FILE: Final = 30 * 1000 * 1000  # OR43: "30 Megabyte" a message
MOST_BYTES: Final = 32 * 1024 * 1024
"""Of one answer: such a file, or a page of threads with a hundred long messages each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One page, and the token of the next one; None after the last."""

    entries: Sequence[Json] = field(repr=False)
    token: str | None


class MiraklClient:
    """The calls of one shop. Raises `connectors.errors` classes only."""

    def __init__(self, config: Config, context: InboxContext) -> None:
        self._shop = {"shop_id": str(config.shop_id)} if config.shop_id else {}
        self._http = MarketHttp(
            config.address,
            context,
            auth=KeyAuth({"Authorization": config.api_key}),
            limits=Limits(per_second=2, burst=5),
            judge=refusal,
            most_bytes=MOST_BYTES,
        )

    async def shop(self) -> str:
        """A01: the name of the shop the key belongs to."""
        found = (await self._http.get("/api/account", params=self._shop)).object()
        return str(found.get("shop_name") or "a shop without a name")

    async def threads(self, *, since: datetime, token: str | None) -> Listed:
        """M11: threads changed at or after `since`, each with its last 100 messages."""
        params = {
            "updated_since": _instant(since),
            "with_messages": "true",
            "limit": str(THREADS_A_PAGE),
        }
        return await self._seek("/api/inbox/threads", params, token)

    async def threads_of_order(self, order_id: str) -> Sequence[Json]:
        """M11: the newest threads of one order, with their messages."""
        params = {"entity_type": "MMP_ORDER", "entity_id": order_id, "with_messages": "true"}
        return (await self._seek("/api/inbox/threads", params, None)).entries

    async def thread(self, thread_id: str) -> dict[str, Json]:
        """M10: one thread with all its messages."""
        answer = await self._http.get(
            f"/api/inbox/threads/{quote(thread_id, safe='')}", params=self._shop
        )
        return answer.object()

    async def answer(
        self, thread_id: str, text: str, to: Sequence[Mapping[str, str]], files: Sequence[File]
    ) -> str:
        """M12: reply to a thread. Returns the message's id."""
        path = f"/api/inbox/threads/{quote(thread_id, safe='')}/message"
        recipients: list[Json] = [dict(one) for one in to]
        return await self._hand_over(path, "message_input", {"body": text, "to": recipients}, files)

    async def open_thread(
        self, order_id: str, text: str, topic: str, to: Sequence[str], files: Sequence[File]
    ) -> str:
        """OR43: begin a thread on an order. Returns the message's id."""
        content: dict[str, Json] = {
            "body": text,
            "to": list(to),
            "topic": {"type": "FREE_TEXT", "value": topic},
        }
        path = f"/api/orders/{quote(order_id, safe='')}/threads"
        return await self._hand_over(path, "thread_input", content, files)

    async def attachment(self, attachment_id: str) -> bytes:
        """M13: the bytes of a file. Raises Unavailable when it is larger than a message may be."""
        answer = await self._http.get(
            f"/api/inbox/threads/{quote(attachment_id, safe='')}/download",
            params=self._shop,
            headers={"Accept": "application/octet-stream"},
        )
        return answer.body

    async def orders(self, order_ids: Sequence[str]) -> Sequence[Json]:
        """OR11: these orders, as far as there are such."""
        params = {"order_ids": ",".join(order_ids), "max": str(ORDERS_A_PAGE), **self._shop}
        return _listed((await self._http.get("/api/orders", params=params)).object(), "orders")

    async def with_incident(self, offset: int) -> Sequence[Json]:
        """OR11: orders with an incident, a page from `offset` on."""
        params = {
            "has_incident": "true",
            "max": str(ORDERS_A_PAGE),
            "offset": str(offset),
            **self._shop,
        }
        return _listed((await self._http.get("/api/orders", params=params)).object(), "orders")

    async def returns(self, *, since: datetime, token: str | None) -> Listed:
        """RT11: returns updated after `since`."""
        params = {"return_last_updated_from": _instant(since), "limit": str(RETURNS_A_PAGE)}
        return await self._seek("/api/returns", params, token)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    async def _seek(self, path: str, params: Mapping[str, str], token: str | None) -> Listed:
        paging = {"page_token": token} if token else {}
        found = (await self._http.get(path, params={**params, **paging, **self._shop})).object()
        following = found.get("next_page_token")
        return Listed(
            entries=_listed(found, "data"),
            token=following if isinstance(following, str) and following else None,
        )

    async def _hand_over(self, path: str, part: str, content: Json, files: Sequence[File]) -> str:
        # A part without a name is no file: the JSON part carries its own media type (M12, OR43).
        text = json.dumps(content, ensure_ascii=False).encode()
        said = File(name="", media_type="application/json", content=text)
        body, kind = multipart({}, [(part, said), *(("files", one) for one in files)])
        answer = await self._http.send(
            "POST", path, body=body, headers={"Content-Type": kind}, params=self._shop
        )
        return str(answer.object().get("message_id") or "")


def refusal(answer: HttpAnswer) -> ConnectorError | None:
    """A refusal in Mirakl's own words: `message`, and `errors` with a field each.

    The status alone says who is not let in and who asks too often.
    """
    said = answer.object_or_empty()
    errors = said.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else said
    words = first.get("message") if isinstance(first, dict) else None
    if answer.status == HTTPStatus.NOT_FOUND and isinstance(words, str) and words.strip():
        words = f"not found: {words.strip()}"
    return refusal_in_words(answer, "Mirakl", words)


def _listed(found: Mapping[str, Json], key: str) -> Sequence[Json]:
    value = found.get(key)
    return value if isinstance(value, list) else []


def _instant(at: datetime) -> str:
    """ISO 8601 in UTC, whole seconds downwards: both filters take what is at or after it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

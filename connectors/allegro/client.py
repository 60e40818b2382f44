"""Allegro's calls, and nothing else. Raises `connectors.errors` classes only."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Final
from urllib.parse import quote, urlsplit

from connectors.allegro.access import Access
from connectors.allegro.config import Config
from connectors.allegro.refusal import refusal
from connectors.answer import HttpAnswer
from connectors.contract import InboxContext, Json
from connectors.errors import Rejected
from connectors.fields import Fields, rows
from connectors.http import MarketHttp
from connectors.outbound import destination
from connectors.pace import Limits
from connectors.tokens import TokenAuth

Row = dict[str, Json]

PUBLIC: Final = "application/vnd.allegro.public.v1+json"
BETA: Final = "application/vnd.allegro.beta.v1+json"

THREADS_PAGE: Final = 20
"""The most that one page of threads or messages holds (Allegro's OpenAPI description)."""

ISSUES_PAGE: Final = 100
"""The most that one page of issues or of a chat holds (the same)."""

LIVE: Final = ("DISPUTE_ONGOING", "CLAIM_SUBMITTED")
"""The states in which an issue waits for the seller."""

ENGLISH: Final = {"Accept-Language": "en-US"}
"""Reasons are told in the language asked for; without one, in Polish."""

HOSTS: Final = ("allegro.pl", "allegrosandbox.pl")
"""Where Allegro may send a file to; the second is its sandbox."""

_GONE: Final = (HTTPStatus.NOT_FOUND,)
_NOT_OFFERED: Final = (
    HTTPStatus.NOT_ACCEPTABLE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
)


class Edition(StrEnum):
    """Two shapes of the message centre. Problems with purchases stand in the second alone."""

    PUBLIC = "public"
    BETA = "beta"

    @property
    def media_type(self) -> str:
        """What a call of this edition accepts and sends."""
        return PUBLIC if self is Edition.PUBLIC else BETA


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One page of a list, and the name of the next one; `offered` unless Allegro has no such list."""

    rows: Sequence[Row]
    following: str | None = None
    offered: bool = True


class AllegroClient:
    """The calls of one seller account."""

    def __init__(self, config: Config, context: InboxContext) -> None:
        self._access = Access(config, context)
        self._auth = TokenAuth(self._access.seller)
        self._context = context
        self._others: dict[str, MarketHttp] = {}
        parts = urlsplit(config.base_url)
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self.http = MarketHttp(
            config.base_url,
            context,
            auth=self._auth,
            # 9,000 a minute for an application; some resources are slowed down earlier.
            limits=Limits(per_second=5, burst=10),
            judge=refusal,
            headers={"Accept": PUBLIC, **ENGLISH},
        )

    async def account(self) -> str:
        """The seller's login; empty where the application may not ask."""
        answer = await self.http.get("/me", allow=(HTTPStatus.FORBIDDEN,))
        return Fields(answer.object_or_empty()).text("login", default="")

    async def threads(self, page: str | None) -> Listed:
        """A page of the message centre's threads, the newest message first."""
        offset = int(page or "0")
        params = {"limit": str(THREADS_PAGE), "offset": str(offset)}
        found = rows((await self.http.get("/messaging/threads", params=params)).object(), "threads")
        is_last = len(found) < THREADS_PAGE
        return Listed(rows=found, following=None if is_last else str(offset + THREADS_PAGE))

    async def problems(self, page: str | None) -> Listed:
        """A page of the problems with purchases, the newest message first."""
        params = {"type": "POST_PURCHASE_ISSUE"} | ({"page.id": page} if page else {})
        allow = () if page else _NOT_OFFERED
        answer = await self.http.get(
            "/messaging/threads", params=params, headers=_beta(), allow=allow
        )
        if answer.status != HTTPStatus.OK:
            return Listed(rows=(), offered=False)
        return _listed(answer.object(), "threads")

    async def messages(self, edition: Edition, thread: str, after: datetime, page: str | None) -> Listed:  # fmt: skip
        """A page of a thread's messages; in the public edition, those after an instant."""
        path = f"/messaging/threads/{_part(thread)}/messages"
        offset = int(page or "0") if edition is Edition.PUBLIC else 0
        params = {"page.id": page} if page else {}
        if edition is Edition.PUBLIC:
            params = {"limit": str(THREADS_PAGE), "offset": str(offset), "after": stamp(after)}
        headers = {"Accept": edition.media_type}
        answer = await self.http.get(path, params=params, headers=headers, allow=_GONE)
        if answer.status == HTTPStatus.NOT_FOUND:
            return Listed(rows=())
        if edition is Edition.BETA:
            return _listed(answer.object(), "messages")
        found = rows(answer.object(), "messages")
        is_last = len(found) < THREADS_PAGE
        return Listed(rows=found, following=None if is_last else str(offset + THREADS_PAGE))

    async def message(self, edition: Edition, message: str) -> Row:
        """One message as it is now."""
        headers = {"Accept": edition.media_type}
        path = f"/messaging/messages/{_part(message)}"
        return (await self.http.get(path, headers=headers)).object()

    async def write(self, edition: Edition, thread: str, text: str, files: Sequence[str]) -> Row:
        """Write into a thread. Returns the message."""
        path = f"/messaging/threads/{_part(thread)}/messages"
        content: Row = {"text": text}
        if files:
            content["attachments"] = [{"id": name} for name in files]
        return (await self.post(path, content, edition.media_type)).object()

    async def issues(self, offset: int, *, live: bool) -> Sequence[Row]:
        """A page of disputes and claims, the one opened last first; `live` ones only, or all."""
        params = [("limit", str(ISSUES_PAGE)), ("offset", str(offset))]
        params += [("status", status) for status in LIVE] if live else []
        answer = await self.http.get("/sale/issues", params=params, headers=_beta())
        return rows(answer.object(), "issues")

    async def issue(self, issue: str) -> Row | None:
        """One dispute or claim; None where there is none."""
        path = f"/sale/issues/{_part(issue)}"
        answer = await self.http.get(path, headers=_beta(), allow=_GONE)
        return None if answer.status == HTTPStatus.NOT_FOUND else answer.object()

    async def chat(self, issue: str, offset: int) -> Sequence[Row]:
        """A page of an issue's chat, in an order that Allegro does not keep to."""
        params = {"limit": str(ISSUES_PAGE), "offset": str(offset)}
        path = f"/sale/issues/{_part(issue)}/chat"
        answer = await self.http.get(path, params=params, headers=_beta(), allow=_GONE)
        return [] if answer.status == HTTPStatus.NOT_FOUND else rows(answer.object(), "chat")

    async def write_in_issue(self, issue: str, text: str, files: Sequence[str]) -> Row:
        """Write into the chat of a dispute or claim. Returns the message."""
        content: Row = {"type": "REGULAR", "text": text}
        if files:
            content["attachments"] = [{"id": name} for name in files]
        path = f"/sale/issues/{_part(issue)}/message"
        return (await self.post(path, content, BETA)).object()

    async def order(self, order: str) -> Row | None:
        """One order; None where the account shows none."""
        path = f"/order/checkout-forms/{_part(order)}"
        answer = await self.http.get(path, allow=_GONE)
        return None if answer.status == HTTPStatus.NOT_FOUND else answer.object()

    async def shipments(self, order: str) -> Sequence[Row]:
        """The parcels of an order."""
        path = f"/order/checkout-forms/{_part(order)}/shipments"
        answer = await self.http.get(path, allow=_GONE)
        found = answer.status == HTTPStatus.OK
        return rows(answer.object(), "shipments") if found else []

    async def post(self, path: str, content: Row, media_type: str) -> HttpAnswer:
        """Hand a body over in Allegro's own media type; plain JSON is refused."""
        body = json.dumps(content, ensure_ascii=False).encode()
        headers = {"Accept": media_type, "Content-Type": media_type}
        return await self.http.send("POST", path, body=body, headers=headers)

    def at(self, url: str) -> MarketHttp:
        """Calls to the host of an address that Allegro gave. Raises Rejected for a stranger's."""
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin == self._origin:
            return self.http
        try:
            destination(url, HOSTS)
        except Rejected:
            raise Rejected("Allegro named an address that is not its own") from None
        if origin not in self._others:
            self._others[origin] = MarketHttp(
                origin, self._context, auth=self._auth, judge=refusal, headers=ENGLISH
            )
        return self._others[origin]

    async def close(self) -> None:
        """Close the connections."""
        for http in (self.http, *self._others.values()):
            await http.close()
        await self._access.close()


def stamp(at: datetime) -> str:
    """An instant as Allegro writes it: UTC, to the millisecond."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def _listed(found: Row, key: str) -> Listed:
    following = Fields(found).inner("nextPage").id("id", default="")
    return Listed(rows=rows(found, key), following=following or None)


def _beta() -> dict[str, str]:
    return {"Accept": BETA}


def _part(name: str) -> str:
    return quote(name, safe="")

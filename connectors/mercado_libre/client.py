"""Mercado Libre's calls, and nothing else: its own sites, or Global Selling."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final

from connectors.contract import File, InboxContext, Json
from connectors.errors import OutcomeUnknown, Unavailable
from connectors.fields import Fields
from connectors.http import MarketHttp
from connectors.mercado_libre.access import Access
from connectors.mercado_libre.config import Config
from connectors.mercado_libre.refusals import refusal
from connectors.pace import Limits
from connectors.request import multipart
from connectors.tokens import TokenAuth

A_PAGE: Final = 50
"""Entries asked for at once; 50 is the usual page of questions, claims allow 100."""

MOST_BYTES: Final = 26 * 1024 * 1024
"""Of one answer: an attachment may have 25 MB."""

_PACK: Final = re.compile(r"/packs/(\d{1,20})(?:/|$)")
_POST_SALE: Final = {"tag": "post_sale"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One page of a list, and how many entries the whole list has.

    `refused` says that the application may not see this list at all.
    """

    entries: Sequence[Fields] = field(repr=False)
    total: int
    refused: bool = False


class MercadoLibreClient:
    """The calls of one account. Raises `connectors.errors` classes only."""

    def __init__(self, config: Config, context: InboxContext) -> None:
        self._config = config
        self._global = config.global_selling
        self._root = "/marketplace" if config.global_selling else ""
        self._claims = "/marketplace/v2/claims" if self._global else "/post-purchase/v1/claims"
        self.access = Access(config, context)
        # Messages: 500 calls a minute for reading, and as many for writing.
        self._http = MarketHttp(
            config.base_url,
            context,
            auth=TokenAuth(self.access.source),
            limits=Limits(per_second=5, burst=15),
            judge=refusal,
            most_bytes=MOST_BYTES,
        )

    async def account(self) -> Fields:
        """The account the token belongs to."""
        return Fields((await self._http.get("/users/me")).object())

    async def questions(self, offset: int, *, status: str = "") -> Listed:
        """Questions asked of the seller, the newest first, all or those in one status."""
        params = {
            "seller_id": self._config.seller_id,
            "sort_fields": "date_created",
            "sort_types": "DESC",
            "limit": str(A_PAGE),
            "offset": str(offset),
            **({} if self._global else {"api_version": "4"}),
            **({"status": status} if status else {}),
        }
        answer = await self._http.get(f"{self._root}/questions/search", params=params)
        return _listed(answer.object(), "questions", total=("total",))

    async def question(self, question: str) -> Fields | None:
        """One question with its answer; None where it is gone."""
        params = {} if self._global else {"api_version": "4"}
        return await self._one(f"{self._root}/questions/{question}", params)

    async def answer_question(self, question: str, text: str) -> Fields:
        """Answer a question, for everybody to read. Returns the question as it is then."""
        content: Json = {"question_id": int(question), "text": text}
        answer = await self._http.send("POST", f"{self._root}/answers", json=content)
        return Fields(answer.object())

    async def unread(self) -> Mapping[str, int]:
        """How many messages each pack has that nobody has read; at most 1,000 packs."""
        params = {"role": "seller", **_POST_SALE}
        found = (await self._http.get(f"{self._root}/messages/unread", params=params)).object()
        counts: dict[str, int] = {}
        for one in Fields(found).each("results"):
            pack = _PACK.search(one.text("resource", default=""))
            if pack:
                counts[pack.group(1)] = one.number("count", default=1)
        return counts

    async def conversation(self, pack: str, *, offset: int = 0) -> Fields:
        """Messages of a pack, without marking them as read."""
        params = {
            **_POST_SALE,
            "mark_as_read": "false",
            "limit": str(A_PAGE),
            "offset": str(offset),
        }
        return Fields((await self._http.get(self._pack(pack), params=params)).object())

    async def send_message(
        self, pack: str, buyer: str, text: str, attachments: Sequence[str]
    ) -> Json:
        """Write to the buyer of a pack. Returns what Mercado Libre says of the message."""
        content: dict[str, Json] = {"text": text}
        if not self._global:
            content |= {"from": {"user_id": self._config.seller_id}, "to": {"user_id": buyer}}
        if attachments:
            content["attachments"] = list(attachments)
        answer = await self._http.send("POST", self._pack(pack), json=content, params=_POST_SALE)
        return answer.json()

    async def upload(self, file: File, site: str) -> str:
        """Hand a file over for the next message. Raises Unavailable: no message went out yet."""
        body, kind = multipart({}, [("file", file)])
        try:
            answer = await self._http.send(
                "POST",
                f"{self._root}/messages/attachments",
                body=body,
                headers={"Content-Type": kind},
                params={**_POST_SALE, "site_id": site},
            )
            return Fields(answer.object()).id("id", default="")
        except OutcomeUnknown as error:
            raise Unavailable(f"the file was not taken: {error}") from error

    async def attachment(self, name: str, site: str) -> bytes:
        """The bytes of a file in a message."""
        path = f"{self._root}/messages/attachments/{name}"
        params = {**_POST_SALE, "site_id": site}
        headers = {"Accept": "application/octet-stream"}
        return (await self._http.get(path, params=params, headers=headers)).body

    async def claims(self, since: datetime, offset: int) -> Listed:
        """Claims against the seller, changed since."""
        seller = self._config.seller_id
        whose = (
            {"user_id": seller}
            if self._global
            else {"players.user_id": seller, "players.role": "respondent"}
        )
        params = {
            **whose,
            "range": f"last_updated:after:{_instant(since)}",
            "limit": str(A_PAGE),
            "offset": str(offset),
        }
        answer = await self._http.get(
            f"{self._claims}/search", params=params, allow=(HTTPStatus.FORBIDDEN,)
        )
        if answer.status == HTTPStatus.FORBIDDEN:
            return Listed(entries=(), total=0, refused=True)
        return _listed(answer.object(), "data", total=("paging", "total"))

    async def claim(self, claim: str) -> Fields | None:
        """One claim, with what each side may do and until when; None where it is gone."""
        return await self._one(f"{self._claims}/{claim}", {})

    async def claim_messages(self, claim: str) -> Sequence[Fields]:
        """What was written in a claim."""
        found = (await self._http.get(f"{self._claims}/{claim}/messages")).json()
        return Fields({"messages": found}).each("messages")

    async def message_in_claim(self, claim: str, receiver: str, text: str) -> None:
        """Write to the buyer (`complainant`) or the mediator of a claim."""
        path = f"{self._claims}/{claim}/actions/send-message"
        await self._http.send("POST", path, json={"receiver_role": receiver, "message": text})

    async def order(self, order: str) -> Fields | None:
        """One order; None where there is no such."""
        return await self._one(f"{self._root}/orders/{order}", {})

    async def pack(self, pack: str) -> Fields | None:
        """A cart: the orders that were bought together."""
        path = f"/marketplace/orders/pack/{pack}" if self._global else f"/packs/{pack}"
        return await self._one(path, {})

    async def shipment(self, shipment: str) -> Fields | None:
        """One parcel, in the newer format."""
        path = f"{self._root}/shipments/{shipment}"
        return await self._one(path, {}, headers={"x-format-new": "true"})

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()
        await self.access.close()

    def _pack(self, pack: str) -> str:
        seller = "" if self._global else f"/sellers/{self._config.seller_id}"
        return f"{self._root}/messages/packs/{pack}{seller}"

    async def _one(
        self, path: str, params: Mapping[str, str], headers: Mapping[str, str] | None = None
    ) -> Fields | None:
        answer = await self._http.get(
            path, params=params, headers=headers, allow=(HTTPStatus.NOT_FOUND,)
        )
        return None if answer.status == HTTPStatus.NOT_FOUND else Fields(answer.object())


def _listed(found: dict[str, Json], key: str, total: Sequence[str]) -> Listed:
    raw = Fields(found)
    entries = raw.each(key)
    counted = raw
    for name in total[:-1]:
        counted = counted.inner(name)
    return Listed(entries=entries, total=counted.number(total[-1], default=len(entries)))


def _instant(at: datetime) -> str:
    """With milliseconds, as the search of claims wants it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

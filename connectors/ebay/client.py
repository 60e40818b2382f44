"""eBay's calls, and nothing else. Raises `connectors.errors` classes only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

from connectors.contract import InboxContext, Json
from connectors.ebay.access import Access
from connectors.ebay.config import Config
from connectors.ebay.refusal import refusal
from connectors.ebay.sites import marketplace_id
from connectors.errors import Rejected
from connectors.fields import Fields, rows
from connectors.http import MarketHttp
from connectors.pace import Limits
from connectors.tokens import TokenAuth

MEMBERS: Final = "FROM_MEMBERS"
SYSTEM: Final = "FROM_EBAY"

PAGE: Final = 50
"""The most that one page of the Message API holds (OpenAPI document of version 1.0.0)."""

ORDERS_PAGE: Final = 200
"""The most that one page of getOrders holds (Fulfillment API)."""

FEEDBACK_PAGE: Final = 200
MOST_PAGES_OF_ONE: Final = 10
"""Pages of one conversation: five hundred messages."""

_PACE: Final = Limits(per_second=5, burst=10)
_MESSAGES: Final = "/commerce/message/v1"
_FULFILMENT: Final = "/sell/fulfillment/v1"
_GONE: Final = (HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND)
_REFUSED_OR_GONE: Final = (*_GONE, HTTPStatus.FORBIDDEN)

Row = dict[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Whose access it is. Where eBay hides names, messages carry the `user_id` instead."""

    username: str
    user_id: str


class EbayClient:
    """The calls of one seller account."""

    def __init__(self, config: Config, context: InboxContext) -> None:
        self._access = Access(config, context)
        rest = TokenAuth(self._access.seller)
        self._api = MarketHttp(config.base_url, context, auth=rest, limits=_PACE, judge=refusal)
        self._apiz = MarketHttp(
            config.identity_url, context, auth=rest, limits=_PACE, judge=refusal
        )
        # Post-Order wants the same token under another scheme.
        self._post_order = MarketHttp(
            config.base_url,
            context,
            auth=TokenAuth(self._access.seller, scheme="IAF"),
            limits=_PACE,
            judge=refusal,
            headers={"X-EBAY-C-MARKETPLACE-ID": marketplace_id(config.marketplace)},
        )
        self._public = MarketHttp(
            config.base_url, context, auth=TokenAuth(self._access.application), judge=refusal
        )

    async def account(self) -> Account:
        """Whose access it is."""
        found = Fields((await self._apiz.get("/commerce/identity/v1/user/")).object())
        return Account(
            username=found.text("username", default=""), user_id=found.id("userId", default="")
        )

    async def conversations(self, kind: str, number: int, status: str = "") -> Sequence[Row]:
        """Page `number` of the conversations of a kind, in an order that eBay does not promise."""
        params = {"conversation_type": kind, "limit": str(PAGE), "offset": str(number * PAGE)}
        if status:
            params["conversation_status"] = status
        answer = await self._api.get(f"{_MESSAGES}/conversation", params=params)
        return rows(answer.object(), "conversations")

    async def messages(self, conversation: str, kind: str) -> Sequence[Row]:
        """The messages of one conversation, oldest first; none where eBay does not open it."""
        found: list[Row] = []
        for number in range(MOST_PAGES_OF_ONE):
            params = {"conversation_type": kind, "limit": str(PAGE), "offset": str(number * PAGE)}
            path = f"{_MESSAGES}/conversation/{quote(conversation, safe='')}"
            answer = await self._api.get(path, params=params, allow=_GONE)
            page = rows(answer.object(), "messages") if answer.status == HTTPStatus.OK else []
            found += page
            if len(page) < PAGE:
                break
        return sorted(found, key=lambda one: str(one.get("createdDate")))

    async def send(self, conversation: str, text: str) -> str:
        """Send a message. Returns its id."""
        body: Json = {"conversationId": conversation, "messageText": text}
        answer = await self._api.send("POST", f"{_MESSAGES}/send_message", json=body)
        return Fields(answer.object()).id("messageId", default="")

    async def orders(self, since: datetime, number: int) -> Sequence[Row] | None:
        """Page `number` of the orders changed since; None where the consent lacks the permission."""
        params = {
            "filter": f"lastmodifieddate:[{stamp(since)}..]",
            "limit": str(ORDERS_PAGE),
            "offset": str(number * ORDERS_PAGE),
        }
        answer = await self._api.get(
            f"{_FULFILMENT}/order", params=params, allow=(HTTPStatus.FORBIDDEN,)
        )
        return None if answer.status == HTTPStatus.FORBIDDEN else rows(answer.object(), "orders")

    async def order(self, order_id: str) -> Row | None:
        """One order, None where eBay shows none."""
        path = f"{_FULFILMENT}/order/{quote(order_id, safe='')}"
        answer = await self._api.get(path, allow=_REFUSED_OR_GONE)
        return answer.object() if answer.status == HTTPStatus.OK else None

    async def shipments(self, order_id: str) -> Sequence[Row]:
        """What was sent of an order."""
        path = f"{_FULFILMENT}/order/{quote(order_id, safe='')}/shipping_fulfillment"
        answer = await self._api.get(path, allow=_REFUSED_OR_GONE)
        return rows(answer.object(), "fulfillments") if answer.status == HTTPStatus.OK else []

    async def post_order(self, path: str, params: Mapping[str, str]) -> Row:
        """One search of the Post-Order API; nothing found may come as an empty answer."""
        answer = await self._post_order.get(
            f"/post-order/v2/{path}", params=params, allow=(HTTPStatus.NOT_FOUND,)
        )
        return answer.object() if answer.status == HTTPStatus.OK else {}

    async def payment_disputes(self, number: int) -> Sequence[Row]:
        """Page `number` of the payment disputes that are not closed."""
        params = {"limit": str(ORDERS_PAGE), "offset": str(number * ORDERS_PAGE)}
        answer = await self._apiz.get(f"{_FULFILMENT}/payment_dispute_summary", params=params)
        return rows(answer.object(), "paymentDisputeSummaries")

    async def feedback(self, username: str) -> Sequence[Row]:
        """The newest feedback that buyers left, one page."""
        params = {
            "user_id": username,
            "feedback_type": "FEEDBACK_RECEIVED",
            "filter": "role:SELLER",
            "limit": str(FEEDBACK_PAGE),
        }
        answer = await self._api.get("/commerce/feedback/v1/feedback", params=params)
        return rows(answer.object(), "feedbackEntries")

    async def calls_left(self) -> Sequence[Row]:
        """What the application may still call today, by interface; empty where it is not told."""
        path = "/developer/analytics/v1_beta/user_rate_limit/"
        answer = await self._api.get(path, allow=(*_REFUSED_OR_GONE, HTTPStatus.NO_CONTENT))
        return rows(answer.object(), "rateLimits") if answer.status == HTTPStatus.OK else []

    async def public_key(self, key_id: str) -> str:
        """The key that proves a push. Raises Rejected for an id that eBay does not know."""
        path = f"/commerce/notification/v1/public_key/{key_id}"
        key = Fields((await self._public.get(path)).object()).text("key", default="")
        if not key:
            raise Rejected("eBay knows no such key")
        return key

    async def close(self) -> None:
        """Close the connections."""
        for http in (self._api, self._apiz, self._post_order, self._public):
            await http.close()
        await self._access.close()


def stamp(at: datetime) -> str:
    """An instant as eBay reads it: UTC, to the millisecond."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"

"""Trustpilot's calls, and nothing else."""

from collections.abc import Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

from connectors.contract import InboxContext, Json
from connectors.fields import rows
from connectors.http import MarketHttp
from connectors.pace import Limits
from connectors.tokens import TokenAuth
from connectors.trustpilot.access import Access, refusal
from connectors.trustpilot.config import Config

A_PAGE: Final = 100
"""The greatest `perPage` (Trustpilot, business units API)."""

PRODUCT_STATES: Final = "published,unpublished"

Row = dict[str, Json]


class TrustpilotClient:
    """The calls of one business unit. Raises `connectors.errors` classes only."""

    def __init__(self, config: Config, context: InboxContext) -> None:
        self._unit = quote(config.business_unit_id, safe="")
        self._user = config.business_user_id
        self._access = Access(config, context)
        self._http = MarketHttp(
            config.base_url,
            context,
            auth=TokenAuth(self._access.source),
            # Trustpilot recommends at most 833 calls in five minutes for all programs together.
            limits=Limits(per_second=2, burst=10),
            judge=refusal,
        )

    async def reviews(self, since: datetime, page: int, per_page: int = A_PAGE) -> Sequence[Row]:
        """A page of the service reviews created at or after `since`, the oldest first."""
        params = {
            "startDateTime": since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
            "orderBy": "createdat.asc",
            "page": str(page),
            "perPage": str(per_page),
        }
        answer = await self._http.get(
            f"/v1/private/business-units/{self._unit}/reviews", params=params
        )
        return rows(answer.object(), "reviews")

    async def review(self, review: str) -> Row | None:
        """One service review; None where there is none any more."""
        return await self._one(f"/v1/private/reviews/{_name(review)}")

    async def answer(self, review: str, text: str) -> None:
        """Publish the answer to a service review. Trustpilot gives it no id."""
        taken = await self._http.send(
            "POST",
            f"/v1/private/reviews/{_name(review)}/reply",
            json={"authorBusinessUserId": self._user, "message": text},
        )
        # 201 comes without a body, or with JSON; anything else is not Trustpilot's.
        if taken.body.strip():
            taken.object()

    async def product_reviews(self, page: int) -> Sequence[Row]:
        """A page of the product reviews. Which come first is not documented."""
        params = {"page": str(page), "perPage": str(A_PAGE), "state": PRODUCT_STATES}
        answer = await self._http.get(
            f"/v1/private/product-reviews/business-units/{self._unit}/reviews", params=params
        )
        return rows(answer.object(), "productReviews")

    async def product_review(self, review: str) -> Row | None:
        """One product review; None where there is none any more."""
        return await self._one(f"/v1/private/product-reviews/{_name(review)}")

    async def open_conversation(self, review: str) -> str:
        """Give a product review its conversation. Returns the id; empty where none was told."""
        path = f"/v1/private/product-reviews/{_name(review)}/create-conversation"
        found = (await self._http.send("POST", path)).object().get("conversationId")
        return found if isinstance(found, str) else ""

    async def conversation(self, conversation: str) -> Row | None:
        """A conversation with its comments; None where there is none."""
        return await self._one(f"/v1/private/conversations/{_name(conversation)}")

    async def comment(self, conversation: str, text: str) -> str:
        """Write into a conversation. Returns the id of the comment."""
        answer = await self._http.send(
            "POST",
            f"/v1/private/conversations/{_name(conversation)}/comments",
            json={"content": text},
            headers={"x-business-user-id": self._user},
        )
        found = answer.object().get("commentId")
        return found if isinstance(found, str) else ""

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()
        await self._access.close()

    async def _one(self, path: str) -> Row | None:
        answer = await self._http.get(path, allow=(HTTPStatus.NOT_FOUND,))
        return None if answer.status == HTTPStatus.NOT_FOUND else answer.object()


def _name(identity: str) -> str:
    return quote(identity, safe="")

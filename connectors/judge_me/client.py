"""Judge.me's calls, and nothing else."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

from connectors.answer import HttpAnswer, refusal_in_words
from connectors.contract import InboxContext, Json
from connectors.errors import ConnectorError, Unavailable
from connectors.fields import Fields
from connectors.http import MarketHttp
from connectors.judge_me.config import Config
from connectors.pace import Limits
from connectors.tokens import KeyAuth

A_PAGE: Final = 100
"""`per_page` is at most 100 (Judge.me's interface description)."""

Row = dict[str, Json]


class JudgeMeClient:
    """The calls of one shop. Raises `connectors.errors` classes only."""

    def __init__(self, config: Config, context: InboxContext) -> None:
        self._shop = {"shop_domain": config.shop_domain}
        self._http = MarketHttp(
            config.base_url,
            context,
            auth=KeyAuth({"X-Api-Token": config.api_token}),
            limits=Limits(per_second=2, burst=5),
            judge=refusal,
        )

    async def shop_name(self) -> str:
        """What the shop is called there."""
        answer = await self._http.get("/shops/info", params=self._shop)
        shop = Fields(answer.object()).inner("shop")
        return shop.text("name", default="") or shop.text("domain", default="")

    async def reviews(self, page: int) -> Sequence[Row]:
        """A page of all reviews, published or not. There is no filter by time."""
        params = {**self._shop, "page": str(page), "per_page": str(A_PAGE)}
        answer = await self._http.get("/reviews", params=params)
        listed = answer.object().get("reviews")
        if not isinstance(listed, list):
            raise Unavailable(f"{answer.request}: the answer holds no list of reviews")
        return [row for row in listed if isinstance(row, dict)]

    async def review(self, name: str) -> Row | None:
        """One review; None where there is none."""
        answer = await self._http.get(
            f"/reviews/{quote(name, safe='')}", params=self._shop, allow=(HTTPStatus.NOT_FOUND,)
        )
        if answer.status == HTTPStatus.NOT_FOUND:
            return None
        found = answer.object().get("review")
        return found if isinstance(found, dict) else None

    async def answer_in_public(self, review: str, text: str, *, mailed: bool) -> str:
        """Stand an answer below a review. Returns its id, empty where Judge.me names none."""
        content: Row = {
            "review_id": _number(review),
            "send_reply_email": mailed,
            "reply": {"content": text},
        }
        return await self._say("/replies", content, "reply")

    async def answer_by_mail(self, review: str, subject: str, text: str) -> str:
        """Write to the customer through Judge.me. Returns the id, empty where none is named."""
        content: Row = {
            "review_id": _number(review),
            "send_private_email": True,
            "private_reply": {"email_subject": subject, "email_body": text},
        }
        return await self._say("/private_replies", content, "private_reply")

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    async def _say(self, path: str, content: Row, what: str) -> str:
        answer = await self._http.send("POST", path, params=self._shop, json=content)
        # A good answer's body is not documented; one that is no JSON was cut on its way.
        said = Fields(answer.object()) if answer.body.strip() else Fields({})
        return said.inner(what).id("id", default="") or said.id("id", default="")


def refusal(answer: HttpAnswer) -> ConnectorError | None:
    """A refusal in Judge.me's own words (`error`); the status says who may not, or too often."""
    return refusal_in_words(answer, "Judge.me", answer.object_or_empty().get("error"))


def _number(review: str) -> Json:
    """Ids in a body are numbers."""
    return int(review) if review.isascii() and review.isdecimal() else review

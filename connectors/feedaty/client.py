"""Feedaty's calls, and nothing else."""

from collections.abc import Sequence
from typing import Final

from connectors.contract import InboxContext
from connectors.errors import Unavailable
from connectors.feedaty.access import Access
from connectors.feedaty.config import Config
from connectors.feedaty.refusal import refusal
from connectors.fields import Fields
from connectors.http import MarketHttp
from connectors.pace import Limits
from connectors.tokens import TokenAuth

A_PAGE: Final = 100
"""What Feedaty's own module for Magento asks for at a time."""


class FeedatyClient:
    """The calls of one merchant. Raises `connectors.errors` classes only."""

    def __init__(self, config: Config, context: InboxContext) -> None:
        self._access = Access(config, context)
        self._http = MarketHttp(
            config.base_url,
            context,
            auth=TokenAuth(self._access.tokens, scheme="OAuth"),
            limits=Limits(per_second=1, burst=3),
            judge=refusal,
        )

    async def feedbacks(self, row: int, count: int = A_PAGE) -> Sequence[Fields]:
        """What customers said of their orders, from the `row`th on, the service and its products."""
        params = {"row": str(row), "count": str(count)}
        answer = await self._http.get("/Reviews/Get", params=params)
        data = Fields(answer.object()).inner("Data")
        if "Reviews" not in data.value:
            raise Unavailable(f"{answer.request}: the answer holds no list of reviews")
        return data.each("Reviews")

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()
        await self._access.close()

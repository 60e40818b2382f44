"""The Feedaty connector: it reads. Answers are typed in Feedaty's reserved area."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Final

from typing_extensions import override

from connectors.contract import (
    Absent,
    Connector,
    Cursor,
    Found,
    Health,
    InboundMessage,
    InboxContext,
    Page,
    RawItem,
    ReplyCommand,
    ReplyPreview,
    ReplyReceipt,
    Unknown,
)
from connectors.errors import ConnectorError, Rejected
from connectors.feedaty import items
from connectors.feedaty.client import A_PAGE, FeedatyClient
from connectors.feedaty.config import Config
from connectors.feedaty.normalise import explain
from connectors.review_list import Listed, ListPage, Position, ReviewSweep
from sla_rules.worded import marked

IN_PORTAL: Final = marked(
    "Feedaty takes no answer from a program; answer in its reserved area, under"
    " “Le tue recensioni”, then press “Answered in the marketplace”"
)


class FeedatyConnector(Connector):
    """Joins the client and the explanation, for one merchant."""

    def __init__(self, config: Config, context: InboxContext) -> None:
        self._config = config
        self._context = context
        self._client = FeedatyClient(config, context)
        window = timedelta(days=config.revisit_days)
        self._sweep = ReviewSweep(self._page, self._item, context.now, window)

    @override
    async def check(self) -> Health:
        try:
            found = await self._client.feedbacks(0, 1)
        except ConnectorError as error:
            return Health(ok=False, detail=str(error))
        some = "there are reviews" if found else "no review yet"
        return Health(ok=True, detail=f"signed in for {self._config.merchant_code}; {some}")

    @override
    async def fetch(self, cursor: Cursor | None) -> AsyncIterator[Page]:
        start = self._context.now() - timedelta(days=self._config.since_days)
        async for page in self._sweep.pages(Position.of(cursor, start)):
            yield page

    @override
    def normalise(self, item: RawItem) -> InboundMessage:
        return explain(item, self._config)

    @override
    def preview(self, command: ReplyCommand) -> ReplyPreview:
        raise Rejected(IN_PORTAL)

    @override
    async def reply(self, command: ReplyCommand) -> ReplyReceipt:
        raise Rejected(IN_PORTAL)

    @override
    async def probe(self, command: ReplyCommand) -> Found | Absent | Unknown:
        return Unknown()

    @override
    async def close(self) -> None:
        await self._client.close()

    async def _page(self, number: int) -> ListPage:
        found = await self._client.feedbacks((number - 1) * A_PAGE)
        reviews = [review for one in found for review in items.of_feedback(one)]
        return ListPage(reviews=reviews, is_last=len(found) < A_PAGE)

    def _item(self, review: Listed, revised: bool) -> RawItem:
        return items.item_of(review, self._context.now(), revised=revised)


def build(config: Config, context: InboxContext) -> FeedatyConnector:
    """A connector for one merchant."""
    return FeedatyConnector(config, context)

"""Reading return requests: what changed since the last time, now and then."""

import json
from collections.abc import AsyncIterator
from typing import Final

from connectors.contract import InboxContext, Page, RawItem
from connectors.fields import Fields
from connectors.tiktok_shop.client import TikTokClient
from connectors.tiktok_shop.progress import Progress
from connectors.tiktok_shop.refusals import NotGranted
from connectors.tiktok_shop.returns import source_id

EVERY: Final = 600
"""Seconds between two looks, unless TikTok's call about a return asks for one at once."""

OVERLAP: Final = 300

_NEWS: Final = "returns_news"


class ReturnRequests:
    """The return requests of one shop. Without the scope for them there are none."""

    def __init__(self, client: TikTokClient, context: InboxContext, *, wanted: bool) -> None:
        self._client = client
        self._context = context
        self._wanted = wanted

    async def expect_news(self) -> None:
        """Make the next poll look, whenever the last one was; it may run in another process."""
        await self._context.keep.put(_NEWS, str(int(self._context.now().timestamp())))

    async def pages(self, progress: Progress) -> AsyncIterator[Page]:
        """Requests whose status changed. The watermark moves only once all of them are read."""
        now = int(self._context.now().timestamp())
        if not self._wanted or not await self._is_time(progress, now):
            return
        region = (await self._client.shop()).region
        newest, following = progress.returns_from, ""
        while True:
            try:
                listed = await self._client.returns(progress.returns_from - OVERLAP, following)
            except NotGranted:
                return
            newest = max([newest, *(one.number("update_time", default=0) for one in listed.items)])
            items = [item for one in listed.items if (item := self._item(one, region)) is not None]
            ended = listed.following in {"", following}
            if ended:
                progress.returns_from, progress.returns_at = min(newest, now), now
            yield Page(items=items, cursor=progress.cursor())
            if ended:
                return
            following = listed.following

    async def _is_time(self, progress: Progress, now: int) -> bool:
        told = await self._context.keep.get(_NEWS)
        is_told = told is not None and told.isdecimal() and int(told) >= progress.returns_at
        return now - progress.returns_at >= EVERY or is_told

    def _item(self, listed: Fields, region: str) -> RawItem | None:
        """The desk has no use for a request it cannot name."""
        if not listed.id("return_id", default=""):
            return None
        return RawItem(
            source_id=source_id(listed),
            received_at=self._context.now(),
            payload=json.dumps(
                {"what": "return", "shop": {"region": region}, "return": listed.value}
            ).encode(),
        )

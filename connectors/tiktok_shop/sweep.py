"""Reading the shop's chats with few calls: only conversations with news are opened.

TikTok lists conversations with their newest message, in an order it does not document. A usual
poll walks the list until a page holds no news; once an hour it walks at least five pages.
"""

import hashlib
import json
import logging
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Final

from connectors.contract import InboxContext, Json, Page, RawItem
from connectors.errors import Rejected
from connectors.fields import Fields
from connectors.tiktok_shop.client import Shop, TikTokClient
from connectors.tiktok_shop.contents import read_content
from connectors.tiktok_shop.progress import OVERLAP, Progress, Seen
from connectors.tiktok_shop.refusals import NotGranted

PAGE: Final = 50
CALLS: Final = 120
"""Calls one poll spends on chats; what is left over is read by the next one."""

DEEP_PAGES: Final = 5
DEEP_EVERY: Final = 3600
LABELS_BACK: Final = 2 * 24 * 3600
"""Seconds back that sessions are asked for their labels."""

_log = logging.getLogger("threadline.connectors.tiktok_shop")
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Sweep:
    """One walk over the list of conversations."""

    def __init__(
        self, client: TikTokClient, context: InboxContext, progress: Progress, *, labels: bool
    ) -> None:
        self._client = client
        self._context = context
        self._progress = progress
        self._wants_labels = labels
        self._labels: Mapping[str, Sequence[str]] | None = None
        self._calls = 0
        self._waiting: list[RawItem] = []
        self._changed = False
        self._listed: set[str] = set()

    async def pages(self) -> AsyncIterator[Page]:
        """The new messages, oldest first in each conversation."""
        progress, now = self._progress, self._now()
        deep = now - progress.swept_at >= DEEP_EVERY
        at_least = max(progress.depth + 2 if progress.depth else 1, DEEP_PAGES if deep else 1)
        shop, following, walked = await self._client.shop(), "", 0
        while True:
            listed = await self._client.conversations(following)
            self._calls += 1
            self._listed |= {one.id("id", default="") for one in listed.items}
            news = [one for one in listed.items if self._has_news(one)]
            for one in news:
                if self._calls >= CALLS:
                    progress.depth = max(walked, 1)
                    yield self._flushed()
                    return
                async for page in self._conversation(shop, one):
                    yield page
            walked += 1
            again, following = following, listed.following
            ended = following in {"", again}
            if ended or (walked >= at_least and not news):
                break
            if self._waiting:
                yield self._flushed()
        self._finish(deep=walked >= DEEP_PAGES or ended, now=now)
        if self._changed or self._waiting:
            yield self._flushed()

    async def called(self, names: Sequence[str]) -> AsyncIterator[Page]:
        """The news of chats that the pages walked did not hold."""
        for name in names:
            if name in self._listed or not _ID.fullmatch(name):
                continue
            try:
                found = await self._client.conversation(name)
            except Rejected:
                continue
            async for page in self._conversation(await self._client.shop(), found):
                yield page
        if self._changed or self._waiting:
            yield self._flushed()

    def _finish(self, *, deep: bool, now: int) -> None:
        progress = self._progress
        if progress.depth:
            progress.depth, self._changed = 0, True
        if deep and now - progress.swept_at >= DEEP_EVERY:
            progress.swept_at, self._changed = now, True
            progress.forget_the_oldest()

    async def _conversation(self, shop: Shop, listed: Fields) -> AsyncIterator[Page]:
        name, whole = listed.id("id"), True
        try:
            found = await self._messages(name)
        except Rejected as refused:
            # One conversation that TikTok does not open must not hold up the others.
            _log.warning("a conversation cannot be read, only its newest message: %s", refused)
            told = listed.inner("latest_message")
            found, whole = [told] if told.value else [], False
        known = self._progress.seen.get(name)
        about = known.about if known else ""
        head = _head(listed)
        labels: list[Json] = [*(await self._labelled()).get(name, ())]
        items = []
        for message in found:
            about = _about(message) or about
            if message.flag("is_visible", default=True):
                envelope: dict[str, Json] = {
                    "what": "message",
                    "shop": {"id": shop.id, "region": shop.region},
                    "conversation": head,
                    "about": about,
                    "labels": labels,
                    "message": message.value,
                }
                items.append(self._item(f"message:{_name(message)}", envelope))
        for page in self._batched(items):
            yield page
        newest_first = [listed.inner("latest_message"), *reversed(found)]
        self._remember(name, newest_first, about, whole=whole)

    def _remember(
        self, name: str, newest_first: Sequence[Fields], about: str, *, whole: bool
    ) -> None:
        """The newest message named is what the next poll compares with.

        What lies before it counts as read only where the `whole` conversation could be opened.
        """
        newest = next((one for one in newest_first if one.id("id", default="")), None)
        if newest is None:
            return
        start = self._progress.read_from(name)
        at = max(min(_at(newest), self._now()), start) if whole else start + OVERLAP
        self._progress.seen[name] = Seen(message=newest.id("id"), at=at, about=about)
        self._changed = True

    def _batched(self, items: Sequence[RawItem]) -> Sequence[Page]:
        """Pages that must go out before the conversation may count as read."""
        pages = []
        for item in items:
            if len(self._waiting) == PAGE:
                pages.append(self._flushed())
            self._waiting.append(item)
        return pages

    async def _messages(self, name: str) -> Sequence[Fields]:
        start, following = self._progress.read_from(name), ""
        found: dict[str, Fields] = {}
        while True:
            listed = await self._client.messages(name, following)
            self._calls += 1
            found |= {_name(one): one for one in listed.items}
            oldest = min((_at(one) for one in listed.items), default=0)
            if oldest < start or listed.following in {"", following}:
                break
            following = listed.following
        wanted = [one for one in found.values() if _at(one) >= start]
        return sorted(wanted, key=lambda one: (_at(one), one.number("index", default=0)))

    async def _labelled(self) -> Mapping[str, Sequence[str]]:
        """TikTok's labels of the newest sessions by conversation; none where it gives none."""
        if self._labels is None:
            self._labels = {}
            if self._wants_labels:
                self._calls += 1
                now = self._now()
                try:
                    found = await self._client.sessions(now - LABELS_BACK, now + 1)
                except (Rejected, NotGranted):
                    return self._labels
                self._labels = {
                    one.id("conversation_id", default=""): one.texts("chat_tags")
                    for one in sorted(found.items, key=lambda s: s.number("begin_time", default=0))
                }
        return self._labels

    def _has_news(self, listed: Fields) -> bool:
        name, newest = listed.id("id", default=""), listed.inner("latest_message")
        if not _ID.fullmatch(name):
            return False
        return self._progress.has_news(name, newest.id("id", default=""), _at(newest))

    def _item(self, source_id: str, envelope: dict[str, Json]) -> RawItem:
        return RawItem(
            source_id=source_id,
            received_at=self._context.now(),
            payload=json.dumps(envelope).encode(),
        )

    def _flushed(self) -> Page:
        items, self._waiting = self._waiting, []
        self._changed = False
        return Page(items=items, cursor=self._progress.cursor())

    def _now(self) -> int:
        return int(self._context.now().timestamp())


def _name(message: Fields) -> str:
    """The message's id; of one without, its content, so that it is quarantined and not lost."""
    written = json.dumps(message.value, sort_keys=True).encode()
    return message.id("id", default="") or hashlib.sha256(written).hexdigest()


def _at(message: Fields) -> int:
    at = message.instant_or_none("create_time")
    return int(at.timestamp()) if at else 0


def _about(message: Fields) -> str:
    content = read_content(message.text("type", default=""), message.text("content", default=""))
    if content.order_id:
        return f"order:{content.order_id}"
    return f"product:{content.product_id}" if content.product_id else ""


def _head(listed: Fields) -> dict[str, Json]:
    """What of a conversation its messages have to be understood with."""
    buyers = [one for one in listed.each("participants") if one.text("role", default="") == "BUYER"]
    buyer = buyers[0] if buyers else Fields({})
    session = listed.inner("cur_session")
    return {
        "id": listed.id("id"),
        "can_send_message": listed.flag("can_send_message", default=True),
        "buyer": {
            "user_id": buyer.id("user_id", default=""),
            "im_user_id": buyer.id("im_user_id", default=""),
            "nickname": buyer.text("nickname", default=""),
            "platform": buyer.text("buyer_platform", default=""),
        },
        "session": {
            "id": session.id("id", default=""),
            "phase": session.text("phase", default=""),
        },
    }

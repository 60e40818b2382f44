"""Reading an account: conversations that changed, and comments below the newest posts."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from connectors.contract import InboxContext, Json, Page, RawItem
from connectors.errors import AuthExpired, Rejected, Unavailable
from connectors.fields import Fields
from connectors.meta.account import Account
from connectors.meta.graph import MESSAGES, Graph, next_page
from connectors.meta.place import COMMENT_PAUSE, Place
from connectors.meta.sent import SentParts

PAGE: Final = 50
OPENED_A_PAGE: Final = 15
"""Conversations in one page: at one call a second, a page must not take the desk's patience."""

MOST_OPENED: Final = 100
"""Conversations opened in one poll; the next poll goes on."""

MOST_LISTED: Final = 100
"""Pages of the list read in one poll, also where Meta's page marks lead in a circle."""

MOST_COMMENT_PAGES: Final = 10
"""Pages of comments read below one post in one poll."""


class Reader:
    """Reads one account without changing it."""

    def __init__(self, account: Account, graph: Graph, context: InboxContext) -> None:
        self._account = account
        self._graph = graph
        self._context = context
        self._sent = SentParts(context.keep)

    async def pages(self, place: Place) -> AsyncIterator[Page]:
        """Everything new after `place`."""
        async for page in self._conversations(place):
            yield page
        now = self._context.now()
        due = place.comments_at is None or now - place.comments_at >= COMMENT_PAUSE
        if self._account.config.comments and due:
            async for page in self._comments(place, now):
                yield page

    async def _conversations(self, place: Place) -> AsyncIterator[Page]:
        first_reading = place.mark == place.floor
        own = await self._sent.ids()
        resumed = place.top is not None
        looks: dict[str, tuple[datetime, str]] = {}
        opened = 0
        for _ in range(MOST_LISTED):
            answer = await self._listed(place)
            heads = [_Head(one) for one in answer.each("data")]
            place.begin(head.at for head in heads)
            looks |= {head.id: (head.at, head.look) for head in heads}
            changed = [
                one
                for one in heads
                if one.at >= place.horizon and place.seen.get(one.id) != one.look
            ]
            batch = _Batch(place)
            for head in changed:
                items = await self._opened(head, place, own, first_reading=first_reading)
                for page in batch.add(head, items):
                    yield page
            opened += len(changed)
            place.after = next_page(answer)
            ended = not place.after or all(head.at < place.horizon for head in heads)
            if ended:
                place.finish(looks)
            if ended or changed:
                for page in batch.rest(always=ended and (resumed or opened > 0)):
                    yield page
            if ended or opened >= MOST_OPENED:
                return

    async def _listed(self, place: Place) -> Fields:
        """A page of conversations; a page mark that Meta forgot begins the sweep anew."""
        try:
            return await self._graph.conversations(after=place.after)
        except Rejected:
            if not place.after:
                raise
            place.after, place.top = "", None
            return await self._graph.conversations()

    async def _opened(
        self, head: "_Head", place: Place, own: frozenset[str], *, first_reading: bool
    ) -> list[RawItem]:
        try:
            found = await self._graph.messages(head.id)
        except Rejected as refusal:
            return [self._gap(head, f"Meta did not show this conversation: {refusal.reason}")]
        messages = list(reversed(found.each("data")))
        times = [one.instant_or_none("created_time") for one in messages]
        items = [
            self._message(one, head, _asked_before(messages[:n], self._account), own)
            for n, one in enumerate(messages)
            if (at := times[n]) is None or at >= place.floor
        ]
        oldest = min((at for at in times if at is not None), default=place.floor)
        if not first_reading and len(messages) >= MESSAGES and oldest > place.mark:
            why = f"More than {MESSAGES} messages came at once; Meta shows the newest {MESSAGES} only."
            items.insert(0, self._gap(head, why))
        return items

    def _message(
        self, message: Fields, head: "_Head", asked_at: str, own: frozenset[str]
    ) -> RawItem:
        identity = message.id("id", default="") or f"{head.id}:{head.look}"
        payload: dict[str, Json] = {
            "message": message.value,
            "conversation": head.raw.value,
            "asked_at": asked_at,
            "own": identity in own,
        }
        return self._item(f"message:{identity}", payload)

    def _gap(self, head: "_Head", why: str) -> RawItem:
        gap: dict[str, Json] = {
            "conversation": head.id,
            "person": head.person(self._account),
            "at": head.at.isoformat(),
            "why": why,
        }
        return self._item(f"gap:{head.id}:{head.at.isoformat()}", {"gap": gap})

    def _item(self, source_id: str, payload: Mapping[str, Json]) -> RawItem:
        return RawItem(
            source_id=source_id,
            received_at=self._context.now(),
            payload=json.dumps(payload).encode(),
        )

    async def _comments(self, place: Place, now: datetime) -> AsyncIterator[Page]:
        newest, found = place.comment_mark, list[RawItem]()
        try:
            posts = (await self._graph.posts()).each("data")
            for post in posts:
                async for comment, root in self._below(post, place.comment_horizon):
                    newest = max(newest, min(_written_at(comment) or newest, now))
                    found.append(self._comment(comment, root, post))
                    if len(found) == PAGE:
                        yield Page(items=found, cursor=place.cursor())
                        found = []
        except (AuthExpired, Rejected) as error:
            # Messages are read all the same, so this must not stop the inbox.
            raise Unavailable(f"comments cannot be read: {error}") from error
        place.comment_mark, place.comments_at = newest, now
        yield Page(items=found, cursor=place.cursor())

    async def _below(self, post: Fields, since: datetime) -> AsyncIterator[tuple[Fields, str]]:
        listed = post.inner("comments")
        for _ in range(MOST_COMMENT_PAGES):
            comments = listed.each("data")
            for comment in comments:
                root = comment.id("id", default="")
                for one in (comment, *comment.inner("replies").each("data")):
                    if _is_new(one, since):
                        yield one, root
            after = next_page(listed)
            if not after or not any(_is_new(one, since) for one in comments):
                return
            listed = await self._graph.comments(post.id("id", default=""), after)

    def _comment(self, comment: Fields, root: str, post: Fields) -> RawItem:
        head = {key: value for key, value in post.value.items() if key != "comments"}
        bare = {key: value for key, value in comment.value.items() if key != "replies"}
        payload: dict[str, Json] = {"comment": bare, "root": root, "post": head}
        return self._item(f"comment:{comment.id('id', default='?')}", payload)


class _Head:
    """A conversation in the list."""

    def __init__(self, raw: Fields) -> None:
        self.raw = raw
        self.id = raw.id("id", default="")
        at = raw.instant_or_none("updated_time")
        if at is None or not self.id:
            # Without them nothing can be told apart: a changed format must not pass for silence.
            raise Unavailable("Meta lists conversations without their ids or times")
        self.at = at
        # Messages of one second change the count and not the time.
        self.look = f"{self.at.isoformat()} {raw.number('message_count', default=-1)}"

    def person(self, account: Account) -> str:
        """The other side of it."""
        people = (one.id("id", default="") for one in self.raw.inner("participants").each("data"))
        return next((one for one in people if one and one not in account.own_ids), "")


class _Batch:
    """Items of opened conversations, given out in pages of at most PAGE."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._items: list[RawItem] = []
        self._looks: dict[str, tuple[datetime, str]] = {}

    def add(self, head: _Head, items: Sequence[RawItem]) -> Sequence[Page]:
        """A page, once the next conversation would not fit into it."""
        fits = len(self._items) + len(items) <= PAGE and len(self._looks) < OPENED_A_PAGE
        full = () if fits else self.rest()
        self._items += items
        self._looks[head.id] = head.at, head.look
        return full

    def rest(self, *, always: bool = False) -> Sequence[Page]:
        """What is left, and the cursor that is true once it is stored."""
        self._place.saw(self._looks)
        items, self._items, self._looks = self._items, [], {}
        return (Page(items=items, cursor=self._place.cursor()),) if items or always else ()


def _asked_before(earlier: Sequence[Fields], account: Account) -> str:
    """When the customer wrote last before a message, as Meta has it."""
    for one in reversed(earlier):
        if one.inner("from").id("id", default="") not in account.own_ids:
            return one.text("created_time", default="")
    return ""


def _written_at(comment: Fields) -> datetime | None:
    return comment.instant_or_none("timestamp") or comment.instant_or_none("created_time")


def _is_new(comment: Fields, since: datetime) -> bool:
    at = _written_at(comment)
    return at is None or at >= since


def look_back(account: Account) -> timedelta:
    """How far the first poll reads."""
    return timedelta(days=account.config.since_days)

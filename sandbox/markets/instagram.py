"""A fake Instagram professional account, linked to a Page."""

from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web
from typing_extensions import override

from connectors.testing.market import THREAD
from sandbox.markets.base import Route, Said, writes
from sandbox.markets.meta import MetaMarket
from sandbox.markets.meta_calls import BUSINESS, VERSION
from sandbox.markets.meta_wire import GraphError, Json, milliseconds, moment
from sla_rules.vocabulary import Author

ACCOUNT = "178414000000000222"
LONGEST = 1000
"""Bytes of a text in UTF-8."""


class InstagramMarket(MetaMarket):
    """Texts of 1,000 bytes, stories, comments with answers below them, mentions."""

    account = ACCOUNT
    platform = "instagram"
    webhook_object = "instagram"
    posts_edge = "media"
    answers_edge = "replies"
    message_fields = frozenset(
        {
            "id",
            "created_time",
            "from",
            "to",
            "message",
            "attachments",
            "shares",
            "story",
            "is_unsupported",
            "reactions",
        }
    )
    person_fields = frozenset(
        {"name", "username", "follower_count", "is_user_follow_business", "is_verified_user"}
    )
    scopes = (
        "instagram_basic",
        "instagram_manage_messages",
        "instagram_manage_comments",
        "pages_manage_metadata",
        "pages_read_engagement",
    )

    @override
    def routes(self) -> Sequence[Route]:
        mentions = writes(
            "POST", f"/{VERSION}/{ACCOUNT}/mentions", self._spoken(self.answer_mention, set())
        )
        replies = self._spoken(self.comments, {"fields", "limit", "after"})
        return (
            mentions,
            Route(method="GET", path=f"/{VERSION}/{{id}}/replies", handler=replies),
            *super().routes(),
        )

    async def answer_mention(self, request: web.Request) -> Json:
        """An answer below somebody else's post that names the account."""
        form = await request.post()
        if set(form) != {"media_id", "comment_id", "message"}:
            raise GraphError(100, "Unknown parameter")
        said = self.take_reply(THREAD, str(form["message"]), comment=True, post="elsewhere")
        return {"id": self.comment_id(said)}

    @override
    def itself(self, asked: Mapping[str, Any]) -> Json:
        named = next((name for name in asked if name.startswith("mentioned_comment")), None)
        if named is None:
            return super().itself(asked)
        wanted = asked[named][0].get("comment_id")
        found = next((one for one in self.messages if one.id == wanted), None)
        if found is None:
            raise GraphError(100, "Object does not exist", subcode=33)
        told = {
            "id": found.id,
            "text": found.text,
            "timestamp": moment(found.at),
            "username": "nora.quist",
        }
        return {"id": ACCOUNT, "mentioned_comment": told}

    @override
    def check_text(self, text: str) -> None:
        if not text or len(text.encode()) > LONGEST:
            raise GraphError(100, "Message text must be 1000 bytes or less")

    @override
    def check_file(self, attachment: Json) -> None:
        raise GraphError(100, "An image can only be sent through a URL")

    @override
    def message_id(self, said: Said) -> str:
        return f"aWdfZAG1faXRlbToxOkl{said.id}ZD"

    @override
    def conversation_id(self, thread: str) -> str:
        return f"aWdfZAG06MTpJR{thread}ZD"

    @override
    def comment_id(self, said: Said) -> str:
        return said.id

    @override
    def person(self, thread: str) -> Json:
        return {"username": "nora.quist", "id": self.person_id(thread)}

    @override
    def business(self) -> Json:
        return {"username": "bottega.salici", "id": ACCOUNT}

    @override
    def profile(self, thread: str) -> Json:
        return {
            "id": self.person_id(thread),
            "name": "Nora Quist",
            "username": "nora.quist",
            "follower_count": 18_400,
            "is_user_follow_business": True,
            "is_verified_user": False,
        }

    @override
    def post(self, post: str) -> Json:
        return {
            "id": post,
            "caption": "The willow basket is back",
            "permalink": f"https://www.instagram.com/p/{post}/",
            "timestamp": moment(self.now()),
            "username": "bottega.salici",
        }

    @override
    def comment(self, said: Said) -> Json:
        replies = [self.comment(one) for one in self._comments() if one.more["parent"] == said.id]
        shown = self._bare(said)
        return {**shown, "replies": {"data": replies}} if replies else shown

    def _bare(self, said: Said) -> Json:
        parent = {"parent_id": said.more["parent"]} if said.more.get("parent") else {}
        writer = self.business() if said.author in BUSINESS else self.person(said.thread)
        return {
            "id": said.id,
            "text": said.text,
            "timestamp": moment(said.at),
            "username": writer["username"],
            "from": {"id": writer["id"], "username": writer["username"]},
            **parent,
        }

    @override
    def change(self, said: Said) -> Json:
        if said.more.get("mention"):
            return {"field": "mentions", "value": {"media_id": "9777", "comment_id": said.id}}
        parent = {"parent_id": said.more["parent"]} if said.more.get("parent") else {}
        writer = self.business() if said.author is Author.AGENT else self.person(said.thread)
        value = {
            "from": writer,
            "media": {"id": said.more.get("post", "9001"), "media_product_type": "FEED"},
            "id": said.id,
            "text": said.text,
            **parent,
        }
        return {"field": "comments", "value": value}

    def taken_back(self, said: Said) -> Json:
        """The event of a message that the customer unsent."""
        message = {"mid": self.message_id(said), "is_deleted": True}
        person = {"id": self.person_id(said.thread)}
        return {
            "sender": person,
            "recipient": {"id": ACCOUNT},
            "timestamp": milliseconds(said.at),
            "message": message,
        }


class InstagramLoginMarket(InstagramMarket):
    """The same account without a Page: all edges are its own (graph.instagram.com)."""

    messages_node = ACCOUNT

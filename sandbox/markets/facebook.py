"""A fake Facebook Page."""

from typing_extensions import override

from sandbox.markets.base import Said
from sandbox.markets.meta import MetaMarket
from sandbox.markets.meta_calls import BUSINESS, PAGE_ID, POST
from sandbox.markets.meta_wire import GraphError, Json, moment

LONGEST = 2000
"""Characters of a text."""


class FacebookMarket(MetaMarket):
    """Messenger conversations, and a feed whose comments come newest first when asked to."""

    platform = "messenger"
    webhook_object = "page"
    posts_edge = "feed"
    answers_edge = "comments"
    comment_order = frozenset({"order", "filter"})
    message_fields = frozenset(
        {"id", "created_time", "from", "to", "message", "attachments", "shares", "sticker", "tags"}
    )
    person_fields = frozenset({"first_name", "last_name", "name", "locale", "profile_pic"})
    scopes = (
        "pages_messaging",
        "pages_manage_metadata",
        "pages_read_engagement",
        "pages_read_user_content",
        "pages_manage_engagement",
    )

    @override
    def check_text(self, text: str) -> None:
        if not text or len(text) > LONGEST:
            raise GraphError(
                100, "Length of param message[text] must be less than or equal to 2000"
            )

    @override
    def comment_id(self, said: Said) -> str:
        return f"{said.more.get('post', POST)}_{said.id}"

    @override
    def person(self, thread: str) -> Json:
        identity = self.person_id(thread)
        return {"name": "Nora Quist", "email": f"{identity}@facebook.com", "id": identity}

    @override
    def profile(self, thread: str) -> Json:
        names = {"first_name": "Nora", "last_name": "Quist", "name": "Nora Quist"}
        return {"id": self.person_id(thread), **names, "locale": "it_IT"}

    @override
    def post(self, post: str) -> Json:
        return {
            "id": post,
            "message": "The willow basket is back",
            "permalink_url": f"https://www.facebook.com/{PAGE_ID}/posts/{post}",
            "created_time": moment(self.now()),
        }

    @override
    def listed(self, comment: Said) -> bool:
        return True

    @override
    def comment(self, said: Said) -> Json:
        parent = {"parent": {"id": said.more["parent"]}} if said.more.get("parent") else {}
        writer = (
            self.business()
            if said.author in BUSINESS
            else {"id": f"77{said.thread}", "name": "Nora Quist"}
        )
        return {
            "id": self.comment_id(said),
            "message": said.text,
            "created_time": moment(said.at),
            "from": writer,
            **parent,
        }

    @override
    def change(self, said: Said) -> Json:
        post = said.more.get("post", POST)
        writer = (
            self.business()
            if said.author in BUSINESS
            else {"id": f"77{said.thread}", "name": "Nora Quist"}
        )
        value = {
            "from": writer,
            "post": {
                "permalink_url": f"https://www.facebook.com/{PAGE_ID}/posts/{post}",
                "id": post,
            },
            "message": said.text,
            "post_id": post,
            "comment_id": self.comment_id(said),
            "created_time": int(said.at.timestamp()),
            "item": "comment",
            "parent_id": said.more.get("parent") or post,
            "verb": "add",
        }
        return {"field": "feed", "value": value}

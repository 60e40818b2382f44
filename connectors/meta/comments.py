"""Public comments, explained: those that were read, and those that a webhook brought. Pure.

One ticket is one comment with everything below it. What stands in public gets the tag `comment`,
which the presets know.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from connectors.contract import InboundMessage, Json, RawItem, ThreadKey, Verdict
from connectors.fields import Fields
from connectors.meta.account import Account

TAG: Final = "comment"
NO_WORDS: Final = "[A comment without words: open it below the post]"
MENTIONED: Final = "[Named us below a post of theirs: open it to read it]"
LONGEST_SUBJECT: Final = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """One comment. `root` is the topmost one above it; `media` is set for a mention elsewhere."""

    id: str
    root: str
    at: datetime
    text: str
    author: str
    name: str
    ours: bool
    link: str = ""
    post: str = ""
    media: str = ""


def explain_comment(raw: Fields, item: RawItem, account: Account) -> InboundMessage:
    """A comment found below a post. Raises Malformed."""
    comment, post = Fields(raw.value.get("comment"), "comment"), raw.inner("post")
    author, name = _author(comment)
    identity = comment.id("id")
    parent = comment.inner("parent").id("id", default="") or comment.id("parent_id", default="")
    owner = post.text("username", default="")
    return _explained(
        Comment(
            id=identity,
            root=parent or raw.text("root", default="") or identity,
            at=min(_written_at(comment), item.received_at),
            text=_text(comment),
            author=author,
            name=name,
            ours=author in account.own_ids or (not author and bool(owner) and name == owner),
            link=post.text("permalink_url", default="") or post.text("permalink", default=""),
            post=post.text("message", default="") or post.text("caption", default=""),
        )
    )


def explain_change(raw: Fields, item: RawItem, account: Account) -> InboundMessage:
    """A comment or a mention that a webhook told of. Raises Malformed."""
    change = Fields(raw.value.get("change"), "change")
    told = raw.inner("told")
    author, name = _author(told if told.value else change)
    identity = change.id("comment_id", default="") or change.id("id")
    mentioned = raw.text("field", default="") == "mentions"
    text = _text(told) if told.value else _text(change)
    at = change.instant_or_none("created_time") or told.instant_or_none("timestamp")
    return _explained(
        Comment(
            id=identity,
            root=_root(change, identity),
            at=min(at or raw.instant("time"), item.received_at),
            text=text or (MENTIONED if mentioned else ""),
            author=author,
            name=name,
            ours=author in account.own_ids,
            link=change.inner("post").text("permalink_url", default=""),
            media=change.id("media_id", default="") if mentioned else "",
        )
    )


def _explained(comment: Comment) -> InboundMessage:
    keys = (ThreadKey(value=f"comment:{comment.root}"),)
    verdict, reason = Verdict.CUSTOMER, "somebody wrote in public below a post"
    if comment.ours:
        verdict, reason = Verdict.ANSWERED_ELSEWHERE, "answered in public by the account, or by us"
    text = comment.text if comment.text.strip() else NO_WORDS
    context: dict[str, Json] = {
        "comment": comment.id,
        "root": comment.root,
        "name": comment.name,
        "at": comment.at.isoformat(),
        "link": comment.link,
    }
    if comment.media:
        context["media"] = comment.media
    return InboundMessage(
        external_id=f"comment:{comment.id}",
        verdict=verdict,
        reason=reason,
        sent_at=comment.at,
        subject=_subject(comment),
        text=text,
        full_text=text,
        sender_handle=comment.author or comment.name,
        sender_name=comment.name,
        thread_keys=keys,
        own_keys=tuple(key.value for key in keys),
        public=True,
        tags=() if comment.ours else (TAG,),
        reply_context={} if comment.ours else context,
        degraded=None if comment.text.strip() else "the comment has no words",
    )


def _subject(comment: Comment) -> str:
    if comment.media:
        return "Named us in a comment"
    title = " ".join(comment.post.split())[:LONGEST_SUBJECT]
    return f"Comment: {title}" if title else "Comment"


def _author(raw: Fields) -> tuple[str, str]:
    writer = raw.inner("from")
    names: Sequence[str] = (
        writer.text("name", default=""),
        writer.text("username", default=""),
        raw.text("username", default=""),
    )
    return writer.id("id", default=""), next(filter(None, names), "")


def _text(raw: Fields) -> str:
    return raw.text("message", default="") or raw.text("text", default="")


def _written_at(comment: Fields) -> datetime:
    return comment.instant_or_none("timestamp") or comment.instant("created_time")


def _root(change: Fields, identity: str) -> str:
    """The comment above; Facebook gives the post itself for a comment that stands on its own."""
    parent = change.id("parent_id", default="")
    posts = {change.id("post_id", default=""), change.inner("media").id("id", default="")}
    return parent if parent and parent not in posts else identity

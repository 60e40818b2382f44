"""An answer before it leaves, and whether it stands afterwards. Pure."""

from collections.abc import Mapping
from typing import Final

from connectors.contract import Json, ReplyCommand
from connectors.errors import Rejected
from connectors.fields import Fields
from connectors.limits import check_files, parts_of
from connectors.manifest import manifest_beside
from connectors.reviews import Standing, public_answer, same_words
from connectors.trustpilot.client import Row
from connectors.trustpilot.items import PRODUCT

LIMITS: Final = manifest_beside(__file__).limits


def review_of(context: Mapping[str, Json]) -> str:
    """The review to answer. Raises Rejected when the message names none."""
    review = context.get("review")
    if not isinstance(review, str) or not review:
        raise Rejected("this message names no review to answer")
    return review


def is_product(context: Mapping[str, Json]) -> bool:
    """Whether it is a product's review, whose answers are comments."""
    return context.get("of") == PRODUCT


def body_of(command: ReplyCommand) -> str:
    """The text as it is published. Raises Rejected for what may not stand in public."""
    listed = command.context.get("private")
    private = [one for one in listed if isinstance(one, str)] if isinstance(listed, list) else []
    check_files(command.attachments, LIMITS)
    return parts_of(public_answer(command.text, private), LIMITS)[0]


def standing_under(review: Row) -> Standing | None:
    """The answer that stands under a service review."""
    reply = Fields(review).inner("companyReply")
    words = reply.text("text", default="")
    if not words.strip():
        return None
    at = reply.instant_or_none("updatedAt") or reply.instant_or_none("createdAt")
    return Standing(text=words, at=at)


def newest_comment(conversation: Row, body: str) -> tuple[str, Standing | None]:
    """The business's newest comment with these words, and its id."""
    found: tuple[str, Standing | None] = "", None
    for comment in Fields(conversation).each("comments"):
        writer = comment.inner("author").text("type", default="").lower()
        words = comment.text("content", default="")
        if not writer.startswith("business") or not same_words(words, body):
            continue
        at, best = comment.instant_or_none("createdAt"), found[1]
        if best is None or best.at is None or (at is not None and at >= best.at):
            name = comment.id("id", default="") or comment.id("commentId", default="")
            found = name, Standing(text=words, at=at)
    return found

"""An answer before it leaves, and what stands under a review. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from connectors.contract import Json, ReplyCommand
from connectors.errors import Rejected
from connectors.fields import Fields
from connectors.google_business.client import Row
from connectors.google_business.items import PENDING, REJECTED
from connectors.google_business.normalise import why_refused
from connectors.limits import check_files, parts_of
from connectors.manifest import manifest_beside
from connectors.reviews import Standing, mark_of, public_answer

LIMITS: Final = manifest_beside(__file__).limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer under a review and what Google makes of it: it may look first, and refuse."""

    standing: Standing
    pending: bool
    refused: bool
    why: str


def review_of(context: Mapping[str, Json]) -> str:
    """The review to answer. Raises Rejected when the message names none."""
    review = context.get("review")
    if not isinstance(review, str) or not review:
        raise Rejected("this message names no review to answer")
    return review


def short_name(review: str) -> str:
    """The review's own id, the last part of its whole name."""
    return review.rpartition("/")[2]


def replaces(context: Mapping[str, Json]) -> bool:
    """Whether an answer stood under the review when it was read."""
    return bool(context.get("standing"))


def is_the_known_one(answer: Answer, context: Mapping[str, Json]) -> bool:
    """Whether it is that very answer still: what others wrote since is not to be lost."""
    return replaces(context) and context.get("standing") == mark_of(answer.standing.text)


def body_of(command: ReplyCommand) -> str:
    """The text as it is published. Raises Rejected for what Google would refuse."""
    check_files(command.attachments, LIMITS)
    return parts_of(public_answer(command.text), LIMITS)[0]


def answer_under(review: Row) -> Answer | None:
    """The answer of a review as it is listed."""
    return read_answer(Fields(review).inner("reviewReply"))


def read_answer(reply: Fields) -> Answer | None:
    """A `ReviewReply`; None for one without words."""
    words, state = reply.text("comment", default=""), reply.text("reviewReplyState", default="")
    if not words.strip():
        return None
    return Answer(
        standing=Standing(text=words, at=reply.instant_or_none("updateTime")),
        pending=state == PENDING,
        refused=state == REJECTED,
        why=why_refused(reply),
    )

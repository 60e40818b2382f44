"""An answer before it leaves, and its traces afterwards. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from connectors.contract import Json, ReplyCommand
from connectors.errors import Rejected, ReplyWindowClosed
from connectors.fields import Fields
from connectors.limits import check_files, parts_of
from connectors.manifest import manifest_beside
from connectors.octopia.discussion import (
    CUSTOMER,
    SELLER,
    is_open,
    is_same,
    may_be_answered,
    said_at,
    writer,
)
from connectors.probing import SKEW, Traces

LIMITS: Final = manifest_beside(__file__).limits


_EVER: Final = datetime(1970, 1, 1, tzinfo=UTC)


def discussion_of(context: Mapping[str, Json]) -> str:
    """The discussion to answer. Raises Rejected when the message names none."""
    name = context.get("discussion")
    if not isinstance(name, str) or not name:
        raise Rejected("this message names no discussion to answer")
    return name


def body_of(command: ReplyCommand) -> str:
    """The text as it is sent. Raises Rejected for what Octopia would refuse."""
    if not command.text.strip():
        raise Rejected("the answer is empty")
    check_files(command.attachments, LIMITS)
    return parts_of(command.text, LIMITS)[0]


def why_refused(discussion: Mapping[str, Json] | None, refused: Rejected) -> Rejected:
    """A refusal, with the reason the discussion itself gives."""
    raw = Fields(dict(discussion or {}))
    if not is_open(raw):
        return ReplyWindowClosed("the discussion is closed; open it again in the seller area")
    eligible = may_be_answered(raw)
    if eligible and CUSTOMER not in eligible:
        return Rejected(f"the customer cannot be answered in this discussion ({refused.reason})")
    return refused


def traces_of(
    discussion: Mapping[str, Json], command: ReplyCommand, body: str, *, is_taken: bool = False
) -> Traces:
    """Looks for the seller's newest message with this text from after the agent's decision.

    Where Octopia has just taken the answer (`is_taken`), one of moments before is it, too.
    """
    since = command.decided_at.replace(microsecond=0) if command.decided_at else _EVER
    earliest = since - SKEW if command.decided_at else _EVER
    found, doubtful = (_EVER, ""), False
    for said in Fields(dict(discussion)).each("messages"):
        if not _is_ours(said, body):
            continue
        at = said_at(said)
        if at is not None and at >= (earliest if is_taken else since):
            found = max(found, (at, said.id("messageId", default="")))
        else:
            doubtful |= at is None or at >= earliest
    return Traces(message_id=found[1], doubtful=doubtful)


def _is_ours(said: Fields, body: str) -> bool:
    return writer(said) == SELLER and is_same(said.text("body", default=""), body)

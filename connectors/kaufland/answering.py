"""An answer before it leaves, and its traces afterwards. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from connectors.contract import Json, ReplyCommand
from connectors.errors import Rejected
from connectors.fields import Fields
from connectors.limits import check_files, parts_of
from connectors.manifest import manifest_beside
from connectors.probing import SKEW, Traces

LIMITS: Final = manifest_beside(__file__).limits
HOSTS: Final = manifest_beside(__file__).hosts


_EVER: Final = datetime(1970, 1, 1, tzinfo=UTC)


def ticket_of(context: Mapping[str, Json]) -> str:
    """The ticket to answer. Raises Rejected when the message names none."""
    ticket = context.get("ticket")
    if not isinstance(ticket, str) or not ticket:
        raise Rejected("this message names no ticket to answer")
    return ticket


def body_of(command: ReplyCommand) -> str:
    """The text as it is sent. Raises Rejected for what Kaufland would refuse."""
    if not command.text.strip():
        raise Rejected("the answer is empty")
    check_files(command.attachments, LIMITS)
    return parts_of(command.text, LIMITS)[0]


def traces_of(
    ticket: Mapping[str, Json], command: ReplyCommand, body: str, *, is_taken: bool = False
) -> Traces:
    """Looks for the seller's newest message with this text from after the agent's decision.

    Where Kaufland has just taken the answer (`is_taken`), one of moments before is it, too.
    """
    since = command.decided_at.replace(microsecond=0) if command.decided_at else _EVER
    earliest = since - SKEW if command.decided_at else _EVER
    found, doubtful = (_EVER, 0, ""), False
    for said in Fields(dict(ticket)).each("messages"):
        if not _is_ours(said, body):
            continue
        at = said.instant_or_none("ts_created_iso")
        name = said.id("id_ticket_message", default="")
        if at is not None and at >= (earliest if is_taken else since):
            found = max(found, (at, said.number("id_ticket_message", default=0), name))
        else:
            doubtful |= at is None or at >= earliest
    return Traces(message_id=found[2], doubtful=doubtful)


def _is_ours(said: Fields, body: str) -> bool:
    by_seller = said.inner("author").text("role", default="") == "seller"
    return by_seller and said.text("text", default="").split() == body.split()

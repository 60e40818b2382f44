"""An answer before it leaves, and its traces afterwards. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from connectors.allegro.client import Edition, Row
from connectors.allegro.items import BLOCKED, VERIFIED_LATER
from connectors.allegro.people import Writer
from connectors.contract import Json, ReplyCommand
from connectors.errors import Rejected
from connectors.fields import Fields
from connectors.limits import check_files
from connectors.manifest import manifest_beside
from connectors.probing import SKEW, Traces

MANIFEST: Final = manifest_beside(__file__)

LONGEST_IN_ISSUE: Final = 20_000
"""Characters of a message in a dispute or claim (Allegro's interface description); the manifest's
length is that of the message centre."""


HELD_BACK: Final = frozenset({VERIFIED_LATER, BLOCKED})
"""States of a message that the customer does not have."""

_MAYBE_OURS: Final = frozenset({Writer.SELLER, Writer.UNKNOWN})
_EVER: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an answer goes: a thread of one edition, or an issue."""

    name: str
    edition: Edition
    is_issue: bool
    to: str

    @property
    def longest(self) -> int:
        """Characters an answer may have there."""
        return LONGEST_IN_ISSUE if self.is_issue else MANIFEST.limits.length or LONGEST_IN_ISSUE


def place_of(context: Mapping[str, Json]) -> Place:
    """The place to answer in. Raises Rejected when the message names none."""
    to = context.get("to")
    edition = Edition.BETA if context.get("edition") == Edition.BETA else Edition.PUBLIC
    for key in ("issue", "thread"):
        name = context.get(key)
        if isinstance(name, str) and name:
            return Place(
                name=name,
                edition=edition,
                is_issue=key == "issue",
                to=to if isinstance(to, str) else "",
            )
    raise Rejected("this message names no thread, dispute or claim to answer")


def body_of(command: ReplyCommand, place: Place) -> str:
    """The text as it is sent. Raises Rejected for what Allegro would refuse."""
    if not command.text.strip():
        raise Rejected("the answer is empty")
    if len(command.text) > place.longest:
        raise Rejected(
            f"the answer is too long: {len(command.text)} of at most {place.longest} characters"
        )
    check_files(command.attachments, MANIFEST.limits)
    return command.text


def traces_of(messages: Sequence[Row], command: ReplyCommand, authors: Sequence[Writer]) -> Traces:
    """Looks for the shop's newest message with this text from after the agent's decision.

    One that Allegro still verifies, or has blocked, did not reach the customer, and one whose
    author is not told may be anybody's: what became of it is for a person to see.
    """
    since = command.decided_at.replace(microsecond=0) if command.decided_at else _EVER
    earliest = since - SKEW if command.decided_at else _EVER
    found, doubtful = (_EVER, ""), False
    for message, author in zip(messages, authors, strict=True):
        said = Fields(message)
        if author not in _MAYBE_OURS or not _is_equal(said, command.text):
            continue
        at, name = said.instant_or_none("createdAt"), said.id("id", default="")
        is_out = author is Writer.SELLER and said.text("status", default="") not in HELD_BACK
        if is_out and name and at is not None and at >= since:
            found = max(found, (at, name))
        else:
            doubtful |= at is None or at >= earliest
    return Traces(message_id=found[1], doubtful=doubtful)


def _is_equal(said: Fields, text: str) -> bool:
    return said.text("text", default="").split() == text.split()

"""Write something down for colleagues. It stays inside the company."""

from dataclasses import dataclass

from bot.db.seen_rows import is_new
from bot.db.unit import Tx
from bot.domain.desk import Desk
from bot.domain.inbound import clean
from bot.domain.ticket import EventType
from bot.errors import DeskError
from bot.language import tr
from bot.usecases.access import say, work_on

NOTE_LIMIT = 3000
"""Characters; what one Slack section shows whole (Block Kit's limit for a text object)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddNote:
    """Keep `text` with the ticket. The same `key` keeps it once."""

    ticket_id: int
    actor: str
    text: str
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """The note is kept as this event; None where it was kept before."""

    event_id: int | None


def add_note(tx: Tx, desk: Desk, command: AddNote) -> Noted:
    """Raises NotAllowed, NoSuchTicket, DeskError for an empty note or one too long to show."""
    ticket = work_on(tx, desk, command.actor, command.ticket_id)
    text = note_text(command.text)
    if not text:
        raise DeskError(tr("A note needs some words, for example: call the carrier on Monday."))
    if command.key and not is_new(tx, f"note:{command.key}"):
        return Noted(event_id=None)
    return Noted(event_id=say(tx, desk, ticket, EventType.NOTE, actor=command.actor, text=text))


def note_text(written: str) -> str:
    """A note's words as they are kept. Raises DeskError for more than one message shows."""
    text = clean(written).strip()
    if len(text) > NOTE_LIMIT:
        raise DeskError(
            tr(
                "A note holds at most {limit} characters; this one has {length}.",
                limit=NOTE_LIMIT,
                length=len(text),
            )
        )
    return text

"""The words for times and places, so that a card, a ping and an answer say the same."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from bot.domain.card import CardStage, TicketView
from bot.domain.desk import Desk
from bot.domain.inbound import said_subject
from bot.domain.platforms import platform
from bot.language import forms, marked, tr, tr_as
from bot.language.forms import file_size, span
from bot.slack.text import one_line
from connectors.contract import Attachment
from connectors.formats import ENDINGS
from sla_rules.vocabulary import Kind

__all__ = [
    "STAGE_COLOURS",
    "file_size",
    "file_type",
    "file_words",
    "inbox_label",
    "moment",
    "platform",
    "sentence",
    "span",
    "stage_name",
    "stage_words",
    "stopped",
    "subject_words",
    "title",
]

STAGE_COLOURS: Final[Mapping[CardStage, str]] = {
    CardStage.CALM: "🟢",
    CardStage.SOON: "🟡",
    CardStage.CRITICAL: "🟠",
    CardStage.MISSED: "🔴",
    CardStage.ANSWERED: "✅",
    CardStage.RESOLVED: "✅",
}
_STAGE_NAMES: Final[Mapping[CardStage, Callable[[], str]]] = {
    CardStage.CALM: lambda: tr_as("ticket", "On time"),
    CardStage.SOON: lambda: tr_as("ticket", "Soon"),
    CardStage.CRITICAL: lambda: tr_as("ticket", "Urgent"),
    CardStage.MISSED: lambda: tr_as("ticket", "Missed"),
    CardStage.ANSWERED: lambda: tr_as("ticket", "Answered"),
    CardStage.RESOLVED: lambda: tr_as("ticket", "Resolved"),
}
"""A colour and a word: never the colour alone."""


def moment(at: datetime, desk: Desk) -> str:
    """An instant in the desk's own zone, where Slack cannot localise: `Tue 3 Feb 14:00 CET`."""
    return forms.moment(at, desk.timezone)


def inbox_label(ticket: TicketView, desk: Desk) -> str:
    """What the desk calls the inbox a ticket came in by."""
    route = desk.inboxes.get(ticket.inbox)
    return (route.label if route else "") or platform(ticket.connector)


def stage_name(ticket: TicketView) -> str:
    """How a ticket stands, in a word or two."""
    if ticket.card_stage is CardStage.CALM and not ticket.clocks:
        return tr("No deadline")
    return _STAGE_NAMES[ticket.card_stage]()


def stage_words(ticket: TicketView) -> str:
    """The colour and the word a card begins with."""
    return f"{STAGE_COLOURS[ticket.card_stage]} {stage_name(ticket)}"


def title(ticket: TicketView, desk: Desk) -> str:
    """A ticket in one line: how it stands, where it came in, its number and subject."""
    place = inbox_label(ticket, desk)
    if ticket.kind in _PLACES:
        place = tr(_PLACES[ticket.kind], inbox=place)
    return (
        f"{stage_words(ticket)} · {place} · #{ticket.number} · {subject_words(ticket.subject, 100)}"
    )


_PLACES: Final[Mapping[Kind, str]] = {
    # For translators: the claim, request… that came in by an inbox, called as its marketplace is.
    Kind.CLAIM: marked("{inbox} claim"),
    Kind.RETURN_REQUEST: marked("{inbox} return request"),
    Kind.CANCEL_REQUEST: marked("{inbox} cancellation request"),
    Kind.NOTICE: marked("{inbox} platform notice"),
    Kind.SUSPECT: marked("{inbox} suspicious mail"),
}
"""What a ticket is about, where it is more than a message."""


def subject_words(subject: str, limit: int) -> str:
    """A subject in one line, or that there is none."""
    return one_line(said_subject(subject), limit) or tr("(no subject)")


def sentence(text: str) -> str:
    """`text` with a capital letter."""
    return text[:1].upper() + text[1:]


def stopped(text: str) -> str:
    """`text` with a full stop, unless it ends a sentence by itself."""
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def file_type(media_type: str) -> str:
    """A media type as people call it: `PDF`, `DOCX`, `images`."""
    if media_type.endswith("/*"):
        family = media_type[:-2]
        return tr(_FAMILIES[family]) if family in _FAMILIES else f"{family}s"
    endings = ENDINGS.get(media_type)
    kind = endings[0] if endings else media_type.rpartition("/")[2]
    return kind.upper() or tr("FILE")


_FAMILIES: Final[Mapping[str, str]] = {
    "image": marked("images"),
    "video": marked("videos"),
    "audio": marked("audios"),
    "text": marked("texts"),
}


def file_words(file: Attachment) -> str:
    """A file by its name and size."""
    name = one_line(file.name, 60) or tr("file")
    return f"{name} ({file_size(file.size)})"

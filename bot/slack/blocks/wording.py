"""The words for times and places, so that a card, a ping and an answer say the same."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain.card import CardStage, TicketView
from bot.domain.desk import Desk
from bot.slack.text import one_line
from connectors.contract import Attachment
from connectors.formats import ENDINGS
from sla_rules.vocabulary import Kind

STAGE_WORDS = {
    CardStage.CALM: "🟢 On time",
    CardStage.SOON: "🟡 Soon",
    CardStage.CRITICAL: "🟠 Urgent",
    CardStage.MISSED: "🔴 Missed",
    CardStage.ANSWERED: "✅ Answered",
    CardStage.RESOLVED: "✅ Resolved",
}
"""A colour and a word: never the colour alone."""

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_MINUTE = 60
_HOUR = 3600
_DAY = 86400


def span(length: timedelta) -> str:
    """A length of time in at most two units, rounded down: `40 min`, `2 h`, `2 h 30 min`, `3 d`."""
    seconds = int(abs(length.total_seconds()))
    if seconds < _MINUTE:
        return "less than a minute"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE} min"
    if seconds < 2 * _DAY:
        return _two(seconds, _HOUR, "h", _MINUTE, "min")
    return _two(seconds, _DAY, "d", _HOUR, "h")


def _two(seconds: int, large: int, large_word: str, small: int, small_word: str) -> str:
    rest = seconds % large // small
    first = f"{seconds // large} {large_word}"
    # From half a day on, minutes are noise.
    if not rest or (small == _MINUTE and seconds >= _DAY // 2):
        return first
    return f"{first} {rest} {small_word}"


def moment(at: datetime, desk: Desk) -> str:
    """An instant in the desk's own zone, for places where Slack cannot localise: `Tue 3 Feb 14:00 CET`."""
    local = at.astimezone(ZoneInfo(desk.timezone))
    day = f"{_DAYS[local.weekday()]} {local.day} {_MONTHS[local.month - 1]}"
    return f"{day} {local:%H:%M} {local.tzname()}"


_PLATFORMS: Mapping[str, str] = {
    "amazon_account": "Amazon",
    "bol": "bol",
    "ebay": "eBay",
    "google_business": "Google",
    "judge_me": "Judge.me",
    "portal_mail": "Marketplace",
    "tiktok_shop": "TikTok Shop",
    "tiktok_shop_mail": "TikTok Shop",
}
"""Names that a key in small letters does not give away."""


def platform(connector: str) -> str:
    """What people call the marketplace of a connector: `mercado_libre` is `Mercado Libre`."""
    return _PLATFORMS.get(connector) or connector.replace("_", " ").replace("-", " ").title()


def inbox_label(ticket: TicketView, desk: Desk) -> str:
    """What the desk calls the inbox a ticket came in by."""
    route = desk.inboxes.get(ticket.inbox)
    return (route.label if route else "") or platform(ticket.connector)


def stage_words(ticket: TicketView) -> str:
    """The colour and the word a card begins with."""
    if ticket.card_stage is CardStage.CALM and not ticket.clocks:
        return "🟢 No deadline"
    return STAGE_WORDS[ticket.card_stage]


def title(ticket: TicketView, desk: Desk) -> str:
    """A ticket in one line: how it stands, where it came in, its number and subject."""
    place = inbox_label(ticket, desk)
    if ticket.kind is not Kind.MESSAGE:
        place = f"{place} {kind_words(ticket.kind)}"
    subject = one_line(ticket.subject, 100) or "(no subject)"
    return f"{stage_words(ticket)} · {place} · #{ticket.number} · {subject}"


def kind_words(kind: Kind) -> str:
    """What a ticket is about, where it is more than a message."""
    return {
        Kind.CLAIM: "claim",
        Kind.RETURN_REQUEST: "return request",
        Kind.CANCEL_REQUEST: "cancellation request",
        Kind.NOTICE: "platform notice",
        Kind.SUSPECT: "suspicious mail",
    }.get(kind, "message")


def sentence(text: str) -> str:
    """`text` with a capital letter."""
    return text[:1].upper() + text[1:]


def stopped(text: str) -> str:
    """`text` with a full stop, unless it ends a sentence by itself."""
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def file_type(media_type: str) -> str:
    """A media type as people call it: `PDF`, `DOCX`, `images`."""
    if media_type.endswith("/*"):
        return f"{media_type[:-2]}s"
    endings = ENDINGS.get(media_type)
    return (endings[0] if endings else media_type.rpartition("/")[2] or "file").upper()


def file_words(file: Attachment) -> str:
    """A file by its name and size."""
    return f"{one_line(file.name, 60) or 'file'} ({file_size(file.size)})"


def file_size(size: int) -> str:
    """A file size a person reads: `120 kB`, `2.4 MB`."""
    if size < 1_000_000:  # noqa: PLR2004 - one megabyte
        return f"{max(1, round(size / 1000))} kB"
    return f"{size / 1_000_000:.1f} MB"

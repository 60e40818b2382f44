"""What an agent needs before their eyes while writing: the order, the language, the room there is."""

from collections.abc import Mapping
from typing import Final

from bot.domain.card import TicketView
from bot.slack.blocks import kit
from bot.slack.blocks.orders import order_facts
from bot.slack.blocks.wording import platform
from bot.slack.text import one_line

LANGUAGES: Final[Mapping[str, str]] = {
    "cs": "Czech",
    "da": "Danish",
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "it": "Italian",
    "ja": "Japanese",
    "nl": "Dutch",
    "pl": "Polish",
    "pt": "Portuguese",
    "sv": "Swedish",
    "tr": "Turkish",
}


def reply_facts(ticket: TicketView) -> str:
    """The order the customer wrote about, and the language they wrote in; empty where neither is known."""
    facts = list(order_facts(ticket))
    if ticket.order_id:
        facts.insert(0, f"Order {one_line(ticket.order_id, 60)}")
    if ticket.language:
        language = LANGUAGES.get(ticket.language, one_line(ticket.language, 8))
        facts.append(f"Language: {language}")
    return " · ".join(facts)


def room(ticket: TicketView, limit: int) -> str:
    """How long an answer may be, where the channel takes less than the field holds."""
    if limit >= kit.REPLY_LIMIT:
        return ""
    return f"{platform(ticket.connector)} takes {limit:,} characters."


def used(text: str, limit: int) -> str:
    """How much of the room an answer takes."""
    return f"{len(text):,} of {limit:,} characters"

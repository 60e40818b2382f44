"""What an agent needs before their eyes while writing: the order, the language, the room there is."""

from bot.domain.card import TicketView
from bot.domain.platforms import platform
from bot.language import tr
from bot.language.forms import language_name, number
from bot.slack.blocks import kit
from bot.slack.blocks.orders import order_facts
from bot.slack.text import one_line


def reply_facts(ticket: TicketView) -> str:
    """The order the customer wrote about, and the language they wrote in; empty where neither is known."""
    facts = list(order_facts(ticket))
    if ticket.order_id:
        facts.insert(0, tr("Order {order}", order=one_line(ticket.order_id, 60)))
    if ticket.language:
        name = language_name(one_line(ticket.language, 8))
        facts.append(tr("Language: {language}", language=name))
    return " · ".join(facts)


def room(ticket: TicketView, limit: int) -> str:
    """How long an answer may be, where the channel takes less than the field holds."""
    if limit >= kit.REPLY_LIMIT:
        return ""
    return tr(
        "{place} takes {limit} characters.", place=platform(ticket.connector), limit=number(limit)
    )


def used(text: str, limit: int) -> str:
    """How much of the room an answer takes."""
    return tr("{used} of {limit} characters", used=number(len(text)), limit=number(limit))

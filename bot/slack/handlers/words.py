"""A customer's words in full, where an inbox does not post them: asked for, noted, shown to one."""

from bot.domain.card import TicketView
from bot.domain.veil import body_rule
from bot.slack.blocks.machine import offer_of
from bot.slack.blocks.rendered import Rendered
from bot.slack.blocks.words_view import words_view
from bot.slack.handlers.press import Press
from bot.slack.handlers.wiring import Wiring
from bot.usecases.show_words import ShowWords, show_words


async def open_words(wiring: Wiring, press: Press) -> Rendered | None:
    """Open the window. One write, then the call: the trigger lives three seconds."""
    command = ShowWords(ticket_id=press.ticket_id, actor=press.actor)
    words = await wiring.decide(show_words, command)
    desk = wiring.desk()
    offered = offer_of(desk, words.ticket, there=wiring.llm is not None, aside=False)
    view = words_view(words.ticket, words.messages, desk, offered.to_read())
    await wiring.client.views_open(trigger_id=press.trigger_id, view=view)
    return None


async def note_reading(wiring: Wiring, actor: str, ticket: TicketView) -> None:
    """Note who is about to see the words in another window, where they are not posted."""
    if body_rule(wiring.desk(), ticket.inbox) != "full":
        await wiring.decide(show_words, ShowWords(ticket_id=ticket.id, actor=actor))

"""The window with a customer's words in full, for the one person who asked."""

from collections.abc import Sequence
from typing import Final

from bot.domain.card import MessageView, TicketView
from bot.domain.desk import Desk
from bot.slack.blocks import kit
from bot.slack.blocks.rendered import Block
from bot.slack.blocks.wording import moment
from bot.slack.text import cut, one_line

MOST_MESSAGES: Final = 5
MOST_CHARACTERS: Final = 6_000
"""Of one message. Slack takes 100 blocks and some 250 kB a window; six bytes a character at worst."""


def words_view(ticket: TicketView, messages: Sequence[MessageView], desk: Desk) -> Block:
    """The newest messages, newest first, as they were written."""
    blocks = [kit.rich(kit.line(kit.words(one_line(ticket.subject, 300) or "(no subject)")))]
    for message in reversed(messages[-MOST_MESSAGES:]):
        who = one_line(message.sender_name or ticket.customer_name, 80) or "The customer"
        head = kit.line(
            kit.words(f"{who} · ", bold=True),
            kit.date(message.sent_at, kit.DUE_FORMAT, fallback=moment(message.sent_at, desk)),
        )
        body = cut(message.body, MOST_CHARACTERS) or "(no text)"
        blocks.append(kit.rich(head))
        blocks += [kit.rich(part) for part in kit.verbatim_whole(body)]
    left = len(messages) - MOST_MESSAGES
    if left > 0:
        blocks.append(
            kit.context(
                "One earlier is not shown here."
                if left == 1
                else f"{left} earlier ones are not shown here."
            )
        )
    blocks.append(kit.context("That you opened this is noted in the ticket's history."))
    title = f"Words of #{ticket.number}"
    return kit.modal("message", title, blocks, metadata="", close="Close")

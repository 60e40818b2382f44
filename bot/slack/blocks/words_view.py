"""The window with a customer's words in full, for the one person who asked."""

from collections.abc import Sequence
from typing import Final

from bot.domain.card import MessageView, TicketView
from bot.domain.desk import Desk
from bot.domain.inbound import said_body
from bot.language import tr, tr_as, tr_many
from bot.slack.blocks import kit
from bot.slack.blocks.machine import NO_OFFER, Offer, machine_buttons
from bot.slack.blocks.rendered import Block
from bot.slack.blocks.wording import moment, subject_words
from bot.slack.text import cut, one_line

MOST_MESSAGES: Final = 5
MOST_CHARACTERS: Final = 6_000
"""Of one message. Slack takes 100 blocks and some 250 kB a window; six bytes a character at worst."""


def words_view(
    ticket: TicketView, messages: Sequence[MessageView], desk: Desk, offer: Offer = NO_OFFER
) -> Block:
    """The newest messages, newest first, as they were written. `offer` is what a model may do here."""
    blocks = [kit.rich(kit.line(kit.words(subject_words(ticket.subject, 300))))]
    blocks += machine_buttons(offer, ticket)
    for message in reversed(messages[-MOST_MESSAGES:]):
        who = one_line(message.sender_name or ticket.customer_name, 80) or tr("The customer")
        head = kit.line(
            kit.words(f"{who} · ", bold=True),
            kit.date(message.sent_at, kit.DUE_FORMAT, fallback=moment(message.sent_at, desk)),
        )
        body = cut(said_body(message.body), MOST_CHARACTERS) or tr("(no text)")
        blocks.append(kit.rich(head))
        blocks += [kit.rich(part) for part in kit.verbatim_whole(body)]
    left = len(messages) - MOST_MESSAGES
    if left > 0:
        blocks.append(
            kit.context(
                tr_many(
                    "One earlier is not shown here.",
                    "{count} earlier ones are not shown here.",
                    left,
                )
            )
        )
    blocks.append(kit.context(tr("That you opened this is noted in the ticket's history.")))
    # For translators: a title, at most 24 characters.
    title = tr("Words of #{number}", number=ticket.number)
    close = tr_as("button", "Close")
    return kit.modal("message", title, blocks, metadata="", close=close)

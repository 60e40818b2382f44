"""The line an item leaves in a thread when it is nobody's message."""

from bot.domain.effects import post_ops
from bot.domain.inbound import ReadItem
from bot.domain.ticket import PLATFORM, EventType, Ticket
from bot.usecases.access import say
from bot.usecases.inbound_page import InboundPage
from connectors.contract import InboundMessage, Verdict
from sla_rules.worded import worded

EXCERPT = 500
"""Characters of a text that a history line carries."""


def log_automatic(page: InboundPage, read: ReadItem, message: InboundMessage) -> None:
    """Say in its thread what came and why it changes nothing; elsewhere only the raw item says so."""
    own = page.own_messages(message)
    ticket = page.ticket(own[0].ticket_id) if own else page.match(message)
    if ticket is not None:
        log_verdict(page, ticket, message)
        if message.verdict is Verdict.ACKNOWLEDGEMENT:
            # Where the platform counts a receipt as an answer, a clock stops here.
            page.touched.add(ticket.id)
        return
    page.aside.append((read.raw_id, "ignored", message.reason))
    if message.verdict is Verdict.BOUNCE:
        page.tx.emit(
            post_ops(
                f"bounce:{page.inbox}:{read.raw_id}",
                worded(
                    "Inbox {inbox}: a mail came back that fits no answer of the desk.",
                    inbox=page.inbox,
                ),
            )
        )


def log_verdict(
    page: InboundPage, ticket: Ticket, message: InboundMessage, *, check: str | None = None
) -> None:
    """One line with the verdict and its reason; `check` asks a person to look."""
    say(
        page.tx,
        page.desk,
        ticket,
        EventType.VERDICT,
        actor=PLATFORM,
        verdict=message.verdict,
        reason=check or message.reason,
        sender=message.sender_name or message.sender_handle,
        subject=message.subject,
        check=check is not None,
        sent_at=message.sent_at.isoformat(),
    )

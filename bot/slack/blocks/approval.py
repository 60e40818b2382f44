"""What is said of an answer that waits for a second person, and the window that sends it back."""

from collections.abc import Mapping
from typing import Final

from bot.domain.approvals import ApprovalState
from bot.domain.card import EventView, MessageView, TicketView
from bot.domain.desk import Desk
from bot.domain.inbound import said_body
from bot.language import marked, tr, tr_as
from bot.language.forms import either
from bot.slack.blocks import kit
from bot.slack.blocks.actions import ActionId, ViewId, joined
from bot.slack.blocks.log_words import fact, names_in
from bot.slack.blocks.rendered import Block, Rendered
from bot.slack.text import one_line, spoken
from bot.usecases.approve import REASON_LIMIT
from bot.usecases.hold_reply import Held

REASON_FIELD: Final = "reason"
_NAMED: Final = 3

_CLOSED: Final[Mapping[str, str]] = {
    ApprovalState.WITHDRAWN: marked("{who} took back the answer that waited for a second person"),
    ApprovalState.OVERTAKEN: marked(
        "{agent}'s answer is not let out any more: the ticket was settled meanwhile"
    ),
    ApprovalState.EXPIRED: marked(
        "Nobody let {agent}'s answer out in time. It is a draft again; the clock runs."
    ),
}
_CLOSED_ELSE: Final = marked("{agent}'s answer is not let out any more")


def held_words(held: Held, desk: Desk) -> str:
    """What its author reads: it has not gone out, and whose turn it is."""
    if held.again:
        return tr("This answer waits for a second person already. It has not gone out.")
    names = [one_line(desk.roster.name(one), 60) for one in held.approvers[:_NAMED]]
    return tr(
        "Not sent yet: answers with this macro are let out by a second person. {names} can. "
        "The clock runs until then.",
        names=either(names),
    )


def asked_line(_ticket: TicketView, event: EventView, desk: Desk) -> str:
    """The line of an answer that was held."""
    return tr(
        "{who} wants to send this answer, and a second person lets it out. The clock runs.",
        **names_in(event, desk),
    )


def returned_line(_ticket: TicketView, event: EventView, desk: Desk) -> str:
    """The line of an answer that was sent back."""
    return tr(
        "{who} sent {agent}'s answer back: {reason}",
        **names_in(event, desk),
        reason=fact(event, "reason"),
    )


def closed_line(_ticket: TicketView, event: EventView, desk: Desk) -> str:
    """The line of one that nobody has to decide about any more."""
    return tr(_CLOSED.get(fact(event, "why"), _CLOSED_ELSE), **names_in(event, desk))


def buttons(event: EventView) -> list[Block]:
    """Below an answer that was held."""
    value = str(event.data.get("approval_id") or "")
    approve = kit.button(ActionId.APPROVE, tr_as("button", "Let it out"), value, style="primary")
    back = kit.button(ActionId.SEND_BACK, tr_as("button", "Send back"), value)
    return [kit.actions(approve, back)] if value else []


def newer_words(ticket: TicketView, approval_id: int, message: MessageView) -> Rendered:
    """The customer wrote since the answer was written: whoever lets it out knows."""
    said = tr(
        "#{number}: the customer wrote since this answer was written. Does it still fit?",
        number=ticket.number,
    )
    quoted = said_body(message.body)
    value = joined(approval_id, message.id)
    return Rendered(
        text=f"{said} {spoken(quoted, 300)}",
        blocks=[
            kit.rich(kit.line(kit.words(said)), kit.quote(quoted)),
            kit.actions(
                kit.button(ActionId.APPROVE, tr_as("button", "Let it out"), value),
                kit.button(ActionId.SEND_BACK, tr_as("button", "Send back"), str(approval_id)),
            ),
        ],
    )


def send_back_view(approval_id: int, author: str) -> Block:
    """The window that asks why an answer goes back."""
    hint = tr("{name} reads it in the ticket's thread.", name=author)
    return kit.modal(
        ViewId.SEND_BACK,
        # For translators: at most 24 characters.
        tr("Send it back"),
        [kit.text_input(REASON_FIELD, tr("Why?"), limit=REASON_LIMIT, hint=hint)],
        metadata=str(approval_id),
        submit=tr("Send back"),
    )

"""Private answers: what somebody is told after a click or a command, in one or two sentences."""

from collections.abc import Sequence
from datetime import datetime

from bot.domain.card import MessageView, TicketView
from bot.domain.desk import Desk
from bot.domain.ticket import MessageState
from bot.slack.blocks import kit
from bot.slack.blocks.actions import ActionId, joined
from bot.slack.blocks.clock_lines import due
from bot.slack.blocks.clock_words import clock_phrase, on_card, running
from bot.slack.blocks.rendered import Block, Rendered
from bot.slack.blocks.wording import file_words, moment, platform, sentence, span
from bot.slack.commands import EXAMPLES
from bot.slack.request import CommandNames, Do, Mistake
from bot.slack.text import fits, one_line, spoken
from connectors.contract import Attachment, ReplyPreview

OUTDATED = "This button is outdated: the message is from an older version. Use the ticket's card."


def say(text: str, *buttons: Block) -> Rendered:
    """A plain sentence, with buttons below it where something can be done at once."""
    blocks = [kit.rich(kit.line(kit.words(text)))]
    if buttons:
        blocks.append(kit.actions(*buttons))
    return Rendered(text=spoken(text, 600), blocks=blocks)


def mistaken(mistake: Mistake) -> Rendered:
    """What was wrong, and what would work."""
    return say(f"{mistake.wrong} For example: {mistake.example}")


def yours(ticket: TicketView, now: datetime, *, already: bool = False) -> Rendered:
    """The claim worked; what has to be done by when."""
    first = f"#{ticket.number} is {'already ' if already else ''}yours."
    clocks = "; ".join(
        clock_phrase(clock, ticket, now) for clock in running(on_card(ticket.clocks))
    )
    reply = kit.button(ActionId.REPLY, "Reply", str(ticket.id), style="primary")
    return say(f"{first} {sentence(clocks)}." if clocks else first, reply)


def held_by(
    ticket: TicketView, holder: str, since: datetime, desk: Desk, now: datetime
) -> Rendered:
    """Somebody else was first: who, since when, and the deliberate way round it."""
    name = one_line(desk.roster.name(holder), 60)
    at = kit.date(since, kit.DUE_FORMAT, fallback=moment(since, desk))
    lead = f"{name} has #{ticket.number} since "
    value = joined(ticket.id, holder)
    return Rendered(
        text=spoken(f"{lead}{moment(since, desk)}", 300),
        blocks=[
            kit.rich(kit.line(kit.words(lead), at, kit.words(f" ({span(now - since)})."))),
            kit.actions(kit.button(ActionId.TAKE_OVER, "Take over", value)),
        ],
    )


def snoozed(ticket: TicketView, until: datetime, desk: Desk) -> Rendered:
    """Warnings are silent; deadlines are not moved."""
    lead = f"#{ticket.number}: no warnings until "
    tail = ". Its deadlines stay; a missed one still calls."
    return Rendered(
        text=spoken(f"{lead}{moment(until, desk)}{tail}", 300),
        blocks=[kit.rich(kit.line(kit.words(lead), due(until, desk), kit.words(tail)))],
    )


def going_out(
    ticket: TicketView,
    preview: ReplyPreview,
    message_id: int,
    at: datetime,
    desk: Desk,
    *,
    private: bool = False,
) -> Rendered:
    """The answer waits out its undo window; what the customer will get."""
    return Rendered(
        text=f"Answer to #{ticket.number} goes out at {moment(at, desk)}. Undo is possible until then.",
        blocks=[
            kit.rich(
                kit.line(
                    kit.words(f"Answer to #{ticket.number} goes out at "),
                    kit.date(at, kit.SECONDS_FORMAT, fallback=f"{at:%H:%M:%S} UTC"),
                    kit.words("."),
                )
            ),
            *preview_blocks(preview, private=private),
            kit.actions(kit.button(ActionId.UNDO, "Undo", str(message_id), style="danger")),
        ],
    )


def preview_blocks(
    preview: ReplyPreview, files: Sequence[Attachment] = (), *, private: bool = False
) -> list[Block]:
    """An answer exactly as the customer gets it.

    `private` says that it could have been public, and is not.
    """
    head = f"To: {one_line(preview.recipient, 300)}\nFrom: {one_line(preview.sender, 300)}\n"
    subject = f"Subject: {one_line(preview.subject, 300)}"
    blocks = [kit.rich(kit.line(kit.words(head + subject)), *kit.verbatim_whole(preview.body))]
    told = []
    if preview.public:
        told.append("🌐 Public: everybody can read this answer.")
    elif private:
        told.append("🔒 Private: only the customer can read this answer.")
    if len(preview.parts) > 1:
        told.append(f"It goes out as {len(preview.parts)} messages.")
    if files:
        told.append(f"With it: {', '.join(file_words(file) for file in files)}")
    return [*blocks, kit.context(*told)] if told else blocks


def given_back(number: int, text: str) -> Rendered:
    """An answer that was not sent, for the agent to use again."""
    lead = f"Not sent: your answer to #{number} was taken back. Here it is:"
    blocks = [kit.rich(kit.line(kit.words(lead)), *kit.verbatim_whole(text))]
    return Rendered(text=spoken(lead, 200), blocks=blocks)


def newer(
    ticket: TicketView, message: MessageView, text: str, desk: Desk, *, seen: int
) -> Rendered:
    """Something was written meanwhile: read it first, then decide."""
    lead = f"Not sent yet. {newer_words(ticket, message, desk)}"
    parts = [kit.line(kit.words(lead)), kit.quote(message.body, 1000)]
    value = joined(ticket.id, seen, text)
    buttons = [kit.button(ActionId.REPLY, "Write anew", str(ticket.id))]
    if fits(value, kit.VALUE_LIMIT):
        send = kit.button(ActionId.SEND_ANYWAY, "Send anyway", value, style="primary")
        buttons.insert(0, send)
    yours_was = [kit.line(kit.words("Your answer:")), *kit.verbatim_whole(text)]
    return Rendered(
        text=spoken(lead, 300),
        blocks=[kit.rich(*parts, *yours_was), kit.actions(*buttons)],
    )


def newer_words(ticket: TicketView, message: MessageView, desk: Desk) -> str:
    """Who wrote meanwhile."""
    if message.direction == "out":
        who = one_line(desk.roster.name(message.agent), 60) if message.agent else "Somebody"
        return f"{who} answered meanwhile:"
    return f"{one_line(ticket.customer_name, 60) or 'The customer'} wrote again meanwhile:"


def refused(text: str, reasons: Sequence[str]) -> Rendered:
    """The channel's policy forbids this answer: why, and the text to mend."""
    lead = "Not sent. " + " ".join(reasons)
    parts = [kit.line(kit.words(lead)), *kit.verbatim_whole(text)]
    return Rendered(text=spoken(lead, 300), blocks=[kit.rich(*parts)])


def wants_reason(ticket: TicketView, text: str, warnings: Sequence[str]) -> Rendered:
    """A rule warns of this answer: whoever sends it says why, in the window."""
    lead = f"Not sent yet. {' '.join(warnings)} Press Reply to send it and say why."
    button = kit.button(ActionId.REPLY, "Reply", str(ticket.id), style="primary")
    parts = [kit.line(kit.words(lead)), *kit.verbatim_whole(text)]
    return Rendered(text=spoken(lead, 300), blocks=[kit.rich(*parts), kit.actions(button)])


def no_ticket_here(names: CommandNames) -> Rendered:
    """A shortcut was used on a message that is no ticket's."""
    return say(
        "This message belongs to no ticket. Use it on a ticket's card or in its thread, "
        f"or type for example {names.ticket} {EXAMPLES[Do.CLAIM]}."
    )


def too_late(state: MessageState) -> str:
    """Why an answer could not be taken back."""
    match state:
        case MessageState.CANCELLED:
            return "This answer was taken back before; it did not go out."
        case MessageState.FAILED:
            return "This answer did not go out: the channel refused it."
        case _:
            return "Too late to undo: the answer is on its way to the customer."


def sent_before(state: MessageState) -> str:
    """Why pressing Send again sent nothing."""
    match state:
        case MessageState.CANCELLED:
            return "This answer was taken back. Open Reply again to write another."
        case MessageState.FAILED:
            return "This answer was refused by the channel. Open Reply again to write another."
        case _:
            return "You sent this answer before; it goes out once."


def nothing_awaited(ticket: TicketView) -> Rendered:
    """The clocks have stopped here; where the platform keeps its own, it has to be told too."""
    said = f"#{ticket.number}: no answer needed. Its response clocks have stopped."
    message = ticket.last_customer_message
    link = message.links.get("no_response") if message else None
    if not link or not kit.is_usable(link):
        return say(said)
    name = platform(ticket.connector)
    more = f"{said} {name} counts it as unanswered until you mark it there as well."
    return say(more, kit.link_button(f"Mark it in {name}", link))


def press_reply(ticket: TicketView) -> Rendered:
    """A mention opens no window; a button does."""
    button = kit.button(ActionId.REPLY, "Reply", str(ticket.id), style="primary")
    return say(f"Press Reply to write your answer to #{ticket.number}.", button)


def help_text(names: CommandNames) -> Rendered:
    """Every verb, with an example each."""
    lines = [
        f"{names.ticket} queue [mine|unclaimed|all]",
        f"{names.ticket} {EXAMPLES[Do.FIND]}",
        *(
            f"{names.ticket} {EXAMPLES[verb]}"
            for verb in EXAMPLES
            if verb not in {Do.QUEUE, Do.FIND, Do.HELP}
        ),
        f"{names.ticket} wait 17 carrier 3d",
        f"{names.ticket} class 17 stage pre-sale topic return tag gift",
        f"{names.sla} status",
        f"{names.sla} why 17",
        f"{names.sla} promises",
        f"{names.sla} whatif",
        f"{names.sla} surge",
    ]
    first = (
        "17 is the ticket's number. In its thread, write @ and my name instead: @threadline claim"
    )
    last = "What you write in a thread stays internal. Only Reply reaches the customer."
    return Rendered(
        text=f"Commands: {spoken(', '.join(lines), 600)}",
        blocks=[
            kit.rich(
                kit.line(kit.words(first)),
                kit.verbatim("\n".join(lines)),
                kit.line(kit.words(last)),
            )
        ],
    )

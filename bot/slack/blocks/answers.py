"""Private answers: what somebody is told after a click or a command, in one or two sentences."""

from collections.abc import Sequence
from datetime import datetime

from bot.domain.card import MessageView, TicketView
from bot.domain.desk import Desk
from bot.domain.platforms import platform
from bot.domain.ticket import MessageState
from bot.language import forms, tr, tr_as, tr_many, tr_parts
from bot.slack.blocks import kit
from bot.slack.blocks.actions import ActionId, joined
from bot.slack.blocks.clock_words import clock_phrase, on_card, running
from bot.slack.blocks.parts import Part, as_text, elements
from bot.slack.blocks.rendered import Block, Rendered
from bot.slack.blocks.wording import file_words, moment, sentence, span
from bot.slack.commands import EXAMPLES
from bot.slack.request import CommandNames, Do, Mistake
from bot.slack.text import fits, one_line, spoken
from connectors.contract import Attachment, ReplyPreview


def say(text: str, *buttons: Block) -> Rendered:
    """A plain sentence, with buttons below it where something can be done at once."""
    blocks = [kit.rich(kit.line(kit.words(text)))]
    if buttons:
        blocks.append(kit.actions(*buttons))
    return Rendered(text=spoken(text, 600), blocks=blocks)


def outdated() -> Rendered:
    """A button of an older version was pressed."""
    return say(
        tr("This button is outdated: the message is from an older version. Use the ticket's card.")
    )


def mistaken(mistake: Mistake) -> Rendered:
    """What was wrong, and what would work."""
    # For translators: what follows is typed, in English.
    example = tr("For example: {command}", command=mistake.example)
    return say(f"{mistake.wrong} {example}")


def yours(ticket: TicketView, now: datetime, *, already: bool = False) -> Rendered:
    """The claim worked; what has to be done by when."""
    first = (
        tr("#{number} is already yours.", number=ticket.number)
        if already
        else tr("#{number} is yours.", number=ticket.number)
    )
    clocks = forms.joined(
        clock_phrase(clock, ticket, now) for clock in running(on_card(ticket.clocks))
    )
    reply = _reply_button(ticket)
    return say(f"{first} {sentence(clocks)}." if clocks else first, reply)


def _reply_button(ticket: TicketView) -> Block:
    return kit.button(ActionId.REPLY, tr_as("button", "Reply"), str(ticket.id), style="primary")


def held_by(
    ticket: TicketView, holder: str, since: datetime, desk: Desk, now: datetime
) -> Rendered:
    """Somebody else was first: who, since when, and the deliberate way round it."""
    told: list[Part] = tr_parts(
        "{who} has #{number} since {when} ({length}).",
        who=one_line(desk.roster.name(holder), 60),
        number=str(ticket.number),
        when=since,
        length=span(now - since),
    )
    value = joined(ticket.id, holder)
    return Rendered(
        text=spoken(as_text(told, desk), 300),
        blocks=[
            kit.rich(kit.line(*elements(told, desk))),
            kit.actions(kit.button(ActionId.TAKE_OVER, tr_as("button", "Take over"), value)),
        ],
    )


def snoozed(ticket: TicketView, until: datetime, desk: Desk) -> Rendered:
    """Warnings are silent; deadlines are not moved."""
    told: list[Part] = tr_parts(
        "#{number}: no warnings until {until}. Its deadlines stay; a missed one still calls.",
        number=str(ticket.number),
        until=until,
    )
    return Rendered(
        text=spoken(as_text(told, desk), 300), blocks=[kit.rich(kit.line(*elements(told, desk)))]
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
    sent_at = kit.date(at, kit.SECONDS_FORMAT, fallback=f"{at:%H:%M:%S} UTC")
    told: list[str | Block] = tr_parts(
        "Answer to #{number} goes out at {time}.", number=str(ticket.number), time=sent_at
    )
    return Rendered(
        text=tr(
            "Answer to #{number} goes out at {time}. Undo is possible until then.",
            number=ticket.number,
            time=moment(at, desk),
        ),
        blocks=[
            kit.rich(kit.line(*kit.pieces(told))),
            *preview_blocks(preview, private=private),
            kit.actions(
                kit.button(ActionId.UNDO, tr_as("button", "Undo"), str(message_id), style="danger")
            ),
        ],
    )


def preview_blocks(
    preview: ReplyPreview, files: Sequence[Attachment] = (), *, private: bool = False
) -> list[Block]:
    """An answer exactly as the customer gets it.

    `private` says that it could have been public, and is not.
    """
    head = tr(
        "To: {recipient}\nFrom: {sender}\nSubject: {subject}",
        recipient=one_line(preview.recipient, 300),
        sender=one_line(preview.sender, 300),
        subject=one_line(preview.subject, 300),
    )
    blocks = [kit.rich(kit.line(kit.words(head)), *kit.verbatim_whole(preview.body))]
    told = []
    if preview.public:
        told.append(tr("🌐 Public: everybody can read this answer."))
    elif private:
        told.append(tr("🔒 Private: only the customer can read this answer."))
    if len(preview.parts) > 1:
        count = len(preview.parts)
        told.append(
            tr_many("It goes out as {count} message.", "It goes out as {count} messages.", count)
        )
    if files:
        told.append(tr("With it: {files}", files=", ".join(file_words(file) for file in files)))
    return [*blocks, kit.context(*told)] if told else blocks


def given_back(number: int, text: str) -> Rendered:
    """An answer that was not sent, for the agent to use again."""
    lead = tr("Not sent: your answer to #{number} was taken back. Here it is:", number=number)
    blocks = [kit.rich(kit.line(kit.words(lead)), *kit.verbatim_whole(text))]
    return Rendered(text=spoken(lead, 200), blocks=blocks)


def newer(
    ticket: TicketView,
    message: MessageView,
    text: str,
    desk: Desk,
    *,
    seen: int,
    macros: Sequence[str] = (),
) -> Rendered:
    """Something was written meanwhile: read it first, then decide. It began from these macros."""
    lead = tr("Not sent yet.") + f" {newer_words(ticket, message, desk)}"
    parts = [kit.line(kit.words(lead)), kit.quote(message.body, 1000)]
    # Names of macros have no comma in them.
    value = joined(ticket.id, ",".join([str(seen), *macros]), text)
    buttons = [kit.button(ActionId.REPLY, tr_as("button", "Write anew"), str(ticket.id))]
    if fits(value, kit.VALUE_LIMIT):
        send = kit.button(
            ActionId.SEND_ANYWAY, tr_as("button", "Send anyway"), value, style="primary"
        )
        buttons.insert(0, send)
    yours_was = [kit.line(kit.words(tr("Your answer:"))), *kit.verbatim_whole(text)]
    return Rendered(
        text=spoken(lead, 300),
        blocks=[kit.rich(*parts, *yours_was), kit.actions(*buttons)],
    )


def newer_words(ticket: TicketView, message: MessageView, desk: Desk) -> str:
    """Who wrote meanwhile."""
    if message.direction == "out":
        if not message.agent:
            return tr("Somebody answered meanwhile:")
        who = one_line(desk.roster.name(message.agent), 60)
        return tr("{who} answered meanwhile:", who=who)
    customer = one_line(ticket.customer_name, 60)
    if not customer:
        return tr("The customer wrote again meanwhile:")
    return tr("{customer} wrote again meanwhile:", customer=customer)


def refused(text: str, reasons: Sequence[str]) -> Rendered:
    """The channel's policy forbids this answer: why, and the text to mend."""
    lead = " ".join([tr("Not sent."), *reasons])
    parts = [kit.line(kit.words(lead)), *kit.verbatim_whole(text)]
    return Rendered(text=spoken(lead, 300), blocks=[kit.rich(*parts)])


def wants_reason(ticket: TicketView, text: str, warnings: Sequence[str]) -> Rendered:
    """A rule warns of this answer: whoever sends it says why, in the window."""
    how = tr("Press Reply to send it and say why.")
    lead = " ".join([tr("Not sent yet."), *warnings, how])
    button = _reply_button(ticket)
    parts = [kit.line(kit.words(lead)), *kit.verbatim_whole(text)]
    return Rendered(text=spoken(lead, 300), blocks=[kit.rich(*parts), kit.actions(button)])


def no_ticket_here(names: CommandNames) -> Rendered:
    """A shortcut was used on a message that is no ticket's."""
    return say(
        tr(
            "This message belongs to no ticket. Use it on a ticket's card or in its thread, "
            "or type for example {command}.",
            command=f"{names.ticket} {EXAMPLES[Do.CLAIM]}",
        )
    )


def too_late(state: MessageState) -> str:
    """Why an answer could not be taken back."""
    match state:
        case MessageState.CANCELLED:
            return tr("This answer was taken back before; it did not go out.")
        case MessageState.FAILED:
            return tr("This answer did not go out: the channel refused it.")
        case _:
            return tr("Too late to undo: the answer is on its way to the customer.")


def sent_before(state: MessageState) -> str:
    """Why pressing Send again sent nothing."""
    match state:
        case MessageState.CANCELLED:
            return tr("This answer was taken back. Open Reply again to write another.")
        case MessageState.FAILED:
            return tr("This answer was refused by the channel. Open Reply again to write another.")
        case _:
            return tr("You sent this answer before; it goes out once.")


def nothing_awaited(ticket: TicketView) -> Rendered:
    """The clocks have stopped here; where the platform keeps its own, it has to be told too."""
    said = tr(
        "#{number}: no answer needed. Its response clocks have stopped.", number=ticket.number
    )
    message = ticket.last_customer_message
    link = message.links.get("no_response") if message else None
    if not link or not kit.is_usable(link):
        return say(said)
    name = platform(ticket.connector)
    there = tr(
        "{marketplace} counts it as unanswered until you mark it there as well.", marketplace=name
    )
    mark = kit.link_button(tr("Mark it in {marketplace}", marketplace=name), link)
    return say(f"{said} {there}", mark)


def press_reply(ticket: TicketView) -> Rendered:
    """A mention opens no window; a button does."""
    said = tr("Press Reply to write your answer to #{number}.", number=ticket.number)
    return say(said, _reply_button(ticket))


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
        f"{names.ticket} reply 17 --private Please send us your order number.",
        f"{names.ticket} wait 17 carrier 3d",
        f"{names.ticket} class 17 stage pre-sale topic return tag gift",
        f"{names.sla} status",
        f"{names.sla} why 17",
        f"{names.sla} promises",
        f"{names.sla} whatif",
        f"{names.sla} forecast",
        f"{names.sla} report 7d by channel",
        f"{names.sla} surge",
    ]
    first = tr(
        "17 is the ticket's number. In its thread, write @ and my name instead: {command}",
        command="@threadline claim",
    )
    last = tr("What you write in a thread stays internal. Only Reply reaches the customer.")
    return Rendered(
        text=tr("Commands: {commands}", commands=spoken(", ".join(lines), 600)),
        blocks=[
            kit.rich(
                kit.line(kit.words(first)),
                kit.verbatim("\n".join(lines)),
                kit.line(kit.words(last)),
            )
        ],
    )

"""The modals of an answer: write it, see it as the customer will, undo it."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.domain.card import MessageView, TicketView
from bot.domain.desk import Desk
from bot.domain.inbound import said_body, said_subject
from bot.language import tr, tr_as, tr_parts
from bot.slack.blocks import kit, reply_fields
from bot.slack.blocks.actions import ActionId, ViewId
from bot.slack.blocks.answers import newer_words, preview_blocks
from bot.slack.blocks.clock_lines import due, missed
from bot.slack.blocks.clock_words import clock_name, running
from bot.slack.blocks.hint import hint_blocks
from bot.slack.blocks.machine import machine_buttons, mark_of
from bot.slack.blocks.macro_fields import Aids, aid_blocks
from bot.slack.blocks.rendered import Block, Rendered
from bot.slack.blocks.reply_facts import reply_facts, room, used
from bot.slack.blocks.reply_fields import Draft
from bot.slack.text import one_line
from connectors.contract import ReplyPreview
from connectors.manifest import AttachmentLimits

TEXT_FIELD = "text"
REASON_FIELD = "reason"
REASON_LIMIT = 300


def reply_view(
    ticket: TicketView,
    desk: Desk,
    draft: Draft,
    *,
    now: datetime,
    limit: int,
    policy: Sequence[str] = (),
    initial: str = "",
    lead: str = "",
    files: AttachmentLimits | None = None,
    aids: Aids | None = None,
) -> Block:
    """Step one: the customer's last words, what the channel allows, and the field to write in.

    `files` is what the channel takes along, None where it takes nothing; `aids` what helps to write.
    """
    blocks = [kit.rich(*_head(ticket, desk, now, lead))]
    if aids is not None:
        blocks += [*machine_buttons(aids.offer, ticket), *hint_blocks(aids.hint)]
    facts = (reply_facts(ticket), *policy)
    if any(facts):
        blocks.append(kit.context(*facts))
    if aids is not None:
        blocks += aid_blocks(aids, desk)
    blocks += mark_of(draft.machine)
    blocks.append(_field(limit, initial, fills=draft.fills, hint=room(ticket, limit)))
    if aids is not None:
        blocks.append(kit.actions(kit.button(ActionId.KEEP_DRAFT, tr("Keep as a draft"), "keep")))
    if draft.public is not None:
        blocks.append(reply_fields.readers(public=draft.public))
    if draft.rating is not None:
        blocks.append(reply_fields.rating(ticked=draft.rating))
    if files is not None:
        blocks += reply_fields.to_attach(files, draft)
    title = _title(ticket)
    return _kept_on_close(
        kit.modal(
            ViewId.REPLY, title, blocks, metadata=draft.dump(), submit=tr_as("button", "Preview")
        )
    )


def _title(ticket: TicketView) -> str:
    # For translators: a title, at most 24 characters with a number of five digits.
    return tr("Answer #{number}", number=ticket.number)


def _kept_on_close(view: Block) -> Block:
    # Slack then tells us of a window closed with words in it.
    return view | {"notify_on_close": True}


def _head(ticket: TicketView, desk: Desk, now: datetime, lead: str) -> list[Block]:
    parts = []
    if lead:
        parts.append(kit.line(kit.words(lead, bold=True)))
    who = one_line(ticket.customer_name, 80) or tr("The customer")
    parts.append(kit.line(kit.words(f"{who} · {one_line(said_subject(ticket.subject), 150)}")))
    parts += [
        kit.line(
            *kit.pieces(_deadline(clock_name(clock, ticket), due(clock.due_at, desk))),
            *missed(clock, desk, now),
        )
        for clock in running(ticket.clocks)
    ]
    if ticket.last_customer_message is not None:
        parts.append(kit.quote(said_body(ticket.last_customer_message.body), 1500))
    return parts


def _deadline(clock: str, at: Block) -> Sequence[str | Block]:
    values: Mapping[str, str | Block] = {"clock": clock, "time": at}
    return tr_parts("{clock}: {time}", **values)


def _field(limit: int, initial: str, *, fills: int = 0, hint: str = "") -> Block:
    field = kit.text_input(
        TEXT_FIELD, tr("Your answer to the customer"), limit=limit, initial=initial, hint=hint
    )
    # Slack keeps what a field of the same name held: what we put in needs another.
    return field | {"block_id": f"{TEXT_FIELD}_{fills}"} if fills else field


def _reason_field() -> Block:
    # Left to choice, because the text may still be mended; sending checks that it is filled.
    return kit.text_input(
        REASON_FIELD,
        tr("Why send it all the same?"),
        limit=REASON_LIMIT,
        hint=tr("Your colleagues see it in the ticket's history. The customer never does."),
        focus=False,
    ) | {"optional": True}


def preview_view(
    ticket: TicketView,
    desk: Desk,
    draft: Draft,
    preview: ReplyPreview,
    *,
    text: str,
    limit: int,
    warnings: Sequence[str] = (),
    newer: MessageView | None = None,
) -> Block:
    """Step two: exactly what the customer gets, with the field below it for a last change."""
    blocks: list[Block] = []
    if newer is not None:
        said = newer_words(ticket, newer, desk)
        blocks.append(
            kit.rich(kit.line(kit.words(said, bold=True)), kit.quote(said_body(newer.body), 1000))
        )
    if warnings:
        blocks.append(kit.context(*(f"⚠️ {warning}" for warning in warnings)))
    blocks.append(kit.header(tr("What the customer gets")))
    blocks += preview_blocks(preview, draft.files, private=draft.public is False)
    blocks += mark_of(draft.machine)
    blocks.append(_field(limit, text, hint=used(text, limit)))
    if draft.public is not None:
        blocks.append(reply_fields.readers(public=draft.public))
    if draft.rating is not None:
        blocks.append(reply_fields.rating(ticked=draft.rating))
    if draft.files:
        blocks.append(reply_fields.attached(draft.files))
    if warnings:
        blocks.append(_reason_field())
    submit = tr_as("button", "Send anyway") if newer else tr_as("button", "Send")
    title = _title(ticket)
    return _kept_on_close(
        kit.modal(ViewId.REPLY_PREVIEW, title, blocks, metadata=draft.dump(), submit=submit)
    )


def queued_view(
    ticket: TicketView, draft: Draft, preview: ReplyPreview, message_id: int, at: datetime
) -> Block:
    """Step three: when it goes out, and Undo until then."""
    when = kit.date(at, kit.SECONDS_FORMAT, fallback=f"{at:%H:%M:%S} UTC")
    goes, *rest = kit.pieces(
        tr_parts("Goes out at {time}. Until then you can take it back.", time=when)
    )
    blocks = [
        kit.rich(kit.line(goes | {"style": {"bold": True}}, *rest)),
        kit.actions(
            kit.button(ActionId.UNDO, tr_as("button", "Undo"), str(message_id), style="danger")
        ),
        *preview_blocks(preview, draft.files, private=draft.public is False),
    ]
    title = _title(ticket)
    return kit.modal(
        ViewId.REPLY_QUEUED, title, blocks, metadata=draft.dump(), close=tr_as("button", "Close")
    )


def message_view(title: str, text: str) -> Block:
    """A modal that only says something."""
    blocks = [kit.rich(kit.line(kit.words(text)))]
    return kit.modal("message", title, blocks, metadata="", close=tr_as("button", "Close"))


def answer_view(title: str, told: Rendered) -> Block:
    """A modal that shows what came of it."""
    return kit.modal("message", title, told.blocks, metadata="", close=tr_as("button", "Close"))

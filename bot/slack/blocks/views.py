"""The modals: write an answer, see it as the customer will, undo it; assign; note. And the Home."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from bot.domain.card import MessageView, QueueRow, TicketView
from bot.domain.desk import Desk
from bot.slack.blocks import kit
from bot.slack.blocks.actions import ActionId, ViewId
from bot.slack.blocks.answers import newer_words, preview_blocks
from bot.slack.blocks.clock_lines import due
from bot.slack.blocks.clock_words import clock_name, running
from bot.slack.blocks.listing import queue_line
from bot.slack.blocks.rendered import Block, Rendered
from bot.slack.blocks.wording import sentence
from bot.slack.text import one_line
from connectors.contract import ReplyPreview

TEXT_FIELD = "text"
REASON_FIELD = "reason"
REASON_LIMIT = 300
PERSON_FIELD = "person"
HOME_ROWS = 20
"""Tickets on the Home; Slack takes 100 blocks, a ticket needs two, and nobody reads further."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a reply modal remembers between its steps. Ids only, never the text.

    `seen` is the newest message the agent had before their eyes, `round` counts the answers begun
    in this window, so that one taken back can be sent again; `digest` is of the text last shown.
    """

    ticket_id: int
    seen: int | None
    round: int = 0
    digest: str = ""

    def dump(self) -> str:
        """As a view's `private_metadata`."""
        return json.dumps(asdict(self))

    @classmethod
    def load(cls, metadata: str) -> "Draft":
        """Back from a view's `private_metadata`."""
        return cls(**json.loads(metadata))


def reply_view(
    ticket: TicketView,
    desk: Desk,
    draft: Draft,
    *,
    limit: int,
    policy: Sequence[str] = (),
    initial: str = "",
    lead: str = "",
) -> Block:
    """Step one: the customer's last words, what the channel allows, and the field to write in."""
    blocks = [kit.rich(*_head(ticket, desk, lead))]
    if policy:
        blocks.append(kit.context(*policy))
    blocks.append(_field(limit, initial))
    return kit.modal(
        ViewId.REPLY, f"Answer #{ticket.number}", blocks, metadata=draft.dump(), submit="Preview"
    )


def _head(ticket: TicketView, desk: Desk, lead: str) -> list[Block]:
    parts = []
    if lead:
        parts.append(kit.line(kit.words(lead, bold=True)))
    who = one_line(ticket.customer_name, 80) or "The customer"
    parts.append(kit.line(kit.words(f"{who} · {one_line(ticket.subject, 150)}")))
    parts += [
        kit.line(kit.words(f"{clock_name(clock, ticket)}: "), due(clock.due_at, desk))
        for clock in running(ticket.clocks)
    ]
    if ticket.last_customer_message is not None:
        parts.append(kit.quote(ticket.last_customer_message.body, 1500))
    return parts


def _field(limit: int, initial: str) -> Block:
    return kit.text_input(TEXT_FIELD, "Your answer to the customer", limit=limit, initial=initial)


def _reason_field() -> Block:
    # Left to choice, because the text may still be mended; sending checks that it is filled.
    return kit.text_input(
        REASON_FIELD,
        "Why send it all the same?",
        limit=REASON_LIMIT,
        hint="Your colleagues see it in the ticket's history. The customer never does.",
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
        blocks.append(kit.rich(kit.line(kit.words(said, bold=True)), kit.quote(newer.body, 1000)))
    if warnings:
        blocks.append(kit.context(*(f"⚠️ {warning}" for warning in warnings)))
    blocks.append(kit.header("What the customer gets"))
    blocks += preview_blocks(preview)
    blocks.append(_field(limit, text))
    if warnings:
        blocks.append(_reason_field())
    submit = "Send anyway" if newer is not None else "Send"
    title = f"Answer #{ticket.number}"
    return kit.modal(ViewId.REPLY_PREVIEW, title, blocks, metadata=draft.dump(), submit=submit)


def queued_view(
    ticket: TicketView, draft: Draft, preview: ReplyPreview, message_id: int, at: datetime
) -> Block:
    """Step three: when it goes out, and Undo until then."""
    blocks = [
        kit.rich(
            kit.line(
                kit.words("Goes out at ", bold=True),
                kit.date(at, kit.SECONDS_FORMAT, fallback=f"{at:%H:%M:%S} UTC"),
                kit.words(". Until then you can take it back."),
            )
        ),
        kit.actions(kit.button(ActionId.UNDO, "Undo", str(message_id), style="danger")),
        *preview_blocks(preview),
    ]
    title = f"Answer #{ticket.number}"
    return kit.modal(ViewId.REPLY_QUEUED, title, blocks, metadata=draft.dump(), close="Close")


def message_view(title: str, text: str) -> Block:
    """A modal that only says something."""
    blocks = [kit.rich(kit.line(kit.words(text)))]
    return kit.modal("message", title, blocks, metadata="", close="Close")


def answer_view(title: str, told: Rendered) -> Block:
    """A modal that shows what came of it."""
    return kit.modal("message", title, told.blocks, metadata="", close="Close")


def assign_view(ticket: TicketView) -> Block:
    """Choose the owner; nobody means release."""
    select: Block = {"type": "users_select", "action_id": PERSON_FIELD}
    if ticket.assignee is not None:
        select["initial_user"] = ticket.assignee
    blocks: list[Block] = [
        kit.rich(kit.line(kit.words(f"#{ticket.number} · {one_line(ticket.subject, 150)}"))),
        {
            "type": "input",
            "block_id": PERSON_FIELD,
            "optional": True,
            "label": kit.plain("Owner"),
            "hint": kit.plain("Leave it empty to release the ticket to the channel."),
            "element": select,
        },
    ]
    title = f"Assign #{ticket.number}"
    return kit.modal(ViewId.ASSIGN, title, blocks, metadata=str(ticket.id), submit="Assign")


def note_view(ticket: TicketView) -> Block:
    """Write a note for colleagues."""
    blocks = [
        kit.rich(kit.line(kit.words(f"#{ticket.number} · {one_line(ticket.subject, 150)}"))),
        kit.text_input(
            TEXT_FIELD,
            "Note for colleagues",
            limit=kit.REPLY_LIMIT,
            hint="It is posted in the ticket's thread. The customer never sees it.",
        ),
    ]
    title = f"Note on #{ticket.number}"
    return kit.modal(ViewId.NOTE, title, blocks, metadata=str(ticket.id), submit="Keep")


def home_view(rows: Sequence[QueueRow], which: str, desk: Desk, now: datetime) -> Block:
    """The App Home: one queue, most urgent first, each ticket with what can be done to it."""
    names = {"mine": "My tickets", "unclaimed": "Unclaimed", "all": "All open"}
    tabs = [
        kit.button(ActionId.HOME_QUEUE, text, key, style="primary" if key == which else None)
        | {"action_id": f"{ActionId.HOME_QUEUE}_{key}"}
        for key, text in names.items()
    ]
    blocks = [kit.header(f"{names[which]}, most urgent first"), kit.actions(*tabs)]
    if not rows:
        nothing = "Nothing waits here." if which != "mine" else "You have no open tickets."
        blocks.append(kit.rich(kit.line(kit.words(nothing))))
    for row in rows[:HOME_ROWS]:
        blocks.append(kit.rich(kit.line(*queue_line(row, desk, now))))
        blocks.append(kit.actions(*_row_buttons(row)))
    return {"type": "home", "private_metadata": which, "blocks": blocks}


def plain_home(text: str) -> Block:
    """A Home that only says something."""
    return {"type": "home", "blocks": [kit.rich(kit.line(kit.words(sentence(text))))]}


def _row_buttons(row: QueueRow) -> list[Block]:
    value = str(row.id)
    buttons = [kit.button(ActionId.REPLY, "Reply", value)]
    if row.assignee is None:
        buttons.insert(0, kit.button(ActionId.CLAIM, "Claim", value, style="primary"))
    if row.permalink:
        buttons.append(kit.link_button("Open thread", row.permalink))
    return buttons

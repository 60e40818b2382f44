"""The way of an answer: write, see it as the customer will, send after the undo window, take back."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from bot.db import queries
from bot.db.message_rows import ANSWERABLE
from bot.domain.card import MessageView, TicketView
from bot.domain.roster import Verb
from bot.errors import DeskError
from bot.slack.blocks import answers, views
from bot.slack.blocks.rendered import Block, Rendered
from bot.slack.handlers.verbs import ticket_with_id
from bot.slack.handlers.wiring import Wiring
from bot.slack.text import one_line
from bot.usecases.access import require
from bot.usecases.outbound import refuse_closed
from bot.usecases.reply import (
    AlreadyQueued,
    NewerMessage,
    Queued,
    QueueReply,
    TooLate,
    Undone,
    UndoReply,
    queue_reply,
    undo_reply,
)
from connectors.contract import ReplyPreview
from connectors.errors import Rejected

_ON_ITS_WAY = {"queued", "sending", "sent", "unsure"}


class Unsendable(DeskError):
    """The channel's policy forbids this answer. `reasons` says why, a sentence each."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """An answer the channel takes: what the customer will get, and what the agent should know.

    `overruled` are the rules behind the warnings: whoever sends it says why.
    """

    ticket: TicketView
    preview: ReplyPreview
    warnings: Sequence[str]
    overruled: Sequence[str] = ()


async def open_reply(wiring: Wiring, actor: str, trigger_id: str, ticket_id: int) -> None:
    """Open the window to write in. One read, then the call: the trigger lives three seconds."""
    desk = wiring.desk()
    require(desk, actor, Verb.WORK)
    ticket, newest = await wiring.look(actor, lambda conn: _with_newest(conn, ticket_id))
    if ticket is None:
        raise DeskError("This ticket is no longer in the desk's database.")
    refuse_closed(desk, ticket.inbox)
    draft = views.Draft(ticket_id=ticket_id, seen=newest)
    view = _written(wiring, ticket, draft)
    await wiring.client.views_open(trigger_id=trigger_id, view=view)


def _with_newest(conn: Connection, ticket_id: int) -> tuple[TicketView | None, int | None]:
    ticket = queries.ticket_by_id(conn, ticket_id)
    ids = [message.id for message in queries.conversation(conn, ticket_id)]
    return ticket, max(ids, default=None)


def _written(
    wiring: Wiring, ticket: TicketView, draft: views.Draft, *, initial: str = "", lead: str = ""
) -> Block:
    return views.reply_view(
        ticket,
        wiring.desk(),
        draft,
        limit=wiring.reply_limit(ticket.connector),
        policy=wiring.policy(ticket.connector),
        initial=initial,
        lead=lead,
    )


async def compose(wiring: Wiring, actor: str, ticket: TicketView, text: str) -> Composed:
    """Check an answer and render what the customer will get.

    Raises Unsendable, NothingGoesOut, and DeskError for a ticket whose inbox is not configured
    any more.
    """
    require(wiring.desk(), actor, Verb.WORK)
    refuse_closed(wiring.desk(), ticket.inbox)
    findings = wiring.findings(ticket.connector, text)
    blocked = [one for one in findings if one.level == "block"]
    if blocked:
        raise Unsendable([_finding(one.text, one.excerpt) for one in blocked])
    name = wiring.desk().roster.name(actor)
    draft = await wiring.look(actor, lambda conn: queries.reply_draft(conn, ticket.id, text, name))
    if draft is None:
        raise DeskError(f"#{ticket.number} has no customer message that could be answered.")
    inbox, command = draft
    connector = wiring.connectors.get(inbox)
    if connector is None:
        raise DeskError(f"The inbox {inbox} is not configured: nothing can be sent from it.")
    try:
        preview = connector.preview(command)
    except Rejected as refusal:
        raise Unsendable([refusal.reason]) from refusal
    warnings = [_finding(one.text, one.excerpt) for one in findings]
    return Composed(
        ticket=ticket,
        preview=preview,
        warnings=warnings,
        overruled=sorted({one.rule for one in findings}),
    )


def _finding(text: str, excerpt: str) -> str:
    found = one_line(excerpt, 60)
    return f"{text.rstrip('.')} (“{found}”)." if found else text


async def preview_step(wiring: Wiring, actor: str, draft: views.Draft, text: str) -> Block:
    """Step two of the window: the answer as the customer gets it, and what was written meanwhile."""
    ticket = await ticket_with_id(wiring, actor, draft.ticket_id)
    composed = await compose(wiring, actor, ticket, text)
    newer = await _meanwhile(wiring, actor, draft)
    return _preview(wiring, draft, composed, text, newer)


def _preview(
    wiring: Wiring,
    draft: views.Draft,
    composed: Composed,
    text: str,
    newer: MessageView | None,
) -> Block:
    seen = newer.id if newer is not None else draft.seen
    return views.preview_view(
        composed.ticket,
        wiring.desk(),
        replace(draft, seen=seen, digest=digest(text)),
        composed.preview,
        text=text,
        limit=wiring.reply_limit(composed.ticket.connector),
        warnings=composed.warnings,
        newer=newer,
    )


async def _meanwhile(wiring: Wiring, actor: str, draft: views.Draft) -> MessageView | None:
    """The newest message that somebody else added since the agent looked."""
    messages = await wiring.look(actor, lambda conn: queries.conversation(conn, draft.ticket_id))
    seen = draft.seen or 0
    newer = [one for one in messages if one.id > seen and _matters(one, actor)]
    return max(newer, key=lambda one: one.id, default=None)


def _matters(message: MessageView, actor: str) -> bool:
    if message.direction == "in":
        return message.verdict in ANSWERABLE
    return message.agent != actor and message.state in _ON_ITS_WAY


async def send_step(
    wiring: Wiring, actor: str, draft: views.Draft, text: str, view_id: str, *, reason: str = ""
) -> Block:
    """Step three of the window: queued with Undo, or asked again because something is new."""
    ticket = await ticket_with_id(wiring, actor, draft.ticket_id)
    composed = await compose(wiring, actor, ticket, text)
    newer = await _meanwhile(wiring, actor, draft)
    if newer is not None:
        return _preview(wiring, draft, composed, text, newer)
    command = QueueReply(
        ticket_id=draft.ticket_id,
        actor=actor,
        text=text,
        key=f"{view_id}:{draft.round}",
        seen_message_id=draft.seen,
        overruled=composed.overruled,
        reason=reason,
    )
    match await wiring.decide(queue_reply, command):
        case Queued(message_id=message_id, goes_out_at=at):
            return views.queued_view(ticket, draft, composed.preview, message_id, at)
        case NewerMessage(message=message):
            return _preview(wiring, draft, composed, text, message)
        case AlreadyQueued(state=state):
            return views.message_view("Answer", answers.sent_before(state))


async def send_text(
    wiring: Wiring, actor: str, ticket: TicketView, text: str, key: str, *, seen: int | None = None
) -> Rendered:
    """An answer typed in a command: queued with preview and Undo, or why not."""
    try:
        composed = await compose(wiring, actor, ticket, text)
    except Unsendable as refusal:
        return answers.refused(text, refusal.reasons)
    if composed.overruled:
        return answers.wants_reason(ticket, text, composed.warnings)
    desk = wiring.desk()
    command = QueueReply(ticket_id=ticket.id, actor=actor, text=text, key=key, seen_message_id=seen)
    match await wiring.decide(queue_reply, command):
        case Queued(message_id=message_id, goes_out_at=at):
            return answers.going_out(ticket, composed.preview, message_id, at, desk)
        case NewerMessage(message=message):
            return answers.newer(ticket, message, text, desk, seen=message.id)
        case AlreadyQueued(state=state):
            return answers.say(answers.sent_before(state))


async def undo(wiring: Wiring, actor: str, message_id: int) -> Rendered:
    """Take an answer back, and give its text back."""
    match await wiring.decide(undo_reply, UndoReply(message_id=message_id, actor=actor)):
        case Undone(text=text, ticket_id=ticket_id):
            ticket = await ticket_with_id(wiring, actor, ticket_id)
            return answers.given_back(ticket.number, text)
        case TooLate(state=state):
            return answers.say(answers.too_late(state))


async def undo_in_window(wiring: Wiring, actor: str, message_id: int, draft: views.Draft) -> Block:
    """Take an answer back in its own window: the text is in the field again."""
    match await wiring.decide(undo_reply, UndoReply(message_id=message_id, actor=actor)):
        case Undone(text=text, ticket_id=ticket_id):
            ticket = await ticket_with_id(wiring, actor, ticket_id)
            again = replace(draft, round=draft.round + 1, digest="")
            return _written(wiring, ticket, again, initial=text, lead="Not sent: taken back.")
        case TooLate(state=state):
            return views.message_view("Answer", answers.too_late(state))


def digest(text: str) -> str:
    """Tells whether a text is the one that was previewed."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]

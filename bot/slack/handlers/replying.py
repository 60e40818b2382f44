"""The way of an answer: write, see it as the customer will, send after the undo window, take back."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from bot.db import queries
from bot.db.message_rows import ANSWERABLE
from bot.domain.card import MessageView, TicketView
from bot.domain.macros import gap_refusal
from bot.domain.roster import Verb
from bot.errors import DeskError
from bot.slack.blocks import answers, views
from bot.slack.blocks.macro_fields import Aids
from bot.slack.blocks.related import composing_words
from bot.slack.blocks.rendered import Block, Rendered
from bot.slack.blocks.reply_fields import MOST_AT_HAND, Draft, allowed_words, file_to_attach
from bot.slack.file_calls import files_in_thread
from bot.slack.handlers.aids import Expanded, aids_for, expanded
from bot.slack.handlers.verbs import ticket_with_id
from bot.slack.handlers.wiring import Wiring
from bot.slack.handlers.words import note_reading
from bot.slack.readers import readers_of
from bot.slack.text import one_line
from bot.usecases.access import require
from bot.usecases.composing import Compose, begin_composing
from bot.usecases.drafts import KeepDraft, keep_draft
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
from connectors.contract import Attachment, ReplyPreview
from connectors.errors import Rejected
from connectors.limits import check_announced

_ON_ITS_WAY = {"queued", "sending", "sent", "unsure"}


class Unsendable(DeskError):
    """The channel's policy forbids this answer. `reasons` says why, a sentence each."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


class FilesRefused(DeskError):
    """The channel does not take these files along; the text is not what is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an agent wants the customer to get. `public` is None where nobody chose."""

    text: str
    files: Sequence[Attachment] = ()
    public: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """An answer the channel takes: what the customer will get, and what the agent should know.

    `overruled` are the rules behind the warnings: whoever sends it says why.
    """

    ticket: TicketView
    answer: Answer
    preview: ReplyPreview
    warnings: Sequence[str]
    overruled: Sequence[str] = ()


async def open_reply(wiring: Wiring, actor: str, trigger_id: str, ticket_id: int) -> None:
    """Open the window to write in. One read, then the call: the trigger lives three seconds."""
    view = await reply_window(wiring, actor, ticket_id)
    await wiring.client.views_open(trigger_id=trigger_id, view=view)


async def reply_window(wiring: Wiring, actor: str, ticket_id: int) -> Block:
    """The window to write in. Raises NotAllowed, NothingGoesOut, DeskError for a ticket gone."""
    desk = wiring.desk()
    require(desk, actor, Verb.WORK)
    ticket, newest = await wiring.look(actor, lambda conn: _with_newest(conn, ticket_id))
    if ticket is None:
        raise DeskError("This ticket is no longer in the desk's database.")
    refuse_closed(desk, ticket.inbox)
    await note_reading(wiring, actor, ticket)
    draft = Draft(
        ticket_id=ticket_id,
        seen=newest,
        public=True if _may_choose(wiring, ticket) else None,
        at_hand=await _at_hand(wiring, ticket),
    )
    aids = await aids_for(wiring, actor, ticket)
    others = await wiring.decide(begin_composing, Compose(ticket_id=ticket_id, actor=actor))
    initial = aids.own.text if aids.own else ""
    lead = composing_words(others, desk, wiring.now())
    return _window(wiring, ticket, draft, aids, initial=initial, lead=lead)


def _with_newest(conn: Connection, ticket_id: int) -> tuple[TicketView | None, int | None]:
    ticket = queries.ticket_by_id(conn, ticket_id)
    ids = [message.id for message in queries.conversation(conn, ticket_id)]
    return ticket, max(ids, default=None)


async def written(
    wiring: Wiring, actor: str, ticket: TicketView, draft: Draft, *, initial: str, lead: str
) -> Block:
    """The window to write in with `initial` in its field, and `lead` said above. Raises NotAllowed."""
    aids = await aids_for(wiring, actor, ticket)
    return _window(wiring, ticket, draft, aids, initial=initial, lead=lead)


def _window(
    wiring: Wiring, ticket: TicketView, draft: Draft, aids: Aids, *, initial: str, lead: str = ""
) -> Block:
    return views.reply_view(
        ticket,
        wiring.desk(),
        draft,
        limit=wiring.reply_limit(ticket.connector),
        policy=wiring.policy(ticket.connector),
        initial=initial,
        lead=lead,
        files=wiring.files_taken(ticket.connector),
        aids=aids,
    )


def _may_choose(wiring: Wiring, ticket: TicketView) -> bool:
    """Whether the agent chooses who reads the answer: it was asked in public, and both ways work."""
    asked = ticket.last_customer_message
    return asked is not None and asked.public and wiring.may_be_private(ticket.connector)


async def _at_hand(wiring: Wiring, ticket: TicketView) -> Sequence[Attachment]:
    """What colleagues put into the ticket's thread, newest first, where the channel takes files."""
    if wiring.files_taken(ticket.connector) is None or ticket.slack_channel is None:
        return ()
    found = await files_in_thread(wiring.client, ticket.slack_channel, ticket.slack_ts)
    return [file_to_attach(one.id, one.name, one.size) for one in found[:MOST_AT_HAND]]


async def compose(wiring: Wiring, actor: str, ticket: TicketView, answer: Answer) -> Composed:
    """Check an answer and render what the customer will get.

    Raises Unsendable, FilesRefused, NothingGoesOut, and DeskError for a ticket whose inbox is not
    configured any more.
    """
    require(wiring.desk(), actor, Verb.WORK)
    refuse_closed(wiring.desk(), ticket.inbox)
    _check_choice(wiring, ticket, answer)
    _check_files(wiring, ticket, answer.files)
    text = answer.text
    missing = gap_refusal(text)
    if missing is not None:
        raise Unsendable([missing])
    findings = wiring.findings(ticket.connector, text, answer.files)
    blocked = [one for one in findings if one.level == "block"]
    if blocked:
        raise Unsendable([_finding(one.text, one.excerpt) for one in blocked])
    name = wiring.desk().roster.name(actor)
    draft = await wiring.look(
        actor, lambda conn: queries.reply_draft(conn, ticket.id, text, name, public=answer.public)
    )
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
        answer=answer,
        preview=preview,
        warnings=warnings,
        overruled=sorted({one.rule for one in findings}),
    )


def _check_choice(wiring: Wiring, ticket: TicketView, answer: Answer) -> None:
    if answer.public is None or _may_choose(wiring, ticket):
        return
    asked = ticket.last_customer_message
    if asked is not None and asked.public != answer.public:
        readers = "everybody" if asked.public else "the customer alone"
        raise DeskError(f"The answer to #{ticket.number} can be read by {readers}: no choice here.")


def _check_files(wiring: Wiring, ticket: TicketView, files: Sequence[Attachment]) -> None:
    spec = wiring.specs.get(ticket.connector)
    if spec is None or not files:
        return
    try:
        check_announced(files, spec.manifest.limits)
    except Rejected as refusal:
        allowed = spec.manifest.limits.attachments
        said = allowed_words(allowed) if allowed else ""
        raise FilesRefused(f"{refusal.reason}. {said}".strip()) from refusal


def _finding(text: str, excerpt: str) -> str:
    found = one_line(excerpt, 60)
    return f"{text.rstrip('.')} (“{found}”)." if found else text


async def preview_step(wiring: Wiring, actor: str, draft: Draft, answer: Answer) -> Block:
    """Step two of the window: the answer as the customer gets it, and what was written meanwhile."""
    kept = KeepDraft(ticket_id=draft.ticket_id, actor=actor, text=answer.text)
    await wiring.decide(keep_draft, kept)
    ticket = await ticket_with_id(wiring, actor, draft.ticket_id)
    composed = await compose(wiring, actor, ticket, answer)
    newer = await _meanwhile(wiring, actor, draft)
    return _preview(wiring, draft, composed, newer)


def _preview(
    wiring: Wiring,
    draft: Draft,
    composed: Composed,
    newer: MessageView | None,
) -> Block:
    seen = newer.id if newer is not None else draft.seen
    answer = composed.answer
    shown = replace(
        draft, seen=seen, digest=digest(answer), files=answer.files, public=answer.public
    )
    return views.preview_view(
        composed.ticket,
        wiring.desk(),
        shown,
        composed.preview,
        text=answer.text,
        limit=wiring.reply_limit(composed.ticket.connector),
        warnings=composed.warnings,
        newer=newer,
    )


async def _meanwhile(wiring: Wiring, actor: str, draft: Draft) -> MessageView | None:
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
    wiring: Wiring, actor: str, draft: Draft, answer: Answer, view_id: str, *, reason: str = ""
) -> Block:
    """Step three of the window: queued with Undo, or asked again because something is new."""
    ticket = await ticket_with_id(wiring, actor, draft.ticket_id)
    composed = await compose(wiring, actor, ticket, answer)
    newer = await _meanwhile(wiring, actor, draft)
    if newer is not None:
        return _preview(wiring, draft, composed, newer)
    command = QueueReply(
        ticket_id=draft.ticket_id,
        actor=actor,
        text=answer.text,
        files=answer.files,
        public=answer.public,
        key=f"{view_id}:{draft.round}",
        seen_message_id=draft.seen,
        overruled=composed.overruled,
        reason=reason,
        macros=draft.macros,
    )
    match await wiring.decide(queue_reply, command):
        case Queued(message_id=message_id, goes_out_at=at):
            return views.queued_view(ticket, draft, composed.preview, message_id, at)
        case NewerMessage(message=message):
            return _preview(wiring, draft, composed, message)
        case AlreadyQueued(state=state):
            return views.message_view("Answer", answers.sent_before(state))


async def send_text(
    wiring: Wiring, actor: str, ticket: TicketView, text: str, key: str, *, seen: int | None = None
) -> Rendered:
    """An answer typed in a command: queued with preview and Undo, or why not.

    `text` may begin with the choice of its readers (`--private`), and then with a macro (`!thanks`).
    """
    public, typed = readers_of(text)
    # What a button sends again had its macro put in before.
    again = seen is not None
    put_in = Expanded(text=typed) if again else await expanded(wiring, actor, ticket, typed)
    said = put_in.text
    if put_in.wrong is not None:
        return answers.refused(text, [put_in.wrong])
    text = text.removesuffix(typed) + said
    try:
        composed = await compose(wiring, actor, ticket, Answer(text=said, public=public))
    except Unsendable as refusal:
        await _keep(wiring, actor, ticket, said)
        return answers.refused(text, refusal.reasons)
    if composed.overruled:
        await _keep(wiring, actor, ticket, said)
        return answers.wants_reason(ticket, text, composed.warnings)
    command = QueueReply(
        ticket_id=ticket.id,
        actor=actor,
        text=said,
        key=key,
        seen_message_id=seen,
        public=public,
        macros=put_in.macros,
    )
    match await wiring.decide(queue_reply, command):
        case Queued(message_id=message_id, goes_out_at=at):
            private = public is False
            return answers.going_out(
                ticket, composed.preview, message_id, at, wiring.desk(), private=private
            )
        case NewerMessage(message=message):
            await note_reading(wiring, actor, ticket)
            await _keep(wiring, actor, ticket, said)
            return answers.newer(ticket, message, text, wiring.desk(), seen=message.id)
        case AlreadyQueued(state=state):
            return answers.say(answers.sent_before(state))


async def _keep(wiring: Wiring, actor: str, ticket: TicketView, text: str) -> None:
    """What was not sent is in the field when the window is opened, unless another text is."""
    command = KeepDraft(ticket_id=ticket.id, actor=actor, text=text, over=False)
    await wiring.decide(keep_draft, command)


async def undo(wiring: Wiring, actor: str, message_id: int) -> Rendered:
    """Take an answer back, and give its text back."""
    match await wiring.decide(undo_reply, UndoReply(message_id=message_id, actor=actor)):
        case Undone(text=text, ticket_id=ticket_id):
            ticket = await ticket_with_id(wiring, actor, ticket_id)
            return answers.given_back(ticket.number, text)
        case TooLate(state=state):
            return answers.say(answers.too_late(state))


async def undo_in_window(wiring: Wiring, actor: str, message_id: int, draft: Draft) -> Block:
    """Take an answer back in its own window: the text is in the field again."""
    match await wiring.decide(undo_reply, UndoReply(message_id=message_id, actor=actor)):
        case Undone(text=text, ticket_id=ticket_id):
            ticket = await ticket_with_id(wiring, actor, ticket_id)
            at_hand = {one.ref: one for one in (*draft.files, *draft.at_hand)}
            again = replace(
                draft, round=draft.round + 1, digest="", at_hand=tuple(at_hand.values())
            )
            lead = "Not sent: taken back."
            return await written(wiring, actor, ticket, again, initial=text, lead=lead)
        case TooLate(state=state):
            return views.message_view("Answer", answers.too_late(state))


def digest(answer: Answer) -> str:
    """Tells whether an answer is the one that was previewed, with its files and its readers."""
    whole = json.dumps([answer.text, [one.ref for one in answer.files], answer.public])
    return hashlib.sha256(whole.encode()).hexdigest()[:16]

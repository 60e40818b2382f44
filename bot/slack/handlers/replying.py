"""The way of an answer: write, see it as the customer will, send after the undo window, take back."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from bot.db import queries
from bot.db.draft_rows import drafts_of
from bot.db.message_rows import ANSWERABLE
from bot.domain.card import MessageView, TicketView
from bot.domain.desk import Desk
from bot.domain.roster import Verb
from bot.language import tr
from bot.slack.blocks import answers, views
from bot.slack.blocks.approval import held_words
from bot.slack.blocks.macro_fields import Aids
from bot.slack.blocks.related import composing_words
from bot.slack.blocks.rendered import Block, Rendered
from bot.slack.blocks.reply_fields import Draft
from bot.slack.handlers.aids import Expanded, aids_for, expanded
from bot.slack.handlers.answer_window import kept_choices
from bot.slack.handlers.composing import Answer, Composed, Unsendable, compose, may_choose
from bot.slack.handlers.verbs import ticket_with_id
from bot.slack.handlers.wiring import Wiring
from bot.slack.handlers.words import note_reading
from bot.slack.readers import readers_of
from bot.usecases.access import no_ticket, require
from bot.usecases.composing import Compose, begin_composing
from bot.usecases.drafts import KeepDraft, keep_draft
from bot.usecases.hold_reply import Held
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
from bot.usecases.survey import may_ask

_ON_ITS_WAY = {"queued", "sending", "sent", "unsure"}


async def open_reply(wiring: Wiring, actor: str, trigger_id: str, ticket_id: int) -> None:
    """Open the window to write in. One read, then the call: the trigger lives three seconds."""
    view = await reply_window(wiring, actor, ticket_id)
    await wiring.client.views_open(trigger_id=trigger_id, view=view)


async def reply_window(wiring: Wiring, actor: str, ticket_id: int) -> Block:
    """The window to write in. Raises NotAllowed, NothingGoesOut, DeskError for a ticket gone."""
    desk = wiring.desk()
    require(desk, actor, Verb.WORK)
    now = wiring.now()
    ticket, newest, asks = await wiring.look(
        actor, lambda conn: _with_newest(conn, desk, ticket_id, now)
    )
    if ticket is None or not desk.roster.sees(actor, ticket.inbox):
        raise no_ticket(desk, actor, ticket.number if ticket else ticket_id)
    refuse_closed(desk, ticket.inbox)
    await note_reading(wiring, actor, ticket)
    draft = Draft(
        ticket_id=ticket_id,
        seen=newest,
        public=True if may_choose(wiring, ticket) else None,
        rating=False if asks else None,
    )
    aids = await aids_for(wiring, actor, ticket)
    others = await wiring.decide(begin_composing, Compose(ticket_id=ticket_id, actor=actor))
    initial = aids.own.text if aids.own else ""
    if aids.own:
        draft = replace(draft, machine=aids.own.machine, macros=tuple(aids.own.macros))
    lead = composing_words(others, desk, wiring.now())
    return _window(wiring, ticket, draft, aids, initial=initial, lead=lead)


def _with_newest(
    conn: Connection, desk: Desk, ticket_id: int, now: datetime
) -> tuple[TicketView | None, int | None, bool]:
    """The ticket, its newest message, and whether its customer may be asked for a rating."""
    ticket = queries.ticket_by_id(conn, ticket_id)
    ids = [message.id for message in queries.conversation(conn, ticket_id)]
    asks = ticket is not None and may_ask(conn, desk, ticket_id, ticket.inbox, now)
    return ticket, max(ids, default=None), asks


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
        now=wiring.now(),
        limit=wiring.reply_limit(ticket.connector),
        policy=wiring.policy(ticket.connector),
        initial=initial,
        lead=lead,
        files=wiring.files_taken(ticket.connector),
        aids=aids,
    )


async def preview_step(wiring: Wiring, actor: str, draft: Draft, answer: Answer) -> Block:
    """Step two of the window: the answer as the customer gets it, and what was written meanwhile."""
    kept = KeepDraft(
        ticket_id=draft.ticket_id,
        actor=actor,
        text=answer.text,
        machine=draft.machine,
        macros=draft.macros,
    )
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
    shown = replace(kept_choices(draft, answer), seen=seen, digest=digest(answer))
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
        machine=draft.machine,
        survey=answer.rating,
    )
    match await wiring.decide(queue_reply, command):
        case Queued(message_id=message_id, goes_out_at=at):
            return views.queued_view(ticket, draft, composed.preview, message_id, at)
        case NewerMessage(message=message):
            return _preview(wiring, draft, composed, message)
        case AlreadyQueued(state=state):
            return views.message_view(tr("Answer"), answers.sent_before(state))
        case Held() as held:
            return views.message_view(tr("Answer"), held_words(held, wiring.desk()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """An answer that a button sends again: the newer message its author knows of, and its macros."""

    seen: int
    macros: Sequence[str] = ()


async def send_text(
    wiring: Wiring,
    actor: str,
    ticket: TicketView,
    text: str,
    key: str,
    *,
    again: Again | None = None,
) -> Rendered:
    """An answer typed in a command: queued with preview and Undo, or why not.

    `text` may begin with the choice of its readers (`--private`), and then with a macro (`!thanks`).
    """
    public, typed = readers_of(text)
    alone = _private_way(wiring, ticket, public)
    put_in = await _put_in(wiring, actor, ticket, typed, again)
    said = put_in.text
    if put_in.wrong is not None:
        return answers.refused(text, [put_in.wrong])
    text = text.removesuffix(typed) + said
    try:
        composed = await compose(wiring, actor, ticket, Answer(text=said, public=public))
    except Unsendable as refusal:
        await _keep(wiring, actor, ticket, put_in)
        return answers.refused(text, [*refusal.reasons, *alone])
    if composed.overruled:
        await _keep(wiring, actor, ticket, put_in)
        return answers.wants_reason(ticket, text, [*composed.warnings, *alone])
    command = QueueReply(
        ticket_id=ticket.id,
        actor=actor,
        text=said,
        key=key,
        seen_message_id=again.seen if again else None,
        public=public,
        macros=put_in.macros,
    )
    outcome = await wiring.decide(queue_reply, command)
    if isinstance(outcome, NewerMessage):
        await note_reading(wiring, actor, ticket)
        await _keep(wiring, actor, ticket, put_in)
        newest, began = outcome.message, put_in.macros
        return answers.newer(ticket, newest, text, wiring.desk(), seen=newest.id, macros=began)
    return _typed_answer(wiring, composed, outcome, private=public is False)


def _typed_answer(
    wiring: Wiring, composed: Composed, outcome: Queued | AlreadyQueued | Held, *, private: bool
) -> Rendered:
    match outcome:
        case Queued(message_id=message_id, goes_out_at=at):
            told = (composed.ticket, composed.preview, message_id, at, wiring.desk())
            return answers.going_out(*told, private=private)
        case AlreadyQueued(state=state):
            return answers.say(answers.sent_before(state))
        case Held() as held:
            return answers.say(held_words(held, wiring.desk()))


async def _put_in(
    wiring: Wiring, actor: str, ticket: TicketView, typed: str, again: Again | None
) -> Expanded:
    """The text with its macro; of one that is sent again that was done before."""
    if again is None:
        return await expanded(wiring, actor, ticket, typed)
    # Kept as a draft, its macros are there, too.
    drafts = await wiring.look(actor, lambda conn: drafts_of(conn, ticket.id))
    own = next((one for one in drafts if one.agent == actor), None)
    same = own is not None and own.text.strip() == typed.strip()
    kept = own.macros if own is not None and same else ()
    return Expanded(text=typed, macros=tuple(dict.fromkeys((*again.macros, *kept))))


def _private_way(wiring: Wiring, ticket: TicketView, public: bool | None) -> Sequence[str]:
    """How to answer the customer alone, where everybody would read it."""
    if public is False or not may_choose(wiring, ticket):
        return ()
    # For translators: --private is typed as it is.
    return [tr("Everybody would read it: begin with --private to answer the customer alone.")]


async def _keep(wiring: Wiring, actor: str, ticket: TicketView, put_in: Expanded) -> None:
    """What was not sent is in the field when the window is opened, unless another text is."""
    command = KeepDraft(
        ticket_id=ticket.id, actor=actor, text=put_in.text, over=False, macros=put_in.macros
    )
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
            offered = {one.ref: one for one in (*draft.files, *draft.at_hand)}
            again = replace(
                draft, round=draft.round + 1, digest="", at_hand=tuple(offered.values())
            )
            lead = tr("Not sent: taken back.")
            return await written(wiring, actor, ticket, again, initial=text, lead=lead)
        case TooLate(state=state):
            return views.message_view(tr("Answer"), answers.too_late(state))


def digest(answer: Answer) -> str:
    """Tells whether an answer is the one that was previewed, with its files, readers and question."""
    whole = json.dumps(
        [answer.text, [one.ref for one in answer.files], answer.public, answer.rating]
    )
    return hashlib.sha256(whole.encode()).hexdigest()[:16]

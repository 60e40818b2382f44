"""Queue an answer to the customer, and take it back while that is still possible."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import update

from bot.db import queries, tables
from bot.db.draft_rows import drop_sent_draft, keep_draft
from bot.db.file_rows import announce_files
from bot.db.message_rows import (
    body_of,
    client_key_of,
    insert_messages,
    latest_customer_message,
    message_row,
)
from bot.db.relation_rows import marks_of
from bot.db.ticket_rows import change_ticket
from bot.db.types import AnyRow, literally
from bot.db.unit import Tx
from bot.domain.approvals import SECOND, HeldAnswer, noted, plain, watched
from bot.domain.card import MessageView
from bot.domain.desk import Desk
from bot.domain.effects import fetch_files, send_reply
from bot.domain.history import OUTGOING
from bot.domain.inbound import clean, unconfirmed_id
from bot.domain.machine import Origin
from bot.domain.macros import gap_refusal
from bot.domain.measuring import WRITING_SINCE
from bot.domain.roster import Verb
from bot.domain.ticket import EventType, MessageState, Ticket
from bot.errors import Conflict, DeskError
from bot.language import tr
from bot.usecases.access import redraw, require, require_sight, the_ticket, work_on
from bot.usecases.composing import Compose, end_composing, writing_since
from bot.usecases.hold_reply import Held, hold_reply, macros_to_judge, wants_second
from bot.usecases.outbound import refuse_closed
from bot.usecases.survey import ask
from connectors.contract import Attachment
from sla_rules.vocabulary import Author

_SECOND = "second_person"
"""In the event of an answer: one of its macros wanted a second person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueReply:
    """Send `text` to the customer after the undo window.

    `key` names the form that was submitted: the same key never sends twice. `seen_message_id` is
    the newest customer message the agent had before their eyes; a newer one stops the reply
    unless `force` says that the agent has been told. `overruled` are rules of the channel that
    warn of this text, and `reason` is why the agent sends it all the same. `files` are Slack's, by
    their id in `ref`; they are fetched before anything goes out. `public` chooses who can read the
    answer to a public message; None leaves it public. `macros` are the refs of those it began from,
    `machine` says where its words are from if a machine wrote them (bot.domain.machine.Origin).
    With `survey` the customer is asked to rate it.
    """

    ticket_id: int
    actor: str
    text: str
    key: str
    seen_message_id: int | None
    force: bool = False
    files: Sequence[Attachment] = ()
    public: bool | None = None
    overruled: Sequence[str] = ()
    reason: str = ""
    macros: Sequence[str] = ()
    machine: str = ""
    survey: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """The reply goes out at that time unless it is undone."""

    message_id: int
    goes_out_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewerMessage:
    """Nothing was queued: the customer wrote meanwhile."""

    message: MessageView


@dataclass(frozen=True, slots=True, kw_only=True)
class AlreadyQueued:
    """Nothing was queued: this very form was submitted before. `state` is what became of it."""

    message_id: int
    state: MessageState


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoReply:
    """Take a queued reply back."""

    message_id: int
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone:
    """The reply will not be sent; here is its text for another try."""

    text: str
    ticket_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TooLate:
    """The reply is on its way, or was settled before. `state` says how far it is."""

    state: MessageState


def queue_reply(
    tx: Tx, desk: Desk, command: QueueReply
) -> Queued | NewerMessage | AlreadyQueued | Held:
    """Queue it. A public message gets a public answer unless the agent chose otherwise.

    One that began from a macro which wants a second person is held for one.

    Raises NotAllowed, NoSuchTicket, Conflict, NothingGoesOut, and DeskError for an empty or
    unanswerable reply, one with a gap of a macro in it, a rule overruled without a reason, or one
    that nobody could let out.
    """
    ticket = work_on(tx, desk, command.actor, command.ticket_id)
    newest = _checked(tx, desk, ticket, command)
    if isinstance(newest, NewerMessage | AlreadyQueued):
        return newest
    began = noted(macros_to_judge(tx.conn, desk, command.macros), command.macros)
    command = replace(command, macros=began)
    if wants_second(desk, command.actor, began):
        text = clean(command.text)
        answer, key = _held(command, newest), _key(command)
        held = hold_reply(tx, desk, ticket, answer, author=command.actor, key=key)
        _stop_writing(tx, desk, ticket, command.actor, text)
        return held
    return _queue(tx, desk, ticket, command, answered=newest)


def queue_approved(
    tx: Tx, desk: Desk, ticket: Ticket, command: QueueReply, *, by: str
) -> Queued | NewerMessage | AlreadyQueued:
    """Queue what `by` let out, as its author's answer, checked anew. Raises as `queue_reply`.

    Whether `by` may do that, and its author still may answer, was asked before.
    """
    newest = _checked(tx, desk, ticket, command)
    if isinstance(newest, NewerMessage | AlreadyQueued):
        return newest
    return _queue(tx, desk, ticket, command, answered=newest, approved_by=by)


def _checked(
    tx: Tx, desk: Desk, ticket: Ticket, command: QueueReply
) -> AnyRow | NewerMessage | AlreadyQueued:
    """The message that is answered; or why nothing is queued."""
    refuse_closed(desk, ticket.inbox)
    before = client_key_of(tx.conn, ticket.id, _key(command))
    if before is not None:
        return AlreadyQueued(message_id=before.id, state=MessageState(before.state))
    if not command.text.strip():
        raise DeskError(tr("An answer needs some words."))
    missing = gap_refusal(command.text)
    if missing is not None:
        raise DeskError(missing)
    if command.overruled and not command.reason.strip():
        raise DeskError(
            tr("Say why this answer is sent although the channel's policy warns of it.")
        )
    newest = latest_customer_message(tx.conn, ticket.id)
    if newest is None:
        raise DeskError(
            tr(
                "Ticket #{number} has no customer message that could be answered.",
                number=ticket.number,
            )
        )
    seen = command.seen_message_id
    if seen is not None and newest.id > seen and not command.force:
        return NewerMessage(message=queries.message_view(tx.conn, newest.id))
    return newest


def _held(command: QueueReply, newest: AnyRow) -> HeldAnswer:
    return HeldAnswer(
        text=clean(command.text),
        seen=newest.id,
        files=tuple(command.files),
        public=command.public,
        overruled=tuple(command.overruled),
        reason=command.reason,
        macros=tuple(command.macros),
        machine=command.machine,
        survey=command.survey,
    )


def _key(command: QueueReply) -> str:
    return command.key[:120]


def _queue(
    tx: Tx, desk: Desk, ticket: Ticket, command: QueueReply, answered: AnyRow, **told: str
) -> Queued:
    message_id = tx.new_id()
    text = clean(command.text)
    goes_out_at = tx.now + desk.undo_window
    row = _row(tx, desk, ticket, command, answered, message_id)
    insert_messages(tx.conn, [row])
    _take_along(tx, ticket, message_id, command)
    if ticket.assignee is None:
        _own(tx, desk, ticket, command.actor)
    tx.record(
        ticket.id,
        EventType.REPLY_QUEUED,
        actor=command.actor,
        message_id=message_id,
        **_told(tx, command, text),
        **told,
        **_asking(tx, desk, ticket, message_id, command),
    )
    _stop_writing(tx, desk, ticket, command.actor, text)
    tx.emit(send_reply(ticket.id, message_id, inbox=ticket.inbox, not_before=goes_out_at))
    return Queued(message_id=message_id, goes_out_at=goes_out_at)


def _row(  # noqa: PLR0917 - a row of many tables' facts
    tx: Tx, desk: Desk, ticket: Ticket, command: QueueReply, answered: AnyRow, message_id: int
) -> dict[str, Any]:
    text = clean(command.text)
    return {
        "id": message_id,
        "ticket_id": ticket.id,
        "inbox_id": ticket.inbox_id,
        "external_id": unconfirmed_id(message_id),
        "client_key": _key(command),
        "direction": "out",
        "author": Author.AGENT,
        "agent": command.actor,
        "verdict": OUTGOING,
        "sent_at": tx.now,
        "seen_at": tx.now,
        "sender_name": desk.roster.name(command.actor)[:200],
        "subject": ticket.subject,
        "body": text,
        "full_body": text,
        "reply_context": answered.reply_context or {},
        "public": answered.public and command.public is not False,
        "state": MessageState.QUEUED,
    }


def _stop_writing(tx: Tx, desk: Desk, ticket: Ticket, actor: str, sent: str) -> None:
    drop_sent_draft(tx, ticket.id, actor, sent)
    end_composing(tx, desk, Compose(ticket_id=ticket.id, actor=actor))


def _take_along(tx: Tx, ticket: Ticket, message_id: int, command: QueueReply) -> None:
    """Its files are fetched in the answer's own lane: before it is sent, which is emitted later."""
    if command.files:
        announce_files(tx, message_id, command.files)
        tx.emit(fetch_files(ticket.id, message_id))


def _own(tx: Tx, desk: Desk, ticket: Ticket, actor: str) -> None:
    """Who answers owns what may come back: a bounce, or the customer's next question."""
    version = change_ticket(tx.conn, ticket, tx.now, assignee=actor, claimed_at=tx.now)
    tx.record(ticket.id, EventType.CLAIMED, actor=actor)
    redraw(tx, desk, ticket, version)


def _overruling(command: QueueReply) -> dict[str, Any]:
    if not command.overruled:
        return {}
    return {"overruled": list(command.overruled), "why": clean(command.reason.strip())[:500]}


def _begun_from(command: QueueReply, text: str) -> dict[str, Any]:
    """The macros an answer began as, and the model."""
    macros = {"macros": list(plain(command.macros))} if command.macros else {}
    second = {_SECOND: True} if SECOND in command.macros else {}
    return {**macros, **second, **_by_machine(command, text)}


def _told(tx: Tx, command: QueueReply, text: str) -> dict[str, Any]:
    """What its event keeps beside the answer: how it began, and what was overruled for it."""
    return {**_overruling(command), **_begun_from(command, text), **_begun_at(tx, command)}


def _begun_at(tx: Tx, command: QueueReply) -> dict[str, Any]:
    """When its author began to write, where they did it in a window."""
    at = writing_since(tx, command.ticket_id, command.actor)
    return {WRITING_SINCE: at.isoformat()} if at is not None else {}


def _asking(
    tx: Tx, desk: Desk, ticket: Ticket, message_id: int, command: QueueReply
) -> dict[str, Any]:
    """What it asks the customer to rate."""
    return {"survey": ask(tx, desk, ticket, message_id)} if command.survey else {}


def _by_machine(command: QueueReply, text: str) -> dict[str, Any]:
    """Which model wrote what the answer began as, and whether the agent changed it."""
    origin = Origin.load(command.machine)
    if origin is None:
        return {}
    edited = origin.was_edited(text)
    return {"machine": {"use": origin.use, "model": origin.model, "edited": edited}}


def _beginning(tx: Tx, ticket_id: int, message_id: int) -> Mapping[str, Any]:
    """What the event of an answer taken back tells of how it began."""
    marks = marks_of(tx.conn, ticket_id, (EventType.REPLY_QUEUED,))
    return next((one.data for one in marks if one.data.get("message_id") == message_id), {})


def _origin(told: Mapping[str, Any], text: str) -> str:
    """Whose words an answer taken back began as; empty where a person wrote it."""
    machine = told.get("machine")
    return Origin.told(machine, text).dump() if isinstance(machine, Mapping) else ""


def _give_back(tx: Tx, desk: Desk, ticket_id: int, command: UndoReply, text: str) -> None:
    """Whoever took it back has it as a draft, with all that is known of how it began."""
    began = _beginning(tx, ticket_id, command.message_id)
    keep_draft(
        tx,
        ticket_id,
        command.actor,
        text,
        over=False,
        machine=_origin(began, text),
        macros=_refs(tx, desk, began),
    )


def _refs(tx: Tx, desk: Desk, began: Mapping[str, Any]) -> Sequence[str]:
    """The macros of an answer taken back that matter to its next try."""
    refs = (*began.get("macros", ()), *((SECOND,) if began.get(_SECOND) else ()))
    return watched(macros_to_judge(tx.conn, desk, refs), refs)


def undo_reply(tx: Tx, desk: Desk, command: UndoReply) -> Undone | TooLate:
    """Only while the effect is unsent and its window open. Raises NotAllowed, NoSuchTicket."""
    require(desk, command.actor, Verb.WORK)
    message = message_row(tx.conn, command.message_id)
    if message is None:
        raise DeskError(tr("There is no such reply."))
    require_sight(tx.conn, desk, command.actor, message.ticket_id, Verb.WORK)
    outbox = tables.outbox.c
    stopped = tx.conn.execute(
        update(tables.outbox)
        .where(
            outbox.dedupe_key == f"reply:{command.message_id}",
            literally(outbox.state, "ready"),
            outbox.not_before > tx.now,
        )
        .values(state="superseded", settled_at=tx.now, last_error="undone by an agent")
    )
    if stopped.rowcount != 1:
        return TooLate(state=MessageState(message.state))
    cancelled = tx.conn.execute(
        update(tables.message)
        .where(
            tables.message.c.id == command.message_id,
            tables.message.c.state == MessageState.QUEUED,
        )
        .values(state=MessageState.CANCELLED)
    )
    if cancelled.rowcount != 1:
        raise Conflict(tr("This reply was changed by somebody else just now. Try again."))
    ticket = the_ticket(tx, message.ticket_id)
    tx.record(ticket.id, EventType.REPLY_UNDONE, actor=command.actor, message_id=command.message_id)
    text = body_of(tx.conn, message)
    _give_back(tx, desk, ticket.id, command, text)
    return Undone(text=text, ticket_id=ticket.id)

"""Take back what was done to a ticket a moment ago: by another event, never by forgetting one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from bot.db import queries, tables
from bot.db.ticket_rows import change_ticket, restore_facts
from bot.db.types import literally
from bot.db.unit import Tx
from bot.domain.card import EventView
from bot.domain.desk import Desk
from bot.domain.roster import Verb
from bot.domain.ticket import EventType, Ticket
from bot.errors import DeskError
from bot.language import tr
from bot.usecases.access import redraw, say, the_ticket, work_on
from bot.usecases.claim_expiry import watch_claim
from bot.usecases.clocks import replan
from bot.usecases.meanwhile import newest_act, what_happened

_NO_LINE = frozenset(
    {EventType.CLAIMED, EventType.RELEASED, EventType.ASSIGNED, EventType.NO_ANSWER_NEEDED}
)
"""Events without a line in the thread: taking one back has none either."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoEvent:
    """Take back the event of that id, which `actor` caused."""

    ticket_id: int
    event_id: int
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EventUndone:
    """The ticket is as it was before; `of` is the type of the event that was taken back."""

    number: int
    assignee: str | None
    of: str


def undo_event(tx: Tx, desk: Desk, command: UndoEvent) -> EventUndone:
    """Only the last thing that was done, by whoever did it, within the undo window.

    Raises NotAllowed, NoSuchTicket, Conflict, and DeskError that says why it cannot be undone.
    """
    ticket = work_on(tx, desk, command.actor, command.ticket_id)
    event = _the_event(tx, desk, command)
    # Recorded first: what follows plans the clocks without the event that is named here.
    say_or_record = _record if event.type in _NO_LINE else _say
    say_or_record(tx, desk, ticket, command.actor, event)
    _UNDO[event.type](tx, desk, ticket, event)
    after = the_ticket(tx, ticket.id)
    return EventUndone(number=after.number, assignee=after.assignee, of=event.type)


def can_undo(type_: str) -> bool:
    """Whether events of this type can be taken back."""
    return type_ in _UNDO


def _the_event(tx: Tx, desk: Desk, command: UndoEvent) -> EventView:
    event = queries.event(tx.conn, command.event_id)
    if event is None or event.type not in _UNDO:
        raise DeskError(tr("That cannot be taken back."))
    if event.actor != command.actor:
        raise DeskError(tr("Only {who} can take that back.", who=desk.roster.name(event.actor)))
    newest = newest_act(tx.conn, command.ticket_id)
    if newest is not None and newest.data.get("undoes") == event.id:
        raise DeskError(tr("You took that back before."))
    if newest is None or newest.id != event.id:
        raise DeskError(_changed_since(newest, desk))
    if tx.now - event.at > desk.undo_window:
        seconds = int(desk.undo_window.total_seconds())
        raise DeskError(
            tr("Too late to undo: that is possible for {seconds} seconds.", seconds=seconds)
        )
    return event


def _changed_since(newest: EventView | None, desk: Desk) -> str:
    if newest is None:
        return tr("Too late to undo: something else happened meanwhile.")
    return tr("Too late to undo: {what_happened}", what_happened=what_happened(newest, desk))


def _record(tx: Tx, _desk: Desk, ticket: Ticket, actor: str, event: EventView) -> None:
    tx.record(ticket.id, EventType.UNDONE, actor=actor, undoes=event.id, of=event.type)


def _say(tx: Tx, desk: Desk, ticket: Ticket, actor: str, event: EventView) -> None:
    say(tx, desk, ticket, EventType.UNDONE, actor=actor, undoes=event.id, of=event.type)


def _give_back(tx: Tx, desk: Desk, ticket: Ticket, event: EventView) -> None:
    owner = event.data.get("from_agent")
    if owner is not None and not desk.roster.may_in(owner, Verb.WORK, ticket.inbox):
        owner = None
    since = _instant(event.data.get("since"))
    version = change_ticket(tx.conn, ticket, tx.now, assignee=owner, claimed_at=since)
    if owner is not None and since is not None:
        watch_claim(tx, desk, ticket, owner, claimed_at=since)
    redraw(tx, desk, ticket, version)


def _wake(tx: Tx, desk: Desk, ticket: Ticket, event: EventView) -> None:
    until = _instant(event.data.get("was"))
    version = change_ticket(tx.conn, ticket, tx.now, snoozed_until=until)
    redraw(tx, desk, ticket, version)


def _plan(tx: Tx, desk: Desk, ticket: Ticket, _event: EventView) -> None:
    replan(tx, desk, [ticket.id])
    redraw(tx, desk, ticket, ticket.version + 1)


def _await_again(tx: Tx, desk: Desk, ticket: Ticket, event: EventView) -> None:
    _keep_from_platform(tx, event)
    _plan(tx, desk, ticket, event)


def _keep_from_platform(tx: Tx, event: EventView) -> None:
    """The platform is told once the undo window is over; this is before."""
    box = tables.outbox.c
    key = f"no_reply:{event.data.get('message_id')}"
    told = tx.conn.scalar(select(box.state).where(box.dedupe_key == key))
    if told is None:
        return
    stopped = tx.conn.execute(
        update(tables.outbox)
        .where(box.dedupe_key == key, literally(box.state, "ready"), box.not_before > tx.now)
        # The key is free again: the same message may be marked once more.
        .values(
            state="superseded",
            settled_at=tx.now,
            last_error="undone by an agent",
            dedupe_key=f"{key}:{event.id}",
        )
    )
    if stopped.rowcount != 1:
        raise DeskError(tr("Too late to undo: the marketplace has been told."))


def _be_as_before(tx: Tx, desk: Desk, ticket: Ticket, event: EventView) -> None:
    restore_facts(tx.conn, ticket.id, event.data.get("was") or {})
    replan(tx, desk, [ticket.id], anew=True)
    redraw(tx, desk, ticket, ticket.version + 1)


def _instant(value: object) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else None


_UNDO: Mapping[str, Callable[[Tx, Desk, Ticket, EventView], None]] = {
    EventType.CLAIMED: _give_back,
    EventType.TAKEN_OVER: _give_back,
    EventType.RELEASED: _give_back,
    EventType.ASSIGNED: _give_back,
    EventType.TRANSFERRED: _give_back,
    EventType.SNOOZED: _wake,
    EventType.WAITING: _plan,
    EventType.RESOLVED: _plan,
    EventType.NO_ANSWER_NEEDED: _await_again,
    EventType.RECLASSIFIED: _be_as_before,
}

"""An answer that wants a second person is kept, and those who may let it out are called.

No clock stops: nothing has gone out. What it becomes is decided in `bot.usecases.approve`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from bot.configuration.macros import Macro
from bot.db.approval_rows import held_by_form, keep_approval
from bot.db.macro_rows import judged_macros
from bot.db.unit import Tx
from bot.domain.approvals import SECOND, HeldAnswer, guarded, plain, watched
from bot.domain.desk import Desk
from bot.domain.effects import Priority, post_log
from bot.domain.roster import Verb
from bot.domain.routing import channel_of_ticket
from bot.domain.ticket import EventType, Ticket
from bot.errors import DeskError
from bot.language import tr

MOST_CALLED = 5
"""People mentioned; each of the others may decide as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """The answer waits for one of `approvers`; `again` where this very form was submitted before."""

    approval_id: int
    approvers: Sequence[str] = ()
    again: bool = False


def macros_to_judge(conn: Connection, desk: Desk, refs: Sequence[str]) -> list[Macro]:
    """What decides whether an answer that began from these macros wants a second person."""
    return guarded([*desk.macros, *judged_macros(conn, refs)]) if refs else []


def wants_second(desk: Desk, author: str, began: Sequence[str]) -> bool:
    """Whether an answer of `author` that began so (`approvals.noted`) does not go out at once."""
    return SECOND in began and not desk.roster.may(author, Verb.APPROVE)


def hold_reply(
    tx: Tx, desk: Desk, ticket: Ticket, held: HeldAnswer, *, author: str, key: str
) -> Held:
    """Raises DeskError where nobody else may let it out: it would wait for ever."""
    before = held_by_form(tx.conn, ticket.id, key)
    if before is not None:
        return Held(approval_id=before, again=True)
    approvers = desk.roster.approvers(ticket.inbox, but=author)
    if not approvers:
        raise DeskError(
            tr(
                "Answers with this macro are let out by a second person, and this desk has no lead "
                "who sees #{number}. Ask an admin to name one.",
                number=ticket.number,
            )
        )
    approval_id = keep_approval(tx, ticket.id, author, key, held)
    tell(
        tx,
        desk,
        ticket,
        EventType.APPROVAL_ASKED,
        actor=author,
        approval_id=approval_id,
        called=approvers[:MOST_CALLED],
        macros=list(plain(watched(macros_to_judge(tx.conn, desk, held.macros), held.macros))),
    )
    tx.wakes.add("pings")
    return Held(approval_id=approval_id, approvers=approvers)


def tell(
    tx: Tx,
    desk: Desk,
    ticket: Ticket,
    type_: EventType,
    *,
    actor: str,
    approval_id: int,
    called: Sequence[str] = (),
    **data: str | list[str] | None,
) -> None:
    """Record what became of it, and say so in the thread to whoever is `called`."""
    event_id = tx.record(
        ticket.id, type_, actor=actor, approval_id=approval_id, called=list(called), **data
    )
    channel = channel_of_ticket(desk, ticket)
    priority = Priority.WARNING if called else Priority.LOG
    tx.emit(post_log(ticket.id, event_id, channel=channel, priority=priority))

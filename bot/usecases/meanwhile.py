"""What colleagues did to a ticket meanwhile: whoever decides on an older picture is told first."""

from collections.abc import Mapping

from sqlalchemy import Connection, select

from bot.db import tables, views
from bot.db.unit import Tx
from bot.domain.card import EventView
from bot.domain.desk import Desk
from bot.domain.ticket import CUSTOMER, DESK, PLATFORM, EventType
from bot.errors import Conflict

_E = tables.ticket_event.c

_NO_ACTS = (
    EventType.PING,
    EventType.BREACH,
    EventType.VERDICT,
    EventType.WORDS_SHOWN,
    EventType.ORDERS_FORGOTTEN,
    EventType.CLAIM_ENDS_SOON,
)
"""What changes nothing about whose a ticket is, what it is and what is awaited."""

_DONE: Mapping[str, str] = {
    EventType.CLAIMED: "claimed it",
    EventType.TAKEN_OVER: "took it over",
    EventType.RELEASED: "released it",
    EventType.ASSIGNED: "assigned it",
    EventType.TRANSFERRED: "handed it over",
    EventType.RESOLVED: "resolved it",
    EventType.REOPENED: "reopened it",
    EventType.NO_ANSWER_NEEDED: "marked it: no answer needed",
    EventType.ANSWERED_ELSEWHERE: "said that it was answered",
    EventType.RECLASSIFIED: "changed its class",
    EventType.SNOOZED: "snoozed it",
    EventType.WAITING: "had it wait",
    EventType.WENT_ON: "ended its wait",
    EventType.MERGED: "merged it",
    EventType.MERGED_IN: "merged another ticket into it",
    EventType.UNMERGED: "separated it again",
    EventType.ESCALATED: "escalated it",
    EventType.NOTE: "wrote a note",
    EventType.REPLY_QUEUED: "sent an answer",
    EventType.CUSTOMER_WROTE: "wrote again",
    EventType.CLAIM_EXPIRED: "ended the claim",
}

_OVERWRITTEN = frozenset(_DONE) - {
    EventType.ESCALATED,
    EventType.NOTE,
    EventType.REPLY_QUEUED,
    EventType.CUSTOMER_WROTE,
}
"""What a decision on the picture of before would silently take back."""

_OTHERS = {CUSTOMER: "the customer", PLATFORM: "the marketplace", DESK: "Threadline"}


def newest_act(conn: Connection, ticket_id: int) -> EventView | None:
    """The last thing that was done to the ticket."""
    row = conn.execute(
        select(tables.ticket_event)
        .where(_E.ticket_id == ticket_id, _E.type.not_in(_NO_ACTS))
        .order_by(_E.id.desc())
        .limit(1)
    ).one_or_none()
    return views.event_view(row) if row else None


def what_happened(event: EventView, desk: Desk) -> str:
    """Who did what, as part of a sentence."""
    name = _OTHERS.get(event.actor) or desk.roster.name(event.actor)
    return f"{name} {_DONE.get(event.type, 'did something else')}"


def refuse_if_changed(
    tx: Tx, desk: Desk, *, ticket_id: int, number: int, actor: str, seen: int
) -> None:
    """Raise Conflict where a colleague changed the ticket after the event `seen`."""
    row = tx.conn.execute(
        select(tables.ticket_event)
        .where(
            _E.ticket_id == ticket_id,
            _E.id > seen,
            _E.actor != actor,
            _E.type.in_(_OVERWRITTEN),
        )
        .order_by(_E.id.desc())
        .limit(1)
    ).one_or_none()
    if row is not None:
        said = what_happened(views.event_view(row), desk)
        raise Conflict(f"{said} a moment ago. Look at #{number} again, then decide.")

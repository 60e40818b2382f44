"""What colleagues did to a ticket meanwhile: whoever decides on an older picture is told first."""

from collections.abc import Mapping

from sqlalchemy import Connection, select

from bot.db import tables, views
from bot.db.unit import Tx
from bot.domain.card import EventView
from bot.domain.desk import Desk
from bot.domain.ticket import CUSTOMER, DESK, PLATFORM, EventType
from bot.errors import Conflict
from bot.language import marked, tr

_E = tables.ticket_event.c

_NO_ACTS = (
    EventType.PING,
    EventType.BREACH,
    EventType.VERDICT,
    EventType.WORDS_SHOWN,
    EventType.WORDS_REMOVED,
    EventType.ORDERS_FORGOTTEN,
    EventType.CLAIM_ENDS_SOON,
    EventType.WAIT_ENDED,
    EventType.SNOOZE_ENDED,
    EventType.RATED,
    EventType.RATING_EXPLAINED,
)
"""What changes nothing about whose a ticket is, what it is and what is awaited."""

_DONE: Mapping[str, str] = {
    EventType.CLAIMED: marked("{who} claimed it meanwhile."),
    EventType.TAKEN_OVER: marked("{who} took it over meanwhile."),
    EventType.RELEASED: marked("{who} released it meanwhile."),
    EventType.ASSIGNED: marked("{who} assigned it meanwhile."),
    EventType.TRANSFERRED: marked("{who} handed it over meanwhile."),
    EventType.RESOLVED: marked("{who} resolved it meanwhile."),
    EventType.REOPENED: marked("{who} reopened it meanwhile."),
    EventType.NO_ANSWER_NEEDED: marked("{who} marked it meanwhile: no answer needed."),
    EventType.ANSWERED_ELSEWHERE: marked("{who} said meanwhile that it was answered."),
    EventType.RECLASSIFIED: marked("{who} changed its class meanwhile."),
    EventType.SNOOZED: marked("{who} snoozed it meanwhile."),
    EventType.WAITING: marked("{who} had it wait meanwhile."),
    EventType.WENT_ON: marked("{who} ended its wait meanwhile."),
    EventType.MERGED: marked("{who} merged it meanwhile."),
    EventType.MERGED_IN: marked("{who} merged another ticket into it meanwhile."),
    EventType.UNMERGED: marked("{who} separated it again meanwhile."),
    EventType.ESCALATED: marked("{who} escalated it meanwhile."),
    EventType.NOTE: marked("{who} wrote a note meanwhile."),
    EventType.REPLY_QUEUED: marked("{who} sent an answer meanwhile."),
    EventType.CUSTOMER_WROTE: marked("{who} wrote again meanwhile."),
    EventType.CLAIM_EXPIRED: marked("{who} ended the claim meanwhile."),
    EventType.OWNER_LEFT: marked("{who} took it from its owner meanwhile."),
}
_SOMETHING = marked("{who} did something else meanwhile.")

_OVERWRITTEN = frozenset(_DONE) - {
    EventType.ESCALATED,
    EventType.NOTE,
    EventType.REPLY_QUEUED,
    EventType.CUSTOMER_WROTE,
}
"""What a decision on the picture of before would silently take back."""

_OTHERS = {
    CUSTOMER: marked("the customer"),
    PLATFORM: marked("the marketplace"),
    DESK: "Threadline",
}


def newest_act(conn: Connection, ticket_id: int) -> EventView | None:
    """The last thing that was done to the ticket."""
    row = conn.execute(
        select(tables.ticket_event)
        .where(_E.ticket_id == ticket_id, _E.type.not_in(_NO_ACTS))
        .order_by(_E.id.desc())
        .limit(1)
    ).one_or_none()
    return views.event_view(conn, row) if row else None


def what_happened(event: EventView, desk: Desk) -> str:
    """Who did what, as a sentence that may stand behind a colon: its first letter can be small."""
    other = _OTHERS.get(event.actor)
    who = tr(other) if other else desk.roster.name(event.actor)
    return tr(_DONE.get(event.type, _SOMETHING), who=who)


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
        said = what_happened(views.event_view(tx.conn, row), desk)
        raise Conflict(
            tr(
                "{what_happened} Look at #{number} again, then decide.",
                what_happened=said[:1].upper() + said[1:],
                number=number,
            )
        )

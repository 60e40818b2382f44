"""Whose time is up: tickets, raw items that became none, and lists that were posted."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, exists, false, or_, select, update

from bot.db import tables
from bot.db.ids import first_id
from bot.db.inserts import upsert
from bot.db.types import AnyRow
from bot.db.unit import Tx
from bot.domain.effects import EffectKind
from bot.domain.retention import Deadlines
from bot.domain.ticket import MessageState, TicketState

_T = tables.ticket.c
_M = tables.message.c
_R = tables.raw_inbound.c
_H = tables.legal_hold.c
_B = tables.outbox.c
_N = tables.counter.c
_INBOX = tables.inbox.c
_OTHER = tables.ticket.alias("other")

_UNDER_WAY: Final = (MessageState.QUEUED, MessageState.SENDING, MessageState.UNSURE)

LISTS: Final = (
    EffectKind.POST_OFFER,
    EffectKind.POST_TOGETHER,
    EffectKind.POST_BOARD,
    EffectKind.POST_DIGEST,
    EffectKind.POST_DIRECT,
)
"""Posts outside the threads that name subjects and customers of several tickets."""

_SETTLED_RAW: Final = ("done", "ignored", "quarantined")


def is_held() -> ColumnElement[bool]:
    """A ticket that a hold names, or whose customer one names."""
    return exists().where(
        _H.ended_at.is_(None), or_(_H.ticket_id == _T.id, _H.customer_id == _T.customer_id)
    )


def is_busy() -> ColumnElement[bool]:
    """A ticket in which somebody waits, or something is on its way."""
    under_way = exists().where(_M.ticket_id == _T.id, _M.state.in_(_UNDER_WAY))
    return or_(_T.state == TicketState.OPEN, under_way)


def kept_tickets(conn: Connection, inbox: str, after: int, limit: int) -> list[int]:
    """Tickets of an inbox whose words are kept, the oldest first from an id on."""
    return list(
        conn.scalars(
            select(_T.id)
            .join_from(tables.ticket, tables.inbox)
            .where(_INBOX.name == inbox, _T.purged_at.is_(None), _T.id > after)
            .order_by(_T.id)
            .limit(limit)
        )
    )


def over_time(
    conn: Connection, ids: Collection[int], due: Deadlines, *, lock: bool = False
) -> list[AnyRow]:
    """Those of some tickets whose words may be kept no longer: id, number and who wrote."""
    snoozed = and_(_T.snoozed_until.is_not(None), _T.snoozed_until > due.now)
    rested = or_(_T.resolved_at.is_(None), _T.resolved_at < due.rested)
    # A conversation that was merged goes with the one it went on in.
    goes_on = exists().where(_OTHER.c.id == _T.merged_into, _OTHER.c.purged_at.is_(None))
    query = (
        select(_T.id, _T.number, _T.customer_id)
        .where(_T.id.in_(ids), _T.purged_at.is_(None))
        .where(~is_busy(), ~snoozed, rested, ~goes_on, ~is_held(), _is_over(due))
        .order_by(_T.id)
    )
    return list(conn.execute(query.with_for_update() if lock else query))


def _is_over(due: Deadlines) -> ColumnElement[bool]:
    by_choice: ColumnElement[bool] = false() if due.own is None else _quiet(due.own)
    if due.platform is None:
        return by_choice
    delivered = and_(_T.purge_after <= due.now, _quiet(due.rested))
    reckoned = and_(_T.purge_after.is_(None), _quiet(due.platform))
    return or_(by_choice, delivered, reckoned)


def _quiet(since: datetime) -> ColumnElement[bool]:
    """Nobody wrote since; nor was the ticket opened since, where nobody ever did."""
    return and_(_T.opened_at < since, ~exists().where(_M.ticket_id == _T.id, _M.sent_at >= since))


def note_purge_day(tx: Tx, ticket_id: int, day: datetime | None) -> None:
    """Keep the day that a known delivery sets; it outlives the order data it came with."""
    tx.conn.execute(
        update(tables.ticket)
        .where(_T.id == ticket_id, _T.purged_at.is_(None))
        .values(purge_after=day)
    )


def empty_old_items(tx: Tx, inbox: str, before: datetime, limit: int) -> int:
    """Empty raw items that no message came of; how many. One nobody could read is given up."""
    of_inbox = select(_INBOX.id).where(_INBOX.name == inbox).scalar_subquery()
    ids = list(
        tx.conn.scalars(
            select(_R.id)
            .where(_R.inbox_id == of_inbox, _R.received_at < before, _R.payload != b"")
            .where(_R.state.in_(_SETTLED_RAW), ~exists().where(_M.raw_inbound_id == _R.id))
            .order_by(_R.id)
            .limit(limit)
        )
    )
    empty_items(tx.conn, ids)
    return len(ids)


def empty_items(conn: Connection, ids: Collection[int]) -> None:
    """Take what these raw items hold; that they came stays, so that none comes twice."""
    if not ids:
        return
    conn.execute(update(tables.raw_inbound).where(_R.id.in_(ids)).values(payload=b"", detail=None))
    given_up = update(tables.raw_inbound).where(_R.id.in_(ids), _R.state == "quarantined")
    conn.execute(given_up.values(state="ignored"))


_WALK: Final = "erased lists"


def take_old_lists(tx: Tx, before: datetime, limit: int) -> Sequence[tuple[str, str]]:
    """Lists posted before then that were not taken yet: channel and ts; each is given once."""
    after = tx.conn.scalar(select(_N.value).where(_N.name == _WALK)) or 0
    rows = tx.conn.execute(
        select(_B.id, _B.result)
        .where(_B.id > after, _B.id < first_id(before), _B.kind.in_(LISTS), _B.state == "sent")
        .order_by(_B.id)
        .limit(limit)
    ).all()
    if rows:
        statement = upsert(tx.conn.dialect.name, tables.counter).values(
            name=_WALK, value=rows[-1].id
        )
        tx.conn.execute(
            statement.on_conflict_do_update(index_elements=["name"], set_={"value": rows[-1].id})
        )
    return posted(rows)


def lists_between(conn: Connection, since: datetime, until: datetime) -> Sequence[tuple[str, str]]:
    """Lists that were posted in that time: channel and ts."""
    rows = conn.execute(
        select(_B.id, _B.result)
        .where(_B.id >= first_id(since), _B.id < first_id(until))
        .where(_B.kind.in_(LISTS), _B.state == "sent")
        .order_by(_B.id)
    ).all()
    return posted(rows)


def posted(rows: Sequence[AnyRow]) -> Sequence[tuple[str, str]]:
    """Where the posts of some settled effects are."""
    results = [row.result or {} for row in rows]
    return [
        (str(each["channel"]), str(each["ts"]))
        for each in results
        if each.get("channel") and each.get("ts")
    ]

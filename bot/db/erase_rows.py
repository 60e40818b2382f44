"""Taking a person's words and names out of rows. What figures are counted from stays."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, delete, exists, or_, select, update

from bot.db import tables
from bot.db.history_rows import mark_erased
from bot.db.retention_rows import empty_items, posted
from bot.db.types import AnyRow, literally
from bot.db.unit import Tx
from bot.domain.ticket import EventType

_T = tables.ticket.c
_C = tables.customer.c
_M = tables.message.c
_E = tables.ticket_event.c
_B = tables.outbox.c

SAID: Final = frozenset({"text", "reason", "sender", "subject", "tags"})
"""Fields of an event that somebody wrote, or that name somebody."""

NAMING: Final = frozenset({"order_id", "tags"})
"""What is taken out of the facts that a merge or a new class notes (`was`, `became`)."""

_LANES: Final = ("ticket", "card", "reply", "context", "pictures")


def empty_tickets(tx: Tx, ids: Collection[int]) -> None:
    """Take out of these tickets what anybody wrote, and what names or reaches the customer."""
    _empty_messages(tx.conn, ids)
    _empty_history(tx, ids)
    for table in (tables.draft, tables.approval, tables.ticket_context, tables.ticket_key):
        tx.conn.execute(delete(table).where(table.c.ticket_id.in_(ids)))
    rated = tables.feedback
    tx.conn.execute(update(rated).where(rated.c.ticket_id.in_(ids)).values(comment=None))
    lanes = [f"{lane}:{ticket_id}" for ticket_id in ids for lane in _LANES]
    tx.conn.execute(
        update(tables.outbox)
        .where(literally(_B.state, "ready"), _B.lane.in_(lanes))
        .values(
            state="superseded", settled_at=tx.now, last_error="its words were removed", payload={}
        )
    )
    for ticket_id in ids:
        tx.conn.execute(
            update(tables.ticket)
            .where(_T.id == ticket_id)
            .values(
                subject="",
                order_id=None,
                # No conversation leads here any more: what comes later opens a new ticket.
                external_thread=f"purged:{ticket_id}",
                slack_former=None,
                purged_at=tx.now,
                updated_at=tx.now,
                version=_T.version + 1,
            )
        )


def _empty_messages(conn: Connection, ids: Collection[int]) -> None:
    mine = _written_in(ids)
    raw = select(_M.raw_inbound_id).where(mine, _M.raw_inbound_id.is_not(None)).distinct()
    empty_items(conn, list(conn.scalars(raw)))
    messages = select(_M.id).where(mine)
    for table in (tables.message_file, tables.shown_file):
        conn.execute(delete(table).where(table.c.message_id.in_(messages)))
    conn.execute(
        update(tables.message)
        .where(mine)
        .values(
            body="",
            full_body="",
            subject="",
            sender_name="",
            reason="",
            attachments=None,
            links=None,
            reply_context=None,
            error=None,
        )
    )


def _written_in(ids: Collection[int]) -> ColumnElement[bool]:
    """Messages of these tickets, and those that a merge took from them to other ones."""
    return or_(_M.ticket_id.in_(ids), _M.moved_from.in_(ids))


def _empty_history(tx: Tx, ids: Collection[int]) -> None:
    mine = or_(_E.ticket_id.in_(ids), _E.id.in_(_excerpts(tx.conn, ids)))
    rows = tx.conn.execute(select(_E.id, _E.data).where(mine)).all()
    emptied = {row.id: _without_words(row.data) for row in rows if row.data}
    changed = [row.id for row in rows if row.data and emptied[row.id] != row.data]
    for event_id in changed:
        tx.conn.execute(
            update(tables.ticket_event).where(_E.id == event_id).values(data=emptied[event_id])
        )
    mark_erased(tx.conn, changed, tx.now)


def _without_words(data: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: "" if name in SAID and isinstance(value, str) else _without_names(value)
        for name, value in data.items()
    }


def _without_names(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {name: each for name, each in value.items() if name not in NAMING}


def _excerpts(conn: Connection, ids: Collection[int]) -> list[int]:
    """Events of other tickets that quote one of these, which went on there."""
    into = select(_T.merged_into).where(_T.id.in_(ids), _T.merged_into.is_not(None))
    rows = conn.execute(
        select(_E.id, _E.data).where(_E.ticket_id.in_(into), _E.type == EventType.MERGED_IN)
    )
    return [row.id for row in rows if (row.data or {}).get("absorbed") in ids]


def posts_elsewhere(conn: Connection, ids: Collection[int]) -> Sequence[tuple[str, str]]:
    """Where the words of these tickets were posted in threads of others: channel and ts."""
    moved = conn.scalars(select(_M.id).where(_M.moved_from.in_(ids), _M.ticket_id.not_in(ids)))
    keys = [f"message:{each}" for each in moved]
    keys += [f"log:{each}" for each in _excerpts(conn, ids)]
    rows = conn.execute(select(_B.result).where(_B.dedupe_key.in_(keys), _B.state == "sent"))
    return posted(rows.all())


def posts_below_former(conn: Connection, ticket_id: int) -> Sequence[tuple[str, str]]:
    """What was posted in a ticket's threads, as far as we noted it: channel and ts.

    Slack does not always list what hangs below a card that is deleted.
    """
    said = conn.scalars(select(_M.id).where(_M.ticket_id == ticket_id))
    noted = conn.scalars(select(_E.id).where(_E.ticket_id == ticket_id))
    ping = tables.ping.c
    fired = conn.execute(
        select(ping.id, ping.fired_at).where(
            ping.ticket_id == ticket_id, ping.fired_at.is_not(None)
        )
    )
    keys = [f"message:{each}" for each in said] + [f"log:{each}" for each in noted]
    keys += [f"ping:{row.id}:{int(row.fired_at.timestamp())}" for row in fired]
    mine = _B.dedupe_key.in_(keys)
    return posted(conn.execute(select(_B.result).where(mine, _B.state == "sent")).all())


def posts_of(conn: Connection, ids: Collection[int]) -> Sequence[AnyRow]:
    """Tickets: id, channel and ts of the card, where former cards were, and when they lived."""
    places = (_T.slack_channel, _T.slack_ts, _T.slack_former)
    lived = (_T.opened_at, _T.updated_at)
    return list(conn.execute(select(_T.id, *places, *lived).where(_T.id.in_(ids))))


def shown_of(conn: Connection, ids: Collection[int]) -> Sequence[AnyRow]:
    """The copies of customers' pictures in Slack: `ticket_id`, `slack_id`."""
    shown = tables.shown_file.c
    return list(
        conn.execute(
            select(_M.ticket_id, shown.slack_id)
            .join_from(tables.shown_file, tables.message)
            .where(_written_in(ids))
        )
    )


def nameless(tx: Tx, customer_ids: Collection[int]) -> int:
    """Give customers of whom no words are kept a name that says nothing; how many had another.

    It stays theirs, so that reports go on counting one person as one.
    """
    kept = exists().where(_T.customer_id == _C.id, _T.purged_at.is_(None))
    ids = list(
        tx.conn.scalars(
            select(_C.id).where(_C.id.in_(customer_ids), _C.forgotten_at.is_(None), ~kept)
        )
    )
    for customer_id in ids:
        tx.conn.execute(
            update(tables.customer)
            .where(_C.id == customer_id)
            .values(
                handle=pseudonym(customer_id),
                display_name="",
                tags=None,
                orders=None,
                lifetime_value=None,
                currency=None,
                forgotten_at=tx.now,
            )
        )
    return len(ids)


def pseudonym(customer_id: int) -> str:
    """What a customer is called whose name is gone."""
    return f"removed-{customer_id:x}"


def touch_homes(tx: Tx, since: datetime, until: datetime) -> list[str]:
    """Whose Homes were drawn in that time and may still show it; they count as open once more."""
    home = tables.home.c
    mine = (home.drawn_at >= since) & (home.drawn_at <= until)
    people = list(tx.conn.scalars(select(home.slack_id).where(mine)))
    tx.conn.execute(
        update(tables.home).where(home.slack_id.in_(people)).values(opened_at=tx.now, digest=None)
    )
    return people

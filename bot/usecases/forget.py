"""Somebody wishes to be forgotten: everything they wrote and were called goes, in every ticket."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, func, or_, select, update

from bot.db import tables
from bot.db.erase_rows import nameless
from bot.db.hold_rows import Hold, holds_on
from bot.db.inbound_rows import payload_place
from bot.db.inserts import upsert
from bot.db.retention_rows import empty_items, is_busy, lists_between
from bot.db.sealed import try_bytes
from bot.db.unit import Tx
from bot.domain.erasure_effects import erase_post
from bot.domain.retention import digest_of, digests_of
from bot.errors import DeskError
from bot.usecases.retention import BATCH, SHOWN_FOR, empty

_T = tables.ticket.c
_C = tables.customer.c
_M = tables.message.c
_R = tables.raw_inbound.c
_F = tables.forgotten.c
_INBOX = tables.inbox.c

ITEMS: Final = 50
"""Raw items looked through in one transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A customer of one inbox. `tickets` are the numbers of those whose words are kept."""

    id: int
    inbox_id: int
    inbox: str
    handle: str
    name: str
    tickets: tuple[int, ...]


class StillBusy(DeskError):
    """Somebody waits in one of their tickets, or an answer is on its way."""


class Held(DeskError):
    """A legal hold forbids it."""


def people(
    conn: Connection, *, handle: str | None = None, ticket: int | None = None, inbox: str | None
) -> list[Person]:
    """Customers by their handle, capitals aside, or by the number of a ticket of theirs."""
    query = (
        select(_C.id, _C.inbox_id, _INBOX.name, _C.handle, _C.display_name)
        .join_from(tables.customer, tables.inbox)
        .order_by(_C.id)
    )
    if handle is not None:
        wanted = handle.strip()
        query = query.where(or_(_C.handle == wanted, func.lower(_C.handle) == func.lower(wanted)))
    if ticket is not None:
        query = query.where(
            _C.id == select(_T.customer_id).where(_T.number == ticket).scalar_subquery()
        )
    if inbox is not None:
        query = query.where(_INBOX.name == inbox)
    return [
        Person(
            id=row.id,
            inbox_id=row.inbox_id,
            inbox=row.name,
            handle=row.handle,
            name=row.display_name,
            tickets=tuple(
                conn.scalars(
                    select(_T.number)
                    .where(_T.customer_id == row.id, _T.purged_at.is_(None))
                    .order_by(_T.number)
                )
            ),
        )
        for row in conn.execute(query).all()
    ]


def may_be_forgotten(conn: Connection, ids: Collection[int]) -> None:
    """Look whether these customers may be forgotten now.

    Raises:
        Held: a hold forbids it; the sentence says which.
        StillBusy: somebody waits; the sentence says where.
    """
    mine = list(conn.scalars(select(_T.id).where(_T.customer_id.in_(ids), _T.purged_at.is_(None))))
    found = holds_on(conn, mine, ids)
    if found:
        raise Held(
            f"Nothing was removed: {'; '.join(map(_told, found))}. `threadline hold end` lets go."
        )
    busy = list(
        conn.scalars(select(_T.number).where(_T.id.in_(mine), is_busy()).order_by(_T.number))
    )
    if busy:
        numbers = ", ".join(f"#{number}" for number in busy)
        raise StillBusy(
            f"Nothing was removed: somebody waits in {numbers}, or an answer is on its way. Answer, "
            "or mark it “no answer needed”, then say it again."
        )


def _told(hold: Hold) -> str:
    of = f"#{hold.number}" if hold.number is not None else f"the customer {hold.handle}"
    return f"hold {hold.id} on {of} ({hold.reason}, since {hold.at:%Y-%m-%d})"


def remember_wish(tx: Tx, person: Person, key: bytes) -> None:
    """Keep that this person is to be forgotten, by nothing that names them.

    From here on it is done even where whoever asked for it is interrupted.
    """
    row = {"at": tx.now, "applied_at": None}
    statement = upsert(tx.conn.dialect.name, tables.forgotten).values(
        id=tx.new_id(),
        inbox_id=person.inbox_id,
        digest=digest_of(key, person.inbox, person.handle),
        **row,
    )
    tx.conn.execute(
        statement.on_conflict_do_update(index_elements=["inbox_id", "digest"], set_=row)
    )


def wishes(conn: Connection, inbox_id: int) -> dict[str, datetime]:
    """Wishes of one inbox that are not done yet, or that a backup undid: digest and when."""
    rows = conn.execute(
        select(_F.digest, _F.at).where(_F.inbox_id == inbox_id, _F.applied_at.is_(None))
    )
    return {row.digest: row.at for row in rows}


def wished_inboxes(conn: Connection) -> list[tuple[int, str]]:
    """Inboxes with such wishes: id and name."""
    rows = conn.execute(
        select(_INBOX.id, _INBOX.name)
        .where(_INBOX.id.in_(select(_F.inbox_id).where(_F.applied_at.is_(None))))
        .order_by(_INBOX.id)
    )
    return [(row.id, row.name) for row in rows]


def who_wished(
    conn: Connection, inbox_id: int, inbox: str, key: bytes
) -> list[tuple[int, datetime]]:
    """The customers behind the wishes of an inbox, with the instant of the wish."""
    wanted = wishes(conn, inbox_id)
    rows = conn.execute(
        select(_C.id, _C.handle).where(_C.inbox_id == inbox_id, _C.forgotten_at.is_(None))
    )
    return [
        (row.id, wanted[digest])
        for row in rows
        for digest in digests_of(key, inbox, row.handle) & wanted.keys()
    ]


def handle_of(conn: Connection, customer_id: int) -> str:
    """What a customer is called."""
    return str(conn.scalar(select(_C.handle).where(_C.id == customer_id)))


def forget_tickets(tx: Tx, customer_id: int, until: datetime) -> int:
    """Empty the next tickets of a customer that were opened by then; how many, at most `BATCH`.

    Those in which somebody waits, and those that are held, stay until that is over.
    """
    held = {hold.number for hold in holds_on(tx.conn, _ids(tx.conn, customer_id), [customer_id])}
    if None in held:  # everything of the customer
        return 0
    rows = tx.conn.execute(
        select(_T.id, _T.opened_at, _T.updated_at)
        .where(_T.customer_id == customer_id, _T.purged_at.is_(None), _T.opened_at <= until)
        .where(~is_busy(), _T.number.not_in(held))
        .order_by(_T.id)
        .limit(BATCH)
        .with_for_update()
    ).all()
    empty(tx, [row.id for row in rows], asked=True)
    lists = {
        place
        for row in rows
        for place in lists_between(tx.conn, row.opened_at, row.updated_at + SHOWN_FOR)
    }
    for channel, ts in sorted(lists):
        tx.emit(erase_post(channel, ts))
    return len(rows)


def _ids(conn: Connection, customer_id: int) -> list[int]:
    return list(conn.scalars(select(_T.id).where(_T.customer_id == customer_id)))


def items_about(
    conn: Connection, inbox_id: int, handle: str, after: int
) -> tuple[int | None, list[int]]:
    """Of the next raw items that became no message, those that name the handle; and the last one."""
    told = ~select(_M.id).where(_M.raw_inbound_id == _R.id).exists()
    rows = conn.execute(
        select(_R.id, _R.payload)
        .where(_R.inbox_id == inbox_id, _R.id > after, _R.payload != b"", told)
        .where(_R.state.in_(("done", "ignored", "quarantined")))
        .order_by(_R.id)
        .limit(ITEMS)
    ).all()
    name = handle.casefold().encode()
    opened = ((row.id, try_bytes(conn, row.payload, place=payload_place(row.id))) for row in rows)
    found = [item_id for item_id, payload in opened if payload and name in payload.lower()]
    return (rows[-1].id if rows else None), found


def forget_items(tx: Tx, ids: Sequence[int]) -> None:
    """Empty them."""
    empty_items(tx.conn, ids)


def forget_name(tx: Tx, customer_id: int, until: datetime) -> bool:
    """Give the customer a name that says nothing, once no words of theirs are kept.

    False while words of before the wish are. Who wrote again since keeps their name.
    """
    nameless(tx, [customer_id])
    left = select(_T.id).where(
        _T.customer_id == customer_id, _T.purged_at.is_(None), _T.opened_at <= until
    )
    return tx.conn.scalar(left.limit(1)) is None


def wish_done(tx: Tx, inbox_id: int, left: Collection[str]) -> None:
    """Note that every wish of an inbox is done, but those whose digest is `left`."""
    tx.conn.execute(
        update(tables.forgotten)
        .where(_F.inbox_id == inbox_id, _F.applied_at.is_(None), _F.digest.not_in(left))
        .values(applied_at=tx.now)
    )

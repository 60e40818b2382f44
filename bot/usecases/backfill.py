"""The past of one inbox, read into a database of its own and lived through again.

What was read is kept first, page by page with the cursor, so that a reading goes on where it
stopped. Then all of it is taken in by the order of time, by the same decisions as live mail; that
may be done any number of times, and each time begins with an empty desk.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, delete, func, select, update

from bot.db import tables
from bot.db.inbound_rows import opened_payload, payload_place
from bot.db.inserts import insert_ignore
from bot.db.sealed import seal_bytes
from bot.db.unit import Database, Tx
from bot.domain.desk import Desk
from bot.errors import DeskError
from bot.usecases.backfill_items import KeptItem, PastMessage, past_message
from bot.usecases.backfill_page import Past
from bot.usecases.inboxes import sync_inboxes
from bot.usecases.rule_versions import keep_own_rules
from connectors.contract import Cursor

AT_ONCE: Final = 1000
"""Items lived through in one transaction."""

_KEPT: Final = frozenset({"data_key", "inbox", "raw_inbound", "rule_version"})
"""Tables that outlive a rebuilding: what was read, how far, and the keys it is sealed with."""

_R = tables.raw_inbound.c
_I = tables.inbox.c


_OURS: Final = "backfill"
"""Stands as who reads the inbox, so that no desk's database is ever taken for such a file."""


class AnotherInbox(DeskError):
    """The database holds the past of another inbox."""


class NoPast(DeskError):
    """The database is a desk's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is in the database before anything more is read."""

    inbox_id: int
    cursor: Cursor | None
    items: int


def open_past(tx: Tx, desk: Desk, inbox: str) -> Kept:
    """Make the database that of this inbox, and say how far it was read.

    Raises:
        AnotherInbox: it is that of another one.
        NoPast: it is a desk's.
    """
    rows = tx.conn.execute(select(_I.name, _I.lease_owner)).all()
    if any(row.lease_owner != _OURS for row in rows):
        raise NoPast(
            "The file is the database of a desk, and a backfill would empty it. "
            "Name a file of its own by --database."
        )
    others = [row.name for row in rows if row.name != inbox]
    if others:
        raise AnotherInbox(
            f'The file holds the past of "{others[0]}", not of "{inbox}". '
            "Name another file by --database, or begin it again with --fresh."
        )
    sync_inboxes(tx, desk)
    keep_own_rules(tx, desk)
    tx.conn.execute(update(tables.inbox).values(lease_owner=_OURS))
    row = tx.conn.execute(select(_I.id, _I.cursor).where(_I.name == inbox)).one()
    return Kept(
        inbox_id=row.id,
        cursor=None if row.cursor is None else Cursor(state=row.cursor),
        items=count_items(tx.conn),
    )


def count_items(conn: Connection) -> int:
    """How many items were read."""
    return conn.scalar(select(func.count()).select_from(tables.raw_inbound)) or 0


def keep_page(tx: Tx, inbox_id: int, items: Sequence[KeptItem], cursor: Cursor) -> int:
    """Keep what was read together with how far; returns how many items are new."""
    rows = [
        {
            "id": raw_id,
            "inbox_id": inbox_id,
            "source_id": each.source_id,
            "sha256": each.digest,
            "payload": seal_bytes(tx.conn, each.content, place=payload_place(raw_id)),
            "received_at": each.received_at,
            "state": "done" if each.readable else "quarantined",
            "verdict": each.verdict,
        }
        for raw_id, each in ((tx.new_id(), item) for item in items)
    ]
    new = 0
    if rows:
        statement = insert_ignore(tx.conn, tables.raw_inbound).returning(_R.id)
        new = len(tx.conn.execute(statement, rows).all())
    tx.conn.execute(update(tables.inbox).where(_I.id == inbox_id).values(cursor=dict(cursor.state)))
    return new


@dataclass(slots=True)
class Rebuilding:
    """Lives through what was kept since `since`, a piece at a time, so that one can watch."""

    database: Database
    past: Past
    since: datetime
    _order: Sequence[int] = ()
    _done: int = 0

    async def begin(self, now: datetime) -> int:
        """Empty the desk; returns how many items there are to live through."""
        await self.database.write(lambda tx: _empty(tx.conn), now=now)
        self._order = await self.database.read(lambda conn: _by_time(conn, self.since))
        self._done = 0
        return len(self._order)

    async def step(self, now: datetime) -> int:
        """Live through the next piece; returns how many are done."""
        piece = self._order[self._done : self._done + AT_ONCE]

        def one(tx: Tx) -> None:
            self.past.live(tx.conn, _items(tx.conn, piece))

        await self.database.write(one, now=now)
        self._done += len(piece)
        return self._done

    async def finish(self, now: datetime) -> None:
        """Let nothing of the past ring: whoever ran a desk on this file would wake nobody."""
        await self.database.write(lambda tx: _silence(tx.conn), now=now)


def _by_time(conn: Connection, since: datetime) -> Sequence[int]:
    wanted = select(_R.id).where(_R.received_at >= since)
    return list(conn.scalars(wanted.order_by(_R.received_at, _R.id)))


def _items(conn: Connection, ids: Sequence[int]) -> Sequence[PastMessage]:
    rows = conn.execute(
        select(_R.id, _R.received_at, _R.payload)
        .where(_R.id.in_(ids))
        .order_by(_R.received_at, _R.id)
    )
    return [past_message(row.id, row.received_at, opened_payload(conn, row)) for row in rows]


def _empty(conn: Connection) -> None:
    for table in reversed(tables.metadata.sorted_tables):
        if table.name not in _KEPT:
            conn.execute(delete(table))


def _silence(conn: Connection) -> None:
    conn.execute(delete(tables.ping))

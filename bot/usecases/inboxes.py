"""The inboxes as rows: who reads one now, how far they got, and how healthy the source is."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update

from bot.db import tables
from bot.db.inserts import insert_ignore
from bot.db.unit import Tx
from bot.domain.desk import Desk
from bot.domain.effects import post_ops
from connectors.contract import Cursor
from sla_rules.worded import worded

_I = tables.inbox.c

ALARM_AFTER = 3
"""Failed reads in a row before the ops channel is told: one is weather, three are a fault."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxState:
    """What a reader needs to know before it reads."""

    cursor: Cursor | None
    failures: int
    last_ok_at: datetime | None
    paused_reason: str | None


def sync_inboxes(tx: Tx, desk: Desk) -> None:
    """Make sure every configured inbox has its row. Rows of removed inboxes keep their tickets."""
    if not desk.inboxes:
        return
    tx.conn.execute(
        insert_ignore(tx.conn, tables.inbox),
        [
            {"id": tx.new_id(), "name": route.name, "connector": route.connector}
            for route in desk.inboxes.values()
        ],
    )


def inbox_state(tx: Tx, name: str) -> InboxState | None:
    """Cursor and health of an inbox; None for one without a row."""
    row = tx.conn.execute(
        select(_I.cursor, _I.failures, _I.last_ok_at, _I.paused_reason).where(_I.name == name)
    ).one_or_none()
    if row is None:
        return None
    return InboxState(
        cursor=None if row.cursor is None else Cursor(state=row.cursor),
        failures=row.failures,
        last_ok_at=row.last_ok_at,
        paused_reason=row.paused_reason,
    )


def begin_look(tx: Tx, name: str) -> None:
    """Whoever woke the inbox gets what they asked for now."""
    tx.conn.execute(
        update(tables.inbox).where(_I.name == name, _I.woken_at.is_not(None)).values(woken_at=None)
    )


def lease_inbox(tx: Tx, name: str, owner: str, until: datetime) -> bool:
    """Take or prolong the right to read this inbox. False when another process holds it."""
    taken = tx.conn.execute(
        update(tables.inbox)
        .where(
            _I.name == name,
            or_(
                _I.lease_owner.is_(None),
                _I.lease_owner == owner,
                _I.lease_until.is_(None),
                _I.lease_until <= tx.now,
            ),
        )
        .values(lease_owner=owner, lease_until=until)
    )
    return taken.rowcount == 1


def release_inbox(tx: Tx, name: str, owner: str) -> None:
    """Give the right back, if it is still ours."""
    tx.conn.execute(
        update(tables.inbox)
        .where(_I.name == name, _I.lease_owner == owner)
        .values(lease_owner=None, lease_until=None)
    )


def shorten_leases(tx: Tx, longest: timedelta) -> int:
    """Have no lease last longer than one may; how many did.

    It does where the clock was set back while it was held. A holder that lives prolongs it in
    time; one that died would keep the inbox from the others for as long as the clock was set back.
    """
    end = tx.now + longest
    return tx.conn.execute(
        update(tables.inbox).where(_I.lease_until > end).values(lease_until=end)
    ).rowcount


def end_lease(tx: Tx, name: str) -> None:
    """Free an inbox whoever holds it. Only for who knows that the holder is dead."""
    tx.conn.execute(
        update(tables.inbox).where(_I.name == name).values(lease_owner=None, lease_until=None)
    )


def note_failure(tx: Tx, name: str, error: str, paused: bool) -> None:
    """A read failed. `paused` says that it will go on failing until somebody mends something."""
    row = tx.conn.execute(
        update(tables.inbox)
        .where(_I.name == name)
        .values(
            failures=_I.failures + 1,
            last_error=error,
            last_polled_at=tx.now,
            paused_reason=error if paused else _I.paused_reason,
        )
        .returning(_I.failures, _I.last_ok_at)
    ).one_or_none()
    if row is None:
        return
    if paused or row.failures == ALARM_AFTER:
        # The key names the outage: however often it fails, people hear of it once.
        since = row.last_ok_at.isoformat() if row.last_ok_at else "never"
        text = (
            worded(
                "Inbox {inbox} cannot be read until somebody mends it: {error}",
                inbox=name,
                error=error,
            )
            if paused
            else worded("Inbox {inbox} cannot be read: {error}", inbox=name, error=error)
        )
        tx.emit(post_ops(f"inbox:{name}:{since}:{paused}", text))


def note_ok(tx: Tx, name: str, newest: datetime | None = None) -> None:
    """A read worked: failures are over, a pause ends, and those who were alarmed are told.

    `newest` is the marketplace time of the newest message it brought.
    """
    before = tx.conn.execute(
        select(_I.failures, _I.paused_reason, _I.newest_sent_at)
        .where(_I.name == name)
        .with_for_update()
    ).one_or_none()
    tx.conn.execute(
        update(tables.inbox)
        .where(_I.name == name)
        .values(
            failures=0,
            last_error=None,
            paused_reason=None,
            last_polled_at=tx.now,
            last_ok_at=tx.now,
            **_newer(before.newest_sent_at if before else None, newest),
        )
    )
    if before is not None and (before.paused_reason or before.failures >= ALARM_AFTER):
        text = worded("Inbox {inbox} is read again.", inbox=name)
        tx.emit(post_ops(f"inbox:{name}:ok:{tx.now.isoformat()}", text))


def _newer(before: datetime | None, newest: datetime | None) -> dict[str, datetime]:
    if newest is None or (before is not None and before >= newest):
        return {}
    return {"newest_sent_at": newest}

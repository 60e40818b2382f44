"""Words go when their time is up: out of the database at once, out of Slack through the outbox."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from bot.db.erase_rows import (
    empty_tickets,
    nameless,
    posts_below_former,
    posts_elsewhere,
    posts_of,
    shown_of,
    touch_homes,
)
from bot.db.retention_rows import empty_old_items, kept_tickets, over_time, take_old_lists
from bot.db.types import AnyRow
from bot.db.unit import Tx
from bot.domain.desk import Desk
from bot.domain.effects import publish_home
from bot.domain.erasure_effects import erase_file, erase_post, erase_thread
from bot.domain.retention import deadlines, keep_of
from bot.domain.ticket import DESK, EventType

BATCH: Final = 10
"""Tickets emptied in one transaction."""

WINDOW: Final = 500
"""Tickets looked at in one read."""

ITEMS: Final = 100
LISTS: Final = 50

SHOWN_FOR: Final = timedelta(days=1)
"""How long after its last change a ticket may still be named in a list or on somebody's Home."""


def due_in(
    conn: Connection, desk: Desk, inbox: str, now: datetime, after: int
) -> tuple[int | None, list[AnyRow]]:
    """Of the next tickets of an inbox, those whose time is up, and the last one looked at.

    The last is None at the end, or where nothing says that words go.
    """
    keep = keep_of(desk.inboxes[inbox])
    if keep.shortest is None:
        return None, []
    ids = kept_tickets(conn, inbox, after, WINDOW)
    if not ids:
        return None, []
    return ids[-1], over_time(conn, ids, deadlines(keep, now))


def purge_due(tx: Tx, desk: Desk, inbox: str, ids: Collection[int]) -> int:
    """Empty those of these tickets whose time is still up; how many."""
    due = over_time(tx.conn, ids, deadlines(keep_of(desk.inboxes[inbox]), tx.now), lock=True)
    empty(tx, [row.id for row in due], asked=False)
    nameless(tx, {row.customer_id for row in due} - {None})
    return len(due)


def empty(tx: Tx, ids: Sequence[int], *, asked: bool) -> None:
    """Empty tickets, and have what Slack shows of them removed. `asked`: on a person's wish."""
    if not ids:
        return
    shown, lived = shown_of(tx.conn, ids), posts_of(tx.conn, ids)
    for channel, ts in posts_elsewhere(tx.conn, ids):
        tx.emit(erase_post(channel, ts))
    empty_tickets(tx, ids)
    for row in shown:
        tx.emit(erase_file(row.ticket_id, row.slack_id))
    for row in lived:
        tx.record(row.id, EventType.WORDS_REMOVED, actor=DESK, asked=asked)
        if row.slack_channel and row.slack_ts:
            tx.emit(erase_thread(row.id, channel=row.slack_channel, ts=row.slack_ts, asked=asked))
        _erase_former(tx, row, asked=asked)
        # A Home that nobody opened since still shows what it showed when it was drawn.
        for person in touch_homes(tx, row.opened_at, row.updated_at + SHOWN_FOR):
            tx.emit(publish_home(person, tx.new_id()))


def _erase_former(tx: Tx, row: AnyRow, *, asked: bool) -> None:
    """What hangs below cards that somebody deleted in Slack, and that were posted again."""
    places = row.slack_former or ()
    for channel, ts in places:
        tx.emit(erase_thread(row.id, channel=channel, ts=ts, asked=asked, former=True))
        tx.emit(erase_post(channel, ts, ticket_id=row.id))
    for channel, ts in posts_below_former(tx.conn, row.id) if places else ():
        tx.emit(erase_post(channel, ts, ticket_id=row.id))


def purge_items(tx: Tx, desk: Desk, inbox: str) -> int:
    """Empty raw items over their time that no message came of; how many, at most `ITEMS`."""
    keep = keep_of(desk.inboxes[inbox]).shortest
    return 0 if keep is None else empty_old_items(tx, inbox, tx.now - keep, ITEMS)


def purge_lists(tx: Tx, desk: Desk) -> int:
    """Have lists deleted that are older than any words may be; how many, at most `LISTS`."""
    keeps = [keep_of(route).shortest for route in desk.inboxes.values()]
    shortest = min((each for each in keeps if each is not None), default=None)
    if shortest is None:
        return 0
    found = take_old_lists(tx, tx.now - shortest, LISTS)
    for channel, ts in found:
        tx.emit(erase_post(channel, ts))
    return len(found)

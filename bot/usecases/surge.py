"""Notice that a storm begins or ends, keep its list fresh, and let leads decide about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from bot.db import tables
from bot.db.queue_rows import urgencies
from bot.db.surge_rows import (
    board_of,
    change_surge,
    keep_mode,
    roots_that_wait,
    surge_mode,
    surges,
    surging_channels,
    waiting_seconds,
)
from bot.db.unit import Tx
from bot.domain.desk import Desk
from bot.domain.effects import pin_board, post_board
from bot.domain.root_order import root_priority
from bot.domain.roster import Verb
from bot.domain.surge import BEGINS_AT, Mode, Surge, after
from bot.usecases.access import require

_AT_ONCE: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSurge:
    """A lead turns it on or off for every channel, or leaves it to the desk again. None: asks."""

    actor: str
    mode: Mode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SurgeNow:
    """Who decides, and the channels in a storm."""

    mode: Mode
    channels: tuple[str, ...]


def set_surge(tx: Tx, desk: Desk, command: SetSurge) -> SurgeNow:
    """Raises NotAllowed for whoever may not decide it, or not even look."""
    require(desk, command.actor, Verb.VIEW if command.mode is None else Verb.STAFF)
    if command.mode is not None:
        keep_mode(tx.conn, command.mode)
        watch_surge(tx, desk)
    return SurgeNow(mode=surge_mode(tx.conn), channels=surging_channels(tx.conn))


def watch_surge(tx: Tx, desk: Desk) -> None:
    """Bring the storms up to date. Of several processes that look at once, one changes each."""
    channels = sorted({route.channel for route in desk.inboxes.values()})
    mode, known = surge_mode(tx.conn), surges(tx.conn)
    waiting = waiting_seconds(tx.conn, channels, tx.now)
    for channel in channels:
        was = known.get(channel, Surge())
        now_is = after(was, waiting[channel], mode, tx.now)
        _, ts = board_of(tx.conn, channel)
        if now_is != was and not change_surge(tx.conn, channel, was, now_is):
            continue
        if now_is.since is not None:
            tx.emit(post_board(channel, since=now_is.since, at=tx.now))
        elif was.since is not None:
            tx.emit(post_board(channel, since=was.since, at=tx.now, over=True))
            if ts is not None:
                tx.emit(pin_board(channel, ts, pinned=False))


def is_stormy(conn: Connection, desk: Desk, now: datetime) -> bool:
    """Whether there is anything to bring up to date: nothing is, on an ordinary day."""
    channels = sorted({route.channel for route in desk.inboxes.values()})
    if surge_mode(conn) is Mode.ON or surging_channels(conn):
        return True
    return max(waiting_seconds(conn, channels, now).values(), default=0.0) > BEGINS_AT


def new_ranks(conn: Connection, now: datetime) -> Mapping[int, int]:
    """The cards that wait for a channel in a storm and are ranked anew, by their tickets."""
    waiting = roots_that_wait(conn, surging_channels(conn))
    found: dict[int, int] = {}
    ids = sorted(waiting)
    for start in range(0, len(ids), _AT_ONCE):
        some = tables.ticket.c.id.in_(ids[start : start + _AT_ONCE])
        for ticket in urgencies(conn, some):
            found[ticket.ticket_id] = int(root_priority(ticket, now))
    return {ticket_id: rank for ticket_id, rank in found.items() if rank != waiting[ticket_id]}

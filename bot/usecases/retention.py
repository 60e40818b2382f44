"""Words go when their time is up: out of the database at once, out of Slack through the outbox."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection, select

from bot.db import tables
from bot.db.erase_rows import empty_tickets, nameless, posts_of, shown_of, touch_homes
from bot.db.retention_rows import (
    empty_old_items,
    over_time,
    take_old_lists,
)
from bot.db.types import AnyRow
from bot.db.unit import Tx
from bot.domain.desk import Desk
from bot.domain.effects import publish_home
from bot.domain.erasure_effects import erase_card, erase_file, erase_post, erase_thread
from bot.domain.retention import deadlines, keep_of
from bot.domain.ticket import DESK, EventType

BATCH: Final = 10
"""Tickets emptied in one transaction."""

ITEMS: Final = 100
LISTS: Final = 50

_T = tables.ticket.c
_SHOWN_ON: Final = timedelta(days=1)


def over_time_in(
    conn: Connection, desk: Desk, inbox: str, now: object, *, after: int = 0, limit: int = BATCH
) -> Sequence[AnyRow]:
    """Tickets of an inbox whose time is up: id and number. None where words are kept for good."""
    raise NotImplementedError

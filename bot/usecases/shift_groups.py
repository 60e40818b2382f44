"""Keep Slack's user groups equal to who is on shift: say who belongs into them when that changes."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from bot.db.routing_rows import with_absences
from bot.db.shift_group_rows import KnownGroup, keep_group, known_groups
from bot.db.unit import Tx
from bot.domain.desk import Desk
from bot.domain.effects import post_ops, sync_group
from bot.domain.shift_groups import wanted_groups
from bot.language import marked
from sla_rules.worded import worded

LOOKED_AFTER: Final = timedelta(hours=1)
"""A group that somebody changed by hand is right again after so long at the latest."""

AGAIN_AFTER: Final = timedelta(days=1)
"""What Slack refused is tried again after so long: a plan or a permission may have changed."""

_LEFT = marked(
    "Nobody is on shift for the user group @{group}. Slack keeps no group empty: it stays as it was "
    "until the next shift starts. This is said once."
)


def has_groups(desk: Desk) -> bool:
    """Whether any shift is to keep a group."""
    return any(shift.user_group is not None for shift in desk.roster.shifts)


def changed_groups(conn: Connection, desk: Desk, now: datetime) -> Mapping[str, frozenset[str]]:
    """The groups that Slack is to be asked about, each with who belongs into it."""
    if not has_groups(desk):
        return {}
    roster, known = with_absences(conn, desk, now).roster, known_groups(conn)
    return {
        handle: people
        for handle, people in wanted_groups(roster, now).items()
        if _is_due(known.get(handle), people, now)
    }


def follow_shifts(tx: Tx, desk: Desk) -> int:
    """Have groups changed where who is on shift did; returns how many."""
    changed = changed_groups(tx.conn, desk, tx.now)
    for handle, people in changed.items():
        keep_group(tx, handle, people)
        if people:
            tx.emit(sync_group(handle, people, at=tx.now))
        else:
            tx.emit(post_ops(f"shift_group_empty:{handle}", worded(_LEFT, group=handle)))
    return len(changed)


def _is_due(known: KnownGroup | None, people: frozenset[str], now: datetime) -> bool:
    if known is None:
        return True
    age = now - known.changed_at
    if known.refused is not None:
        return age >= AGAIN_AFTER
    return known.people != people or (bool(people) and age >= LOOKED_AFTER)

"""What one process tells the others that it committed, on PostgreSQL."""

from collections.abc import Collection
from typing import Final

from sqlalchemy import Connection, func, select

CHANNEL: Final = "threadline"

SWEEP: Final = frozenset({"outbox", "pings"})
"""What everybody looks for who may have missed something."""

MOST: Final = 200
"""Names that are read at once."""

LONGEST: Final = 7_900
"""Bytes that are told at once: PostgreSQL takes less than 8,000, and else the transaction fails."""


def tell_others(conn: Connection, woken: Collection[str]) -> None:
    """Have the others told, if and only if this transaction commits.

    Told by processes that cannot do the work themselves: all who tell wait for each other at the
    commit (PostgreSQL keeps what is told in the order of commits).
    """
    said = ""
    # Some may be left out: the sweep finds what they stand for.
    for name in sorted(woken):
        longer = f"{said},{name}" if said else name
        if len(longer.encode()) <= LONGEST:
            said = longer
    conn.execute(select(func.pg_notify(CHANNEL, said)))


def read_wakes(said: str) -> set[str]:
    """The names that were told; whoever may connect may say anything."""
    return {name for name in said.split(",")[:MOST] if name and name.isprintable()}

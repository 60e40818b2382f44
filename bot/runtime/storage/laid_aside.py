"""Keys and indexes of a PostgreSQL database that is being filled: laid aside, and made again after it.

Made over a full table each of them is one sort. Kept while rows arrive, an index is a search for
every row, and a foreign key a look into another table as well. What has to be made again is written
down in the target itself, in the transaction that lays it aside: a move that died is gone on with.
"""

from collections.abc import Sequence
from typing import Any, Final

import asyncpg

from bot.runtime.storage.problem import StorageProblem

LATER: Final = "threadline_move_later"
"""In the target while a move is under way: the statements that make its keys and indexes again."""

_ROOM: Final = "128MB"
"""For sorting. PostgreSQL's own default is half of it; a machine for a large desk has more."""

# Foreign keys lean on unique ones: they go first and come back last.
_KEYS: Final = """
SELECT conrelid::regclass::text AS "table",
  format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS away,
  format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname,
    pg_get_constraintdef(oid)) AS again
FROM pg_constraint
WHERE conrelid = ANY($1::text[]::regclass[]) AND contype::text = ANY($2::text[])
ORDER BY conrelid::regclass::text, conname
"""
# An index of a few rows costs little, and its condition would come back in other words.
_INDEXES: Final = """
SELECT indrelid::regclass::text AS "table", format('DROP INDEX %s', indexrelid::regclass) AS away,
  pg_get_indexdef(indexrelid) AS again
FROM pg_index
WHERE indrelid = ANY($1::text[]::regclass[]) AND indpred IS NULL
  AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
ORDER BY indrelid::regclass::text, indexrelid::regclass::text
"""


async def lay_aside(target: Any, names: Sequence[str]) -> None:
    """Take every key and whole index off the tables of these names. For the caller's transaction."""
    foreign = await target.fetch(_KEYS, names, ["f"])
    unique = await target.fetch(_KEYS, names, ["p", "u"])
    indexes = await target.fetch(_INDEXES, names)
    await target.execute(
        f"CREATE TABLE {LATER} "
        '(place integer PRIMARY KEY, "table" text NOT NULL, statement text NOT NULL)'
    )
    again = [
        (place, row["table"], row["again"])
        for place, row in enumerate([*unique, *indexes, *foreign])
    ]
    await target.executemany(f"INSERT INTO {LATER} VALUES ($1, $2, $3)", again)  # noqa: S608 - our own name
    for row in (*foreign, *unique, *indexes):
        await target.execute(row["away"])


async def make_again(target: Any) -> None:
    """Make what was laid aside and is not there yet. An interrupted one goes on where it was.

    Raises:
        StorageProblem: rows do not fit together, which the file's own keys should have seen to.
    """
    await target.execute(f"SET maintenance_work_mem = '{_ROOM}'")
    rows = await target.fetch(f"SELECT * FROM {LATER} ORDER BY place")  # noqa: S608 - as above
    for row in rows:
        try:
            async with target.transaction():
                await target.execute(row["statement"])
                await target.execute(f"DELETE FROM {LATER} WHERE place = $1", row["place"])  # noqa: S608
        except asyncpg.IntegrityConstraintViolationError as exc:
            raise StorageProblem(
                f"Rows of {row['table']} break {exc.constraint_name or 'a key'} "
                f"({type(exc).__name__}). Mend them in the file, empty the target and move again."
            ) from None

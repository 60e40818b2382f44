"""Inserts that meet a row already there, in the dialect at hand. The one place that tells them apart."""

from functools import cache

from sqlalchemy import Connection, Insert, Table, UniqueConstraint
from sqlalchemy.dialects.postgresql import Insert as PgInsert
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import Insert as SqliteInsert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert


def upsert(dialect: str, table: Table) -> PgInsert | SqliteInsert:
    """An insert that can say `on_conflict_do_update`, in a dialect given by name."""
    return pg_insert(table) if dialect == "postgresql" else sqlite_insert(table)


def insert_ignore(conn: Connection, table: Table) -> Insert:
    """`INSERT … ON CONFLICT DO NOTHING`, for the key by which a thing is known again.

    Where a table has several such keys, any of them counts.
    """
    return _ignoring(conn.dialect.name, table)


@cache
def _ignoring(dialect: str, table: Table) -> Insert:
    made = upsert(dialect, table)
    keys = [each for each in table.constraints if isinstance(each, UniqueConstraint)]
    if "id" in table.c and len(keys) == 1:
        # An id of ours that met the same of another process is a failure, and no known thing.
        return made.on_conflict_do_nothing(index_elements=list(keys[0].columns))
    return made.on_conflict_do_nothing()

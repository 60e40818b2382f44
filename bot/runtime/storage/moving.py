"""Moving a desk from a SQLite file to PostgreSQL: every row, counted and compared.

Each table is copied in one transaction, together with a mark that says that it is there: a move
that died is gone on with. Keys and indexes are made over the full tables. Until the last comparison
the target has a version that no desk starts on. The file is only read.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import asyncpg
from sqlalchemy import Table, make_url

from bot.db import tables
from bot.db.engine import is_sqlite
from bot.runtime import schema
from bot.runtime.lock import database_file
from bot.runtime.storage.copying import revision
from bot.runtime.storage.laid_aside import LATER, lay_aside, make_again
from bot.runtime.storage.moved_values import Cleaned, Digest, converters
from bot.runtime.storage.problem import StorageProblem

MARKS: Final = "threadline_move"
"""In the target while a move is under way: the tables that are there, with their sums."""

_READ_AT_ONCE: Final = 2000
_SECONDS: Final = 30.0
"""To reach the server."""

_NO_LIMITS: Final = "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0"
"""A large table takes minutes; some providers end a statement after two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """From a SQLite file to an empty PostgreSQL database, or `resume` what was begun."""

    source: str
    target: str = field(repr=False)
    resume: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedTable:
    """A table that is there, with the check sum of what was read for it.

    `before`: an earlier, interrupted move brought it.
    """

    name: str
    rows: int
    cleaned: int
    digest: str
    before: bool = False


Tell = Callable[[str], object]
"""Is told the name of each table before it is read."""


def source_file(move: Move) -> Path:
    """The file a move reads. Raises StorageProblem for anything a move does not know."""
    if not is_sqlite(move.source) or is_sqlite(move.target):
        raise StorageProblem(
            "A move goes from sqlite:///FILE to postgresql://USER:PASSWORD@HOST/NAME, and not back."
        )
    file = database_file(move.source)
    if file is None or not file.is_file():
        raise StorageProblem(f"There is no database at {file}.")
    with _reading(file) as source:
        found = revision(source)
    if found not in schema.heads():
        raise StorageProblem(
            f"{file} is at version {found or 'none'} of the database. Run `threadline migrate` on "
            "it first."
        )
    return file


async def is_begun(url: str) -> bool:
    """Whether a move into this database was begun and not finished.

    Raises:
        StorageProblem: it cannot be reached.
    """
    async with _connected(url) as target:
        return await _has(target, MARKS)


async def begin(move: Move) -> None:
    """Shut the migrated target until the move is over.

    Raises:
        StorageProblem: a desk is in it.
    """
    async with _connected(move.target) as target:
        await _require_empty(target)
        async with target.transaction():
            await target.execute(
                f"CREATE TABLE {MARKS} (name text PRIMARY KEY, rows bigint NOT NULL, "
                "digest text NOT NULL, cleaned bigint NOT NULL)"
            )
            await lay_aside(target, [table.name for table in tables.metadata.sorted_tables])
            await target.execute("UPDATE alembic_version SET version_num = $1", schema.MOVING)


async def copy_tables(
    move: Move, file: Path, tell: Tell = lambda _name: None
) -> Sequence[MovedTable]:
    """Copy what is not there yet.

    Raises:
        StorageProblem: PostgreSQL refused a value. The target stays shut.
    """
    done: list[MovedTable] = []
    async with _connected(move.target) as target:
        marks = await _marks(target)
        with _reading(file) as source:
            for table in tables.metadata.sorted_tables:
                tell(table.name)
                found = marks.get(table.name)
                done.append(found or await _copy(source, target, table))
    return done


async def finish(move: Move, file: Path, done: Sequence[MovedTable] = ()) -> None:
    """Compare every row of the target with the file, and open it for a desk.

    `done` is what `copy_tables` just said: a table that it copied itself is not read from the file
    a second time. One that was there before is, for the file may have been another one then.

    Raises:
        StorageProblem: the comparison failed. The target stays shut.
    """
    (head,) = schema.heads()
    read = {each.name: (each.rows, each.digest) for each in done if not each.before}
    async with _connected(move.target) as target:
        with _reading(file) as source:
            for table in tables.metadata.sorted_tables:
                here = read.get(table.name) or _summed(source, table)
                await _compare(here, target, table)
        await make_again(target)
        async with target.transaction():
            await target.execute(f"DROP TABLE {MARKS}, {LATER}")
            await target.execute("UPDATE alembic_version SET version_num = $1", head)
        await target.execute("ANALYZE")


async def _copy(source: sqlite3.Connection, target: Any, table: Table) -> MovedTable:
    cleaned, digest = Cleaned(), Digest(table)
    records = _records(source, table, cleaned, digest)
    try:
        async with target.transaction():
            await target.copy_records_to_table(
                table.name,
                records=records,
                columns=[column.name for column in table.columns],
            )
            await target.execute(
                f"INSERT INTO {MARKS} VALUES ($1, $2, $3, $4)",  # noqa: S608 - our own name
                *(table.name, digest.rows, digest.text, cleaned.count),
            )
    except (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError, ValueError) as exc:
        column = getattr(exc, "column_name", None)
        where = f"{table.name}.{column}" if column else table.name
        raise StorageProblem(
            f"PostgreSQL refuses a row of {where} ({type(exc).__name__}, after {digest.rows} rows). "
            "Nothing of that table was kept. Mend the row in the file, then go on with --resume."
        ) from None
    return MovedTable(name=table.name, rows=digest.rows, cleaned=cleaned.count, digest=digest.text)


def _records(
    source: sqlite3.Connection, table: Table, cleaned: Cleaned, digest: Digest
) -> Iterator[tuple[Any, ...]]:
    convert = converters(table, cleaned)
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    # Names are those of our own tables, and quoted.
    cursor = source.execute(f'SELECT {names} FROM "{table.name}"')  # noqa: S608
    while rows := cursor.fetchmany(_READ_AT_ONCE):
        for row in rows:
            made = tuple(make(value) for make, value in zip(convert, row, strict=True))
            digest.add(made)
            yield made


def _summed(source: sqlite3.Connection, table: Table) -> tuple[int, str]:
    digest = Digest(table)
    for _ in _records(source, table, Cleaned(), digest):
        pass
    return digest.rows, digest.text


async def _compare(here: tuple[int, str], target: Any, table: Table) -> None:
    there = Digest(table)
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    async with target.transaction(readonly=True):
        cursor = await target.cursor(f'SELECT {names} FROM "{table.name}"')  # noqa: S608 - as above
        coming = asyncio.ensure_future(cursor.fetch(_READ_AT_ONCE))
        while rows := await coming:
            coming = asyncio.ensure_future(cursor.fetch(_READ_AT_ONCE))
            await asyncio.sleep(0)  # asked for: the server reads on while these are summed
            for row in rows:
                there.add(row)
    if here != (there.rows, there.text):
        raise StorageProblem(
            f"{table.name} is not the same on both sides ({here[0]} rows in the file, "
            f"{there.rows} in PostgreSQL). Empty the target and move again; the file is as it was."
        )


async def _marks(target: Any) -> Mapping[str, MovedTable]:
    rows = await target.fetch(f"SELECT name, rows, digest, cleaned FROM {MARKS}")  # noqa: S608 - our own name
    return {row["name"]: MovedTable(**row, before=True) for row in rows}


async def _require_empty(target: Any) -> None:
    for table in tables.metadata.sorted_tables:
        found = await target.fetchval(f'SELECT 1 FROM "{table.name}" LIMIT 1')  # noqa: S608 - our own name
        if found is not None:
            raise StorageProblem(
                f"The target is not empty: {table.name} has rows. Move into a new database."
            )


async def _has(target: Any, table: str) -> bool:
    return await target.fetchval("SELECT to_regclass($1)", table) is not None


@asynccontextmanager
async def _connected(url: str) -> Any:
    parsed = make_url(url).set(drivername="postgresql")
    # What the desk's own driver calls `ssl` is `sslmode` in an address.
    query = {"sslmode" if name == "ssl" else name: value for name, value in parsed.query.items()}
    plain = parsed.set(query=query).render_as_string(hide_password=False)
    try:
        connection = await asyncpg.connect(plain, timeout=_SECONDS)
    except (OSError, asyncpg.PostgresError, ValueError, TimeoutError) as exc:
        raise StorageProblem(
            f"The target cannot be opened ({type(exc).__name__}). Check --to and the server."
        ) from None
    try:
        await connection.execute(_NO_LIMITS)
        yield connection
    except (OSError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError) as exc:
        raise StorageProblem(
            f"The connection to the target ended ({type(exc).__name__}). What is copied stays: go "
            "on with --resume."
        ) from None
    except asyncpg.PostgresError as exc:
        raise StorageProblem(
            f"PostgreSQL does not go on ({type(exc).__name__}). Its log says why: a full disk, or "
            "tables of another role, perhaps. Mend that, then go on with --resume."
        ) from None
    finally:
        connection.terminate()


@contextmanager
def _reading(file: Path) -> Iterator[sqlite3.Connection]:
    """The file, which the caller holds the lock of. Nothing can be written through it."""
    address = f"{file.resolve().as_uri()}?mode=rw"
    with closing(sqlite3.connect(address, uri=True, timeout=5.0)) as connection:
        connection.execute("PRAGMA query_only=ON")
        yield connection

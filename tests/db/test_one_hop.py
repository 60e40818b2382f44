"""SQLite through one trip a statement: what SQLAlchemy asks of a cursor is answered."""

import threading
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.engine import create_engine


async def _filled(conn: AsyncConnection) -> None:
    await conn.execute(text("CREATE TABLE word (id INTEGER PRIMARY KEY, said TEXT UNIQUE)"))
    rows = [{"said": word} for word in ("one", "two", "three")]
    await conn.execute(text("INSERT INTO word (said) VALUES (:said)"), rows)


async def test_rows_row_counts_and_what_was_returned_come_back(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'words.db'}")

    async with engine.begin() as conn:
        await _filled(conn)
        found = (await conn.execute(text("SELECT id, said FROM word ORDER BY id"))).all()
        none = (await conn.execute(text("SELECT said FROM word WHERE id = 9"))).first()
        changed = await conn.execute(text("UPDATE word SET said = said || '!' WHERE id > 1"))
        added = await conn.execute(text("INSERT INTO word (said) VALUES ('four') RETURNING id"))

        assert [(row.id, row.said) for row in found] == [(1, "one"), (2, "two"), (3, "three")]
        assert none is None
        assert changed.rowcount == 2
        assert added.scalar_one() == 4
    await engine.dispose()


async def test_a_statement_that_fails_says_why_and_the_connection_goes_on(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'words.db'}")

    async with engine.begin() as conn:
        await _filled(conn)
        with pytest.raises(IntegrityError):
            await conn.execute(text("INSERT INTO word (said) VALUES ('one')"))
        with pytest.raises(OperationalError):
            await conn.execute(text("SELECT nothing FROM nowhere"))
        assert await conn.scalar(text("SELECT count(*) FROM word")) == 3
    await engine.dispose()


async def test_what_was_not_committed_is_gone(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'words.db'}")
    async with engine.begin() as conn:
        await _filled(conn)

    async with engine.connect() as conn:
        await conn.execute(text("DELETE FROM word"))
        await conn.rollback()
        assert await conn.scalar(text("SELECT count(*) FROM word")) == 3
    await engine.dispose()


async def test_the_thread_of_the_database_keeps_no_process_alive(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    engine = create_engine(f"sqlite:///{tmp_path / 'words.db'}")

    async with engine.connect():
        mine = set(threading.enumerate()) - before
        assert mine
        assert all(thread.daemon for thread in mine)
    await engine.dispose()

"""What is read in one go is of one moment, whatever others commit meanwhile."""

import pytest
from sqlalchemy import Connection, func, select
from sqlalchemy.util import await_only

from bot.db import tables
from bot.db.unit import Database
from tests.databases import open_database
from tests.db.outbox_world import HandClock, effect, emit

pytestmark = pytest.mark.postgres


async def test_two_questions_of_one_read_have_answers_of_one_moment(db: Database, db_url: str):
    other = open_database(db_url)
    count = select(func.count()).select_from(tables.outbox)

    def ask_twice(conn: Connection) -> tuple[int | None, int | None]:
        first = conn.scalar(count)
        await_only(emit(other, HandClock(), effect("meanwhile")))
        return first, conn.scalar(count)

    assert await db.read(ask_twice) == (0, 0)
    assert await db.read(lambda conn: conn.scalar(count)) == 1
    await other.close()

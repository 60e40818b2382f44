"""Rows written by one compiled statement are those SQLAlchemy itself would have written."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import DateTime, insert, select
from sqlalchemy.dialects import sqlite

from bot.db import tables
from bot.db.inserts import insert_ignore
from bot.db.many import insert_into, write_rows
from bot.db.types import UtcDateTime
from bot.db.unit import Database, Tx
from sla_rules.vocabulary import Author

NOON = datetime(2026, 3, 10, 12, 0, 0, 250, tzinfo=UTC)


def _event(number: int, **given: object) -> dict[str, object]:
    row = {"id": number, "ticket_id": None, "type": "opened", "actor": Author.CUSTOMER, "at": NOON}
    return {**row, "data": {"reason": "a » b"}, **given}


async def test_rows_are_those_of_a_plain_insert(db: Database):
    rome = timezone(timedelta(hours=1))
    rows = [_event(1), _event(2, at=NOON.astimezone(rome), data=None), _event(3, actor="U0ANNA")]

    def work(tx: Tx) -> tuple[list[Any], list[Any]]:
        every = select(tables.ticket_event).order_by(tables.ticket_event.c.id)
        write_rows(tx.conn, insert_into(tables.ticket_event), rows)
        ours = [tuple(row)[1:] for row in tx.conn.execute(every)]
        tx.conn.execute(tables.ticket_event.delete())
        tx.conn.execute(insert(tables.ticket_event), rows)
        return ours, [tuple(row)[1:] for row in tx.conn.execute(every)]

    ours, theirs = await db.write(work, now=NOON)
    assert ours == theirs
    assert len(ours) == len(rows)


async def test_no_rows_are_no_statement_and_a_known_key_is_left_alone(db: Database):
    def row(number: int, name: str) -> dict[str, object]:
        return {"id": number, "name": name, "connector": "amazon"}

    def work(tx: Tx) -> list[str]:
        known = insert_ignore(tx.conn, tables.inbox)
        write_rows(tx.conn, known, [])
        write_rows(tx.conn, known, [row(1, "one"), row(2, "two"), row(3, "one")])
        return list(tx.conn.scalars(select(tables.inbox.c.name).order_by(tables.inbox.c.id)))

    assert await db.write(work, now=NOON) == ["one", "two"]


@pytest.mark.parametrize(
    "at",
    [
        NOON,
        NOON.replace(microsecond=0),
        datetime(2026, 1, 2, 3, tzinfo=timezone(timedelta(hours=5))),
    ],
)
def test_sqlite_keeps_an_instant_as_sqlalchemy_writes_it(at: datetime):
    dialect = sqlite.dialect()
    ours = UtcDateTime().bind_processor(dialect)
    theirs = DateTime().dialect_impl(dialect).bind_processor(dialect)
    assert ours is not None
    assert theirs is not None
    assert ours(at) == theirs(at.astimezone(UTC))
    assert ours(None) is None


def test_sqlite_takes_no_instant_without_a_zone():
    ours = UtcDateTime().bind_processor(sqlite.dialect())
    assert ours is not None
    with pytest.raises(ValueError, match="time zone"):
        ours(datetime(2026, 3, 10))  # noqa: DTZ001 - what is refused

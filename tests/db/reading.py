"""What tests ask of the rows: effects, events, pings, counts of statements."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Table, event, func, select

from bot.db import queries, tables
from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.usecases.fire_due import FireReport, fire_due


async def rows(db: Database, table: Table, **equal: Any) -> list[Any]:
    """The rows of a table in the order of their ids."""
    statement = select(table).order_by(*table.primary_key.columns)
    for name, value in equal.items():
        statement = statement.where(table.c[name] == value)
    return list(await db.read(lambda conn: conn.execute(statement).all()))


async def count(db: Database, table: Table) -> int:
    found = await db.read(lambda conn: conn.scalar(select(func.count()).select_from(table)))
    assert found is not None
    return found


async def effects(db: Database, *, state: str = "ready") -> list[str]:
    """The kinds of the outbox rows, oldest first."""
    return [row.kind for row in await rows(db, tables.outbox, state=state)]


async def event_types(db: Database, ticket_id: int) -> list[str]:
    found = await db.read(lambda conn: queries.events(conn, ticket_id))
    return [each.type for each in found]


async def last_event(db: Database, ticket_id: int, type_: str) -> Any:
    found = await db.read(lambda conn: queries.events(conn, ticket_id))
    return [each for each in found if each.type == type_][-1]


async def ping_steps(db: Database, ticket_id: int) -> list[str]:
    """Steps still to come, marketplace and internal alike, next first."""
    found = await db.read(lambda conn: queries.planned_pings(conn, ticket_id))
    return [each.step for each in found]


async def deadline_states(db: Database, ticket_id: int) -> dict[tuple[str, str, int], str]:
    found = await rows(db, tables.deadline, ticket_id=ticket_id)
    return {(row.metric, row.scope, row.instance): row.state for row in found}


async def fire(db: Database, desk: Desk, at: datetime, limit: int = 200) -> FireReport:
    return await db.write(lambda tx: fire_due(tx, desk, limit), now=at)


async def mark_posted(db: Database, ticket_id: int, channel: str = "C0AMAZON") -> None:
    """As if the sender had posted everything: the outbox is empty, the card is known."""

    def posted(tx: Any) -> None:
        tx.conn.execute(tables.outbox.update().values(state="sent"))
        tx.conn.execute(
            tables.ticket.update()
            .where(tables.ticket.c.id == ticket_id)
            .values(slack_channel=channel, slack_ts="1.000100", slack_permalink="https://x.example")
        )

    await db.write(posted, now=datetime.fromisoformat("2026-03-10T09:00:00+00:00"))


@contextmanager
def statements(db: Database) -> Iterator[list[str]]:
    """Collects the statements that are sent, transaction control left out.

    A write on PostgreSQL asks for its transaction's number, once: that is control, too, and
    `test_commits` counts it.
    """
    seen: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not (statement.startswith(("BEGIN", "PRAGMA")) or "pg_current_xact_id" in statement):
            seen.append(statement)

    engine = db.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)

"""What changed since figures were measured is found by indexes, however many tickets there are."""

import pytest
from sqlalchemy import event

from bot.db.figure_rows import changed_since, never_measured, overdue, seen_of, told_since
from tests.builders import NOW, a_ticket


def planned(db, conn, ask):
    """How SQLite goes about the statement that is sent."""
    sent = []

    def note(_conn, _cursor, statement, parameters, *_rest):
        sent.append((statement, parameters))

    engine = db.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        ask(conn)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    ((statement, parameters),) = sent
    found = conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
    return "; ".join(str(row[-1]) for row in found)


@pytest.mark.parametrize(
    "ask",
    [
        lambda conn: changed_since(conn, 10**18),
        lambda conn: told_since(conn, 10**18),
        lambda conn: never_measured(conn, 10**18, 50),
        lambda conn: overdue(conn, NOW),
        lambda conn: seen_of(conn, [1, 2]),
    ],
    ids=["changed", "told", "never", "overdue", "seen"],
)
async def test_no_table_is_read_whole(db, desk, ask):
    await a_ticket(db, desk)
    plan = await db.read(lambda conn: planned(db, conn, ask))
    assert "SEARCH" in plan
    assert "SCAN" not in plan

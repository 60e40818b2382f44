"""What `doctor` says of a running desk: does it work, does it keep its promises, is it watched."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import update

from bot.cli.doctor import examine
from bot.cli.findings import Finding
from bot.clock import Clock
from bot.db import tables
from bot.db.engine import create_engine
from bot.db.state_rows import ALIVE, CLEAN_AUDIT, FINDINGS, put_state
from bot.db.unit import Database, Tx
from bot.settings_file import Configuration
from tests.builders import a_desk, an_inbound, arrive
from tests.unit.runtime.town import Town


async def findings(configuration: Configuration, what: str) -> list[Finding]:
    return [each async for each in examine(configuration, Clock()) if each.what == what]


async def write(url: str, *states: tuple[str, object, float]) -> None:
    database, now = Database(create_engine(url)), Clock().now()
    for name, value, age in states:
        at = now - timedelta(seconds=age)
        await database.write(
            lambda tx, n=name, v=value, a=at: put_state(tx.conn, n, v, a),  # type: ignore[misc]
            now=now,
        )
    await database.close()


async def test_a_desk_that_never_ran_is_no_failure(town: Town, sqlite_url: str) -> None:
    (line,) = await findings(town.configuration(DATABASE_URL=sqlite_url), "Running desk")
    assert line.ok
    assert "threadline run" in line.detail


@pytest.mark.parametrize(("age", "doubtful"), [(30, False), (600, True)])
async def test_when_it_last_worked_is_said(
    town: Town, sqlite_url: str, age: float, doubtful: bool
) -> None:
    await write(sqlite_url, (ALIVE, None, age), (CLEAN_AUDIT, None, age))
    configuration = town.configuration(DATABASE_URL=sqlite_url)

    (line,) = await findings(configuration, "Running desk")
    assert line.doubtful is doubtful
    (audit,) = await findings(configuration, "Audit")
    assert audit.ok
    assert "clean; the desk's own was clean" in audit.detail


async def test_what_the_rows_break_now_is_found_without_the_desk(
    town: Town, sqlite_url: str
) -> None:
    database = Database(create_engine(sqlite_url))
    await arrive(database, a_desk(), an_inbound())
    lost = update(tables.outbox).values(state="dead")
    await database.write(partial(_execute, statement=lost), now=Clock().now())
    await database.close()

    found = await findings(town.configuration(DATABASE_URL=sqlite_url), "Audit")
    assert not any(line.ok for line in found)
    assert any("no_card" in line.detail and "docs/runbooks/" in line.detail for line in found)


def _execute(tx: Tx, statement: Any) -> None:
    tx.conn.execute(statement)


async def test_what_the_running_desk_found_is_said(town: Town, sqlite_url: str) -> None:
    since = (Clock().now() - timedelta(minutes=7)).isoformat()
    await write(sqlite_url, (FINDINGS, {"deadline_drift:deadlines": since}, 0))

    (line,) = await findings(town.configuration(DATABASE_URL=sqlite_url), "Audit")
    assert not line.ok
    assert "deadline_drift:deadlines 7 min" in line.detail


async def test_who_watches_is_said(town: Town, sqlite_url: str) -> None:
    alone = town.configuration(DATABASE_URL=sqlite_url)
    (line,) = await findings(alone, "Heartbeat")
    assert "THREADLINE_HEARTBEAT_URL" in line.detail
    secret = "https://watch.example/5ecret"
    told = town.configuration(DATABASE_URL=sqlite_url, THREADLINE_HEARTBEAT_URL=secret)
    (line,) = await findings(told, "Heartbeat")
    assert line.detail == "called after every clean audit"

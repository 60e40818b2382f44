"""The past that the demo makes up: rows the desk would have written, and nothing left to do."""

import asyncio
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import Connection, func, select

from bot.clock import Clock
from bot.db import tables
from bot.db.apart import ReadApart
from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.domain.roster import WorkShift
from bot.reports.answering import answer
from bot.reports.asking import read_question
from bot.reports.question import Question
from bot.reports.report import Report
from bot.usecases.recompute import preview
from sandbox.past.moments import PastIds
from sandbox.past.seeding import seed_history
from tests.builders import AMAZON, ANNA, BRUNO, NOW, SHOP, a_desk, minutes
from tests.databases import open_database
from tests.unit.cli.desk import threadline

DAYS: Final = 3

COMPARED: Final = (
    *("customer", "ticket", "message", "ticket_event", "ticket_key", "deadline", "ping"),
    *("feedback", "ticket_figure", "wait_figure"),
)


def _desk() -> Desk:
    """A desk with a survey in its own shop, and two people by day."""
    desk = a_desk()
    shop = replace(desk.inboxes[SHOP], survey="csat")
    day = WorkShift(name="day", calendar=desk.calendars["rome"], people=frozenset({ANNA, BRUNO}))
    return replace(
        desk,
        inboxes={AMAZON: desk.inboxes[AMAZON], SHOP: shop},
        roster=replace(desk.roster, shifts=(day,)),
    )


async def _seed(file: Path) -> int:
    database: Database = open_database(f"sqlite:///{file}")
    try:
        made = await seed_history(database, _desk(), Clock(start=NOW), days=DAYS, seed=7)
    finally:
        await database.close()
    return made.tickets


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Path:
    """A database with a past of three days."""
    file = tmp_path_factory.mktemp("past") / "past.db"
    shutil.copy(sqlite_template, file)
    assert asyncio.run(_seed(file)) > 80
    return file


def _rows(conn: Connection, names: Sequence[str] = COMPARED) -> Mapping[str, Sequence[Any]]:
    found = {}
    for name in names:
        table = tables.metadata.tables[name]
        found[name] = [
            tuple(row) for row in conn.execute(select(table).order_by(*table.primary_key.columns))
        ]
    return found


def _read(file: Path, fn: Any) -> Any:
    return asyncio.run(ReadApart(f"sqlite:///{file}").read(fn))


def test_every_deadline_is_what_the_rules_say_of_the_rows(past: Path) -> None:
    ids = _read(past, lambda conn: list(conn.scalars(select(tables.ticket.c.id))))

    compared = _read(past, lambda conn: preview(conn, _desk(), ids, NOW))

    assert len(compared) == len(ids)
    assert [each for each in compared if each.rewritten or each.moves] == []


def test_nothing_is_left_to_do_and_nothing_is_of_the_future(past: Path) -> None:
    def look(conn: Connection) -> dict[str, Any]:
        ping = tables.ping.c
        to_come = (ping.fired_at.is_(None), ping.cancelled_at.is_(None))
        return {
            "effects": conn.scalar(select(func.count()).select_from(tables.outbox)),
            "pings": conn.scalar(select(func.count()).where(*to_come)),
            "lasting": conn.scalar(
                select(func.count()).where(tables.deadline.c.state.in_(["running", "paused"]))
            ),
            "waiting": conn.scalar(select(func.count()).where(tables.ticket.c.state == "open")),
            "newest": max(
                conn.scalar(select(func.max(each)))
                for each in (tables.ticket_event.c.at, tables.message.c.sent_at)
            ),
        }

    found = _read(past, look)

    assert found.pop("newest") < NOW
    assert set(found.values()) == {0}, found


def test_a_report_of_it_is_full_and_reconciles(past: Path) -> None:
    def look(conn: Connection) -> Report:
        period, by = read_question("3d", now=NOW, zone="Europe/Rome")
        return answer(conn, _desk(), Question(period=period, by=by), NOW)

    report: Report = _read(past, look)

    values = {each.key: each.value for each in report.figures}
    for key in ("received", "handled", "limit_attained", "target_attained"):
        assert values[key], key
    assert report.misses
    told = report.reconciled
    assert told.received == told.answered + told.waved + told.settled + told.merged
    assert told.waiting == 0


def test_ids_have_the_time_of_their_rows_and_numbers_their_order(past: Path) -> None:
    def look(conn: Connection) -> Sequence[tuple[int, int, datetime]]:
        ticket = tables.ticket.c
        rows = conn.execute(select(ticket.number, ticket.id, ticket.opened_at).order_by(ticket.id))
        return [(row.number, row.id, row.opened_at) for row in rows]

    rows = _read(past, look)

    assert [at for _, _, at in rows] == sorted(at for _, _, at in rows)
    assert sorted(number for number, _, _ in rows) == list(range(1, len(rows) + 1))


def test_ids_are_new_and_rise_also_from_before_ids_began() -> None:
    ids, then = PastIds(), datetime(2025, 12, 31, 23, 59, tzinfo=UTC)

    made = [ids.make(then + minutes(number // 5000)) for number in range(10_000)]

    assert made == sorted(set(made))
    assert made[0] > 0


def test_the_same_seed_makes_the_same_rows(
    past: Path, tmp_path: Path, sqlite_template: Path
) -> None:
    again = tmp_path / "again.db"
    shutil.copy(sqlite_template, again)
    asyncio.run(_seed(again))

    assert _read(again, _rows) == _read(past, _rows)


@pytest.mark.parametrize("length", ["0d", "401d", "90", "a week"])
def test_a_past_of_no_length_is_refused(length: str, tmp_path: Path) -> None:
    said = threadline(tmp_path, "demo", "--headless", "--seed-history", length)

    assert said.code == 1
    assert "write a number of days from 1d to 400d" in said.err

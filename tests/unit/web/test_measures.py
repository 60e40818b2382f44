"""What the desk's own work adds to `/metrics`, and that the dashboard shows nothing else."""

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert
from typing_extensions import override

from bot.clock import Clock
from bot.db import tables
from bot.db.apart import ReadApart
from bot.db.engine import create_engine
from bot.db.unit import Database
from bot.domain.buckets import Buckets
from bot.jobs.worker import Worker
from bot.slack.counted import Counted
from bot.web.measures import Measures, Measuring, Standings, families_of, read_standings
from bot.web.metrics import Numbers, ProcessNumbers, render
from bot.web.work_metrics import (
    database_families,
    machine_families,
    refusal_families,
    slack_families,
    work_families,
)
from tests.builders import AMAZON, NOW, SHOP, a_desk, days, hours
from tests.wall_world import BUYER, WORDS, a_clock_row, a_wait_row, fill, inbox_ids, keep_waits

DOCS = Path(__file__).parents[3] / "docs"
DASHBOARD, GUIDE = DOCS / "grafana-dashboard.json", DOCS / "web.md"
PROCESS = ProcessNumbers(restarts={"poll": 1}, loop_lag=0.1, socket_silent=1.0)


class StillClock(Clock):
    @override
    def now(self) -> datetime:
        return NOW


async def _happened(db: Database) -> None:
    """Ninety open tickets, some overdue; clocks of a week of which one in four was missed."""
    await fill(db, a_desk(), 90)
    amazon, shop = await db.read(inbox_ids)
    ended = [
        (NOW - hours(30), NOW - hours(4)),  # late by two hours
        (NOW - hours(30), NOW - hours(10)),
        (NOW - days(4), NOW - days(4) + hours(1)),
        (NOW - days(5), NOW - days(5) + hours(1)),
    ]
    rows = [
        a_wait_row(number, amazon, began, end="answered", ended_at=at)
        for number, (began, at) in enumerate(ended)
    ]
    await keep_waits(db, [*rows, a_wait_row(9, shop, NOW - hours(1))])
    own = a_clock_row(99, await _first(db), NOW - hours(1), "internal")
    await db.write(lambda tx: tx.conn.execute(insert(tables.deadline), [own]), now=NOW)


async def _first(db: Database) -> int:
    found = await db.read(lambda conn: conn.scalar(tables.ticket.select().limit(1)))
    assert isinstance(found, int)
    return found


@pytest.mark.postgres
async def test_the_desks_own_work_is_measured_by_inbox(db: Database, db_url: str) -> None:
    await _happened(db)
    measuring = Measuring(ReadApart(db_url), a_desk, StillClock())

    text = render(Numbers(), PROCESS, await measuring.families()).decode()

    for line in (
        f'threadline_waits_open{{inbox="{AMAZON}"}} 45.0',
        f'threadline_wait_oldest_age_seconds{{inbox="{SHOP}"}} 10800.0',
        f'threadline_tickets_at_risk{{inbox="{AMAZON}"}} 29.0',
        f'threadline_clocks_overdue{{inbox="{AMAZON}",scope="marketplace"}} 16.0',
        f'threadline_clocks_overdue{{inbox="{AMAZON}",scope="internal"}} 1.0',
        f'threadline_clocks_overdue{{inbox="{SHOP}",scope="internal"}} 0.0',
        f'threadline_tickets_received_today{{inbox="{SHOP}"}} 45.0',
        f'threadline_sla_decided_24h{{inbox="{AMAZON}",scope="marketplace"}} 2.0',
        f'threadline_sla_missed_24h{{inbox="{AMAZON}",scope="marketplace"}} 1.0',
        f'threadline_sla_kept_ratio_7d{{inbox="{AMAZON}",scope="marketplace"}} 0.75',
    ):
        assert line in text, line
    assert f'threadline_sla_kept_ratio_7d{{inbox="{SHOP}"' not in text
    assert not any(word in text for word in (BUYER, WORDS))


async def test_a_database_that_cannot_be_read_leaves_the_other_numbers(tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    measuring = Measuring(ReadApart(f"sqlite:///{tmp_path}/empty.db"), a_desk, StillClock())

    assert await measuring.families() == ()


async def test_promises_are_measured_where_a_platform_makes_one(db: Database) -> None:
    etsy = a_desk().inboxes[SHOP]
    desk = a_desk(inboxes={"etsy": _named(etsy, "etsy", "etsy")})
    found = await db.read(lambda conn: read_standings(conn, desk, NOW))
    assert found.promises

    text = render(Numbers(), PROCESS, families_of(_measures(found))).decode()

    assert re.search(r'threadline_promise_asked_ratio\{inbox="etsy",.*\} 0\.\d+', text)


def _named(route: Any, name: str, connector: str) -> Any:
    return type(route)(name=name, connector=connector, channel=route.channel)


def _measures(standings: Standings) -> Measures:
    return Measures(
        inboxes=("etsy",), waiting={}, overdue={}, at_risk={}, received={}, standings=standings
    )


# --- the dashboard ------------------------------------------------------------------------------


def dashboard() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    return read


async def _never() -> None:
    """A timetable that nobody keeps."""


def exported() -> set[str]:
    """Every family there can be."""
    work = Worker(
        db=Database(create_engine("sqlite:///none.db")),
        desk=a_desk,
        clock=StillClock(),
        connectors={},
        executors={},
        owner="nobody",
        wakes=lambda _: _never,
    )
    more = [
        *families_of(_measures(Standings())),
        *work_families(work),
        *machine_families("sqlite:///none.db", retries=0, now=NOW),
        *slack_families(Counted()),
        *refusal_families({}),
        *database_families(Buckets()),
    ]
    text = render(Numbers(), PROCESS, more).decode()
    return set(re.findall(r"^# TYPE (\S+) ", text, re.MULTILINE))


def test_the_dashboard_shows_only_what_is_exported() -> None:
    asked = {
        name
        for panel in dashboard()["panels"]
        for target in panel.get("targets", ())
        for name in re.findall(r"\bthreadline_\w+", target["expr"])
    }

    assert len(asked) > 10
    assert asked <= exported()


def test_every_metric_is_explained() -> None:
    explained = set(re.findall(r"\bthreadline_\w+", GUIDE.read_text(encoding="utf-8")))

    assert exported() <= explained
    assert explained <= exported()


def test_the_dashboard_can_be_imported_as_it_is() -> None:
    board = dashboard()

    assert board["id"] is None
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
    assert [each["type"] for each in board["templating"]["list"]][:1] == ["datasource"]
    for panel in board["panels"]:
        assert panel["title"]
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        if panel["type"] != "row":
            assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
            assert panel["description"]

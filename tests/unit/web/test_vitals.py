from datetime import timedelta

import pytest
from sqlalchemy import insert

from bot.clock import Clock
from bot.db import tables
from bot.db.engine import create_engine
from bot.db.unit import Database, Tx
from bot.domain.desk import Desk
from bot.jobs.auditor import Auditor
from bot.runtime import schema
from bot.usecases.call_budget import note_calls
from bot.web.vitals import Vitals
from connectors.errors import Malformed
from tests.builders import AMAZON, NOW, arrive
from tests.db.outbox_world import HandClock


class Link:
    """A socket whose state the test sets."""

    connected = True
    silent_seconds: float | None = 1.5


class Lag:
    def seconds(self) -> float:
        return 0.25


def vitals_of(database: Database, link: Link | None = None, *, stopping: bool = False) -> Vitals:
    return Vitals(
        database=database,
        clock=Clock(),
        restarts={"outbox": 2},
        lag=Lag(),
        link=link,
        stopping=lambda: stopping,
    )


@pytest.mark.postgres
async def test_a_migrated_database_is_at_the_version_the_code_needs(db: Database) -> None:
    await schema.require_head(db)


async def test_a_healthy_process_is_ready(db: Database) -> None:
    checks = await vitals_of(db, Link()).ready()

    assert checks == {"process": None, "database": None, "slack": None}


async def test_a_process_without_its_socket_is_not_ready(db: Database) -> None:
    link = Link()
    link.connected = False

    assert (await vitals_of(db, link).ready())["slack"] == "not connected"


async def test_a_stopping_process_is_not_ready(db: Database) -> None:
    assert (await vitals_of(db, stopping=True).ready())["process"] == "stopping"


async def test_a_database_that_does_not_answer_is_not_ready() -> None:
    database = Database(create_engine("postgresql://desk@127.0.0.1:9/desk"))

    assert (await vitals_of(database).ready())["database"] == "ConnectionRefusedError"
    await database.close()


def _seed(tx: Tx) -> None:
    tx.conn.execute(
        insert(tables.inbox).values(
            id=1, name="shop", connector="website", last_ok_at=tx.now - timedelta(seconds=90)
        )
    )
    tx.conn.execute(
        insert(tables.customer).values(
            id=2, inbox_id=1, handle="lucia@customer.example", display_name="Lucia Verdi"
        )
    )
    tx.conn.execute(
        insert(tables.ticket).values(
            id=3,
            number=17,
            inbox_id=1,
            customer_id=2,
            external_thread="t",
            subject="Lucia's lamp",
            kind="message",
            stage="unknown",
            risk="normal",
            state="open",
            card_stage="calm",
            opened_at=tx.now,
            updated_at=tx.now,
        )
    )
    tx.conn.execute(
        insert(tables.deadline).values(
            id=4,
            ticket_id=3,
            metric="first_response",
            scope="internal",
            instance=0,
            started_at=tx.now,
            due_at=tx.now,
            target_seconds=60,
            state="running",
            policy="p",
            policy_version="1",
            calendar="always",
            calendar_version="1",
        )
    )
    tx.conn.execute(
        insert(tables.ping).values(
            id=5,
            deadline_id=4,
            ticket_id=3,
            step="breach",
            audience="managers",
            severity=30,
            fire_at=tx.now - timedelta(seconds=40),
        )
    )


@pytest.mark.postgres
async def test_the_numbers_come_from_the_rows(db: Database) -> None:
    await db.write(_seed, now=Clock().now())

    text = (await vitals_of(db, Link()).metrics()).decode()

    assert 'threadline_open_tickets{inbox="shop"} 1.0' in text
    assert 'threadline_clocks{scope="internal",state="running"} 1.0' in text
    assert "threadline_pings_overdue 1.0" in text
    assert 'threadline_task_restarts_total{task="outbox"} 2.0' in text
    assert "threadline_slack_socket_silent_seconds 1.5" in text
    age = next(line for line in text.splitlines() if line.startswith("threadline_poll_last"))
    assert 90 <= float(age.rpartition(" ")[2]) < 120


async def test_invariant_11_no_number_is_labelled_with_customer_data(db: Database) -> None:
    await db.write(_seed, now=Clock().now())

    text = (await vitals_of(db).metrics()).decode()

    assert "ucia" not in text
    assert "lamp" not in text


async def test_an_empty_desk_has_numbers_too(db: Database) -> None:
    assert b"threadline_pings_overdue 0.0" in await vitals_of(db).metrics()


@pytest.mark.postgres
async def test_what_is_worth_knowing_stands_beside_the_checks_and_fails_none(
    db: Database, desk: Desk
) -> None:
    await arrive(db, desk, Malformed("sent_at", "no instant"))
    await db.write(lambda tx: note_calls(tx, AMAZON, reads=7, replies=2), now=NOW)
    clock = HandClock(NOW)
    auditor = Auditor(db, lambda: desk, clock, {AMAZON: 60.0})
    clock.move(12 * 3600)
    await auditor.audit()
    vitals = Vitals(
        database=db,
        clock=clock,
        restarts={},
        lag=Lag(),
        link=None,
        stopping=lambda: False,
        auditor=auditor,
        slowed=lambda: {AMAZON: "9 of 10 calls of the day are spent"},
        calls={(AMAZON, "refused"): 3},
    )

    told = await vitals.details()
    assert f"source_silent: {AMAZON}" in told.pop("findings")  # type: ignore[operator]
    assert told == {
        "quarantined": 1,
        "calls_today": {AMAZON: 9},
        "slowed": {AMAZON: "9 of 10 calls of the day are spent"},
    }
    assert all(why is None for why in (await vitals.ready()).values())
    text = (await vitals.metrics()).decode()
    assert f'threadline_webhooks_total{{end="refused",inbox="{AMAZON}"}} 3.0' in text
    assert f'threadline_calls_today{{inbox="{AMAZON}",purpose="reply"}} 2.0' in text

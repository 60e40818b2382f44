"""A busy desk for screens and doors: many tickets with clocks, waits of a week, and two shifts. All invented."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select

from bot.db import tables
from bot.db.unit import Database, Tx
from bot.domain.desk import Desk
from bot.domain.roster import Roster, WorkShift
from bot.usecases.inboxes import sync_inboxes
from sla_rules.calendar import BusinessCalendar
from tests.builders import ANNA, BRUNO, CARLA, NOW, a_desk

BUYER = "Lucia Verdi"
"""A customer whom no screen, figure or answer may name."""

WORDS = "Lucia's broken lamp"
"""What she wrote about."""

FIRST = 10_000
"""The number of the first ticket; the others follow."""


def a_staffed_desk(**changes: object) -> Desk:
    """The usual desk, where Anna works mornings and Bruno afternoons."""
    desk = a_desk(timezone="Europe/Rome", **changes)
    shifts = [_shift("early", ANNA, "08:00", "13:00"), _shift("late", BRUNO, "14:00", "19:00")]
    roster: Roster = replace(desk.roster, shifts=tuple(shifts))
    return replace(desk, roster=roster)


def _shift(name: str, who: str, opens: str, closes: str) -> WorkShift:
    week = {day: [(opens, closes)] for day in ("mon", "tue", "wed", "thu", "fri")}
    return WorkShift(
        name=name, calendar=BusinessCalendar("Europe/Rome", week), people=frozenset({who})
    )


async def fill(db: Database, desk: Desk, count: int, *, now: datetime = NOW) -> None:
    """So many open tickets: their limits end from an hour ago on, one every two minutes."""
    await db.write(lambda tx: sync_inboxes(tx, desk), now=now)
    if count:
        await db.write(lambda tx: _fill(tx, count), now=now)


def _fill(tx: Tx, count: int) -> None:
    inboxes = inbox_ids(tx.conn)
    owners = (ANNA, None, BRUNO, CARLA)
    tickets, clocks = [], []
    for place in range(count):
        ticket_id, due_at = tx.new_id(), tx.now + timedelta(minutes=2 * place - 60)
        stage = "missed" if due_at <= tx.now else "critical" if place < 60 else "soon"
        tickets.append(
            a_ticket_row(
                ticket_id,
                FIRST + place,
                inboxes[place % len(inboxes)],
                tx.now,
                card_stage=stage if place < 120 else "calm",
                assignee=owners[place % len(owners)],
            )
        )
        clocks.append(a_clock_row(tx.new_id(), ticket_id, due_at))
    tx.conn.execute(insert(tables.ticket), tickets)
    tx.conn.execute(insert(tables.deadline), clocks)


def inbox_ids(conn: Connection) -> Sequence[int]:
    """The ids of the inboxes, by their names."""
    return conn.scalars(select(tables.inbox.c.id).order_by(tables.inbox.c.name)).all()


def a_ticket_row(
    ticket_id: int, number: int, inbox_id: int, now: datetime, **changes: object
) -> dict[str, object]:
    """An open ticket of a customer with a name."""
    row: dict[str, object] = {
        "id": ticket_id,
        "number": number,
        "inbox_id": inbox_id,
        "external_thread": f"thread-{ticket_id}",
        "subject": WORDS,
        "kind": "message",
        "stage": "unknown",
        "risk": "normal",
        "state": "open",
        "card_stage": "calm",
        "assignee": None,
        "opened_at": now,
        "updated_at": now,
        "waiting_since": now - timedelta(hours=3),
    }
    return row | changes


def a_clock_row(
    clock_id: int, ticket_id: int, due_at: datetime, scope: str = "marketplace"
) -> dict[str, object]:
    """A running clock."""
    return {
        "id": clock_id,
        "ticket_id": ticket_id,
        "metric": "first_response",
        "scope": scope,
        "instance": 0,
        "started_at": due_at - timedelta(hours=24),
        "due_at": due_at,
        "target_seconds": 24 * 3600,
        "state": "running",
        "policy": "p",
        "policy_version": "1",
        "calendar": "always",
        "calendar_version": "1",
    }


def a_wait_row(
    ticket_id: int, inbox_id: int, began_at: datetime, **changes: object
) -> dict[str, object]:
    """A wait that lasts, with a limit of 24 hours."""
    row: dict[str, object] = {
        "ticket_id": ticket_id,
        "instance": 0,
        "inbox_id": inbox_id,
        "began_at": began_at,
        "seen_at": began_at,
        "ended_at": None,
        "end": "",
        "answered_by": "",
        "limit_due_at": began_at + timedelta(hours=24),
        "limit_cause": "",
        "target_due_at": None,
        "target_cause": "",
    }
    return row | changes


async def keep_waits(db: Database, rows: Sequence[dict[str, object]]) -> None:
    """Put rows where what is measured of waits stands."""
    await db.write(lambda tx: tx.conn.execute(insert(tables.wait_figure), rows), now=NOW)

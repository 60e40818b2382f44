"""The wall: what it shows of a desk, and what it never shows."""

import json
from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import insert

from bot.db import tables
from bot.db.kept_rows import Decided, count_decided
from bot.db.unit import Database
from bot.domain.card import CardStage
from bot.domain.desk import Desk
from bot.domain.roster import Agent, Role
from bot.language import Language, speaking
from bot.usecases.wallboard import (
    Wallboard,
    WallClock,
    first_names,
    read_standings,
    read_wallboard,
)
from bot.web.wall_state import state_of
from sla_rules.vocabulary import Scope
from tests.builders import AMAZON, ANNA, NOW, a_roster, hours, minutes
from tests.wall_world import (
    BUYER,
    FIRST,
    a_clock_row,
    a_staffed_desk,
    a_ticket_row,
    a_wait_row,
    fill,
    inbox_ids,
    keep_waits,
)


async def look(db: Database, desk: Desk, now: datetime = NOW) -> Wallboard:
    return await db.read(
        lambda conn: read_wallboard(conn, desk, now, read_standings(conn, desk, now))
    )


@pytest.mark.postgres
async def test_what_can_be_saved_comes_first_and_the_rest_is_counted(db: Database) -> None:
    desk = a_staffed_desk()
    await fill(db, desk, 500)

    wall = await look(db, desk)

    assert [each.number for each in wall.tickets][:2] == [FIRST + 31, FIRST + 32]
    assert wall.tickets[0].due_at == NOW + minutes(2)
    assert (len(wall.tickets), wall.more) == (60, 440)
    counts = wall.counts
    assert (counts.waiting, counts.unclaimed, counts.missed, counts.at_risk) == (500, 125, 31, 60)


@pytest.mark.postgres
async def test_an_own_target_that_passed_leaves_the_limit_to_be_kept(db: Database) -> None:
    desk = a_staffed_desk()
    await fill(db, desk, 0)
    (amazon, _) = await db.read(inbox_ids)
    rows = [a_clock_row(11, 1, NOW + hours(9)), a_clock_row(12, 1, NOW - hours(1), "internal")]
    card = a_ticket_row(1, 7, amazon, NOW, card_stage="missed", assignee=ANNA)
    await db.write(lambda tx: tx.conn.execute(insert(tables.ticket), [card]), now=NOW)
    await db.write(lambda tx: tx.conn.execute(insert(tables.deadline), rows), now=NOW)

    (ticket,) = (await look(db, desk)).tickets
    (lost,) = (await look(db, desk, NOW + hours(10))).tickets

    assert (ticket.clock, ticket.due_at) == (WallClock.LIMIT, NOW + hours(9))
    assert ticket.stage is CardStage.CRITICAL
    assert lost.stage is CardStage.MISSED


@pytest.mark.postgres
async def test_a_clock_counts_when_it_is_decided_and_only_by_an_answer(db: Database) -> None:
    desk = a_staffed_desk()
    await fill(db, desk, 0)
    amazon, shop = await db.read(inbox_ids)
    began = NOW - hours(26)  # due two hours ago
    ended = [
        ("answered", NOW - hours(3)),
        ("answered", NOW - hours(1)),  # late
        ("elsewhere", NOW - hours(3)),
        ("waved", NOW - hours(3)),
        ("waved", NOW - hours(1)),  # too late to count for nothing
        ("settled", NOW - hours(3)),
        ("", None),  # still waits
    ]
    rows = [
        a_wait_row(number, amazon, began, end=end, ended_at=at)
        for number, (end, at) in enumerate(ended)
    ]
    rows.append(a_wait_row(20, shop, NOW - hours(5)))  # is not decided yet
    rows.append(a_wait_row(21, amazon, NOW - hours(80), end="answered", ended_at=NOW - hours(79)))
    await keep_waits(db, rows)

    found = await db.read(
        lambda conn: count_decided(conn, (NOW - hours(24), NOW - hours(168)), NOW)
    )

    assert found == {
        (AMAZON, Scope.MARKETPLACE): [Decided(count=5, missed=3), Decided(count=6, missed=3)]
    }


async def test_who_is_there_and_who_comes_next(db: Database) -> None:
    desk = a_staffed_desk()
    await fill(db, desk, 0)

    morning, noon = await look(db, desk), await look(db, desk, NOW + hours(3.5))

    assert (morning.shifts.now, morning.shifts.next) == (["Anna"], "Bruno")
    assert morning.shifts.next_at == NOW + hours(4)  # two o'clock in Rome
    assert noon.shifts.now == []
    assert (await look(db, replace(desk, roster=a_roster()))).shifts.now is None


async def test_whoever_is_away_is_not_shown_as_there(db: Database) -> None:
    desk = a_staffed_desk()
    await fill(db, desk, 0)
    away = {"slack_id": ANNA, "since": NOW - hours(1), "until": NOW + hours(20), "said_by": ANNA}
    await db.write(lambda tx: tx.conn.execute(insert(tables.absence), [away]), now=NOW)

    assert (await look(db, desk)).shifts.now == []


def test_two_of_one_first_name_are_told_apart() -> None:
    agents = {
        one: Agent(slack_id=one, name=name, role=Role.AGENT)
        for one, name in {"1": "Anna Bassi", "2": "Anna Verdi", "3": "Ugo Neri", "4": "Lia"}.items()
    }

    assert [*first_names(replace(a_roster(), agents=agents)).values()] == [
        "Anna B.",
        "Anna V.",
        "Ugo",
        "Lia",
    ]


async def test_invariant_11_no_customer_hangs_on_the_wall(db: Database) -> None:
    desk = a_staffed_desk(shop_name="Rossi")
    await fill(db, desk, 80)
    board = await look(db, desk)

    with speaking(Language.DE):
        state = state_of(board, desk)

    assert not any(word in state for word in (*BUYER.split(), "lamp", "Bassi"))
    told = json.loads(state)
    assert told["tickets"][0]["mark"] == "▲"
    assert told["tickets"][0]["word"] == "Dringend"
    assert told["shifts"]["next"].endswith("Bruno, 14:00")

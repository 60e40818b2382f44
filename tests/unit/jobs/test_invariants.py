"""Each invariant that the auditor asks of the rows, broken on purpose, is found; whole, it is not."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import update

from bot.db import tables
from bot.db.state_rows import CLEAN_AUDIT, get_state
from bot.db.unit import Database, Tx
from bot.domain.desk import Desk
from bot.domain.effects import post_root
from bot.domain.roster import Roster
from bot.jobs.auditor import Auditor
from bot.jobs.rechecker import Rechecker
from bot.usecases.claim import Claim, claim
from bot.usecases.confirm_reply import reply_started, reply_unsure
from bot.usecases.recheck import drifted, running_after
from tests.builders import AMAZON, ANNA, NOW, SHOP, a_ticket, hours, minutes, prepare, queue
from tests.db.outbox_world import HandClock
from tests.db.reading import rows
from tests.unit.jobs.test_audit import all_out, codes, look, polled

pytestmark = pytest.mark.postgres

LATER = NOW + minutes(20)


@pytest.fixture(autouse=True)
async def _prepared(db: Database, desk: Desk) -> None:
    await prepare(db, desk)


async def change(db: Database, table: Any, **values: object) -> None:
    await db.write(lambda tx: tx.conn.execute(update(table).values(**values)), now=NOW)


async def found(db: Database, desk: Desk, **changed: object) -> list[str]:
    await polled(db, LATER)
    return codes(await look(db, desk, LATER, **changed))


async def test_a_whole_desk_has_none(db: Database, desk: Desk) -> None:
    opened = await a_ticket(db, desk)
    await db.write(lambda tx: claim(tx, desk, Claim(ticket_id=opened.id, actor=ANNA)), now=NOW)
    await queue(db, desk, opened.id, at=LATER - minutes(1))
    await all_out(db, LATER - minutes(2))
    assert await found(db, desk) == []


async def test_a_send_that_nobody_looks_up_is_found(db: Database, desk: Desk) -> None:
    await a_ticket(db, desk)
    await change(db, tables.outbox, state="sending", lease_until=NOW + minutes(1))
    assert "leases_expired" in await found(db, desk)


async def test_invariant_3_an_answer_that_nothing_sends_is_found(db: Database, desk: Desk) -> None:
    opened = await a_ticket(db, desk)
    await queue(db, desk, opened.id, at=NOW)
    await all_out(db, NOW)
    await change(db, tables.outbox, state="dead")
    assert await found(db, desk) == ["answers_lost", "answers_late"]


async def test_an_answer_that_waits_for_ten_minutes_is_found(db: Database, desk: Desk) -> None:
    opened = await a_ticket(db, desk)
    await all_out(db, NOW)
    await queue(db, desk, opened.id, at=NOW)
    late = await found(db, desk)
    assert "answers_late" in late
    assert "answers_lost" not in late


async def test_a_doubtful_answer_is_found_only_when_its_thread_does_not_say_so(
    db: Database, desk: Desk
) -> None:
    opened = await a_ticket(db, desk)
    queued = await queue(db, desk, opened.id, at=NOW)

    def doubt(tx: Tx) -> None:
        reply_started(tx, queued.message_id)
        reply_unsure(tx, desk, queued.message_id, "cut")

    await db.write(doubt, now=NOW + minutes(1))
    await all_out(db, NOW + minutes(2))
    assert "doubt_unshown" not in await found(db, desk)

    await change(db, tables.outbox, state="dead")
    assert "doubt_unshown" in await found(db, desk)


async def test_invariant_2_a_ticket_without_a_card_is_found(db: Database, desk: Desk) -> None:
    await a_ticket(db, desk)
    assert "no_card" not in await found(db, desk)
    await change(db, tables.outbox, state="dead")
    assert await found(db, desk) == ["no_card"]


async def test_invariant_2_a_second_card_on_its_way_is_found(db: Database, desk: Desk) -> None:
    opened = await a_ticket(db, desk)
    await all_out(db, NOW)
    again = replace(post_root(opened.id, channel="C1"), dedupe_key="root:again")
    await db.write(lambda tx: tx.emit(again), now=NOW)
    assert "second_card" in await found(db, desk)


async def test_a_ping_of_a_deadline_that_is_over_is_found(db: Database, desk: Desk) -> None:
    await a_ticket(db, desk)
    await all_out(db, NOW)
    await change(db, tables.ping, fire_at=LATER + minutes(5))
    assert await found(db, desk) == []
    await change(db, tables.deadline, state="met", stopped_at=NOW)
    assert "pings_stray" in await found(db, desk)


async def test_a_ticket_of_somebody_who_is_not_of_the_desk_is_found(
    db: Database, desk: Desk
) -> None:
    await a_ticket(db, desk)
    await all_out(db, NOW)
    await change(db, tables.ticket, assignee=ANNA)
    assert await found(db, desk) == []
    people = {key: replace(each, active=key != ANNA) for key, each in desk.roster.agents.items()}
    left = replace(desk, roster=Roster(agents=people, managers=()))
    assert await found(db, left) == ["owner_gone"]
    unknown = replace(desk, roster=Roster(agents={}, managers=()))
    assert await found(db, unknown) == []


async def test_invariant_7_a_deadline_that_was_tampered_with_is_found_and_then_kept_in_sight(
    db: Database, desk: Desk
) -> None:
    await a_ticket(db, desk)
    await a_ticket(db, desk)
    await all_out(db, NOW)
    await polled(db, NOW)
    clock = HandClock(NOW)
    auditor = Auditor(db, lambda: desk, clock, {AMAZON: 600.0, SHOP: 600.0})
    assert (await auditor.audit()).ok

    line = tables.deadline
    before = (await rows(db, line))[0]
    tampered = update(line).where(line.c.id == before.id).values(due_at=before.due_at + hours(3))
    await db.write(lambda tx: tx.conn.execute(tampered), now=NOW)
    clock.move(60)
    assert codes(await auditor.audit()) == ["deadline_drift"]
    clock.move(60)
    assert codes(await auditor.audit()) == ["deadline_drift"]

    mended = update(line).where(line.c.id == before.id).values(due_at=before.due_at)
    await db.write(lambda tx: tx.conn.execute(mended), now=NOW)
    clock.move(60)
    assert (await auditor.audit()).ok


async def test_the_sample_goes_round_all_running_clocks(db: Database, desk: Desk) -> None:
    for _ in range(5):
        await a_ticket(db, desk)
    place, seen = None, set()
    for _ in range(20):
        sample = await db.read(partial(running_after, after=place, limit=2))
        seen |= set(sample.ticket_ids)
        wrong = partial(drifted, desk=desk, ticket_ids=sample.ticket_ids, now=NOW)
        assert await db.read(wrong) == []
        place = sample.upto
        if place is None:
            break
    assert len(seen) == 5


async def told(db: Database, prefix: str) -> list[str]:
    found = await rows(db, tables.outbox)
    return [row.payload["text"] for row in found if row.dedupe_key.startswith(f"ops:{prefix}")]


async def test_what_was_found_and_is_over_is_told_once(db: Database, desk: Desk) -> None:
    await a_ticket(db, desk)
    await all_out(db, NOW)
    await polled(db, NOW)
    clock = HandClock(NOW)
    auditor = Auditor(db, lambda: desk, clock, {AMAZON: 600.0, SHOP: 600.0})
    await change(db, tables.ticket, assignee="U0NOBODY")
    clock.move(60)
    await auditor.audit()
    assert await told(db, "over") == []

    await change(db, tables.ticket, assignee=None)
    for _ in range(3):
        clock.move(60)
        await auditor.audit()
    (text,) = await told(db, "over")
    assert text == "Over after 1 min: every open ticket's owner is of the desk."


async def test_a_restart_heals_nothing_by_itself(db: Database, desk: Desk) -> None:
    await polled(db, NOW)
    clock = HandClock(NOW)
    first = Auditor(db, lambda: desk, clock, {AMAZON: 600.0, SHOP: 600.0})
    clock.move(40 * 60)
    assert "source_silent" in codes(await first.audit())

    beats: list[int] = []

    async def beat() -> None:
        beats.append(1)

    again = Auditor(db, lambda: desk, clock, {AMAZON: 600.0, SHOP: 600.0}, clean=beat)
    clock.move(60)
    assert (await again.audit()).ok
    assert await told(db, "over:source_silent") == []
    assert beats == []

    for _ in range(100):
        clock.move(60)
        await polled(db, clock.now())
        await change(db, tables.outbox, state="sent")
        await again.audit()
    assert len(await told(db, "over:source_silent")) == 2
    assert beats
    kept = await db.read(lambda conn: get_state(conn, CLEAN_AUDIT))
    assert kept is not None
    assert clock.now() - kept.at < timedelta(minutes=1)


async def test_a_round_of_looks_takes_its_share_of_each_audit_and_says_how_long_it_took(
    db: Database, desk: Desk
) -> None:
    for _ in range(9):
        await a_ticket(db, desk)
    clock = HandClock(NOW)
    few = Rechecker(db, clock, least=2, sample=2)
    for _ in range(4):
        assert await few.wrong(desk, NOW) == {}
        clock.move(60)
    assert few.round_seconds == 240
    assert await few.wrong(desk, NOW) == {}  # the ninth: a round is over, and begins again
    assert few.round_seconds == 240
    clock.move(60)
    await few.wrong(desk, NOW)
    assert few.round_seconds == 240

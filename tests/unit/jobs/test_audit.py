from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import String, cast, literal, update

from bot.db import tables
from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.jobs.audit import audit
from bot.jobs.auditor import Auditor
from bot.jobs.findings import AuditReport, Expectations
from bot.jobs.lane_names import group_name
from bot.usecases.inboxes import note_failure, note_ok
from bot.usecases.wait import WaitFor, wait_for
from connectors.contract import Verdict
from sla_rules.policy import PolicySet
from sla_rules.vocabulary import Kind, Waiting
from tests.builders import (
    AMAZON,
    ANNA,
    NOW,
    SHOP,
    a_desk,
    a_ticket,
    an_inbound,
    answer,
    arrive,
    hours,
    minutes,
    prepare,
    queue,
    ticket,
)
from tests.db.outbox_world import HandClock, Outside, dispatcher, effect, emit, states

pytestmark = pytest.mark.postgres

EXPECTED = Expectations(
    since=NOW - hours(1),
    pings=timedelta(seconds=10),
    effects=minutes(5),
    polls={AMAZON: minutes(3), SHOP: minutes(3)},
)


async def look(db: Database, desk: Desk, at: datetime, **changed: object) -> AuditReport:
    expected = replace(EXPECTED, **changed)  # type: ignore[arg-type]
    return await db.read(lambda conn: audit(conn, desk, expected, at))


async def polled(db: Database, at: datetime, *names: str) -> None:
    for name in names or (AMAZON, SHOP):
        await db.write(partial(note_ok, name=name), now=at)


async def all_out(db: Database, at: datetime) -> None:
    """Everything is sent, and every card stands in Slack."""
    await dispatcher(db, Outside(), HandClock(at)).drain()
    line = tables.ticket
    await db.write(
        lambda tx: tx.conn.execute(
            update(line).values(
                slack_channel="C1", slack_ts=cast(line.c.number, String) + literal(".1")
            )
        ),
        now=at,
    )


def codes(report: AuditReport) -> list[str]:
    return [finding.code for finding in report.findings]


@pytest.fixture(autouse=True)
async def _prepared(db: Database, desk: Desk) -> None:
    await prepare(db, desk)
    await polled(db, NOW)


async def test_a_desk_that_keeps_its_promises_has_nothing_to_say(db: Database, desk: Desk):
    await a_ticket(db, desk)
    await all_out(db, NOW)
    report = await look(db, desk, NOW + minutes(1))
    assert report.ok
    assert report.at == NOW + minutes(1)


async def test_a_due_ping_that_was_not_fired_is_found(db: Database, desk: Desk):
    await a_ticket(db, desk)
    due = NOW + hours(6)
    await all_out(db, NOW)
    await polled(db, due)
    assert codes(await look(db, desk, due + timedelta(seconds=5))) == []
    assert codes(await look(db, desk, due + timedelta(seconds=15))) == ["pings_late"]


async def test_what_came_due_while_nothing_ran_is_no_finding_of_the_first_seconds(
    db: Database, desk: Desk
):
    await a_ticket(db, desk)
    await all_out(db, NOW)
    begun = NOW + hours(9)
    assert codes(await look(db, desk, begun + timedelta(seconds=5), since=begun)) == []


async def test_an_effect_that_does_not_go_out_is_found_by_its_group(db: Database, desk: Desk):
    clock = HandClock(NOW)
    await emit(db, clock, effect("log:1"))
    await polled(db, NOW + minutes(6))
    assert codes(await look(db, desk, NOW + minutes(4))) == []
    report = await look(db, desk, NOW + minutes(6))
    assert [(f.code, f.subject) for f in report.findings] == [("effects_late", "slack:C1")]


async def test_an_effect_that_waits_for_its_time_is_no_finding(db: Database, desk: Desk):
    opened = await a_ticket(db, desk)
    await all_out(db, NOW)
    slow = replace(desk, undo_window=minutes(10))
    await queue(db, slow, opened.id, at=NOW)
    box = tables.outbox
    await db.write(
        lambda tx: tx.conn.execute(
            update(box).where(box.c.kind != "send_reply").values(state="sent")
        ),
        now=NOW,
    )
    await polled(db, NOW + minutes(6))
    assert codes(await look(db, desk, NOW + minutes(6))) == []


async def test_a_waiting_customer_without_a_clock_is_found_by_number(db: Database, desk: Desk):
    opened = await a_ticket(db, desk)
    await all_out(db, NOW)
    line = tables.deadline
    await db.write(
        lambda tx: tx.conn.execute(
            update(line).where(line.c.ticket_id == opened.id).values(state="cancelled")
        ),
        now=NOW,
    )
    (found,) = (await look(db, desk, NOW)).findings
    assert found.code == "no_deadline"
    assert f"#{opened.number}" in found.detail


async def test_a_ticket_whose_policy_has_no_clocks_or_that_was_answered_is_no_finding(
    db: Database, desk: Desk
):
    await arrive(db, desk, an_inbound(kind=Kind.SUSPECT))
    opened = await a_ticket(db, desk)
    await answer(db, desk, opened.id, at=NOW + minutes(2))
    await all_out(db, NOW + minutes(3))
    assert codes(await look(db, desk, NOW + minutes(3))) == []
    assert (await ticket(db, 1)).clocks == []


async def test_a_clock_that_stands_still_is_a_clock(db: Database):
    patient = {
        "name": "patient",
        "source": "invented for this test",
        "clock": [
            {
                "metric": "resolution",
                "scope": "internal",
                "target": "10h",
                "pause_on": ["customer"],
            }
        ],
    }
    desk = a_desk(policies=PolicySet.load([patient]))
    opened = await a_ticket(db, desk)
    command = WaitFor(ticket_id=opened.id, actor=ANNA, on=Waiting.CUSTOMER)
    await db.write(lambda tx: wait_for(tx, desk, command), now=NOW)
    await all_out(db, NOW)
    assert codes(await look(db, desk, NOW)) == []


async def test_a_clock_that_a_receipt_satisfied_is_no_finding(db: Database):
    counting = {
        "name": "counting",
        "source": "invented for this test",
        "auto_reply_satisfies": True,
        "clock": [{"metric": "response", "scope": "marketplace", "target": "24h"}],
    }
    desk = a_desk(policies=PolicySet.load([counting]))
    receipt = an_inbound(thread="a", verdict=Verdict.ACKNOWLEDGEMENT)
    await arrive(db, desk, an_inbound(thread="a"), receipt)
    await all_out(db, NOW)
    assert codes(await look(db, desk, NOW)) == []


async def test_invariant_10_an_inbox_nobody_looks_at_is_found(db: Database, desk: Desk):
    await polled(db, NOW + minutes(9), SHOP)
    report = await look(db, desk, NOW + minutes(10))
    assert [(f.code, f.subject) for f in report.findings] == [("not_polled", AMAZON)]


async def test_invariant_10_a_source_that_fails_for_a_quarter_of_an_hour_is_an_alarm(
    db: Database, desk: Desk
):
    for minute in range(1, 17):
        at = NOW + minutes(minute)
        await db.write(lambda tx: note_failure(tx, AMAZON, "connection refused", False), now=at)
        await polled(db, at, SHOP)
    report = await look(db, desk, NOW + minutes(16))
    (found,) = [each for each in report.findings if each.code != "effects_late"]
    assert (found.code, found.subject) == ("source_silent", AMAZON)
    assert "connection refused" in found.detail


async def test_an_inbox_of_another_process_is_not_ours_to_judge(db: Database, desk: Desk):
    report = await look(db, desk, NOW + hours(1), polls={})
    assert codes(report) == []


async def test_the_ops_channel_is_told_once_an_hour_while_it_lasts(db: Database, desk: Desk):
    clock = HandClock(NOW)
    auditor = Auditor(db, lambda: desk, clock, {AMAZON: 60.0, SHOP: 60.0})
    assert (await auditor.audit()).ok
    for _ in range(5):
        clock.move(16 * 60)
        await auditor.audit()
    assert auditor.latest is not None
    assert not auditor.latest.ok
    told = [key for key in await states(db) if key.startswith("ops:audit:source_silent:shop")]
    assert len(told) == 2


async def test_invariant_10_each_source_may_be_silent_for_as_long_as_its_own_rules_allow(
    db: Database, desk: Desk
):
    await polled(db, NOW)
    silences = {AMAZON: minutes(72), SHOP: minutes(24)}
    report = await look(db, desk, NOW + minutes(30), silences=silences)
    assert [(f.code, f.subject) for f in report.findings] == [
        ("not_polled", AMAZON),
        ("source_silent", SHOP),
    ]
    report = await look(db, desk, NOW + minutes(80), silences=silences)
    assert codes(report) == ["source_silent", "source_silent"]


async def test_an_inbox_that_rests_on_purpose_is_not_late(db: Database, desk: Desk):
    await polled(db, NOW)
    slowed = await look(db, desk, NOW + minutes(10), slowed=[AMAZON])
    assert [f.subject for f in slowed.findings] == [SHOP]


@pytest.mark.parametrize(
    ("group", "name"),
    [
        ("slack:C0AMAZON", f"the Slack channel of {AMAZON}"),
        (f"inbox:{SHOP}", f"inbox {SHOP}"),
        (f"context:{AMAZON}", f"order look-ups of inbox {AMAZON}"),
        (f"slack:{ANNA}", "direct messages to Anna"),
        ("slack:ops", "the ops channel"),
        ("slack:homes", "the Home tabs"),
        ("slack:C9GONE", "slack:C9GONE"),
    ],
)
async def test_a_way_out_is_called_as_people_call_it(desk: Desk, group: str, name: str):
    assert str(group_name(desk, group)).startswith(name)

"""Promises over a window, counted from the clocks of the tickets, on both databases."""

from dataclasses import replace
from itertools import product

import pytest
from sqlalchemy import insert, text, update

from bot.db import tables
from bot.db.rate_queries import select_counts
from bot.domain.desk import InboxRoute
from bot.usecases.no_response import NoAnswerNeeded, no_answer_needed
from bot.usecases.promises import promises
from bot.usecases.resolve import Resolve, resolve
from sla_rules.rates import RatePromise
from tests.builders import (
    ANNA,
    NOW,
    a_desk,
    a_ticket,
    an_inbound,
    answer,
    arrive,
    days,
    hours,
    minutes,
    prepare,
)
from tests.db.reading import statements
from tests.db.test_query_plans import explain
from tests.rates import Sample, rate_standing

pytestmark = pytest.mark.postgres(first=2)


def a_desk_of(connector, **changes):
    """One inbox, of a platform that judges by a rate."""
    route = InboxRoute(name=connector, connector=connector, channel="C0RATED", label="Rated")
    return a_desk(inboxes={connector: replace(route, **changes)})


async def standings(db, desk, now):
    await prepare(db, desk)
    return await db.read(lambda conn: promises(conn, desk, now))


async def asked(db, desk, inbox, *, at=NOW, **changes):
    return await a_ticket(db, desk, an_inbound(sent_at=at, **changes), inbox=inbox)


async def test_an_inbox_whose_platform_promises_nothing_has_no_promise(db, desk):
    await a_ticket(db, desk)
    assert await standings(db, desk, NOW) == []


async def test_a_promise_nothing_was_awaited_for_is_kept_and_told(db):
    (found,) = await standings(db, a_desk_of("etsy"), NOW)

    assert (found.inbox, found.label) == ("etsy", "Rated")
    assert (found.promise.share, found.promise.within) == (95, hours(24))
    assert (found.standing.awaited, found.standing.is_kept) == (0, True)
    assert found.small_sample
    assert "Star Seller" in found.source


async def test_an_answer_in_time_to_the_second_counts_and_one_second_later_does_not(db):
    desk = a_desk_of("tiktok_shop")
    for late in (minutes(0), minutes(1 / 60)):
        view = await asked(db, desk, "tiktok_shop")
        await answer(db, desk, view.id, at=NOW + hours(24) + late)

    (found,) = await standings(db, desk, NOW + days(2))

    assert (found.standing.awaited, found.standing.on_time) == (2, 1)
    assert (found.standing.is_kept, found.standing.to_regain) == (False, 8)


async def test_an_answer_still_owed_is_late_once_its_time_is_over_and_open_before(db):
    desk = a_desk_of("walmart")
    await asked(db, desk, "walmart")

    (before,) = await standings(db, desk, NOW + hours(48))
    (after,) = await standings(db, desk, NOW + hours(48) + minutes(1))

    assert before.standing.awaited == 0
    assert (after.standing.awaited, after.standing.on_time) == (1, 0)


async def test_the_count_is_what_the_rules_say_of_the_same_answers(db):
    desk = a_desk_of("tiktok_shop")
    samples = []
    for ago, waited in product((0, 13, 40), (None, 1, 24, 25)):
        since, took = NOW - hours(ago), None if waited is None else hours(waited)
        view = await asked(db, desk, "tiktok_shop", at=since)
        if took is not None:
            await answer(db, desk, view.id, at=since + took)
        samples.append(Sample(at=since, took=took))

    (found,) = await standings(db, desk, NOW + hours(12))

    assert found.standing == rate_standing(found.promise, samples, NOW + hours(12))
    assert 0 < found.standing.on_time < found.standing.awaited < len(samples)


async def test_what_began_before_the_window_does_not_count(db):
    desk = a_desk_of("bol")
    view = await asked(db, desk, "bol")
    await answer(db, desk, view.id, at=NOW + hours(1))

    (within,) = await standings(db, desk, NOW + days(7) - minutes(1))
    (beyond,) = await standings(db, desk, NOW + days(7))

    assert (within.standing.awaited, beyond.standing.awaited) == (1, 0)


async def test_etsy_counts_a_conversations_first_message_only(db):
    desk = a_desk_of("etsy")
    view = await asked(db, desk, "etsy", thread="one")
    await answer(db, desk, view.id, at=NOW + hours(1))
    await arrive(db, desk, an_inbound(thread="one", sent_at=NOW + hours(2)), inbox="etsy")

    (found,) = await standings(db, desk, NOW + days(5))

    assert (found.standing.awaited, found.standing.on_time) == (1, 1)


async def test_tiktok_counts_every_awaited_answer(db):
    desk = a_desk_of("tiktok_shop")
    view = await asked(db, desk, "tiktok_shop", thread="one")
    await answer(db, desk, view.id, at=NOW + hours(1))
    await arrive(db, desk, an_inbound(thread="one", sent_at=NOW + hours(2)), inbox="tiktok_shop")

    (found,) = await standings(db, desk, NOW + days(5))

    assert (found.standing.awaited, found.standing.on_time) == (2, 1)


async def test_what_needs_no_answer_and_what_was_resolved_without_one_is_left_out(db):
    desk = a_desk_of("walmart")
    silent, done = [await asked(db, desk, "walmart") for _ in range(2)]
    quiet = NoAnswerNeeded(ticket_id=silent.id, actor=ANNA)
    closed = Resolve(ticket_id=done.id, actor=ANNA)
    await db.write(lambda tx: no_answer_needed(tx, desk, quiet), now=NOW + minutes(7.013))
    await db.write(lambda tx: resolve(tx, desk, closed), now=NOW + minutes(8))

    (found,) = await standings(db, desk, NOW + days(5))

    assert found.standing.awaited == 0


async def test_each_marketplace_is_held_to_its_own_promise(db):
    desk = a_desk_of("tiktok_shop")
    for place in ("US", "TH", "VN"):
        view = await asked(db, desk, "tiktok_shop")
        await answer(db, desk, view.id, at=NOW + hours(13))
        await db.write(
            lambda tx, place=place, view=view: tx.conn.execute(
                update(tables.ticket).where(tables.ticket.c.id == view.id).values(marketplace=place)
            ),
            now=NOW,
        )

    found = await standings(db, desk, NOW + days(2))

    assert {each.promise.within: each.standing.on_time for each in found} == {
        hours(24): 1,
        hours(12): 0,
    }
    assert {each.promise.within: each.standing.awaited for each in found} == {
        hours(24): 1,
        hours(12): 2,
    }


async def test_a_badge_is_counted_only_where_an_inbox_asks_for_it(db):
    assert await standings(db, a_desk_of("facebook"), NOW) == []

    desk = a_desk_of("facebook", badge=True)
    for waited in (minutes(15), minutes(16)):
        view = await asked(db, desk, "facebook")
        await answer(db, desk, view.id, at=NOW + waited)

    (found,) = await standings(db, desk, NOW + days(1))

    assert (found.promise.share, found.promise.within) == (90, minutes(15))
    assert (found.standing.awaited, found.standing.on_time) == (2, 1)


async def test_every_promise_is_counted_in_one_statement(db):
    connectors = ("etsy", "bol", "walmart", "tiktok_shop")
    desk = a_desk(
        inboxes={
            each: InboxRoute(name=each, connector=each, channel="C0RATED") for each in connectors
        }
    )
    await prepare(db, desk)
    with statements(db) as sent:
        found = await db.read(lambda conn: promises(conn, desk, NOW))

    assert len(sent) == 1
    assert {each.inbox for each in found} == set(connectors)


async def test_the_rows_of_older_years_are_not_read(db):
    desk = a_desk_of("bol")
    view = await asked(db, desk, "bol")
    old = [
        {
            "id": number,
            "ticket_id": view.id,
            "metric": "next_response",
            "scope": "internal",
            "instance": number,
            "started_at": NOW - days(400),
            "due_at": NOW - days(399),
            "target_seconds": 3600,
            "state": "late",
            "policy": "p",
            "policy_version": "1",
            "calendar": "always",
            "calendar_version": "1",
        }
        for number in range(1, 5000)
    ]
    await db.write(lambda tx: tx.conn.execute(insert(tables.deadline), old), now=NOW)
    if not db.is_sqlite:
        await db.write(lambda tx: tx.conn.execute(text("ANALYZE")), now=NOW)
    promise = RatePromise(share=90, within=hours(1), over=days(7))

    plan = await explain(db, select_counts([("bol", promise)], NOW))

    if db.is_sqlite:
        assert "SEARCH deadline USING INDEX sqlite_autoindex_deadline_1 (id>?)" in plan
        assert "SEARCH ticket USING INDEX sqlite_autoindex_ticket_1 (id=?)" in plan
    else:
        assert "pk_deadline" in plan

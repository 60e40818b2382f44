"""A page costs the same number of statements whatever is on it."""

import pytest

from bot.usecases.ingest import ingest
from connectors.contract import Verdict
from tests.builders import AMAZON, NOW, a_ticket, an_inbound, answer, arrive, hours, minutes, stored
from tests.db.reading import fire, statements

pytestmark = pytest.mark.postgres

PAGE = 50


async def cost_of(db, desk, messages, now):
    read = await stored(db, desk, *messages, now=now)
    with statements(db) as sent:
        report = await db.write(lambda tx: ingest(tx, desk, AMAZON, read), now=now)
    assert report.taken == len(messages)
    return len(sent)


async def test_a_page_of_new_conversations_costs_the_same_however_long_it_is(db, desk):
    await a_ticket(db, desk)
    costs = [
        await cost_of(db, desk, [an_inbound() for _ in range(size)], NOW) for size in (1, 10, PAGE)
    ]
    assert len(set(costs)) == 1
    assert costs[0] <= 14


async def mixed_page(db, desk, size, at):
    """A third new, a third answered conversations that go on, a third automatic mail."""
    known = [f"mixed-{at}-{number}" for number in range(size)]
    await arrive(db, desk, *(an_inbound(thread=each, sent_at=at) for each in known), now=at)
    page = []
    for number, thread in enumerate(known):
        later = at + minutes(5)
        page.append(
            [
                an_inbound(sent_at=later),
                an_inbound(thread=thread, sent_at=later),
                an_inbound(thread=thread, verdict=Verdict.AUTO_REPLY, sent_at=later),
            ][number % 3]
        )
    return page


async def test_a_mixed_page_costs_the_same_however_long_it_is(db, desk):
    costs = []
    for size in (3, 12, PAGE):
        at = NOW + hours(size)
        page = await mixed_page(db, desk, size, at)
        costs.append(await cost_of(db, desk, page, at + minutes(5)))
    assert len(set(costs)) == 1
    assert costs[0] <= 16


async def test_a_page_seen_before_costs_next_to_nothing(db, desk):
    page = [an_inbound() for _ in range(PAGE)]
    await arrive(db, desk, *page)
    assert await cost_of(db, desk, page, NOW + hours(1)) <= 6


async def test_a_tick_costs_the_same_however_much_is_due(db, desk):
    costs = []
    for size in (1, 40):
        at = NOW + hours(24 * size)
        await arrive(db, desk, *(an_inbound(sent_at=at) for _ in range(size)))
        await fire(db, desk, at)
        with statements(db) as sent:
            await fire(db, desk, at + hours(6))
        costs.append(len(sent))
        with statements(db) as idle:
            await fire(db, desk, at + hours(6))
        assert len(idle) == 1
    assert costs[0] == costs[1] <= 10


async def test_a_bounce_costs_no_more_than_a_message(db, desk):
    view = await a_ticket(db, desk)
    _, external_id = await answer(db, desk, view.id, at=NOW + hours(1))
    bounce = an_inbound(verdict=Verdict.BOUNCE, refers_to=[external_id], sent_at=NOW + hours(2))
    assert await cost_of(db, desk, [bounce], NOW + hours(2)) <= 16

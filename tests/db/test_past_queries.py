from functools import partial

import pytest

from bot.db.past_queries import count_since, inbox_names, past_tickets, ticket_links
from bot.domain.history import timeline
from tests.builders import AMAZON, NOW, SHOP, a_ticket, an_inbound, answer, arrive, days, hours
from tests.db.reading import statements

pytestmark = pytest.mark.postgres


async def test_the_past_comes_page_by_page_in_order_and_each_ticket_once(db, desk):
    await arrive(db, desk, *(an_inbound() for _ in range(5)))
    seen = []
    reached = 0
    while page := await db.read(partial(past_tickets, since=NOW, after=reached, limit=2)):
        seen += [ticket.id for ticket, _ in page]
        reached = seen[-1]
    assert len(seen) == len(set(seen)) == 5 == await db.read(lambda conn: count_since(conn, NOW))
    assert seen == sorted(seen)


async def test_a_ticket_comes_with_what_its_clocks_depend_on(db, desk):
    view = await a_ticket(db, desk)
    await answer(db, desk, view.id, at=NOW + hours(1))

    ((ticket, history),) = await db.read(lambda conn: past_tickets(conn, NOW))

    assert [event.at for event in timeline(ticket, history).events] == [NOW, NOW + hours(1)]


async def test_older_tickets_are_left_out(db, desk):
    await a_ticket(db, desk)
    assert await db.read(lambda conn: past_tickets(conn, NOW + days(1))) == []
    assert await db.read(lambda conn: count_since(conn, NOW + days(1))) == 0


async def test_a_page_takes_two_statements_however_long_it_is(db, desk):
    await arrive(db, desk, *(an_inbound() for _ in range(30)))
    with statements(db) as sent:
        await db.read(lambda conn: past_tickets(conn, NOW))
    assert len(sent) == 2


async def test_tickets_are_named_as_people_know_them(db, desk):
    view = await a_ticket(db, desk)
    links = await db.read(lambda conn: ticket_links(conn, {view.id}))
    assert links[view.id].number == view.number
    assert set(await db.read(inbox_names)) == {AMAZON, SHOP}

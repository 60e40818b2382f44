import pytest

from bot.db import queries
from tests.builders import NOW, a_ticket, an_inbound, answer, arrive, hours, minutes

pytestmark = pytest.mark.postgres


async def found(db, words, **options):
    rows = await db.read(lambda conn: queries.find(conn, words, **options))
    return [row.number for row in rows]


@pytest.fixture(autouse=True)
async def _tickets(db, desk):
    lamp = an_inbound(
        thread="a",
        subject="Scratched lamp",
        text="The shade is 100% broken_off.",
        order_id="304-1234567-7654321",
    )
    await arrive(db, desk, lamp)
    chair = an_inbound(
        text="Is the chair in stock?", sender_name="Marta Conti", sent_at=NOW + minutes(1)
    )
    await arrive(db, desk, chair)


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        ("304-1234567-7654321", [1]),
        ("4567-76", [1]),
        ("scratched", [1]),
        ("LAMP shade", [1]),
        ("lamp chair", []),
        ("conti", [2]),
        ("#2", [2]),
        ("buyer", [2, 1]),
        ("100%", [1]),
        ("broken_off", [1]),
        ("broken-off", []),
        ("\\", []),
        ("", []),
    ],
)
async def test_a_ticket_is_found_by_whatever_is_remembered_of_it(db, words, numbers):
    assert await found(db, words) == numbers


async def test_what_an_agent_said_is_found_too_and_what_was_touched_last_comes_first(db, desk):
    ticket = await a_ticket(db, desk, an_inbound(thread="b", sent_at=NOW + hours(1)))
    assert await found(db, "tomorrow") == []
    await answer(db, desk, ticket.id, at=NOW + hours(2))
    assert await found(db, "tomorrow") == [3]
    assert await found(db, "where is rinaldi") == [3]
    assert await found(db, "marketplace.example", limit=2) == [3, 2]


async def test_the_number_of_a_ticket_goes_before_words_that_contain_it(db, desk):
    later = an_inbound(text="I paid 1 euro for it", sent_at=NOW + hours(3))
    await a_ticket(db, desk, later)
    assert (await found(db, "1"))[0] == 1

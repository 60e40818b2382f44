"""What is exported: every row once, of both databases, narrowed to days, and no word too many."""

from datetime import timedelta
from typing import Any, Final

import pytest

from bot.clock import Clock
from bot.db.export_rows import Wish, inbox_ids, pages
from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.reports.files.schema import TABLES, columns_of
from bot.usecases.figures import catch_up
from tests.builders import (
    AMAZON,
    ANNA,
    NOW,
    SHOP,
    an_inbound,
    answer,
    arrive,
    hours,
    prepare,
    ticket,
)

pytestmark = pytest.mark.postgres(first=1)

NAMES: Final = {name: [each.name for each in columns_of(name)] for name in TABLES}


async def _three(db: Database, desk: Desk) -> None:
    """Three conversations, an hour apart; the first is answered."""
    await prepare(db, desk)
    for number, inbox in enumerate((AMAZON, AMAZON, SHOP)):
        at = NOW + hours(number)
        await arrive(db, desk, an_inbound(sent_at=at, text=f"Word {number}"), inbox=inbox)
    await answer(db, desk, (await ticket(db, 1)).id, at=NOW + hours(4))
    await catch_up(db, desk, Clock(start=NOW + hours(5)))


async def _read(db: Database, table: str, size: int = 2, **wish: Any) -> list[dict[str, Any]]:
    columns = wish.pop("columns", NAMES[table])
    asked = Wish(columns=columns, **wish)
    found = await db.read(lambda conn: list(pages(conn, table, asked, size)))
    return [dict(zip(columns, row, strict=True)) for page in found for row in page]


async def test_every_row_is_there_once_however_small_the_pages(db: Database, desk: Desk) -> None:
    await _three(db, desk)

    for table in TABLES:
        by_ones = await _read(db, table, 1)
        assert by_ones == await _read(db, table, 100)
        assert len(by_ones) >= 3
    tickets = await _read(db, "tickets")
    assert [each["number"] for each in tickets] == [1, 2, 3]
    assert [each["answer_turns"] for each in tickets] == [1, 0, 0]
    waits = await _read(db, "waits")
    assert [(each["inbox"], each["end"]) for each in waits] == [
        (AMAZON, "answered"),
        (AMAZON, ""),
        (SHOP, ""),
    ]
    sent = next(each for each in await _read(db, "events") if each["type"] == "reply_sent")
    messages = {each["message_id"]: each for each in await _read(db, "messages")}
    assert messages[int(sent["message_id"])]["agent"] == ANNA


async def test_days_narrow_each_table_by_its_own_instant(db: Database, desk: Desk) -> None:
    await _three(db, desk)
    since, until = NOW + hours(1), NOW + hours(2)

    narrowed = {table: len(await _read(db, table, since=since, until=until)) for table in TABLES}

    assert narrowed["tickets"] == narrowed["waits"] == narrowed["messages"] == 1
    assert narrowed["deadlines"] == 2  # the marketplace's and the desk's own
    assert not await _read(db, "events", since=NOW + timedelta(days=1))


async def test_words_are_told_of_those_inboxes_alone(db: Database, desk: Desk) -> None:
    await _three(db, desk)
    columns = [each.name for each in columns_of("messages", with_bodies=True)]
    known = await db.read(inbox_ids)

    told = await _read(db, "messages", columns=columns, bodies_of=[known[SHOP]])

    by_inbox = {each["inbox"]: (each["body"], each["length"]) for each in told}
    assert by_inbox[SHOP] == ("Word 2", 6)
    assert by_inbox[AMAZON][0] is None
    assert by_inbox[AMAZON][1]

"""A database that was put back knows nothing of the posts since: they are found, not made again."""

from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select, update

from bot.db import tables
from bot.db.unit import Tx
from bot.usecases.restored import put_back
from tests.builders import a_ticket
from tests.slack.executor_world import Story, note, story


def _as_it_is(conn: Connection) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    box = [dict(row) for row in conn.execute(select(tables.outbox)).mappings()]
    ticket = tables.ticket.c
    places = select(ticket.slack_channel, ticket.slack_ts, ticket.slack_permalink)
    return box, dict(conn.execute(places).mappings().one())


def _as_it_was(tx: Tx, copy: tuple[list[dict[str, Any]], dict[str, Any]]) -> None:
    rows, places = copy
    tx.conn.execute(tables.outbox.delete())
    tx.conn.execute(insert(tables.outbox), rows)
    tx.conn.execute(update(tables.ticket).values(**places))
    put_back(tx, copied_at=tx.now, last_number=None)


async def _restored(s: Story, copy: tuple[list[dict[str, Any]], dict[str, Any]]) -> None:
    s.clock.move(3600)
    await s.db.write(partial(_as_it_was, copy=copy), now=s.clock.now())
    s.new_life()
    await s.send(rounds=6, seconds=20)


async def test_invariant_2_the_card_and_what_is_below_it_are_found_in_this_order(sqlite_db) -> None:
    async with story(sqlite_db) as s:
        await a_ticket(s.db, s.desk)
        await note(s)
        copy = await s.db.read(_as_it_is)
        await s.send(rounds=2)
        (root,) = s.roots()

        await _restored(s, copy)

        assert [each.ts for each in s.roots()] == [root.ts]
        assert len(s.thread(root.ts)) == 1
        _, places = await s.db.read(_as_it_is)
        assert places["slack_ts"] == root.ts


@pytest.mark.slow
async def test_what_was_never_posted_is_posted_once(sqlite_db) -> None:
    async with story(sqlite_db) as s:
        await a_ticket(s.db, s.desk)
        await note(s)
        copy = await s.db.read(_as_it_is)

        await _restored(s, copy)

        (root,) = s.roots()
        assert len(s.thread(root.ts)) == 1

"""Others at the desk's SQLite file: a second desk is refused, a foreign program only delays."""

import asyncio
import sqlite3
import sys
from typing import Any

import pytest

from tests.e2e.ledger import cards_by_number, ledger, posts_by_effect, shown_times
from tests.e2e.process import Process
from tests.e2e.tally import said
from tests.e2e.town import ROOT, SHOP, a_town

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

_FOREIGN = """
import sqlite3, sys, time
shell = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
until, written = time.monotonic() + float(sys.argv[2]), 0
while time.monotonic() < until:
    shell.execute("BEGIN IMMEDIATE")
    shell.execute("UPDATE counter SET value = value + 1 WHERE name = 'foreign'")
    time.sleep(0.05)
    shell.execute("COMMIT")
    written += 1
    time.sleep(0.01)
print(written)
"""
"""Somebody's script that holds the write lock five sixths of the time."""


@pytest.mark.timeout(300)
@pytest.mark.parametrize("seconds", [3.0, pytest.param(60.0, marks=pytest.mark.slow)])
async def test_a_second_desk_is_refused_and_a_foreign_writer_only_delays(
    new_database: Any, seconds: float
):
    folder, url = new_database()
    file = folder / "threadline.db"
    with sqlite3.connect(file) as made:
        made.execute("INSERT INTO counter (name, value) VALUES ('foreign', 0)")
    made.close()
    async with a_town(folder, url, inboxes=(SHOP,)) as town:
        desk, second = Process(town), Process(town, name="second")
        try:
            await desk.start()
            foreign = await asyncio.create_subprocess_exec(
                sys.executable, "-c", _FOREIGN, str(file), str(seconds), stdout=-1, cwd=ROOT
            )
            words = [f"beside a foreign writer {number}" for number in range(4)]
            for each in words:
                await town.customer(SHOP, each, address=f"visitor{len(each)}{each[-1]}")
            await second.spawn()
            assert await second.end() == 1
            written, _ = await asyncio.wait_for(foreign.communicate(), seconds + 60)
            for each in words:
                await town.card(SHOP.name, each, within=60)
            assert await desk.stop() == 0
        finally:
            await desk.close()
            await second.close()
        assert "is using" in second.log()
        assert "Traceback" not in second.log() + desk.log()
        shown = [shown_times(town, each, SHOP.name) for each in words]
        posts = [len(found) for found in posts_by_effect(town).values()]
        kept = _asked(file, "SELECT value FROM counter WHERE name = 'foreign'")
        said(
            f"a foreign writer for {seconds:.0f} s",
            {
                "messages": len(words),
                "messages lost": shown.count(0),
                "posts doubled": len(posts) - posts.count(1),
                "foreign writes": int(written),
                "foreign writes lost": int(written) - kept,
            },
        )
        assert shown == [1] * len(words)
        assert set(posts) == {1}
        assert set(cards_by_number(town, SHOP.name).values()) == {1}
        assert kept == int(written)
        assert _asked(file, "PRAGMA integrity_check") == "ok"
        assert (await ledger(url)).open_effects() == []


def _asked(file: Any, question: str) -> Any:
    connection = sqlite3.connect(file)
    try:
        return connection.execute(question).fetchone()[0]
    finally:
        connection.close()

"""The clock of the desk's machine set back and forward an hour, under a real process.

The process is started with a library in front of the C library's (shifted.c), so that everything
in it reads the set clock: the desk, its scheduler, the database. The steady clock goes on.
"""

import asyncio
import shutil
import struct
import subprocess
from mmap import mmap
from pathlib import Path
from typing import Any

import pytest

from sandbox.slack.model import Message
from tests.e2e.ledger import all_sent, cards_by_number, ledger, posts_by_effect
from tests.e2e.process import Process
from tests.e2e.tally import said
from tests.e2e.town import SHOP, Town, a_town, policy

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

HOUR = 3600
TWO_SECONDS = policy("website.message", "website", "2s", warn=[])


class Hands:
    """What the process's wall clock is set by, in seconds."""

    def __init__(self, folder: Path, library: Path) -> None:
        file = folder / "hands"
        file.write_bytes(bytes(8))
        self.environ = {"SHIFTED_CLOCK": str(file), "LD_PRELOAD": str(library)}
        with file.open("r+b") as shared:
            self._page = mmap(shared.fileno(), 8)

    def set_by(self, seconds: int) -> None:
        self._page[:] = struct.pack("q", seconds)


@pytest.fixture
def hands(tmp_path: Path) -> Hands:
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("needs a C compiler; tests/unit/jobs/test_set_clocks.py shows the same inside")
    library = tmp_path / "shifted.so"
    source = Path(__file__).with_name("shifted.c")
    command = [compiler, "-shared", "-fPIC", "-O1", "-o", str(library), str(source)]
    subprocess.run(command, check=True, capture_output=True)
    return Hands(tmp_path, library)


async def asked(town: Town, words: str) -> tuple[Message, float]:
    """A card for a question, and how many real seconds it took."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    await town.customer(SHOP, words)
    card = await town.card(SHOP.name, words, within=30)
    return card, loop.time() - begun


async def test_a_machine_whose_clock_is_set_back_and_forward_reads_on_and_pings_once(
    new_database: Any, hands: Hands
):
    folder, url = new_database()
    took: dict[str, float] = {}
    async with a_town(folder, url, inboxes=(SHOP,), policies=TWO_SECONDS) as town:
        process = Process(town, environ=hands.environ)
        try:
            await process.start()
            cards = []
            for name, seconds in (("as it was", 0), ("set back", -HOUR), ("set forward", HOUR)):
                hands.set_by(seconds)
                card, took[name] = await asked(town, f"written with the clock {name}")
                cards.append(card)
                # An hour that never was is an hour for the ladder: its gravest step speaks.
                await town.line(card, "🔴", within=30)
            await all_sent(url)
            assert await process.stop() == 0
        finally:
            await process.close()
        lines = [[line for line in town.thread(card) if "🔴" in line] for card in cards]
        posts = [len(found) for found in posts_by_effect(town).values()]
        rows = await ledger(url)
        said(
            "clock set back and forward an hour",
            {
                "cards after (s)": {name: round(seconds, 1) for name, seconds in took.items()},
                "tickets called out": sum(map(bool, lines)),
                "posts": len(posts),
                "posts doubled": len(posts) - posts.count(1),
            },
        )
        assert all(lines)
        assert all(sum("🔴 Missed" in line for line in found) <= 1 for found in lines)
        assert set(posts) == {1}
        assert set(cards_by_number(town, SHOP.name).values()) == {1}
        assert rows.open_effects() == []
        stepped = [line["seconds"] for line in process.said("scheduler.clock_stepped")]
        assert [round(step / HOUR) for step in stepped] == [-1, 2]
        assert len(process.said("clock.stepped")) == 2

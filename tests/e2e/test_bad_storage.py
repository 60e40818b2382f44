"""The database locked by somebody else, the disk full, the clock set back: the desk waits and goes on."""

import asyncio
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from sandbox.slack.faults import Fault, FaultKind
from tests.e2e.ledger import cards_by_number, ledger, shown_times
from tests.e2e.process import Process
from tests.e2e.town import SHOP, SetClock, Town, a_town, desk_in, policy

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

# --- locked -------------------------------------------------------------------------------------

_HOLD = (
    "import sqlite3, sys, time; c = sqlite3.connect(sys.argv[1], isolation_level=None); "
    "c.execute('BEGIN IMMEDIATE'); print('held', flush=True); time.sleep(float(sys.argv[2])); "
    "c.execute('ROLLBACK')"
)


@asynccontextmanager
async def locked(file: Path, seconds: float) -> AsyncIterator[None]:
    """Another process holds the write lock of a SQLite file for so long."""
    holder = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _HOLD, str(file), str(seconds), stdout=asyncio.subprocess.PIPE
    )
    assert holder.stdout is not None
    assert await holder.stdout.readline() == b"held\n"
    yield
    assert await holder.wait() == 0


@pytest.mark.parametrize(
    "seconds",
    [2.0, pytest.param(8.0, marks=pytest.mark.slow), pytest.param(40.0, marks=pytest.mark.slow)],
)
async def test_a_database_locked_by_another_process_delays_and_loses_nothing(
    new_database: Any, seconds: float
):
    folder, url = new_database()
    async with a_town(folder, url, inboxes=(SHOP,)) as town, desk_in(town):
        await town.customer(SHOP, "before the lock")
        card = await town.card(SHOP.name, "before the lock")
        async with locked(folder / "threadline.db", seconds):
            await town.customer(SHOP, "behind the lock")
            claimed = asyncio.create_task(
                town.anna.click(card.ts, "claim", channel=card.channel, wait=0.2)
            )
        await town.card(SHOP.name, "behind the lock", within=40)
        assert (await claimed).refused is None  # it was acknowledged in time all the same
        if seconds < 20:
            await town.shows(card, "Owner: @Anna")
        assert set(cards_by_number(town, SHOP.name).values()) == {1}


# --- full ---------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of three megabytes."""
    place = tmp_path / "small"
    place.mkdir()
    mount = shutil.which("mount")
    if os.geteuid() != 0 or mount is None:
        pytest.skip("only root mounts a small file system; the limit on file sizes is tested")
    done = subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(place)],
        check=False,
        capture_output=True,
    )
    if done.returncode:
        pytest.skip("no file system may be mounted here; the limit on file sizes is tested")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=False)


def fill(disk: Path) -> Path:
    """Take every byte that is left."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"\0" * 4096)
    return filler


async def test_invariant_1_a_full_disk_stops_the_reading_and_a_freed_one_starts_it_again(
    new_database: Any, small_disk: Path
):
    folder, url = new_database(small_disk)
    async with a_town(folder, url, inboxes=(SHOP,)) as town, desk_in(town):
        await town.customer(SHOP, "while there was room")
        card = await town.card(SHOP.name, "while there was room")
        filler = fill(small_disk)
        texts = [f"onto a full disk {number}" for number in range(3)]
        for text in texts:
            await town.customer(SHOP, text + " and more words" * 4000)
        await asyncio.sleep(2.5)
        shown = [shown_times(town, text, SHOP.name) for text in texts]
        assert 0 in shown, "the disk was not full"
        pressed = await town.anna.click(card.ts, "claim", channel=card.channel, wait=0.5)
        assert pressed.refused is None

        filler.unlink()
        for text in texts:
            await town.card(SHOP.name, text, within=40)
        assert set(cards_by_number(town, SHOP.name).values()) == {1}


# Where a small disk can be mounted, it shows the same sooner.
@pytest.mark.slow if os.geteuid() == 0 else pytest.mark.e2e
async def test_invariant_1_a_file_that_may_not_grow_stops_the_reading_until_it_may(
    new_database: Any,
):
    folder, url = new_database()
    async with a_town(folder, url, inboxes=(SHOP,)) as town:
        process = Process(town)
        try:
            await process.start()
            await town.customer(SHOP, "while it could grow")
            await town.card(SHOP.name, "while it could grow")

            _limit(process, 64 * 1024)
            await town.customer(SHOP, "more than it can hold" + " and more words" * 9000)
            await town.until(
                "a refused write", lambda: "poll.database_failed" in process.log() or None
            )
            assert not shown_times(town, "more than it can hold", SHOP.name)

            _limit(process, resource.RLIM_INFINITY)
            await town.card(SHOP.name, "more than it can hold", within=40)
            assert await process.stop() == 0
        finally:
            await process.close()
        rows = await ledger(url)
        assert rows.open_effects() == []
        assert len(rows.tickets) == 2


def _limit(process: Process, size: int) -> None:
    _, hard = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (size if size >= 0 else hard, hard))


# --- set back -----------------------------------------------------------------------------------


@pytest_asyncio.fixture(loop_scope="session")
async def town(new_database: Any) -> AsyncIterator[Town]:
    folder, url = new_database()
    short = policy("website.message", "website", "2s", warn=[])
    async with a_town(folder, url, inboxes=(SHOP,), policies=short) as town, desk_in(town):
        yield town


def set_back(town: Town) -> None:
    assert isinstance(town.clock, SetClock)
    town.clock.turn(timedelta(hours=-1))


async def test_a_clock_set_back_un_fires_nothing_and_later_deadlines_are_kept(town: Town):
    await town.customer(SHOP, "missed before the clock was set")
    card = await town.card(SHOP.name, "missed before the clock was set")
    await town.line(card, "🔴 Missed")

    set_back(town)
    await town.customer(SHOP, "written by the new clock")
    later = await town.card(SHOP.name, "written by the new clock")
    await town.line(later, "🔴 Missed")

    assert sum("🔴 Missed" in line for line in town.thread(card)) == 1
    assert sum("🔴 Missed" in line for line in town.thread(later)) == 1
    assert set(cards_by_number(town, SHOP.name).values()) == {1}


async def test_what_waited_to_go_out_when_the_clock_was_set_back_goes_out_soon(town: Town):
    busy = Fault(method="chat.postMessage", kind=FaultKind.RATELIMITED, retry_after=2)
    town.slack.core.faults.add(busy)
    seq = town.slack.core.call_count
    await town.customer(SHOP, "waits for Slack to be less busy")
    calls = town.slack.core.calls
    await town.until("a 429", lambda: any(c.seq > seq and c.status == 429 for c in calls) or None)

    set_back(town)
    await town.card(SHOP.name, "waits for Slack to be less busy", within=60)


async def test_an_answer_in_its_undo_window_when_the_clock_was_set_back_leaves_soon(town: Town):
    await town.customer(SHOP, "answered just before")
    card = await town.card(SHOP.name, "answered just before")
    number = town.number(card)
    seen = await town.anna.command(
        "/ticket", f"reply {number} Here it is.", channel=card.channel, wait=15
    )
    assert "goes out at" in seen.text
    set_back(town)
    await town.until("the answer to leave", lambda: town.mail.sent or None, within=60)

"""PostgreSQL under workers that come and go: rolled, cut off in COMMIT, killed, moved to a copy.

While it lasts, customers write and agents answer; afterwards everything is counted.
"""

import asyncio
import random
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.clock import Clock
from bot.process_role import Role
from sandbox.slack.model import Message
from tests.conftest import migrate
from tests.e2e.ledger import all_sent, ledger, shown_times
from tests.e2e.moments import SHORT, Trial
from tests.e2e.process import Process
from tests.e2e.servers import Server, socket_of, through
from tests.e2e.tally import Tally, said, tally
from tests.e2e.town import AMAZON, a_town, desk_in
from tests.e2e.trials import BOTH
from tests.e2e.wire import Wire, a_wire

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.postgres,
    pytest.mark.timeout(900),
    pytest.mark.asyncio(loop_scope="session"),
]


ALL_OUT = 120.0
"""Seconds after the end of a fault in which everything that is due goes out."""

PINGS_OUT = 60.0
"""And in which pings are fired."""


@dataclass(kw_only=True)
class Works(Trial):
    """Workers on one PostgreSQL behind a wire, and people who keep them busy."""

    workers: list[Process] = field(default_factory=list)
    wire: Wire
    beside: str  # the database's own URL
    kills: int = 0
    restarts: int = 0

    async def busy(self, dice: random.Random, pause: float) -> None:
        """Customers write and agents answer, for ever."""
        while True:
            await asyncio.sleep(dice.uniform(0.2, pause))
            await (self.buyer() if dice.random() < 0.8 else self.visitor())
            card: Message | None = dice.choice(self.town.roots(AMAZON.name) or [None])
            if card is not None and dice.random() < 0.4:
                await self.answer(card)

    async def counted(self, title: str) -> Tally:
        """Wait until everything is done, at most as long as is promised; then count."""
        began, loop = datetime.now(UTC), asyncio.get_running_loop()  # noqa: TID251 - real processes
        ends = loop.time() + ALL_OUT
        while loop.time() < ends and (unseen := await self._unseen()):  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.5)
        await all_sent(self.beside, within=max(1.0, ends - loop.time()))
        assert not unseen, f"{unseen}\n{self.town.picture()}"
        rows = await ledger(self.beside)
        found = tally(self, rows, kills=self.kills)
        said(title, found)
        late = [
            (p["fired_at"] - max(p["fire_at"], began)).total_seconds()
            for p in rows.pings
            if p["fired_at"] is not None
        ]
        after = {"all out s": round(loop.time() - ends + ALL_OUT, 1), "restarts": self.restarts}
        said("after the last fault", {**after, "latest ping s": round(max([0.0, *late]), 1)})
        assert max([0.0, *late]) <= PINGS_OUT
        return found

    async def _unseen(self) -> list[str]:
        """What was delivered, and is neither shown nor set aside."""
        wanted = [w for w in self.delivered.values() if not shown_times(self.town, w, *BOTH)]
        rows = await ledger(self.beside) if wanted else None
        aside = [r["payload"] for r in rows.raw if r["state"] == "quarantined"] if rows else []
        return [w for w in wanted if not any(w.encode() in one for one in aside)]

    async def keep(self) -> None:
        """Start whoever ended by itself again, as a service manager does, for ever."""
        while True:
            await asyncio.sleep(0.5)
            for worker in self.workers:
                if not worker.alive:
                    await worker.end()
                    self.restarts += 1
                    await worker.spawn()


@asynccontextmanager
async def works(
    folder: Path, url: str, *, workers: int, policies: str = ""
) -> AsyncIterator[Works]:
    async with AsyncExitStack() as stack:
        wire = await stack.enter_async_context(a_wire(socket_of(url)))
        led = {"DATABASE_URL": through(url, wire.port)}
        town = await stack.enter_async_context(
            a_town(folder, url, environ=led, clock=Clock(), policies=policies)
        )
        town.mail.keep_sent_copies = True
        all_ = [Process(town, role="worker", name=f"worker{n}") for n in range(workers)]
        for each in all_:
            stack.push_async_callback(each.close)
        await asyncio.gather(*(each.start() for each in all_))
        await stack.enter_async_context(desk_in(town, Role.SLACK))
        yield Works(town=town, process=all_[0], workers=all_, wire=wire, beside=url)


@asynccontextmanager
async def background(work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """Somebody does this meanwhile."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def meanwhile(at_work: Works, pause: float, play: Callable[[], Awaitable[None]]) -> None:
    """The play, while people are at work."""
    async with background(at_work.busy(random.Random(3), pause)):
        await play()


def none_lost_and_none_doubled(found: Tally) -> None:
    assert found.messages > 3
    assert (found.lost, found.doubled) == (0, 0)


@pytest.mark.slow
@pytest.mark.parametrize("rounds", [1, 6])
async def test_two_workers_are_replaced_one_after_the_other_under_load(
    tmp_path: Path, postgres_db_url: str, rounds: int
):
    async with works(tmp_path, postgres_db_url, workers=2) as at_work:

        async def rolled() -> None:
            for number in range(2 * rounds):
                worker = at_work.workers[number % 2]
                if number >= 2 and number % 3 == 0:
                    await worker.kill()
                    at_work.kills += 1
                else:
                    assert await worker.stop() == 0
                await worker.start()

        await meanwhile(at_work, 1.2, rolled)
        found = await at_work.counted(f"{2 * rounds} workers replaced")
        none_lost_and_none_doubled(found)
        assert found.posts_doubled == 0


@pytest.mark.slow
@pytest.mark.parametrize(("seconds", "hard"), [(4.0, False), (90.0, True)])
async def test_a_wire_cut_in_commits_under_load_loses_and_doubles_nothing(
    tmp_path: Path, postgres_db_url: str, seconds: float, hard: bool
):
    dice = random.Random(5)
    async with works(tmp_path, postgres_db_url, workers=1) as at_work:
        wire, ends = at_work.wire, asyncio.get_running_loop().time() + seconds
        silences = 0

        async def cut() -> None:
            nonlocal silences
            while asyncio.get_running_loop().time() < ends:
                await asyncio.sleep(dice.uniform(0.1, 0.5))
                if dice.random() < 0.5:
                    wire.cuts += 1
                else:
                    wire.strikes += 1
                if hard and dice.random() < 0.1:
                    wire.severed += wire.sever()
                if hard and dice.random() < 0.05:
                    silences += 1
                    wire.fall_silent()
                    await asyncio.sleep(dice.uniform(1, 15))
                    wire.hear_again()
            wire.cuts = wire.strikes = 0

        await meanwhile(at_work, 1.0, cut)
        found = await at_work.counted(f"{wire.severed} COMMITs cut, {silences} silences")
        none_lost_and_none_doubled(found)
        assert wire.severed >= seconds / 2
        doubts = at_work.workers[0].said("database.commit_in_doubt")
        fates = {line["fate"] for line in doubts}
        said("what the server said of cut COMMITs", {"asked": len(doubts), "fates": sorted(fates)})
        assert not hard or "committed" in fates


@pytest.mark.slow
async def test_a_server_killed_and_at_last_replaced_by_a_copy_loses_and_doubles_nothing(
    tmp_path: Path,
):
    place = Path(tempfile.mkdtemp(prefix="threadline-pg-"))
    place.chmod(0o755)
    first, second = Server(place / "first"), Server(place / "second")
    await first.start()
    try:
        await asyncio.to_thread(migrate, first.url)
        async with works(tmp_path, first.url, workers=2, policies=SHORT) as at_work:

            async def failing() -> None:
                for _ in range(12):
                    await asyncio.sleep(random.Random(at_work.kills).uniform(0.5, 3))
                    await first.kill()
                    at_work.kills += 1
                    await first.start()
                await asyncio.sleep(2)
                await first.kill()
                at_work.kills += 1
                await first.copied_to(second)
                await second.start()
                at_work.beside, at_work.wire.to = second.url, second.socket

            async with background(at_work.keep()):
                # What piles up has to pass through Slack's one post per second and channel.
                await meanwhile(at_work, 5.0, failing)
                none_lost_and_none_doubled(
                    await at_work.counted(f"{at_work.kills} server kills, the last one for a copy")
                )
    finally:
        await second.close()
        await first.close()
        await asyncio.to_thread(shutil.rmtree, place, ignore_errors=True)

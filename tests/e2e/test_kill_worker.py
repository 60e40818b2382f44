"""Two workers on PostgreSQL, one of them killed in the middle of a send: the other takes over.

The second worker is held still (SIGSTOP) while the first is struck, so that it is certain whose
call was cut off; a lease that would run out in minutes is made to run out at once.
"""

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy.exc import DBAPIError

from bot.process_role import Role
from sandbox.slack.faults import FaultKind
from tests.e2e.ledger import (
    all_sent,
    cards_by_number,
    ledger,
    mailed_times,
    posts_by_effect,
    shown_times,
    sleep_through,
)
from tests.e2e.moments import Trial
from tests.e2e.process import Process
from tests.e2e.town import AMAZON, a_town, desk_in
from tests.e2e.trials import BOTH

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.postgres,
    pytest.mark.timeout(180),
    pytest.mark.asyncio(loop_scope="session"),
]


class Pair(Trial):
    """`process` is the worker that is killed; `other` goes on."""

    other: Process

    async def take_over(self) -> None:
        """The other worker alone, and no lease of a dead one keeps it waiting."""
        self.other.go_on()
        await self.leases_end()

    async def leases_end(self) -> None:
        await sleep_through(self.town.database_url, timedelta(minutes=10), only=("lease_until",))

    async def alone(self) -> None:
        """Only the worker that is to be killed moves."""
        for _ in range(9):
            self.other.hold_still()
            try:
                return await self.leases_end()
            except DBAPIError:
                # It stands still in the middle of a transaction, and holds its locks.
                self.other.go_on()
                await asyncio.sleep(0.1)
        raise AssertionError("the other worker never stands still between two transactions")


@pytest_asyncio.fixture(loop_scope="session")
async def pair(tmp_path: Path, postgres_db_url: str) -> AsyncIterator[Pair]:
    async with a_town(tmp_path, postgres_db_url) as town:
        town.mail.keep_sent_copies = True
        trial = Pair(town=town, process=Process(town, role="worker", name="first"))
        trial.other = Process(town, role="worker", name="second")
        try:
            await asyncio.gather(trial.process.start(), trial.other.start())
            async with desk_in(town, Role.SLACK):
                yield trial
        finally:
            await trial.process.close()
            await trial.other.close()


async def test_invariants_2_3_4_a_second_worker_ends_what_a_killed_one_began(pair: Pair):
    town = pair.town

    await pair.alone()
    pair.arm("chat.postMessage", FaultKind.TIMEOUT_AFTER)
    words = await pair.buyer()
    await pair.struck_in("chat.postMessage", FaultKind.TIMEOUT_AFTER)
    await pair.take_over()
    card = await town.card(AMAZON.name, words)

    await pair.live()
    await pair.alone()
    await pair.struck_after_data(card)
    await pair.take_over()
    await town.shows(card, "Answered")

    await pair.live()
    dice = random.Random(7)
    for _ in range(6):
        await (pair.buyer() if dice.random() < 0.5 else pair.visitor())
        await asyncio.sleep(dice.uniform(0, 0.3))
    answered = await town.card(AMAZON.name, await pair.buyer())
    await pair.answer(answered)
    await asyncio.sleep(dice.uniform(0, 1.2))
    await pair.process.kill()
    await pair.leases_end()
    for said in pair.delivered.values():
        await town.until(said, partial(shown_times, town, said, *BOTH))
    await town.shows(answered, "Answered")
    await all_sent(town.database_url)
    assert await pair.other.stop() == 0

    rows = await ledger(town.database_url)
    assert rows.open_effects() == []
    assert [shown_times(town, said, *BOTH) for said in pair.delivered.values()] == [1] * 8
    assert cards_by_number(town, *BOTH) == dict.fromkeys((t["number"] for t in rows.tickets), 1)
    assert [mailed_times(town, said) for said in pair.promised] == [1, 1]
    assert {len(posts) for posts in posts_by_effect(town).values()} == {1}
    assert pair.other.said("outbox.looked_up")

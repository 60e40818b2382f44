"""A desk killed at every named moment and at some random ones, until its last, quiet life."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.e2e.ledger import Ledger, ledger, stored, waiting
from tests.e2e.moments import NAMED, SHORT, Trial, at_random
from tests.e2e.process import Process
from tests.e2e.town import AMAZON, SHOP, a_town

BOTH = (AMAZON.name, SHOP.name)

DEMO = "test_the_demo"
"""In the name of the test that waits for the demo."""
KILLED = "named-and-random"
"""In the names of the tests that wait for a trial."""


class Ended(Trial):
    """A trial at its end, with the rows it left."""

    rows: Ledger


@asynccontextmanager
async def a_trial(
    folder: Path, url: str, *, randomly: int, seed: int, pause: float = 0.8
) -> AsyncIterator["asyncio.Task[Ended]"]:
    """A trial at work; its town can be looked at until the block ends."""
    async with a_town(folder, url, policies=SHORT, undo_seconds=1) as town:
        trial = Ended(town=town, process=Process(town), pause=pause)
        task = asyncio.create_task(_live_through(trial, random.Random(seed), randomly))
        try:
            yield task
        finally:
            task.cancel()
            await asyncio.wait([task])
            await trial.process.close()


async def _live_through(trial: Ended, dice: random.Random, randomly: int) -> Ended:
    for play in NAMED:
        trial.town.mail.keep_sent_copies = True
        await trial.live()
        await play(trial)
    for _ in range(randomly):
        await at_random(trial, dice)
    trial.town.slack.core.faults.clear()
    await trial.live()
    await _quiet(trial)
    assert await trial.process.stop() == 0
    trial.rows = await ledger(trial.town.database_url)
    return trial


async def _quiet(trial: Trial) -> None:
    """Until everything that was written is stored, understood, sent and decided."""
    file, town = trial.town.folder / "threadline.db", trial.town
    # Slack takes one post a second in a channel, whatever was held up meanwhile.
    patience = 60 + 2 * len(trial.delivered)
    await town.until(
        "every mail to be stored",
        lambda: stored(file) >= len(trial.delivered),
        within=90,
        every=0.1,
    )
    await town.until("the desk to be quiet", lambda: not waiting(file), within=patience, every=0.2)

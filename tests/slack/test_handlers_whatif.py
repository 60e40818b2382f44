"""`/sla whatif`: the last run that was shared, for leads and managers."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.whatif_summary import WhatIfSummary
from bot.usecases.whatif_runs import record_run
from tests.slack.front import DANA, GIULIA, START, Front, a_front


@pytest.fixture
async def front(tmp_path: Path) -> AsyncIterator[Front]:
    async with a_front(tmp_path) as front:
        yield front


async def test_without_a_run_a_manager_is_told_how_to_make_one(front: Front) -> None:
    said = await front.command(DANA, "whatif", name="/sla")

    assert "--share" in said["text"]


async def test_a_manager_sees_the_run_that_was_shared(front: Front) -> None:
    run = WhatIfSummary(
        proposal="rules of new.toml",
        since=START - timedelta(days=90),
        at=START,
        tickets=41,
        rows=(),
        flips=(),
    )
    await front.db.write(lambda tx: record_run(tx, run), now=START)

    said = await front.command(DANA, "whatif", name="/sla")

    assert said["text"].startswith("What if: rules of new.toml, 41 tickets.")


async def test_an_agent_is_refused(front: Front) -> None:
    said = await front.command(GIULIA, "whatif", name="/sla")

    assert said["text"].startswith("Only leads and managers")

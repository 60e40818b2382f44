"""What polls cost where conversations are listed and each is opened: stories that channels share."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from connectors.testing.bench import Bench, Stage
from sla_rules.vocabulary import Author

MINUTE = timedelta(minutes=1)
Opened = Callable[[Stage], Sequence[str]]
"""The conversations that were opened so far, oldest first."""


async def _three_customers(stage: Stage) -> None:
    for number in range(3):
        await stage.market.says(Author.CUSTOMER, "Hello?", thread=f"{number}")
    stage.time.advance(MINUTE)
    await stage.poll()


async def poll_without_news(bench: Bench, opened: Opened) -> tuple[int, int, int]:
    """How many were opened before and after it, and the calls it took."""
    async with bench.running() as stage:
        await _three_customers(stage)
        before, calls = len(opened(stage)), stage.market.calls
        stage.time.advance(MINUTE)
        await stage.poll()
        return before, len(opened(stage)), stage.market.calls - calls


async def poll_after_one_went_on(bench: Bench, opened: Opened) -> Sequence[str]:
    """What was opened once the second of three customers wrote again; only that is new."""
    async with bench.running() as stage:
        await _three_customers(stage)
        before = len(opened(stage))
        await stage.market.says(Author.CUSTOMER, "And?", thread="1")
        stage.time.advance(MINUTE)
        found = await stage.poll()

        assert [one.text for one in found] == ["And?"]
        return opened(stage)[before:]

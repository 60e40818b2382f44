"""The desk as in production, from a settings file, with its clock and its surroundings given."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.app import serve
from bot.clock import Clock
from bot.jobs.scheduler import JITTER_SHARE, Timetable
from bot.runtime.schema import upgrade
from bot.settings_file import load
from bot.slack_manifest import build_manifest
from sandbox.day.plan import ANSWER_SECONDS, Plan
from sandbox.day.town import Inbox, move_in, open_inboxes, secrets_in, settings_of
from sandbox.slack.delivery import Timing
from sandbox.slack.server import SandboxSlack

READY_SECONDS: Final = 30.0

INSTANCE_KEY: Final = "day-day-day-day-day-day-day-day-00"
"""What is in the desk's file is sealed under it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What a play acts on. `database` is the desk's file, to be read once it is over."""

    clock: Clock
    slack: SandboxSlack
    inboxes: Sequence[Inbox]
    database: Path


@asynccontextmanager
async def build_stage(folder: Path, clock: Clock, plan: Plan) -> AsyncIterator[Stage]:
    """Everything, and the desk serving it.

    Raises:
        TimeoutError: the desk did not come up.
    """
    slack = SandboxSlack(timing=Timing(answer_seconds=ANSWER_SECONDS))
    await slack.start(clock=clock, manifest=build_manifest())
    try:
        async with open_inboxes(clock.now) as inboxes:
            move_in(slack.core, plan.staff, inboxes)
            settings = folder / "threadline.toml"
            text = settings_of(inboxes, plan.staff, plan.policies)
            await asyncio.to_thread(settings.write_text, text, "utf-8")
            database = folder / "threadline.db"
            environ = {
                "DATABASE_URL": f"sqlite:///{database}",
                "SLACK_API_URL": slack.api_url,
                "SLACK_BOT_TOKEN": slack.bot_token,
                "SLACK_APP_TOKEN": slack.app_token,
                "THREADLINE_INSTANCE_KEY": INSTANCE_KEY,
                **secrets_in(inboxes),
            }
            async with _running(settings, environ, clock, plan.seed):
                yield Stage(clock=clock, slack=slack, inboxes=inboxes, database=database)
    finally:
        await slack.stop()


@asynccontextmanager
async def _running(
    settings: Path, environ: dict[str, str], clock: Clock, seed: int
) -> AsyncIterator[None]:
    configuration = load(settings, environ)
    await asyncio.to_thread(upgrade, configuration.environment.database_url)
    stop, ready = asyncio.Event(), asyncio.Event()
    desk = asyncio.create_task(
        serve(configuration, clock=clock, stop=stop, ready=ready, wakes=_wakes(seed))
    )
    waiting = asyncio.create_task(ready.wait())
    done, _ = await asyncio.wait(
        {desk, waiting}, timeout=READY_SECONDS, return_when=asyncio.FIRST_COMPLETED
    )
    waiting.cancel()
    if desk in done:
        await desk
    if not done:
        raise TimeoutError("the desk did not come up")
    try:
        yield
    finally:
        stop.set()
        await desk


def _wakes(seed: int) -> Callable[[Timetable], Callable[[], Awaitable[None]]]:
    """The desk's timetable by the loop's time: the machine's own does not pass here."""
    chance = random.Random(f"{seed}:wakes")

    def keep(timetable: Timetable) -> Callable[[], Awaitable[None]]:
        async def again(seconds: float, wake: Callable[[], None]) -> None:
            while True:
                await asyncio.sleep(seconds * chance.uniform(1 - JITTER_SHARE, 1 + JITTER_SHARE))
                wake()

        async def run() -> None:
            async with asyncio.TaskGroup() as tasks:
                for seconds, wake in timetable.values():
                    tasks.create_task(again(seconds, wake))

        return run

    return keep


@asynccontextmanager
async def meanwhile(*work: Awaitable[None]) -> AsyncIterator[None]:
    """Have these go on until the block ends."""
    tasks = [asyncio.ensure_future(one) for one in work]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task

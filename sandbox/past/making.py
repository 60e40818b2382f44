"""A past for the demo, with its progress on the console."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bot.clock import Clock
from bot.db.engine import create_engine
from bot.db.unit import Database
from bot.desk_loader import load_desk
from bot.runtime.connections import web_client
from bot.settings_file import Configuration
from sandbox.past.seeding import Seeded, seed_history


def past_of(
    days: int, seed: int, console: Console
) -> Callable[[Configuration, datetime], Awaitable[None]]:
    """What makes up a past of so many days in the database of a desk that is not running yet."""

    async def make(configuration: Configuration, until: datetime) -> None:
        console.print(f"Making up a past of {days} days, from seed {seed}.")
        made = await _make(configuration, until, days=days, seed=seed, console=console)
        console.print(
            f"{made.tickets:,} conversations with {made.messages:,} messages: "
            "try /sla report 30d, the Home of the app, and threadline export on a desk of your own."
        )

    return make


async def _make(
    configuration: Configuration, until: datetime, *, days: int, seed: int, console: Console
) -> Seeded:
    clock = Clock(start=until)
    desk = await load_desk(configuration, web_client(configuration.environment), clock)
    database = Database(create_engine(configuration.environment.database_url))
    try:
        with _progress(console) as bar:
            tasks = {"": bar.add_task("", visible=False)}

            def tell(what: str, done: int, of: int) -> None:
                if what not in tasks:
                    tasks[what] = bar.add_task(what)
                bar.update(tasks[what], completed=done, total=of)

            return await seed_history(database, desk, clock, days=days, seed=seed, tell=tell)
    finally:
        await database.close()


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )

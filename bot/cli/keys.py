"""`threadline keys`: the keys that customers' words are sealed with. Never shows one."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Annotated, Final

import typer

from bot.cli.console import fail, good, say, sentences, warn
from bot.cli.desk_database import beside_a_desk, opened
from bot.cli.options import Config, loaded
from bot.clock import Clock
from bot.db.key_counts import Count, counts
from bot.db.key_rows import SPOTS, DataKey, data_keys, shut_values
from bot.db.sealed import keys_in
from bot.db.unit import Database
from bot.runtime.key_chore import KeyChore
from bot.runtime.key_ring import KeyRing, prepare
from bot.settings_file import Configuration

app = typer.Typer(
    name="keys",
    help="What customers write is sealed: which keys there are, and new ones.",
    no_args_is_help=True,
    add_completion=False,
)

_NO_KEY: Final = (
    "There is no instance key: THREADLINE_INSTANCE_KEY is not set, and no `.key` file is beside "
    "the database. A desk that starts on SQLite makes one."
)


@app.command()
def status(
    *,
    every: Annotated[
        bool, typer.Option("--all", help="Open every value, to be sure that it opens.")
    ] = False,
    config: Config = None,
) -> None:
    """Which keys there are, and how many values are under each."""
    with sentences():
        shut = asyncio.run(_status(loaded(config), every=every))
    if shut:
        fail(f"{shut:,} values cannot be opened. Their keys are missing, or they were changed.")
    good("Everything sealed can be opened." if every else "A key is known for everything sealed.")


@app.command()
def rotate(
    *,
    later: Annotated[
        bool, typer.Option("--later", help="Make the key; a running desk does the rest.")
    ] = False,
    config: Config = None,
) -> None:
    """Make a new data key and seal everything again by it; stopped, the desk goes on with it."""
    with sentences():
        configuration = loaded(config)
        url = configuration.environment.database_url
        with beside_a_desk(url):
            asyncio.run(_rotate(configuration, later=later))


@app.command()
def rewrap(config: Config = None) -> None:
    """After the instance key was changed: have what is sealed depend on the new one only."""
    with sentences():
        configuration = loaded(config)
        url = configuration.environment.database_url
        with beside_a_desk(url):
            asyncio.run(_rewrap(configuration))
    say(
        "What is sealed needs no former key any more. Leave it in THREADLINE_OLD_INSTANCE_KEYS "
        "while answers to mails of before may come, and to verify the history of before."
    )


@asynccontextmanager
async def _opened(configuration: Configuration) -> AsyncIterator[tuple[Database, KeyRing]]:
    async with opened(configuration) as database:
        ring = keys_in(database.engine)
        if not isinstance(ring, KeyRing):
            fail(_NO_KEY)
        yield database, ring


async def _status(configuration: Configuration, *, every: bool) -> int:
    """Say what there is; returns how many values have no key."""
    async with _opened(configuration) as (database, ring):
        keys = await database.read(data_keys)
        kids = [each.kid for each in keys]
        found = await database.read(lambda conn: list(counts(conn, kids)))
        shut = sum(each.lost for each in found)
        if every:
            shut = await _shut(database)
    for line in _lines(ring, keys, found):
        say(line)
    return shut


def _lines(ring: KeyRing, keys: Sequence[DataKey], found: Sequence[Count]) -> Iterator[str]:
    former = f", and {len(ring.known) - 1} former" if len(ring.known) > 1 else ""
    yield f"instance key {ring.wraps}{former}"
    for key in keys:
        values = sum(each.by_key[key.kid] for each in found)
        about = f"data key {key.kid}, made {key.created_at:%Y-%m-%d}: {values:,} values"
        state = "retired" if key.retired_at else "seals"
        other = "" if key.wrapped_by == ring.wraps else f", wrapped by {key.wrapped_by}"
        yield f"{about}, {state}{other}"
    for each in found:
        parts = [f"{count:,} under {kid}" for kid, count in each.by_key.items() if count]
        parts += [f"{each.plain:,} not sealed by a data key"] if each.plain else []
        parts += [f"{each.lost:,} under a key that is missing"] if each.lost else []
        yield f"  {each.table}: {', '.join(parts) or 'none'}"


async def _shut(database: Database) -> int:
    shut = 0
    for spot in SPOTS:
        after = 0
        while True:
            last, more = await database.read(partial(shut_values, spot=spot, after=after))
            shut += more
            if last is None:
                break
            after = last
    return shut


async def _rotate(configuration: Configuration, *, later: bool) -> None:
    clock = Clock()
    async with _opened(configuration) as (database, ring):
        kid = await database.write(ring.add, now=clock.now())
        await database.read(ring.load)
        good(f"Data key {kid} seals from now on.")
        if later:
            say(
                "A running desk seals the rest by it, a little at a time: `threadline keys status`."
            )
            return
        done = await KeyChore(database, clock, ring).walk()
        say(f"{done.sealed:,} values were sealed again.")
        if done.shut:
            warn(f"{done.shut:,} values do not open and stay as they are.")


async def _rewrap(configuration: Configuration) -> None:
    clock = Clock()
    async with _opened(configuration) as (database, ring):
        await prepare(database, ring, clock.now())
        count = await database.write(ring.rewrap, now=clock.now())
        await database.read(ring.load)
        good(f"Data keys wrapped again by instance key {ring.wraps}: {count}.")
        secrets = [each for each in SPOTS if each.secret]
        done = await KeyChore(database, clock, ring).walk(secrets)
        if done.shut:
            warn(f"{done.shut:,} tokens or orders open under no known key and stay as they are.")

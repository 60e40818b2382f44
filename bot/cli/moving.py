"""`threadline migrate --from … --to …`: a desk moves to PostgreSQL, and what has to follow it."""

import asyncio
from collections.abc import Sequence

from alembic.util import CommandError
from rich.table import Table

from bot.cli.console import fail, good, out, progress, say, warn
from bot.runtime import schema
from bot.runtime.lock import only_process
from bot.runtime.storage import moving
from bot.runtime.storage.moving import Move, MovedTable


def move(source: str, target: str, *, resume: bool) -> None:
    """Move a desk that does not run. The SQLite file stays as it is."""
    wanted = Move(source=source, target=target, resume=resume)
    with only_process(source):
        file = moving.source_file(wanted)
        begun = asyncio.run(moving.is_begun(target))
        if begun and not resume:
            fail("A move into this database was not finished. Go on with it: add --resume.")
        if not begun:
            _prepare(wanted)
        with progress("Copying …"):
            done = asyncio.run(moving.copy_tables(wanted, file))
        with progress("Comparing every row …"):
            asyncio.run(moving.finish(wanted, file, done))
    out.print(_table(done))
    good(f"{sum(each.rows for each in done)} rows are there, each compared with the file.")
    _what_now(str(file), done)


def _prepare(wanted: Move) -> None:
    with progress("Making the tables …"):
        try:
            schema.upgrade(wanted.target)
        except CommandError:
            fail("The target belongs to a newer Threadline. Move into a new database.")
    asyncio.run(moving.begin(wanted))


def _table(done: Sequence[MovedTable]) -> Table:
    shown = Table("table", "rows", "")
    for each in done:
        if each.rows:
            shown.add_row(each.name, str(each.rows), "moved before" if each.before else "")
    return shown


def _what_now(file: str, done: Sequence[MovedTable]) -> None:
    cleaned = [each for each in done if each.cleaned]
    if cleaned:
        names = ", ".join(f"{each.name} ({each.cleaned})" for each in cleaned)
        warn(f"Texts with a NUL character lost it, which PostgreSQL does not take: {names}.")
    say("Now, in .env:")
    say("  DATABASE_URL=…  the address you gave with --to")
    say(f"  THREADLINE_INSTANCE_KEY=…  what is in {file}.key, unless it is set already")
    say("Then `threadline doctor`, and start `threadline run worker` and `run slack` or `run web`.")
    say(f"{file} stays as it is. Start no desk on it any more: it would answer and ping as well.")

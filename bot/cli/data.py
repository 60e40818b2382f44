"""`threadline migrate` and `threadline backup`: how they work and what they say."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from alembic.util import CommandError

from bot.cli.console import fail, good, progress, say, warn
from bot.runtime import schema
from bot.runtime.lock import database_file, only_process
from bot.runtime.storage import copying, sealed_file, shelf
from bot.runtime.storage.keys import opening_secrets, sealing_secret
from bot.runtime.storage.making import Order, make_backup
from bot.runtime.storage.sealed_file import BACKUP_KEY
from bot.settings import Environment

KEPT_BEFORE: Final = 3
"""Copies from before a new version that stay beside the database."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One backup, as `making.Order` describes it."""

    file: Path | None
    folder: Path | None
    keep: int | None
    encrypt: bool


def migrate(url: str, now: datetime, *, copy_first: bool = True) -> None:
    """Bring the database to the newest version, alone on it where it is a file.

    A SQLite database that holds a desk of an older version is copied first.
    """
    file = database_file(url)
    older = file is not None and _is_older(file)
    if file is not None and older and copy_first:
        stem = f"{file.stem}-before-update"
        target = file.parent / shelf.file_name(stem, now, kind="db", sealed=False)
        with progress(f"Copying {file} first …"):
            make_backup(Order(url=url, now=now, file=target))
        shelf.drop_old(file.parent, stem, KEPT_BEFORE)
        say(f"A copy of what was there: {target}")
    with only_process(url), progress("Bringing the database to the newest version …"):
        try:
            schema.upgrade(url)
        except CommandError:
            fail(
                "The database is at a version that this Threadline does not know: a newer one "
                "wrote it, or a move into it was not finished. Install that version again, or "
                "finish the move with --resume."
            )
    good("The database is at the newest version.")


def _is_older(file: Path) -> bool:
    """Whether there is a desk in it that a new version is about to change."""
    if not file.is_file() or not file.stat().st_size:
        return False
    with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as reading:
        found = copying.revision(reading)
    return found is not None and found not in schema.heads()


def backup(environment: Environment, wanted: Wanted, now: datetime) -> None:
    """Copy the database while it is in use, check the copy, and only then name it."""
    url = environment.database_url
    secret = sealing_secret(environment) if wanted.encrypt else None
    order = Order(
        url=url,
        now=now,
        file=wanted.file,
        folder=wanted.folder,
        keep=wanted.keep,
        secret=secret,
    )
    with progress("Copying the database …"):
        made = make_backup(order)
    rows = "" if made.rows is None else f"{sum(made.rows.values())} rows, "
    good(f"{made.path}: {rows}{_megabytes(made.size)}, checked.")
    if made.dropped:
        say(f"Deleted {len(made.dropped)} older: {', '.join(each.name for each in made.dropped)}.")
    if secret is None:
        say("Keep your settings with it, and the instance key in another place.")
    elif secret.name == BACKUP_KEY:
        say("Only THREADLINE_BACKUP_KEY opens it: keep that in another place.")
    else:
        say("Only the instance key opens it: keep that in another place.")
    file = database_file(url)
    if secret is not None and environment.instance_key is None and file is not None:
        warn(f"That key is in {file}.key, on the same disk as the database. Keep a copy elsewhere.")


def unseal(environment: Environment, file: Path, new: Path) -> None:
    """Open a sealed backup into a new file."""
    if not file.is_file() or not sealed_file.is_sealed(file):
        fail(f"{file} is no sealed backup.")
    with shelf.beginning(new.parent, new.name) as partial:
        with file.open("rb") as reading, partial.open("wb") as writing:
            sealed_file.unseal(reading, writing, opening_secrets(environment))
        shelf.name_for_good(partial, new)
    good(f"{new} is open. Delete it when you have done what you need it for.")


def _megabytes(size: int) -> str:
    return f"{size / 2**20:.1f} MB" if size < 2**30 else f"{size / 2**30:.1f} GB"

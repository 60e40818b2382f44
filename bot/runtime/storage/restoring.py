"""Putting a backup in the place of the database, so that at no instant half of one is there.

Everything is done to a copy beside the database: opened, verified, migrated, its waiting effects
put in doubt, verified again. Only then does it take the name, in one step; what had it before is
kept.
"""

import asyncio
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from alembic.script import ScriptDirectory

from bot.db.engine import create_engine
from bot.db.unit import Database
from bot.runtime import schema
from bot.runtime.lock import database_file, only_process
from bot.runtime.storage import copying, sealed_file, shelf
from bot.runtime.storage.copying import Manifest
from bot.runtime.storage.problem import StorageProblem
from bot.runtime.storage.sealed_file import Secret
from bot.usecases.restored import Restored, broken_promises, put_back

POSTGRESQL: Final = (
    "`restore` puts SQLite files in place. On PostgreSQL stop every process, restore the dump with "
    "pg_restore (docs/backup.md has the commands), then run `threadline restore "
    "--already-in-place --copied-at TIME`."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreOrder:
    """Put `file` in the place of the database at `url`. `secrets` may open it.

    `agreed` is shown what is about to be put in place; False ends it with nothing changed.
    """

    url: str = field(repr=False)
    file: Path
    now: datetime
    secrets: Sequence[Secret] = ()
    agreed: Callable[[Manifest], bool] = lambda _manifest: True


@dataclass(frozen=True, slots=True, kw_only=True)
class PutBack:
    """What was done. `kept` is what was in its place before; `has_key` whether its key is there."""

    manifest: Manifest
    found: Restored
    kept: Path | None
    has_key: bool


def restore(order: RestoreOrder) -> PutBack | None:
    """Put it back; None when that was not agreed to.

    Raises:
        AlreadyRunning: a desk uses the database.
        StorageProblem: the file is no whole backup, or newer than this code. Nothing was changed.
    """
    database = database_file(order.url)
    if database is None:
        raise StorageProblem(POSTGRESQL)
    if not order.file.is_file():
        raise StorageProblem(f"There is no file {order.file}.")
    with only_process(order.url), _staged(order, database) as staged:
        manifest = copying.read_manifest(staged)
        _require_known(manifest)
        copying.require_as_told(staged, manifest)
        if not order.agreed(manifest):
            return None
        copying.drop_manifest(staged)
        address = f"sqlite:///{staged}"
        schema.upgrade(address)
        last = _last_number(database)
        _carry_wishes(database, staged)
        found = doubt_in_place(address, manifest.created_at, order.now, last_number=last)
        _make_one_file(staged)
        kept = _swap(staged, database, order.now)
    return PutBack(
        manifest=manifest,
        found=found,
        kept=kept,
        has_key=database.with_name(f"{database.name}.key").is_file(),
    )


def doubt_in_place(
    url: str, copied_at: datetime, now: datetime, *, last_number: int | None = None
) -> Restored:
    """Do to a database that another tool put back what `restore` does to its own copy.

    Raises:
        WrongSchema: it is at another version.
        StorageProblem: it holds what no desk may hold.
    """
    return asyncio.run(_doubted(url, copied_at, now, last_number))


async def _doubted(
    url: str, copied_at: datetime, now: datetime, last_number: int | None
) -> Restored:
    database = Database(create_engine(url))
    try:
        await schema.require_head(database)
        found = await database.write(
            lambda tx: put_back(tx, copied_at=copied_at, last_number=last_number), now=now
        )
        broken = await database.read(broken_promises)
    finally:
        await database.close()
    if broken:
        raise StorageProblem(
            f"This backup holds what no desk may hold ({'; '.join(broken)}). Take an older one."
        )
    return found


@contextmanager
def _staged(order: RestoreOrder, database: Path) -> Iterator[Path]:
    """The backup as a plain file beside the database."""
    shelf.check_sum(order.file)
    shelf.require_room(database.parent, order.file.stat().st_size + (1 << 24))
    with shelf.beginning(database.parent, f"{database.name}.restoring") as staged:
        if sealed_file.is_sealed(order.file):
            with order.file.open("rb") as reading, staged.open("wb") as writing:
                sealed_file.unseal(reading, writing, order.secrets)
        else:
            shutil.copyfile(order.file, staged)
        yield staged


def _require_known(manifest: Manifest) -> None:
    revisions = ScriptDirectory(schema.alembic_config("").get_main_option("script_location") or "")
    known = {each.revision for each in revisions.walk_revisions()}
    if manifest.schema not in known:
        raise StorageProblem(
            f"This backup was made by Threadline {manifest.made_by} at version {manifest.schema} "
            "of the database, which this Threadline does not know. Install the newer one."
        )


def _last_number(database: Path) -> int | None:
    """The highest ticket number the database that is replaced gave out, if it can still be read."""
    if not database.is_file():
        return None
    try:
        with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=rw", uri=True)) as old:
            row = old.execute("SELECT value FROM counter WHERE name = 'ticket'").fetchone()
    except sqlite3.DatabaseError:
        return None
    return 0 if row is None else int(row[0])


def _carry_wishes(database: Path, staged: Path) -> None:
    """Bring along who was forgotten since: the desk forgets them again when it starts.

    Only what the replaced database still tells; on another machine nobody knows of those wishes.
    """
    if not database.is_file():
        return
    try:
        with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=rw", uri=True)) as old:
            wishes = old.execute(
                "SELECT f.id, i.name, f.digest, f.at FROM forgotten f JOIN inbox i ON i.id = f.inbox_id"
            ).fetchall()
    except sqlite3.DatabaseError:
        return
    with closing(sqlite3.connect(staged)) as new, new:
        for wish_id, inbox, digest, at in wishes:
            new.execute(
                "INSERT INTO forgotten (id, inbox_id, digest, at) SELECT ?, id, ?, ? FROM inbox "
                "WHERE name = ? ON CONFLICT (inbox_id, digest) DO UPDATE SET at = excluded.at",
                (wish_id, digest, at, inbox),
            )


def _make_one_file(staged: Path) -> None:
    with closing(sqlite3.connect(staged)) as writing:
        writing.execute("PRAGMA journal_mode=DELETE")
        copying.require_whole(writing, "The copy")
        lost = writing.execute("PRAGMA foreign_key_check").fetchone()
    if lost is not None:
        raise StorageProblem(f"Rows of {lost[0]} point to nothing. Take an older backup.")
    staged.chmod(0o600)
    shelf.sync(staged)


def _swap(staged: Path, database: Path, now: datetime) -> Path | None:
    """Give the copy the database's name. What had it keeps another one."""
    kept = None
    if database.exists():
        _fold_in(database)
        kept = database.with_name(f"{database.name}.before-restore-{now:%Y%m%dT%H%M%SZ}")
        for old, aside in zip(
            (database, *shelf.companions(database)), (kept, *shelf.companions(kept)), strict=True
        ):
            if old.exists():
                _also_named(old, aside)
    # A log of the old database must never meet the new one: SQLite would play it into it.
    for companion in shelf.companions(database):
        companion.unlink(missing_ok=True)
    staged.replace(database)
    shelf.sync(database.parent)
    return kept


def _fold_in(database: Path) -> None:
    """Have the old database be one file, where it is whole enough for that."""
    try:
        with closing(sqlite3.connect(database)) as old:
            old.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.DatabaseError:
        return


def _also_named(old: Path, aside: Path) -> None:
    if aside.exists():
        raise StorageProblem(f"{aside} exists. Move it away, then try again.")
    try:
        os.link(old, aside)
    except OSError:
        shutil.copy2(old, aside)

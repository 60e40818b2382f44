"""`threadline purge`, `forget`, `export-person` and `hold`, each as its own process would run it."""

import asyncio
import json
import shutil
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest

from bot.cli.desk_database import desk_without_slack
from bot.clock import Clock
from bot.db import tables
from bot.db.unit import Database
from bot.runtime.storage.making import Order, make_backup
from bot.runtime.storage.restoring import RestoreOrder, restore
from bot.settings_file import load
from tests.builders import an_inbound, arrive
from tests.databases import open_database
from tests.db.reading import rows
from tests.unit.cli.desk import Said, threadline
from tests.unit.settings.files import CALENDAR, DESK, SECRETS, inbox, write

T = TypeVar("T")
BUYER = "mara@buyer.example"


def within(folder: Path, work: Callable[[Database], Awaitable[T]]) -> T:
    async def whole() -> T:
        database = open_database(f"sqlite:///{folder / 'desk.db'}")
        try:
            return await work(database)
        finally:
            await database.close()

    return asyncio.run(whole())


@pytest.fixture
def folder(tmp_path: Path, sqlite_template: Path) -> Path:
    """A shop that keeps words for ninety days, and mail of a hundred days ago that nobody awaits."""
    path = write(tmp_path, DESK + CALENDAR + inbox(extra="keep_days = 90"))
    shutil.copy(sqlite_template, tmp_path / "desk.db")

    async def known(database: Database) -> None:
        desk = desk_without_slack(load(path, SECRETS))
        now = Clock().now()
        for at, who in ((now - timedelta(days=100), BUYER), (now, "new@buyer.example")):
            message = an_inbound(sender_handle=who, text="Call me", sent_at=at)
            await arrive(database, desk, message, inbox="shop")
        await database.write(lambda tx: _all_answered(tx, now), now=now)

    within(tmp_path, known)
    return tmp_path


def _all_answered(tx: object, now: datetime) -> None:
    del now
    tx.conn.execute(tables.ticket.update().values(state="answered"))  # type: ignore[attr-defined]


def run(folder: Path, *words: str) -> Said:
    return threadline(folder, *words, MAIL_PASSWORD="x")


def bodies(folder: Path) -> list[str]:
    return [each.body for each in within(folder, lambda db: rows(db, tables.message))]


def test_a_dry_run_says_what_would_go_and_a_purge_takes_it(folder: Path) -> None:
    said = run(folder, "purge", "--dry-run")
    assert said.code == 0, said.err
    assert "kept 90 days" in said.out
    assert "1 ticket would go: #1" in said.out
    assert bodies(folder) == ["Call me", "Call me"]

    said = run(folder, "purge", "--inbox", "shop")
    assert "1 ticket emptied" in said.out
    assert bodies(folder) == ["", "Call me"]
    assert "Nothing is over its time" in run(folder, "purge").out
    assert "none of that name" in run(folder, "purge", "--inbox", "shpo").err


def test_a_person_is_shown_held_let_go_and_forgotten(folder: Path) -> None:
    told = folder / "told"
    said = run(folder, "export-person", "--customer", BUYER.upper(), "-o", str(told))
    assert said.code == 0, said.err
    person = json.loads((told / "person.json").read_text())
    assert person["customers"][0]["tickets"][0]["messages"][0]["body"] == "Call me"
    assert "Call me" in (told / "person.html").read_text()

    held = run(folder, "hold", "add", "--customer", BUYER, "--reason", "dispute", "--by", "Dora")
    number = held.out.split()[2]
    refused = run(folder, "forget", "--customer", BUYER, "--yes")
    assert refused.code == 1
    assert f"hold {number} on the customer {BUYER} (dispute" in refused.err
    assert f"{number}  customer {BUYER}" in run(folder, "hold", "list").out
    assert run(folder, "hold", "end", number).code == 0

    said = run(folder, "forget", "--ticket", "1", "--yes")
    assert said.code == 0, said.err
    assert bodies(folder) == ["", "Call me"]
    content = b"".join(each.read_bytes() for each in folder.glob("desk.db*"))
    assert BUYER.encode() not in content
    assert "Nobody is kept by that name" in run(folder, "forget", "--customer", BUYER).err


def test_without_the_handle_typed_again_nothing_is_removed(folder: Path) -> None:
    assert run(folder, "forget", "--customer", BUYER).code != 0
    assert bodies(folder) == ["Call me", "Call me"]


def test_who_was_forgotten_is_forgotten_again_after_a_backup_is_put_back(folder: Path) -> None:
    url, now = f"sqlite:///{folder / 'desk.db'}", Clock().now()
    make_backup(Order(url=url, now=now, folder=folder / "backups"))
    (backup,) = (each for each in (folder / "backups").iterdir() if each.suffix != ".sha256")
    assert run(folder, "forget", "--customer", BUYER, "--yes").code == 0
    restore(RestoreOrder(url=url, file=backup, now=Clock().now()))
    assert bodies(folder) == ["Call me", "Call me"]

    # Not by its age: the rule of ninety days is gone from the file.
    write(folder, DESK + CALENDAR + inbox())
    assert run(folder, "purge").code == 0
    assert bodies(folder) == ["", "Call me"]

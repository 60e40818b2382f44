"""The command around `bot.usecases.quarantine`, whose own tests are in tests/db."""

import asyncio
import json
import shutil
from pathlib import Path

import pytest

from bot.cli.desk_database import desk_without_slack
from bot.cli.quarantine import structure
from bot.db.unit import Database
from bot.settings_file import load
from bot.usecases.quarantine import count_quarantined, quarantined
from connectors.errors import Malformed
from tests.builders import arrive
from tests.databases import open_database
from tests.unit.cli.desk import Said, threadline
from tests.unit.settings.files import DESK, SECRETS, inbox, write

INBOX = inbox(name="amazon-it", connector="amazon").replace('calendar = "milan"\n', "")


def run(folder: Path, *arguments: str) -> Said:
    return threadline(folder, "quarantine", *arguments, MAIL_PASSWORD="x")


@pytest.fixture
def desk(tmp_path: Path, sqlite_template: Path) -> Path:
    """A migrated database with one item nobody could read."""
    path = write(tmp_path, DESK + INBOX)
    shutil.copy(sqlite_template, tmp_path / "desk.db")

    async def one(database: Database) -> None:
        rules = desk_without_slack(load(path, SECRETS))
        broken = Malformed("subject", "'Lucia Verdi' is no subject")
        await arrive(database, rules, broken, inbox="amazon-it")

    asyncio.run(_with(tmp_path, one))
    return tmp_path


async def _with(folder: Path, work):
    database = open_database(f"sqlite:///{folder / 'desk.db'}")
    try:
        return await work(database)
    finally:
        await database.close()


def left(folder: Path):
    return asyncio.run(_with(folder, lambda db: db.read(count_quarantined)))


def item(folder: Path) -> str:
    (found,) = asyncio.run(_with(folder, lambda db: db.read(quarantined)))
    return str(found.id)


def test_the_list_names_the_part_at_fault_and_none_of_its_words(desk: Path) -> None:
    said = run(desk, "list")
    assert said.code == 0
    assert "amazon-it" in said.out
    assert "#1  subject" in said.out
    assert "Lucia" not in said.out


def test_an_item_is_shown_by_its_build_unless_asked_for_raw(desk: Path) -> None:
    plain, raw = run(desk, "show", item(desk)), run(desk, "show", item(desk), "--raw")
    assert "text/plain" in plain.out
    assert "raw mail" not in plain.out
    assert "raw mail" in raw.out
    assert "Lucia Verdi" in raw.out


def test_items_are_read_again_when_asked_by_id_by_inbox_or_all(desk: Path) -> None:
    assert run(desk, "retry", "--inbox", "shop").code == 1
    assert left(desk) == 1
    assert run(desk, "retry", "--inbox", "amazon-it").code == 0
    assert left(desk) == 0
    assert run(desk, "retry", "--all").code == 1


def test_what_to_read_again_has_to_be_said(desk: Path) -> None:
    assert run(desk, "retry").code == 2
    assert run(desk, "retry", item(desk), "--all").code == 2
    assert left(desk) == 1


def test_an_item_that_is_not_there_is_no_failure_of_ours(desk: Path) -> None:
    said = run(desk, "show", "12")
    assert said.code == 1
    assert "threadline quarantine list" in said.err


def test_the_build_of_an_item_has_names_and_sizes_and_no_value() -> None:
    payload = {"buyer": {"name": "Lucia"}, "lines": ["a secret", 4, None], "open": True}
    lines = list(structure(json.dumps(payload).encode()))
    assert lines == [
        "(the whole): an object of 3 keys",
        "buyer: an object of 1 keys",
        "buyer.name: text, 5 characters",
        "lines: a list of 3",
        "lines[0]: text, 8 characters",
        "lines[1]: int",
        "lines[2]: null",
        "open: bool",
    ]


@pytest.mark.parametrize("payload", [b"", b"\xff\x00", b"[" * 100_000, b"{} {}"])
def test_any_bytes_have_a_build(payload: bytes) -> None:
    assert list(structure(payload))

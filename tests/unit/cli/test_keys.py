"""`threadline keys` on a desk's file: what is sealed, sealed anew, and under another instance key."""

import asyncio
import shutil
from pathlib import Path

import pytest

from bot.db.engine import create_engine
from bot.db.sealed import with_keys
from bot.db.unit import Database
from bot.runtime.key_ring import KeyRing, prepare
from tests.builders import NOW, a_desk, a_ticket, an_inbound, ticket
from tests.unit.cli.desk import Said, threadline
from tests.unit.settings.files import DESK, inbox, write

KEY = "the instance key of a test"
SAID = "Where is my zanzibar lamp?"
INBOX = inbox(name="amazon-it", connector="amazon").replace('calendar = "milan"\n', "")


def run(folder: Path, *arguments: str, **environ: str) -> Said:
    given = {"THREADLINE_INSTANCE_KEY": KEY, "MAIL_PASSWORD": "x", **environ}
    return threadline(folder, "keys", *arguments, **given)


async def with_desk(folder: Path, key: str, work):
    ring = KeyRing([key.encode()])
    database = Database(with_keys(create_engine(f"sqlite:///{folder / 'desk.db'}"), ring))
    try:
        await prepare(database, ring, NOW)
        return await work(database)
    finally:
        await database.close()


def first_words(folder: Path, key: str = KEY) -> str:
    found = asyncio.run(with_desk(folder, key, ticket))
    return str(found.first_message.body)


@pytest.fixture
def desk(tmp_path: Path, sqlite_template: Path) -> Path:
    write(tmp_path, DESK + INBOX)
    shutil.copy(sqlite_template, tmp_path / "desk.db")
    message = an_inbound(text=SAID, full_text=SAID)
    asyncio.run(with_desk(tmp_path, KEY, lambda db: a_ticket(db, a_desk(), message)))
    return tmp_path


def test_the_status_counts_values_and_shows_no_key(desk: Path) -> None:
    said = run(desk, "status", "--all")
    assert said.code == 0
    assert "  message: 2 under " in said.out
    assert "Everything sealed can be opened" in said.out
    assert KEY not in said.out


def test_rotated_everything_is_under_the_new_key(desk: Path) -> None:
    said = run(desk, "rotate")
    assert said.code == 0, said.err
    kid = said.out.split("Data key ")[1].split()[0]
    assert "3 values were sealed again" in said.out
    status = run(desk, "status")
    assert f"  message: 2 under {kid}\n" in status.out
    assert status.out.count("retired") == 1
    assert first_words(desk) == SAID


def test_rotated_later_the_old_key_still_opens(desk: Path) -> None:
    assert run(desk, "rotate", "--later").code == 0
    assert first_words(desk) == SAID
    assert "2 under" in run(desk, "status").out


def test_another_instance_key_is_refused_until_the_former_one_is_named(desk: Path) -> None:
    new = "another key of a test"
    refused = run(desk, "status", THREADLINE_INSTANCE_KEY=new)
    assert refused.code == 1
    assert "sealed under another instance key" in refused.err + refused.out
    named = {"THREADLINE_INSTANCE_KEY": new, "THREADLINE_OLD_INSTANCE_KEYS": KEY}
    assert run(desk, "status", **named).code == 0
    said = run(desk, "rewrap", **named)
    assert said.code == 0, said.err
    assert ": 1." in said.out
    assert run(desk, "status", "--all", THREADLINE_INSTANCE_KEY=new).code == 0
    assert first_words(desk, new) == SAID


def test_a_desk_without_an_instance_key_says_so(desk: Path) -> None:
    said = run(desk, "status", THREADLINE_INSTANCE_KEY="")
    assert said.code == 1
    assert "THREADLINE_INSTANCE_KEY" in said.err + said.out

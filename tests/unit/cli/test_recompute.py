"""The command around `bot.usecases.recompute`, whose own tests are in tests/db."""

import asyncio
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.cli.desk_database import beside_a_desk, desk_without_slack
from bot.clock import Clock
from bot.db.engine import sqlite_takes_two_writers
from bot.runtime.lock import AlreadyRunning, only_process
from bot.settings_file import load
from tests.builders import an_inbound, arrive, hours
from tests.databases import open_database
from tests.unit.cli.desk import threadline
from tests.unit.cli.test_commands import a_running_desk
from tests.unit.settings.files import DESK, SECRETS, inbox, write

INBOX = inbox(name="amazon-it", connector="amazon").replace('calendar = "milan"\n', "")
EDITED = """
[[policies]]
name = "amazon.message"
match = { channel = "amazon", kind = "message" }
[[policies.clock]]
metric = "response"
scope = "marketplace"
target = "24h"
[[policies.clock]]
metric = "response"
scope = "internal"
target = "8h"
"""


def run(folder: Path, *arguments: str):
    return threadline(folder, "recompute", *arguments, MAIL_PASSWORD="x")


@pytest.fixture
def desk(tmp_path: Path, sqlite_template: Path) -> Path:
    """A migrated database with one ticket of an hour ago, whose rules were edited since."""
    path = write(tmp_path, DESK + INBOX)
    shutil.copy(sqlite_template, tmp_path / "desk.db")
    asyncio.run(_one_message(tmp_path, path))
    write(tmp_path, DESK + INBOX + EDITED)
    return tmp_path


async def _one_message(folder: Path, path: Path) -> None:
    database = open_database(f"sqlite:///{folder / 'desk.db'}")
    rules = desk_without_slack(load(path, SECRETS))
    at = Clock().now().replace(microsecond=0) - hours(1)
    await arrive(database, rules, an_inbound(sent_at=at), inbox="amazon-it")
    await database.close()


def content(folder: Path) -> list[object]:
    with closing(sqlite3.connect(folder / "desk.db")) as connection:
        return [
            connection.execute(f"SELECT * FROM {table} ORDER BY id").fetchall()
            for table in ("ticket", "deadline", "ping", "ticket_event", "outbox")
        ]


@pytest.mark.parametrize("arguments", [(), ("--dry-run",)])
def test_a_dry_run_shows_the_table_and_changes_nothing(desk: Path, arguments) -> None:
    before = content(desk)

    said = run(desk, *arguments)

    assert said.code == 0, said.err
    assert "#1 amazon-it" in said.out
    assert "first response, internal" in said.out
    assert "4 h earlier  [amazon.message]" in said.out
    assert "1 open tickets: 1 with a clock that moves" in said.out
    assert "Nothing is changed yet" in said.out
    assert content(desk) == before


def test_applied_once_there_is_nothing_left_to_move(desk: Path) -> None:
    assert "Applied." in run(desk, "--apply").out
    before = content(desk)

    assert "Every clock is as the rules say." in run(desk).out
    assert content(desk) == before


@pytest.mark.parametrize("arguments", [(), ("--apply",)])
def test_where_every_ticket_would_be_late_at_once_nothing_is_said_to_be_applied(
    desk: Path, arguments
) -> None:
    write(desk, DESK + INBOX + EDITED.replace("8h", "30m"))
    before = content(desk)

    said = run(desk, *arguments)

    assert "1 would be late at once and stay as they are" in said.out
    assert said.out.endswith("Nothing is changed.\n")
    assert content(desk) == before


def test_looking_and_applying_at_once_is_a_misuse(desk: Path) -> None:
    assert run(desk, "--apply", "--dry-run").code == 2


def test_the_table_says_which_rule_was_edited(desk: Path) -> None:
    assert 'policy "amazon.message" was edited' in run(desk).out


def test_a_file_in_use_by_a_running_desk_is_changed_where_two_may_write(desk: Path) -> None:
    with a_running_desk(desk / "desk.db"):
        said = run(desk, "--apply")

    if sqlite_takes_two_writers():
        assert "Applied." in said.out
    else:
        assert said.code == 1
        assert "is using" in said.err
        assert "Nothing is changed yet" in run(desk).out


def test_a_running_desk_is_no_hindrance_where_the_library_takes_two_writers(desk: Path) -> None:
    url = f"sqlite:///{desk / 'desk.db'}"

    with a_running_desk(desk / "desk.db"):
        with beside_a_desk(url, two_writers=True):
            pass
        with pytest.raises(AlreadyRunning), beside_a_desk(url, two_writers=False):
            pass


def test_no_desk_starts_while_it_writes(desk: Path) -> None:
    url = f"sqlite:///{desk / 'desk.db'}"

    with (
        beside_a_desk(url, two_writers=True),
        pytest.raises(AlreadyRunning),
        only_process(url),
    ):
        pass

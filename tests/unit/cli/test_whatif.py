import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from bot.cli.desk_database import desk_without_slack
from bot.clock import Clock
from bot.db.engine import create_engine
from bot.db.unit import Database
from bot.settings_file import load
from tests.builders import a_roster, an_inbound, answer, arrive, days, hours, ticket
from tests.unit.cli.desk import threadline
from tests.unit.cli.test_recompute import INBOX
from tests.unit.settings.files import DESK, SECRETS, write

MESSAGE = """
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
target = "TARGET"
"""


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """Two tickets of last week, answered after two hours and after ten; one of last year."""
    path = write(tmp_path, DESK + INBOX + MESSAGE.replace("TARGET", "12h"))
    threadline(tmp_path, "migrate")
    asyncio.run(_history(tmp_path, path))
    return tmp_path


async def _history(folder: Path, path: Path) -> None:
    database = Database(create_engine(f"sqlite:///{folder / 'desk.db'}"))
    rules = desk_without_slack(load(path, SECRETS))
    for number, (age, taken) in enumerate(((300, 1), (7, 2), (6, 10)), 1):
        at = Clock().now().replace(microsecond=0) - days(age)
        await arrive(database, rules, an_inbound(sent_at=at), inbox="amazon-it")
        view = await ticket(database, number)
        await answer(database, replace(rules, roster=a_roster()), view.id, at=at + hours(taken))
    await database.close()


def run(folder: Path, proposal: str, *arguments: str):
    file = folder / "new.toml"
    file.write_text(proposal, encoding="utf-8")
    return threadline(folder, "whatif", "--policy", str(file), *arguments, MAIL_PASSWORD="x")


def content(folder: Path) -> str:
    with closing(sqlite3.connect(folder / "desk.db")) as connection:
        return "\n".join(connection.iterdump())


def test_a_stricter_rule_names_the_answers_it_would_have_called_late(desk: Path) -> None:
    before = content(desk)

    said = run(desk, MESSAGE.replace("TARGET", "8h"))

    assert said.code == 0, said.err
    lines = [" ".join(line.split()) for line in said.out.splitlines()]
    assert lines[0].endswith(": 2")
    at = lines.index("amazon: first response, internal")
    assert lines[at + 1] == "now 0 late of 2 0.0 %"
    assert lines[at + 2].startswith("new 1 late of 2 50.0 % █")
    assert "1 clocks would have ended otherwise: 0 no longer late, 1 late" in said.out
    assert any(line.startswith("#3 first response, internal: due") for line in lines)
    assert content(desk) == before


def test_the_same_rules_change_nothing(desk: Path) -> None:
    said = run(desk, MESSAGE.replace("TARGET", "12h"))

    assert "No ticket would have ended otherwise." in said.out


def test_only_as_much_history_as_asked_for(desk: Path) -> None:
    said = run(desk, MESSAGE.replace("TARGET", "8h"), "--last", "360d")
    assert said.out.splitlines()[0].endswith(": 3")

    assert "There is no history" in run(desk, MESSAGE.replace("TARGET", "8h"), "--last=1h").out


def test_a_calendar_alone_can_be_proposed(desk: Path) -> None:
    said = run(desk, '[calendars.rome]\ntimezone = "Europe/Rome"\nmon = ["09:00-10:00"]\n')

    assert said.code == 0, said.err
    assert "amazon: first response, marketplace" in said.out


@pytest.mark.parametrize(
    ("proposal", "arguments", "words"),
    [
        (MESSAGE.replace("TARGET", "48h"), (), "new.toml"),
        (MESSAGE.replace("TARGET", "soon"), (), "new.toml"),
        ("[desk]\n", (), "write policies, calendars or inboxes"),
        ("[[policies]\n", (), "not valid TOML"),
        ("", ("--last", "ages"), "--last"),
    ],
)
def test_what_cannot_be_replayed_is_a_sentence(desk: Path, proposal, arguments, words) -> None:
    said = run(desk, proposal, *arguments)

    assert said.code == 1
    assert words in said.err
    assert "Traceback" not in said.err

import asyncio
import re
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from bot.cli.desk_database import desk_without_slack
from bot.clock import Clock
from bot.db.engine import sqlite_takes_two_writers
from bot.settings_file import load
from bot.usecases.whatif_runs import last_run
from tests.builders import a_roster, an_inbound, answer, arrive, days, hours, ticket
from tests.databases import open_database
from tests.unit.cli.desk import threadline
from tests.unit.cli.test_commands import a_running_desk
from tests.unit.cli.test_recompute import INBOX
from tests.unit.cli.test_worked_sellers import PAGE
from tests.unit.settings.files import CALENDAR, DESK, SECRETS, loaded, write

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


NOW_RULES = DESK + INBOX + MESSAGE.replace("TARGET", "12h")


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Path:
    """Two tickets of last week, answered after two hours and after ten; one of last year."""
    folder = tmp_path_factory.mktemp("history")
    shutil.copy(sqlite_template, folder / "desk.db")
    asyncio.run(_history(folder, write(folder, NOW_RULES)))
    return folder / "desk.db"


@pytest.fixture
def desk(tmp_path: Path, history: Path) -> Path:
    """A desk with that history."""
    write(tmp_path, NOW_RULES)
    shutil.copy(history, tmp_path / "desk.db")
    return tmp_path


async def _history(folder: Path, path: Path) -> None:
    database = open_database(f"sqlite:///{folder / 'desk.db'}")
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
    at = lines.index("amazon: first response, our target")
    assert lines[at + 1] == "now 0 late of 2 0.0 %"
    assert lines[at + 2].startswith("new 1 late of 2 50.0 % █")
    assert "1 clock would have ended otherwise: 0 no longer late, 1 newly late." in said.out
    assert any(line.startswith("#3 amazon first response, our target: due") for line in lines)
    assert any(line.endswith("late, by 2 h") for line in lines)
    assert content(desk) == before


def test_the_same_rules_change_nothing(desk: Path) -> None:
    said = run(desk, MESSAGE.replace("TARGET", "12h"))

    assert "No clock would have ended otherwise." in said.out


def test_only_as_much_history_as_asked_for(desk: Path) -> None:
    said = run(desk, MESSAGE.replace("TARGET", "8h"), "--last", "360d")
    assert said.out.splitlines()[0].endswith(": 3")

    assert "There is no history" in run(desk, MESSAGE.replace("TARGET", "8h"), "--last=1h").out


def test_a_calendar_alone_can_be_proposed(desk: Path) -> None:
    said = run(desk, '[calendars.rome]\ntimezone = "Europe/Rome"\nmon = ["09:00-10:00"]\n')

    assert said.code == 0, said.err
    assert "amazon: first response, marketplace limit" in said.out


SHIFTS = """
[calendars.rome]
timezone = "Europe/Rome"
mon = ["00:00-24:00"]
tue = ["00:00-24:00"]
wed = ["00:00-24:00"]
thu = ["00:00-24:00"]
fri = ["00:00-24:00"]
sat = ["00:00-24:00"]
sun = ["00:00-24:00"]

[shifts.crew]
calendar = "CALENDAR"
people = PEOPLE
"""


def shifts(people: int, calendar: str = "rome") -> str:
    return SHIFTS.replace("PEOPLE", str(people)).replace("CALENDAR", calendar)


def with_shifts(folder: Path) -> None:
    write(folder, DESK + INBOX + MESSAGE.replace("TARGET", "12h") + shifts(2))


def proposed(folder: Path, option: str, proposal: str, *arguments: str):
    file = folder / "new.toml"
    file.write_text(proposal, encoding="utf-8")
    return threadline(folder, "whatif", option, str(file), *arguments, MAIL_PASSWORD="x")


def test_half_the_people_answer_later_and_say_how_far_that_is_a_guess(desk: Path) -> None:
    with_shifts(desk)
    before = content(desk)

    said = proposed(desk, "--roster", shifts(1))

    assert said.code == 0, said.err
    assert said.out.startswith("roster of new.toml, tickets opened since")
    assert "Of 2 answers, 0 were given outside every shift" in said.out
    assert "1 clock would have ended otherwise: 0 no longer late, 1 newly late." in said.out
    (flip,) = [line for line in said.out.splitlines() if line.startswith("  #3")]
    assert ", answered " in flip
    assert flip.endswith("late, by 8 h")
    assert content(desk) == before


def test_the_same_roster_changes_nothing(desk: Path) -> None:
    with_shifts(desk)

    assert "No clock would have ended otherwise." in proposed(desk, "--roster", shifts(2)).out


def test_opening_hours_alone_are_read_from_any_file(desk: Path) -> None:
    """An hour a day makes eight hours longer than the limit; around the clock they are eight."""
    narrow = shifts(2).replace("00:00-24:00", "09:00-10:00")
    write(desk, DESK + INBOX + MESSAGE.replace("TARGET", "8h") + 'calendar = "rome"\n' + narrow)

    said = proposed(desk, "--calendar", DESK + shifts(1))

    assert said.code == 0, said.err
    assert said.out.startswith("opening hours of new.toml")
    assert "1 clock would have ended otherwise: 0 no longer late, 1 newly late." in said.out


def test_a_chart_can_be_kept(desk: Path) -> None:
    file = desk / "chart.svg"

    said = run(desk, MESSAGE.replace("TARGET", "8h"), "--chart", str(file))

    assert f"The chart is in {file}." in said.out
    drawn = ET.fromstring(file.read_text(encoding="utf-8"))
    words = "".join(drawn.itertext())
    assert "2 tickets opened from" in words
    assert "0 of 2 (0.0 %)" in words
    assert "1 of 2 (50.0 %)" in words


def test_a_shared_answer_is_kept_for_slack_and_nothing_else_changes(desk: Path) -> None:
    before = content(desk)

    said = run(desk, MESSAGE.replace("TARGET", "8h"), "--share")

    assert "/sla whatif" in said.out
    assert len(set(content(desk).splitlines()) - set(before.splitlines())) == 1
    kept = asyncio.run(_last(desk))
    assert kept is not None
    assert (kept.tickets, kept.newly_late, [flip.late_after for flip in kept.flips]) == (
        2,
        1,
        [True],
    )


async def _last(folder: Path):
    database = open_database(f"sqlite:///{folder / 'desk.db'}")
    found = await database.read(last_run)
    await database.close()
    return found


def test_nothing_is_shared_beside_a_desk_that_the_sqlite_library_cannot_share_with(
    desk: Path,
) -> None:
    with a_running_desk(desk / "desk.db"):
        said = run(desk, MESSAGE.replace("TARGET", "8h"), "--share")
        looked = run(desk, MESSAGE.replace("TARGET", "8h"))

    assert looked.code == 0, looked.err
    assert (said.code == 0) is sqlite_takes_two_writers()


def test_something_must_be_asked_about(desk: Path) -> None:
    said = threadline(desk, "whatif", MAIL_PASSWORD="x")

    assert said.code == 1
    assert "--policy FILE, --calendar FILE or --roster FILE" in said.err


@pytest.mark.parametrize(
    ("proposal", "words"),
    [
        ("", "new.toml:1: shifts: is missing."),
        (shifts(1, "room"), 'new.toml:13: shifts "crew" → calendar: "room" is no calendar'),
        (shifts(0), "new.toml:14: "),
        (shifts(1).replace("people = 1", ""), "does not say how many people"),
        (shifts(1) + 'agents = ["anna@shop.example"]', "says it twice"),
        (shifts(1) + 'inboxes = ["amazon-fr"]', '"amazon-fr" is no inbox'),
        (shifts(1) + "hours = 3", "hours"),
    ],
)
def test_a_roster_that_cannot_be_is_told_by_line(desk: Path, proposal, words) -> None:
    with_shifts(desk)

    said = proposed(desk, "--roster", proposal)

    assert said.code == 1
    assert words in said.err
    assert "Traceback" not in said.err


def test_a_roster_needs_one_to_be_compared_with(desk: Path) -> None:
    said = proposed(desk, "--roster", shifts(1))

    assert said.code == 1
    assert "threadline.toml: shifts: is missing" in said.err


def test_calendars_that_are_missing_or_count_for_nothing_are_told(desk: Path) -> None:
    assert "calendars: is missing" in proposed(desk, "--calendar", "").err
    assert "No inbox and no policy counts by [calendars.rome]" in (
        proposed(desk, "--calendar", shifts(1)).out
    )


@pytest.mark.parametrize(
    ("proposal", "arguments", "words"),
    [
        (MESSAGE.replace("TARGET", "48h"), (), "new.toml"),
        (MESSAGE.replace("TARGET", "soon"), (), "new.toml"),
        ("[desk]\n", (), "Write policies, calendars, inboxes or shifts"),
        ("[[policies]\n", (), "not valid TOML"),
        ("", ("--last", "ages"), "--last"),
    ],
)
def test_what_cannot_be_replayed_is_a_sentence(desk: Path, proposal, arguments, words) -> None:
    said = run(desk, proposal, *arguments)

    assert said.code == 1
    assert words in said.err
    assert "Traceback" not in said.err


def test_the_shifts_of_the_page_are_ones_that_work(tmp_path: Path) -> None:
    (example,) = re.findall(r"^```\n(\[shifts.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)

    settings = loaded(tmp_path, DESK + CALENDAR + INBOX + example).settings

    assert [(shift.heads, shift.calendar) for shift in settings.shifts.values()] == [(3, "milan")]

"""`threadline report` as a person types it: on a terminal, as files, and refused in sentences."""

import asyncio
import csv
import io
import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.clock import Clock
from bot.db.engine import sqlite_takes_two_writers
from tests.builders import days
from tests.unit.cli.desk import Said, threadline
from tests.unit.cli.test_commands import a_running_desk
from tests.unit.cli.test_whatif import NOW_RULES, _history
from tests.unit.settings.files import write


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Path:
    """Two tickets of last week, answered after two hours and after ten; one of last year."""
    folder = tmp_path_factory.mktemp("report")
    shutil.copy(sqlite_template, folder / "desk.db")
    asyncio.run(_history(folder, write(folder, NOW_RULES)))
    shutil.copy(folder / "desk.db", folder / "unmeasured.db")
    assert report(folder, "30d").code == 0  # measures what was written
    return folder / "desk.db"


@pytest.fixture
def desk(tmp_path: Path, history: Path) -> Path:
    """A desk with that history, measured."""
    write(tmp_path, NOW_RULES)
    shutil.copy(history, tmp_path / "desk.db")
    return tmp_path


def report(folder: Path, *arguments: str) -> Said:
    return threadline(folder, "report", *arguments, MAIL_PASSWORD="x")


def test_a_month_on_a_terminal(desk: Path) -> None:
    said = report(desk, "30d", "by", "inbox")

    assert said.code == 0, said.err
    lines = [" ".join(line.split()) for line in said.out.splitlines()]
    assert "Marketplace limit kept 100 % – no figure before 2, few cases" in lines  # noqa: RUF001
    assert any(line.startswith("Time to the first answer 6 h 6 h ") for line in lines)
    assert "Of 2 tickets received, by the end of the period: 2 answered." in lines
    assert "By inbox" in lines
    assert any(line.startswith("amazon-it 2, few cases 100 %") for line in lines)


def test_a_narrow_terminal_shows_less_and_breaks_no_line(desk: Path) -> None:
    said = threadline(desk, "report", "30d", MAIL_PASSWORD="x", COLUMNS="60")

    assert said.code == 0, said.err
    assert "Before" not in said.out
    assert max(len(line) for line in said.out.splitlines() if "│" in line or "%" in line) <= 60


def test_what_is_new_is_measured_before_it_is_counted(tmp_path: Path, history: Path) -> None:
    unmeasured = history.with_name("unmeasured.db")
    write(tmp_path, NOW_RULES)
    shutil.copy(unmeasured, tmp_path / "desk.db")
    assert _measured(tmp_path / "desk.db") == 0

    report(tmp_path, "7d")

    assert _measured(tmp_path / "desk.db") == 3


def _measured(file: Path) -> int:
    with closing(sqlite3.connect(file)) as connection:
        (count,) = connection.execute("SELECT count(*) FROM ticket_figure").fetchone()
    return int(count)


def test_csv_json_and_the_rows_behind_go_to_standard_output(desk: Path) -> None:
    figures = list(csv.DictReader(io.StringIO(report(desk, "30d", "--format", "csv").out)))
    rows = list(csv.DictReader(io.StringIO(report(desk, "30d", "--format=csv", "--rows").out)))
    told = json.loads(report(desk, "30d", "--format", "json").out)

    received = next(each for each in figures if each["figure"] == "received")
    assert (received["value"], received["sample"], received["few_cases"]) == ("2.0", "2", "yes")
    assert [int(each["wait_seconds"]) // 3600 for each in rows] == [2, 10]
    assert {each["inbox"] for each in rows} == {"amazon-it"}
    median = sum(int(each["wait_seconds"]) for each in rows) / 2
    by_key = {each["key"]: each["value"] for each in told["figures"]}
    assert by_key["first_response.median"] == median
    assert told["by"] is None


def test_a_page_and_charts_are_written_as_files(desk: Path) -> None:
    page = desk / "report.html"
    said = report(desk, "30d", "--format", "html", "--output", str(page))

    assert said.code == 0, said.err
    assert f"The report is in {page}." in said.out
    assert "<h1>Report, " in page.read_text(encoding="utf-8")

    drawn = report(desk, "30d", "--format", "png", "--output", str(desk))

    assert drawn.code == 0, drawn.err
    files = sorted(desk.glob("report-*.png"))
    assert files
    assert all(file.read_bytes().startswith(b"\x89PNG") for file in files)


def test_an_empty_period_is_a_sentence(desk: Path) -> None:
    day = f"{Clock().now() - days(100):%Y-%m-%d}"
    said = report(desk, day)
    as_csv = report(desk, day, "--format", "csv")

    assert said.code == 0, said.err
    assert "Nothing happened between " in said.out
    assert "Nothing happened between " in as_csv.err
    assert as_csv.out.startswith("since,until,zone,")


def test_beside_a_running_desk_nothing_is_written_that_could_be_lost(desk: Path) -> None:
    with a_running_desk(desk / "desk.db"):
        said = report(desk, "30d")

    assert said.code == 0, said.err
    assert "Of 2 tickets received" in said.out
    assert ("as the desk measured them last" in said.err) is not sqlite_takes_two_writers()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--format", "pdf"], "--format pdf: there is no such format. Write one of table, csv,"),
        (["--output", "x.csv"], "--output: a table is printed. Add --format csv"),
        (["--format", "csv", "--output", "no/x.csv"], "there is no folder no."),
        (["--format", "csv", "--output", "."], "that is a folder"),
        (["--format", "png", "--output", "x.png"], "the charts go into a folder"),
        (["--rows"], "--rows writes CSV. Add --format csv."),
        (["--inbox", "amazon-fr"], "--inbox amazon-fr: there is no such inbox."),
        (["soon"], "soon"),
        (["7d", "--by", "colour"], "colour"),
        (["2026-03-31..2026-03-01"], "2026-03"),
        (["7d", "by", "agent"], "rank_people"),
    ],
)
def test_what_cannot_be_answered_is_a_sentence(desk: Path, arguments, words) -> None:
    said = report(desk, *arguments)

    assert said.code == 1
    assert words in said.err
    assert "Traceback" not in said.err

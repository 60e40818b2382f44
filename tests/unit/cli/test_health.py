"""The commands around `bot.usecases.health_import` and `bot.reports.health.lines`."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from bot.clock import Clock
from tests.unit.cli.desk import Said, threadline
from tests.unit.settings.files import DESK, inbox, write

INBOX = inbox(name="amazon-it", connector="amazon").replace('calendar = "milan"\n', "")
TODAY = Clock().now().date()
DAY, LONG_AGO = TODAY - timedelta(days=2), TODAY - timedelta(days=40)
PLAIN = (
    "measure;marketplace;until;counted;out_of;value\n"
    f"late_shipment;it;{DAY};3;412;0,73 %\n"
    f"order_defect_rate;it;{LONG_AGO};5;412;\n"
)


@pytest.fixture
def desk(tmp_path: Path, sqlite_template: Path) -> Path:
    write(tmp_path, DESK + INBOX)
    shutil.copy(sqlite_template, tmp_path / "desk.db")
    (tmp_path / "report.csv").write_text(PLAIN, encoding="utf-8")
    return tmp_path


def run(folder: Path, *arguments: str) -> Said:
    return threadline(folder, "health", *arguments, MAIL_PASSWORD="x")


def take(folder: Path, name: str, *more: str) -> Said:
    return run(folder, "import", str(folder / name), "--inbox", "amazon-it", *more)


def test_a_report_is_taken_in_shown_corrected_and_not_taken_twice(desk: Path) -> None:
    assert "2 figures, 2 new" in take(desk, "report.csv").out
    assert "imported before; nothing changed" in take(desk, "report.csv").out
    (desk / "report.csv").write_text(PLAIN.replace("3;412;0,73 %", "4;412;"), encoding="utf-8")
    again = take(desk, "report.csv")
    assert f"late_shipment (it) of {DAY} was 3 of 412 and is 4 of 412 now" in again.out

    shown = run(desk)

    assert shown.code == 0
    (late,) = [line for line in shown.out.splitlines() if line.startswith("Shipped late")]
    assert "0.98 % (4 of 412)" in late
    assert "12 misses left" in late
    assert f"file of {DAY}" in late
    assert f"file of {LONG_AGO}, out of date" in shown.out
    assert "! 1 miss too many" in shown.out
    assert "at least 90 % ?" in shown.out


def test_one_inbox_may_be_asked_for_and_has_to_be_there(desk: Path) -> None:
    assert run(desk, "--inbox", "amazon-it").code == 0
    said = run(desk, "--inbox", "shop")
    assert (said.code, "There are amazon-it" in said.err) == (1, True)


@pytest.mark.parametrize(
    ("content", "options", "words"),
    [
        (b"", (), "report.csv: it is empty. Nothing was imported."),
        (b"hello", (), "its format is not known"),
        (PLAIN.encode(), ("--as", "ebay-standards"), "it is no JSON that can be read"),
        (PLAIN.encode(), ("--marketplace", "de"), "sells on de; if it is right all the same"),
        (PLAIN.encode(), ("--date", "9.3.26"), "write the day as 2026-03-10"),
    ],
)
def test_a_file_that_cannot_be_taken_is_refused_in_a_sentence(
    desk: Path, content: bytes, options: tuple[str, ...], words: str
) -> None:
    (desk / "report.csv").write_bytes(content)
    said = take(desk, "report.csv", *options)
    assert said.code == 1
    assert words in " ".join(said.err.split())
    assert "Traceback" not in said.err


def test_a_file_that_is_not_there_is_named(desk: Path) -> None:
    assert "There is no file" in take(desk, "nothing.csv").err

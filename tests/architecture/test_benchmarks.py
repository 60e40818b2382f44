"""The benchmarks measure what they say, and notice when what they measure goes wrong."""

import csv
import sqlite3
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import make_url
from typing_extensions import override

from benchmarks import deadline, statements, storing, tick
from benchmarks.__main__ import BENCHES, arguments
from benchmarks.connecting import mail_connector
from benchmarks.databases import SqliteFiles
from benchmarks.desk import START
from benchmarks.figures import Figure, Goal, Result, Skipped, WrongResult, figure
from benchmarks.mails import ADDRESS, buyer_mails, conversations
from benchmarks.report import BEGIN, END, PAGE, NoMarkers, write_csv, write_page
from bot.clock import Clock
from connectors.contract import RawItem, Verdict

AT = datetime(2026, 3, 10, tzinfo=UTC)
RESULTS: list[Result] = [
    figure("tick", "nothing due", [1.0, 3.0, 2.0], unit="ms", on="SQLite"),
    figure("tick", "growth", [2.0], unit="x", goal=Goal(most=1.5, source="flat")),
    Skipped(bench="deadline", what="a peer", reason="not installed"),
]


class WithoutTheIndex(SqliteFiles):
    """Databases somebody dropped the index of due pings from."""

    @override
    async def new(self) -> str:
        url = await super().new()
        with sqlite3.connect(make_url(url).database or "") as connection:
            connection.execute(f"DROP INDEX {tick.INDEX}")
        connection.close()
        return url


class ForgettingRows(SqliteFiles):
    """Databases that take a deadline and do not keep it, now and then."""

    @override
    async def new(self) -> str:
        url = await super().new()
        with sqlite3.connect(make_url(url).database or "") as connection:
            connection.execute(
                "CREATE TRIGGER forget BEFORE INSERT ON deadline WHEN NEW.id % 70 = 1"
                " BEGIN SELECT RAISE(IGNORE); END"
            )
        connection.close()
        return url


def test_a_mail_of_the_benchmark_is_what_its_connector_takes_it_for() -> None:
    clock = Clock(start=START)
    readers = {inbox: mail_connector(inbox, clock, port=1, mailbox="nobody") for inbox in ADDRESS}

    for number, mail in enumerate(buyer_mails(150, until=START)):
        item = RawItem(source_id=str(number), received_at=START, payload=mail.raw)
        automatic = mail.conversation is None
        expected = Verdict.AUTO_REPLY if automatic else Verdict.CUSTOMER
        assert readers[mail.inbox].normalise(item).verdict is expected


def test_the_mails_vary_and_go_on_with_conversations() -> None:
    mails = buyer_mails(300, until=START)

    assert len({mail.raw for mail in mails}) == 300
    assert 220 < conversations(mails) < 285
    assert {mail.inbox for mail in mails} == set(ADDRESS)


async def test_no_transaction_takes_more_statements_than_its_goal(tmp_path: Path) -> None:
    found = await statements.run([SqliteFiles(tmp_path)], quick=True)

    assert [f"{each.what}: {each.middle}" for each in found if each.met is not True] == []


async def test_the_deadline_benchmark_checks_its_answers_and_reaches_its_figures() -> None:
    found = await deadline.run([], quick=True)

    walked = [each for each in found if isinstance(each, Figure) and "day by day" in each.what]
    assert len(walked) == len(deadline.TARGETS)


async def test_a_tick_that_does_not_use_its_index_has_no_figures(tmp_path: Path) -> None:
    with pytest.raises(WrongResult, match=tick.INDEX):
        await tick.run([WithoutTheIndex(tmp_path)], quick=True)


async def test_rows_that_were_not_all_written_have_no_figures(tmp_path: Path) -> None:
    kind = ForgettingRows(tmp_path)
    setting = storing.Setting(on=kind.name, kind=kind, transactions={storing.PAGE: 1})

    async with AsyncExitStack() as stack:
        with pytest.raises(WrongResult, match="rows in deadline"):
            await storing.measured(setting, 1, stack)


def test_a_figure_is_its_spread_and_is_held_against_its_goal() -> None:
    plain, missed, _ = RESULTS

    assert isinstance(plain, Figure)
    assert isinstance(missed, Figure)
    assert (plain.low, plain.middle, plain.high, plain.met) == (1.0, 2.0, 3.0, None)
    assert missed.met is False
    assert Goal(least=2.0, source="").met(2.0)


def test_the_csv_has_a_line_for_each_figure_and_says_what_was_skipped(tmp_path: Path) -> None:
    write_csv(RESULTS, tmp_path / "build" / "bench.csv")

    with (tmp_path / "build" / "bench.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["what"] for row in rows] == ["nothing due", "growth", "a peer"]
    assert [row["median"] for row in rows] == ["2", "2", ""]
    assert [row["met"] for row in rows] == ["", "false", "skipped: not installed"]


def test_the_table_of_the_page_is_replaced_and_the_rest_is_left(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")

    write_page(RESULTS, AT, page)
    write_page(RESULTS, AT, page)

    text = page.read_text(encoding="utf-8")
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "old" not in text
    assert text.count("| nothing due | SQLite | 1 | 2 | 3 | ms |") == 1
    assert "≤ 1.5 **missed**" in text


def test_what_was_not_measured_again_keeps_its_table(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    page.write_text(f"before\n{BEGIN}\n{END}\nafter\n", encoding="utf-8")
    write_page(RESULTS, AT, page)
    whole = page.read_text(encoding="utf-8")

    again = figure("tick", "nothing due", [9.0], unit="ms", on="SQLite")
    write_page([again], AT.replace(year=2027), page)

    text = page.read_text(encoding="utf-8")
    deadline = whole.partition("### deadline")[2]
    assert deadline in text
    assert "Run of 2027-03-10" in text.partition("### deadline")[0]
    assert "| nothing due | SQLite | 9 | 9 | 9 | ms |" in text
    assert "growth" not in text


def test_a_page_without_markers_is_not_touched(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    page.write_text("by hand", encoding="utf-8")

    with pytest.raises(NoMarkers):
        write_page(RESULTS, AT, page)
    assert page.read_text(encoding="utf-8") == "by hand"


@pytest.mark.parametrize("name", BENCHES)
def test_every_benchmark_is_explained_and_has_its_figures_on_the_page(name: str) -> None:
    text = PAGE.read_text(encoding="utf-8")
    unmeasured = text.partition("Not measured yet:")[2].partition("\n\n")[0]

    assert f"| `{name}` |" in text
    assert (f"### {name}\n" in text.partition(BEGIN)[2].partition(END)[0]) != (
        f"`{name}`" in unmeasured
    )


@pytest.mark.parametrize(
    "given", [["tock"], ["--write-docs", "--quick"], ["tick", "--write-docs", "--quick"]]
)
def test_what_cannot_be_measured_is_refused_with_a_sentence(
    given: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        arguments(given)

    assert "error: " in capsys.readouterr().err

"""`threadline export` as a person types it: whole files with a manifest, or a sentence and nothing."""

import csv
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import pytest

from bot.reports.files.schema import SCHEMA_VERSION, TABLES, Kind, columns_of
from bot.reports.files.writing import Counted, CsvSink, guarded
from tests.unit.cli.desk import Said, threadline
from tests.unit.cli.test_report import history
from tests.unit.cli.test_whatif import NOW_RULES
from tests.unit.settings.files import CALENDAR, DESK, MAIL, inbox, write
from tests.unit.settings.test_data_rules import API, SECRET

__all__ = ["history"]


@pytest.fixture
def desk(tmp_path: Path, history: Path) -> Path:
    """A desk with three tickets, each answered, and a folder for files."""
    write(tmp_path, NOW_RULES)
    shutil.copy(history, tmp_path / "desk.db")
    (tmp_path / "out").mkdir()
    return tmp_path


def export(folder: Path, *arguments: str) -> Said:
    return threadline(folder, "export", "--output", str(folder / "out"), *arguments, **SECRET)


def lines(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def test_all_tables_with_a_manifest_that_fits_them(desk: Path) -> None:
    said = export(desk)

    assert said.code == 0, said.err
    out = desk / "out"
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["schema_version"] == SCHEMA_VERSION
    assert [each["table"] for each in manifest["files"]] == list(TABLES)
    for each in manifest["files"]:
        file = out / each["file"]
        rows = lines(file)
        assert len(rows) == each["rows"] > 0
        assert hashlib.sha256(file.read_bytes()).hexdigest() == each["sha256"]
        assert list(rows[0]) == [one["name"] for one in each["columns"]]
    assert {each.name for each in out.iterdir()} == {
        "manifest.json",
        *(f"{name}.csv" for name in TABLES),
    }
    assert [each["first_answer_by"] for each in lines(out / "tickets.csv")] == ["U0ANNA"] * 3


def test_parquet_has_the_same_rows_with_types(desk: Path) -> None:
    parquet = import_module("pyarrow.parquet")
    assert export(desk, "--format", "parquet").code == 0
    assert export(desk, "--format", "csv").code == 1  # the manifest is there
    assert export(desk, "--overwrite").code == 0

    for name in TABLES:
        table = parquet.read_table(desk / "out" / f"{name}.parquet")
        assert table.schema.metadata[b"threadline.schema_version"] == b"1"
        types = {
            Kind.INSTANT: "timestamp[us, tz=UTC]",
            Kind.INTEGER: "int64",
            Kind.TEXT: "string",
            Kind.BOOLEAN: "bool",
        }
        assert [str(each.type) for each in table.schema] == [
            types[each.kind] for each in columns_of(name)
        ]
        key = columns_of(name)[0].name
        rows = lines(desk / "out" / f"{name}.csv")
        assert [str(value) for value in table[key].to_pylist()] == [each[key] for each in rows]


def test_one_table_of_some_days_with_words(desk: Path) -> None:
    said = export(desk, "--what", "messages", "--since", "2001-01-01", "--with-bodies")

    assert said.code == 0, said.err
    rows = lines(desk / "out" / "messages.csv")
    assert {each["direction"] for each in rows} == {"in", "out"}
    assert all(each["body"] for each in rows)
    assert not (desk / "out" / "tickets.csv").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--what", "orders"), "there is no such table. Write tickets"),
        (("--format", "xlsx"), "there is no such format. Write one of csv, parquet."),
        (("--since", "2026-02-30"), "that is no date. Write one like 2026-03-01."),
        (("--since", "2026-03-02", "--until", "2026-03-01"), "Exchange the two."),
        (("--since", "9000-01-01"), "nothing has happened yet on that day."),
        (("--output", "nowhere"), "there is no such folder. Make a folder and name it."),
    ],
)
def test_what_makes_no_sense_is_refused(desk: Path, arguments: Sequence[str], said: str) -> None:
    refused = export(desk, *arguments)

    assert refused.code == 1
    assert said in refused.err
    assert not list((desk / "out").iterdir())


def test_without_the_package_parquet_is_refused(
    desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)

    refused = export(desk, "--format", "parquet")

    assert refused.code == 1
    assert "pip install 'threadline[parquet]'" in refused.err


def test_a_full_disk_leaves_what_was_there(desk: Path) -> None:
    out = desk / "out"
    (out / "tickets.csv").write_text("of yesterday")
    # Where a device that is always full stands in for the last of the files, while it is written.
    (out / f".waits.csv.{os.getpid()}.part").symlink_to("/dev/full")

    refused = export(desk, "--overwrite")

    assert refused.code == 1
    assert "No space left on device. No file was written; what was there before" in refused.err
    assert [each.name for each in out.iterdir()] == ["tickets.csv"]
    assert (out / "tickets.csv").read_text() == "of yesterday"


def test_text_is_no_formula_and_cells_stay_cells(tmp_path: Path) -> None:
    at = datetime(2026, 3, 10, 9, 0, 0, 5000, tzinfo=UTC)
    columns = [
        each
        for kind in (Kind.TEXT, Kind.INTEGER, Kind.BOOLEAN, Kind.INSTANT)
        for each in TABLES["tickets"]
        if each.kind is kind and each.name in {"inbox", "number", "vip", "opened_at"}
    ]
    file = tmp_path / "some.csv"
    with Counted(file) as opened:
        sink = CsvSink(opened, "tickets", columns)
        sink.write([('=HYPERLINK("x")', -3, True, at), ('à, "b"\n', None, False, None)])
        sink.close()
        opened.settle()

    assert file.read_bytes() == (
        b"inbox,number,vip,opened_at\r\n"
        b'"\'=HYPERLINK(""x"")",-3,true,2026-03-10T09:00:00.005Z\r\n'
        b'"\xc3\xa0, ""b""\n",,false,\r\n'
    )
    assert [guarded(text) for text in ("+1", "-1", "@a", "\ta", "\ra", "a=")] == [
        "'+1",
        "'-1",
        "'@a",
        "'\ta",
        "'\ra",
        "a=",
    ]


UNDER_RULES = CALENDAR + DESK + inbox(name="amazon-it", connector="amazon", mail=MAIL + API)


@pytest.mark.parametrize("settings", [UNDER_RULES, NOW_RULES.replace("amazon-it", "amazon-de")])
def test_words_stay_where_rules_on_data_hold_or_nobody_knows(desk: Path, settings: str) -> None:
    write(desk, settings)

    said = export(desk, "--what", "messages", "--with-bodies")

    assert said.code == 0, said.err
    assert "Without the words of amazon-it:" in said.out
    assert {each["body"] for each in lines(desk / "out" / "messages.csv")} == {""}
    manifest = json.loads((desk / "out" / "manifest.json").read_text())
    assert manifest["bodies_left_out_of"] == ["amazon-it"]

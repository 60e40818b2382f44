import tomllib
from datetime import date
from pathlib import Path

import pytest

from tests.unit.cli.desk import threadline
from tests.unit.settings.files import CALENDAR, write

OWN = CALENDAR.replace("fri =", "holidays = [2026-12-25, 2026-08-14]\nfri =")
LIVORNO = ("calendar", "import", "it", "--subdivision", "LI", "--years", "2026-2028")
ICS = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Stocktaking\nDTSTART:20261102\nEND:VEVENT\n"


def holidays(path: Path) -> list[date]:
    text = path.read_text(encoding="utf-8")
    found: list[date] = tomllib.loads(text)["calendars"]["milan"].get("holidays", [])
    return found


def test_an_import_shows_what_it_would_change_and_writes_nothing(tmp_path: Path) -> None:
    path = write(tmp_path, OWN)

    said = threadline(tmp_path, *LIVORNO)

    assert said.code == 0, said.err
    assert "+ 2027-05-22 Sat  Saint Julia's Day" in said.out
    assert "= 2026-12-25 Fri  Christmas Day" in said.out
    assert "? 2026-08-14 Fri  only in your file" in said.out
    assert "--apply" in said.out
    assert path.read_text(encoding="utf-8") == OWN


def test_applied_dates_stand_in_the_file_and_own_ones_stay(tmp_path: Path) -> None:
    path = write(tmp_path, OWN)

    said = threadline(tmp_path, *LIVORNO, "--apply")

    assert said.code == 0, said.err
    found = holidays(path)
    assert {date(2028, 5, 22), date(2026, 8, 14), date(2026, 12, 25)} <= set(found)
    assert len(found) == len(set(found))
    assert "Nothing to change" in threadline(tmp_path, *LIVORNO, "--apply").out


def test_dates_the_source_lacks_go_only_when_asked_for(tmp_path: Path) -> None:
    path = write(tmp_path, OWN)

    said = threadline(tmp_path, *LIVORNO, "--apply", "--remove")

    assert "- 2026-08-14 Fri  gone from the source" in said.out
    assert date(2026, 8, 14) not in holidays(path)


def test_days_taken_over_from_another_calendar_are_known_and_stay_with_it(tmp_path: Path) -> None:
    text = OWN + '[calendars.outlet]\nbased_on = "milan"\nholidays = [2026-08-17]\n'
    path = write(tmp_path, text)

    said = threadline(tmp_path, *LIVORNO, "--calendar", "outlet", "--apply", "--remove")

    assert said.code == 0, said.err
    assert "= 2026-12-25 Fri  Christmas Day" in said.out
    tables = tomllib.loads(path.read_text(encoding="utf-8"))["calendars"]
    assert tables["milan"]["holidays"] == [date(2026, 12, 25), date(2026, 8, 14)]
    assert date(2026, 12, 25) not in tables["outlet"]["holidays"]
    assert date(2026, 8, 17) not in tables["outlet"]["holidays"]
    assert date(2027, 5, 22) in tables["outlet"]["holidays"]


def test_half_days_are_only_suggested(tmp_path: Path) -> None:
    path = write(tmp_path, OWN)

    said = threadline(
        tmp_path, "calendar", "import", "IT", "--subdivision=BZ", "--years=2026", "--apply"
    )

    assert "write them under closures yourself" in said.out
    assert date(2026, 12, 24) not in holidays(path)


def test_an_ics_file_is_imported_likewise(tmp_path: Path) -> None:
    path = write(tmp_path, OWN)
    (tmp_path / "shop.ics").write_text(ICS, encoding="utf-8")

    said = threadline(
        tmp_path, "calendar", "import", str(tmp_path / "shop.ics"), "--years=2026", "--apply"
    )

    assert said.code == 0, said.err
    assert "+ 2026-11-02 Mon  Stocktaking" in said.out
    assert date(2026, 11, 2) in holidays(path)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("XX",), "no country"),
        (("IT", "--subdivision=ZZ"), "Known: AG"),
        (("IT", "--years=26"), "2026-2028"),
        (("IT", "--years=2028-2026"), "2026-2028"),
        (("IT", "--years=2026-2126"), "at most 10"),
        (("IT", "--calendar=rome"), "The file has: milan"),
        (("nowhere.ics",), "No such file"),
        (("x.ics", "--subdivision=LI"), "belongs to a country"),
    ],
)
def test_what_cannot_be_imported_is_a_sentence(tmp_path: Path, arguments, words) -> None:
    path = write(tmp_path, OWN)

    said = threadline(tmp_path, "calendar", "import", *arguments, "--apply")

    assert said.code == 1
    assert words in said.err
    assert "Traceback" not in said.err
    assert path.read_text(encoding="utf-8") == OWN


def test_with_several_calendars_one_has_to_be_named(tmp_path: Path) -> None:
    write(tmp_path, OWN + OWN.replace("milan", "rome"))

    said = threadline(tmp_path, "calendar", "import", "IT")

    assert said.code == 1
    assert "milan, rome" in said.err


def test_a_month_is_shown_day_by_day(tmp_path: Path) -> None:
    write(
        tmp_path,
        OWN
        + '[calendars.milan.closures]\n2026-12-24 = ["12:00-24:00"]\n2026-12-28 = ["00:00-24:00"]\n'
        + '[calendars.milan.hours]\n2026-12-20 = ["10:00-18:00"]\n',
    )

    said = threadline(tmp_path, "calendar", "show", "milan", "--month", "2026-12")

    lines = {line.split()[0]: " ".join(line.split()[2:]) for line in said.out.splitlines()[1:]}
    assert lines["2026-12-22"] == "09:00-13:00, 14:00-18:00 8 h"
    assert lines["2026-12-24"] == "09:00-12:00 3 h partly closed"
    assert lines["2026-12-25"] == "closed holiday"
    assert lines["2026-12-20"] == "10:00-18:00 8 h hours of its own"
    assert lines["2026-12-28"] == "closed closed for the day"
    assert lines["2026-12-27"] == "closed"


def test_the_day_of_a_clock_change_shows_the_hours_there_are(tmp_path: Path) -> None:
    write(tmp_path, CALENDAR.replace("mon =", 'sun = ["00:00-24:00"]\nmon ='))

    march = threadline(tmp_path, "calendar", "show", "milan", "--month=2026-03").out
    october = threadline(tmp_path, "calendar", "show", "milan", "--month=2026-10").out

    assert "2026-03-29 Sun  00:00-24:00                23 h" in march
    assert "2026-10-25 Sun  00:00-24:00                25 h" in october


@pytest.mark.parametrize("month", ["2026-13", "12-2026", "0000-01", "9999-12", "soon"])
def test_a_month_that_is_none_is_a_sentence(tmp_path: Path, month: str) -> None:
    write(tmp_path, OWN)

    said = threadline(tmp_path, "calendar", "show", "milan", "--month", month)

    assert said.code == 1
    assert "such as 2026-12" in said.err

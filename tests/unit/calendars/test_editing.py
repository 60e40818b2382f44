import tomllib
from datetime import date

import pytest

from bot.calendars.days_off import DayOff, ImportRefused, Source, compare
from bot.calendars.editing import replace_text, with_days_off

EPIPHANY = DayOff(day=date(2027, 1, 6), name="Epiphany")
PATRON = DayOff(day=date(2027, 5, 22), name="Saint Julia's Day")
OWN = date(2026, 8, 14)

FILE = """\
# The shop, as Giulia wants it.
[desk]
name = "Shop"   # short

[calendars.milan]   # the office
timezone = "Europe/Rome"
mon = ["09:00-13:00",
       "14:00-18:00"]
holidays = [
  2026-12-25, # Christmas
  # our own:
  2026-08-14,
]

[calendars.milan.closures]
2026-12-24 = ["12:00-24:00"]

[calendars.berlin]
timezone = "Europe/Berlin"
mon = ["08:00-16:00"]
"""


def lines(text):
    return text.splitlines()


def test_only_the_list_of_that_calendar_changes() -> None:
    changed = with_days_off(FILE, "milan", [EPIPHANY, PATRON])

    added = [line for line in lines(changed) if line not in lines(FILE)]
    assert [line.strip() for line in added] == [
        "2027-01-06, # Epiphany",
        "2027-05-22, # Saint Julia's Day",
    ]
    assert [line for line in lines(FILE) if line not in lines(changed)] == []


def test_a_calendar_without_holidays_gets_its_list_before_its_inner_tables() -> None:
    changed = with_days_off(FILE.replace("holidays = [", "hours = {}\nx = ["), "berlin", [EPIPHANY])
    assert tomllib.loads(changed)["calendars"]["berlin"]["holidays"] == [EPIPHANY.day]
    assert tomllib.loads(changed)["calendars"]["berlin"]["mon"] == ["08:00-16:00"]


def test_dates_are_taken_out_one_by_one() -> None:
    changed = with_days_off(FILE, "milan", [], [OWN])
    assert tomllib.loads(changed)["calendars"]["milan"]["holidays"] == [date(2026, 12, 25)]
    assert "# our own:" in changed


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_line_ends_stay_as_they_are(end) -> None:
    changed = with_days_off(FILE.replace("\n", end), "milan", [EPIPHANY])
    kept = [line for line in changed.split(end) if "2027" not in line]
    assert kept == FILE.replace("\n", end).split(end)


@pytest.mark.parametrize(
    "text",
    [
        'calendars.milan = { timezone = "Europe/Rome", mon = ["09:00-13:00"] }\n',
        'calendars.milan.timezone = "Europe/Rome"\ncalendars.milan.holidays = [2026-08-14]\n',
        '[calendars]\nmilan.timezone = "Europe/Rome"\nmilan.holidays = []\n',
    ],
)
def test_however_the_table_is_written_nothing_but_its_dates_changes(text) -> None:
    before, after = tomllib.loads(text), tomllib.loads(with_days_off(text, "milan", [EPIPHANY]))

    assert after["calendars"]["milan"].pop("holidays")[-1] == EPIPHANY.day
    before["calendars"]["milan"].pop("holidays", None)
    assert after == before


def test_a_table_in_pieces_is_left_to_its_owner() -> None:
    pieces = '[calendars.milan.hours]\n[desk]\nname = "x"\n[calendars.milan]\ntimezone = "UTC"\n'
    with pytest.raises(ImportRefused, match="by hand"):
        with_days_off(pieces, "milan", [EPIPHANY])


def test_a_name_cannot_leave_its_comment() -> None:
    hostile = DayOff(day=EPIPHANY.day, name='x\n[desk]\nname = "other"\x00')
    changed = with_days_off(FILE, "milan", [hostile])
    assert tomllib.loads(changed)["desk"] == {"name": "Shop"}


def test_a_file_is_replaced_whole_with_its_rights(tmp_path) -> None:
    path = tmp_path / "threadline.toml"
    path.write_text("old", encoding="utf-8")
    path.chmod(0o640)

    replace_text(path, "new\r\n")

    assert path.read_bytes() == b"new\r\n"
    assert path.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_to_the_file_stays_a_link(tmp_path) -> None:
    real = tmp_path / "real.toml"
    real.write_text("old", encoding="utf-8")
    link = tmp_path / "threadline.toml"
    link.symlink_to(real)

    replace_text(link, "new")

    assert link.is_symlink()
    assert real.read_text(encoding="utf-8") == "new"


def test_a_comparison_is_about_the_years_of_the_source() -> None:
    source = Source(
        title="x",
        years=range(2027, 2028),
        days=[PATRON, EPIPHANY, DayOff(day=EPIPHANY.day, name="Three Kings")],
    )
    found = compare(source, {PATRON.day, OWN, date(2027, 8, 13)})

    assert [(each.day, each.name) for each in found.added] == [
        (EPIPHANY.day, "Epiphany; Three Kings")
    ]
    assert list(found.known) == [PATRON]
    assert found.only_here == [date(2027, 8, 13)]

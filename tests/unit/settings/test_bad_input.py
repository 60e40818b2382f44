"""Whatever a person writes into the file, the answer is a sentence: file, line, key, remedy."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.errors import SettingsError
from bot.settings_file import load, load_calendars, load_rules
from tests.unit.settings.files import (
    AGENT,
    CALENDAR,
    DESK,
    GOOD,
    MAIL,
    inbox,
    loaded,
    problems,
    write,
)

EXAMPLE = Path(__file__).resolve().parents[3] / "threadline.example.toml"
LINES = EXAMPLE.read_text(encoding="utf-8").splitlines()
PLACED = re.compile(r"threadline\.toml:[1-9]\d*: .*\S", re.DOTALL)
SECRETS = {"AMAZON_MAIL_PASSWORD": "a", "SHOP_MAIL_PASSWORD": "b", "ALARM_MAIL_PASSWORD": "c"}

junk = st.sampled_from(
    [
        *(
            "3",
            "-1",
            "0",
            "1e999",
            "nan",
            "true",
            '""',
            '"x"',
            '"25:00-26:00"',
            "[[1]]",
            "[]",
            "{}",
        ),
        *('["09:00-13:00", "12:00-14:00"]', '["\\u0000"]', '{ a = { b = "c" } }', '["milan"]'),
        *("2026-13-01", "2026-12-25", "1979-05-27T07:32:00Z", "07:32:00", "0x_", '"""', "é", "'"),
        *('"99999d"', '"0h"', '"-1h"', '"100%"', '"always"', '"outlet"', '"env:"', '"file:/"'),
        *('{ channel = "amazon", kind = ["message"], vip = 1 }', '"a\\nb"', "99999999999999999999"),
    ]
)
keys = st.sampled_from(
    ["name", "match", "based_on", "rule_files", "mon", "closures", "clock", "policy", '"a.b"', "x"]
)
line = st.integers(min_value=0, max_value=len(LINES) - 1)
edit = st.one_of(
    st.tuples(st.just("value"), line, junk),
    st.tuples(st.just("gone"), line, junk),
    st.tuples(st.just("twice"), line, junk),
    st.tuples(st.just("key"), line, st.builds("{} = {}".format, keys, junk)),
    st.tuples(st.just("text"), line, st.text(max_size=8)),
)


def edited(text: list[str], edits: list[tuple[str, int, str]]) -> str:
    """The lines of the file after each edit, one after another."""
    for how, anywhere, what in edits:
        at = anywhere % len(text)
        key, equals, _ = text[at].partition("=")
        if how == "value" and equals:
            text[at] = f"{key}= {what}"
        elif how == "gone":
            text[at] = ""
        elif how == "twice":
            text.insert(at, text[at])
        elif how != "value":
            text.insert(at, what)
    return "\n".join(text)


def refused(read: Callable[[], object]) -> list[str]:
    """The sentences with which reading ends; empty when it does not end in a refusal."""
    try:
        read()
    except SettingsError as exc:
        return exc.problems
    return []


@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(edits=st.lists(edit, min_size=1, max_size=4))
def test_no_edit_of_the_example_is_answered_by_anything_but_placed_sentences(
    tmp_path: Path, edits: list[tuple[str, int, str]]
) -> None:
    path = write(tmp_path, edited(list(LINES), edits))

    for read in (
        lambda: load(path, SECRETS),
        lambda: load_rules(path),
        lambda: load_calendars(path),
    ):
        said = refused(read)
        assert [each for each in said if not PLACED.fullmatch(each)] == []


POLICY = '\n[[policies]]\nname = "{}"\nmatch = {{ channel = "website", kind = "message"{} }}\n'
CLOCK = (
    '[[policies.clock]]\nmetric = "response"\nscope = "internal"\ntarget = "{}"\ncalendar = "{}"\n'
)


def lines(said: list[str], part: str) -> list[int]:
    """The lines of the sentences with this part in them."""
    return [int(each.split(":")[1]) for each in said if part in each]


def line_of(text: str, part: str) -> int:
    """The line of `text` that this part of it stands on."""
    return text.count("\n", 0, text.index(part)) + 1


def test_an_impossible_time_is_told_by_line_key_value_and_remedy(tmp_path: Path) -> None:
    text = GOOD.replace('fri = ["09:00-13:00"', 'fri = [\n  # late\n  "25:00-26:00"')

    (said,) = problems(tmp_path, text)

    assert said == (
        f'threadline.toml:{line_of(text, "25:00")}: calendars "milan" → fri: "25:00" is no time of '
        'day. Write one such as "09:00", or "24:00" for the end.'
    )


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('mon = ["09:00-13:00", "12:00-18:00"]', '"12:00-18:00" overlaps "09:00-13:00"'),
        ('mon = ["22:00-06:00", "23:00-23:30"]', '"23:00-23:30" overlaps "22:00-06:00"'),
        ('mon = ["09:00"]', '"09:00" is no span of hours'),
        ('mon = ["24:00-06:00"]', '"24:00" opens nothing'),
        ('mon = "09:00-18:00"', '"09:00-18:00" is no list'),
        ("mon = [9]", "9 is no text"),
        ("holidays = [2026-12-25, 3]", "3 is no date"),
        ("holidays = [2026-12-25T00:00:00Z]", '"2026-12-25 00:00:00+00:00" is no date'),
        ('hours = { 2026-12-20 = ["20:00-02:00"] }', '"20:00-02:00" runs past midnight'),
        ('closures = { 2026-02-30 = ["20:00-22:00"] }', "closures → 2026-02-30: is no date"),
        ('timezone = "Europe/Roma"', '"Europe/Roma" is not a time zone'),
        ("lunch = true", "unknown key, set to true"),
        ('based_on = "milan"', '"milan" leads back to it: milan → milan.'),
        ('based_on = "rome"', '"rome" is no calendar of this file. Add a [calendars.rome]'),
    ],
)
def test_what_a_calendar_cannot_say_is_told_at_its_line(
    tmp_path: Path, written: str, said: str
) -> None:
    key = written.partition(" ")[0]
    kept = "".join(each + "\n" for each in CALENDAR.splitlines() if not each.startswith(f"{key} ="))
    text = DESK + AGENT + kept + written + "\n" + inbox()

    found = problems(tmp_path, text)

    assert lines(found, f'calendars "milan" → {key}') == [line_of(text, written)]
    assert said in found[0]


def test_calendars_that_build_on_each_other_are_told_with_the_whole_circle(tmp_path: Path) -> None:
    text = DESK + "".join(
        f'[calendars.{name}]\nbased_on = "{base}"\n'
        for name, base in (("a", "b"), ("b", "c"), ("c", "a"), ("d", "a"))
    )

    said = problems(tmp_path, text)

    assert lines(said, "based_on") == [4, 6, 8]
    assert 'calendars "a" → based_on: "b" leads back to it: a → b → c → a.' in said[0]


def test_a_calendar_takes_over_what_it_does_not_say(tmp_path: Path) -> None:
    text = GOOD + (
        "\n[calendars.base]\n"
        'timezone = "Europe/Rome"\nmon = ["09:00-18:00"]\ntue = ["09:00-18:00"]\n'
        "holidays = [2026-12-25]\n[calendars.base.closures]\n"
        '2026-12-24 = ["12:00-24:00"]\n2026-12-31 = ["12:00-24:00"]\n'
        '\n[calendars.outlet]\nbased_on = "base"\ntue = []\nsat = ["10:00-19:00"]\n'
        "holidays = [2026-08-14]\n"
        '[calendars.outlet.closures]\n2026-12-31 = ["16:00-24:00"]\n'
        '\n[calendars.night]\nbased_on = "outlet"\ntimezone = "Europe/Berlin"\n'
    )

    tables = loaded(tmp_path, text).settings.calendars

    outlet, night = tables["outlet"], tables["night"]
    assert (outlet.timezone, outlet.mon, outlet.tue, outlet.sat) == (
        "Europe/Rome",
        ("09:00-18:00",),
        (),
        ("10:00-19:00",),
    )
    assert [str(day) for day in outlet.holidays] == ["2026-12-25", "2026-08-14"]
    assert sorted(outlet.closures.values()) == [("12:00-24:00",), ("16:00-24:00",)]
    assert (night.timezone, night.sat) == ("Europe/Berlin", ("10:00-19:00",))


def test_a_calendar_with_neither_zone_nor_base_is_told(tmp_path: Path) -> None:
    (said,) = problems(tmp_path, DESK + '[calendars.x]\nmon = ["09:00-18:00"]\n')

    assert said.startswith('threadline.toml:3: calendars "x" → timezone: is missing. Write a zone')


def test_days_of_their_own_do_not_make_a_week(tmp_path: Path) -> None:
    text = '[calendars.x]\ntimezone = "UTC"\nhours = { 2026-12-20 = ["10:00-18:00"] }\n'

    (said,) = problems(tmp_path, DESK + text)

    assert said.startswith('threadline.toml:3: calendars "x": is closed all week. Give')


def test_a_bad_name_hides_nothing_else_of_its_inbox(tmp_path: Path) -> None:
    text = GOOD.replace('name = "shop"', 'name = "The Shop"').replace(
        'imap_host = "imap.shop.example"', 'imap_hots = "imap.shop.example"'
    )
    text = text.replace('calendar = "milan"', 'calendar = "milano"')

    said = problems(tmp_path, text)

    assert lines(said, "→ name: ") == [line_of(text, '"The Shop"')]
    assert lines(said, "→ calendar: ") == [line_of(text, '"milano"')]
    assert lines(said, "→ settings → imap_hots: ") == [line_of(text, "imap_hots")]
    assert lines(said, "→ settings → imap_host: is missing") == [
        line_of(text, "[inboxes.settings]")
    ]
    assert len(said) == 4


def test_a_bad_calendar_hides_no_unknown_one_and_is_not_called_unknown(tmp_path: Path) -> None:
    text = GOOD.replace("09:00-13:00", "9", 1) + (
        POLICY.format("own", "") + CLOCK.format("1h", "milano")
    )

    said = problems(tmp_path, text)

    assert lines(said, 'calendars "milan" → mon') == [line_of(text, 'mon = ["9"')]
    assert lines(said, 'policies "own" → clock 1 → calendar: "milano" is no calendar') == [
        line_of(text, '"milano"')
    ]
    assert len(said) == 2


def test_a_bad_policy_hides_no_bad_name_in_another(tmp_path: Path) -> None:
    text = GOOD + (
        POLICY.format("one", "")
        + CLOCK.format("soon", "shop")
        + POLICY.format("two", ', inbox = ["shop", "shp"]')
        + CLOCK.format("1h", "shop")
    )

    said = problems(tmp_path, text)

    assert lines(said, 'policies "one" → clock 1 → target: "soon"') == [line_of(text, '"soon"')]
    assert lines(said, '"two" → match → inbox: "shp"') == [line_of(text, '"shp"')]


def test_twins_are_told_with_the_line_of_the_first(tmp_path: Path) -> None:
    text = DESK + AGENT + AGENT.replace("marco@", "Marco@") + CALENDAR + inbox() + inbox()

    said = problems(tmp_path, text)

    first = line_of(text, 'name = "shop"')
    assert lines(said, "→ slack") == [9]
    assert "(first in threadline.toml:5)" in said[0]
    assert f'"shop" is used twice (first in threadline.toml:{first})' in said[1]
    assert len(said) == 2


def test_a_target_that_opening_hours_never_reach_is_told(tmp_path: Path) -> None:
    text = GOOD + (
        '\n[calendars.rare]\ntimezone = "UTC"\nmon = ["09:00-09:01"]\n'
        + POLICY.format("own", "")
        + CLOCK.format("9h", "rare")
    )

    (said,) = problems(tmp_path, text)

    assert f'threadline.toml:{line_of(text, "9h")}: policies "own" → clock 1 → target: "9h"' in said
    assert 'calendar "rare" is open 1 min a week' in said


def test_the_calendar_of_an_inbox_is_what_shop_is_measured_in(tmp_path: Path) -> None:
    rare = '[calendars.milan]\ntimezone = "UTC"\nmon = ["09:00-09:01"]\n'
    text = DESK + AGENT + rare + inbox() + POLICY.format("own", "") + CLOCK.format("9h", "shop")

    (said,) = problems(tmp_path, text)

    assert 'calendar "milan" is open 1 min a week' in said


def test_rules_may_stand_in_files_beside_the_settings(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    for name in ("a", "b"):
        rule = POLICY.format(name, f', tag = "{name}", language = "{name}"')
        (tmp_path / "rules" / f"{name}.toml").write_text(
            rule + CLOCK.format("1h", "shop"), encoding="utf-8"
        )
    text = GOOD.replace("[desk]", '[desk]\nrule_files = ["rules/*.toml"]')

    found = {policy.name: policy.origin for policy in loaded(tmp_path, text).policies.policies}

    assert (found["a"], found["b"]) == ("rules/a.toml:2", "rules/b.toml:2")


def test_a_rule_file_is_told_by_its_own_name_and_line(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(
        POLICY.format("own", ', inbox = "shp"') + CLOCK.format("soon", "shop") + "[desk]\n",
        encoding="utf-8",
    )
    (tmp_path / "broken.toml").write_text("\n[[policies]\n", encoding="utf-8")
    files = '["own.toml", "broken.toml", "gone*.toml", "/etc/x", "../*/y"]'

    said = problems(tmp_path, GOOD.replace("[desk]", f"[desk]\nrule_files = {files}"))

    assert [each.split(": ")[0] for each in said] == [
        "broken.toml:2",
        "own.toml:4",
        "own.toml:8",
        "own.toml:10",
        *["threadline.toml:2"] * 3,
    ]


def test_the_word_policy_does_as_well_as_policies(tmp_path: Path) -> None:
    text = GOOD + (POLICY.format("own", "") + CLOCK.format("1h", "shop")).replace(
        "[policies", "[policy"
    )

    assert "own" in {policy.name for policy in loaded(tmp_path, text).policies.policies}


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_endings_of_lines_and_a_byte_order_mark_change_no_line(
    tmp_path: Path, ending: str, mark: str
) -> None:
    text = GOOD.replace("undo_seconds", "x") + "\n[desk.more]\n'quoted' . key = 1\n"
    path = tmp_path / "threadline.toml"
    path.write_bytes((mark + text.replace("\n", ending)).encode())

    with pytest.raises(SettingsError) as refusal:
        load(path, {"MAIL_PASSWORD": "x"})

    assert lines(refusal.value.problems, "desk → more") == [line_of(text, "[desk.more]")]


def test_a_table_written_in_one_line_is_told_by_that_line(tmp_path: Path) -> None:
    text = 'agents = [\n  { slack = "marco", name = "Marco" },\n]\n' + DESK

    (said,) = problems(tmp_path, text)

    assert said.startswith('threadline.toml:2: agents "Marco" → slack: "marco"')


def test_a_text_that_is_no_toml_is_told_by_its_line(tmp_path: Path) -> None:
    (said,) = problems(tmp_path, GOOD + "\n[desk]\n")

    assert said.startswith(f"threadline.toml:{(GOOD + chr(10)).count(chr(10)) + 1}: is not valid")


def test_the_sentences_come_in_the_order_of_the_lines(tmp_path: Path) -> None:
    text = GOOD.replace("[desk]", "[desk]\nundo_seconds = 900").replace("09:00-13:00", "9-13")
    text += MAIL.replace("imap_host", "imap_hots").replace("imap_user", "x").splitlines()[1]

    said = problems(tmp_path, text)

    assert lines(said, "") == sorted(lines(said, ""))
    assert len(said) > 6


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('undo_seconds = "10"', '"10" is no whole number. Write seconds'),
        ("undo_seconds = 10.0", "10.0 is no whole number. Write seconds"),
        ("undo_seconds = true", "true is no whole number. Write seconds"),
        ("name = 3", "3 is no text. Write a short name"),
        ('managers = "anna@shop.example"', '"anna@shop.example" is no list. Write people'),
    ],
)
def test_a_value_of_another_type_is_refused_and_not_bent(
    tmp_path: Path, written: str, said: str
) -> None:
    (found,) = problems(tmp_path, f"[desk]\n{written}\n")

    assert found.startswith("threadline.toml:2: desk → ")
    assert said in found

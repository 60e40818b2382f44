import re
from pathlib import Path

import pytest

from tests.unit.cli.desk import Said, threadline
from tests.unit.settings.files import GOOD, inbox, write

# Without a secret in the environment: rules can be tried where the mailbox's password is not.
AMAZON = inbox(name="amazon-it", connector="amazon")
FRIDAY = """
[[expect]]
name = "Friday evening"
inbox = "shop"
received = 2026-11-27T18:30:00
due = 2026-11-30T11:00:00
"""


def run(folder: Path, text: str, *, name: str = "expected.toml") -> Said:
    write(folder, GOOD + AMAZON)
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return threadline(folder, "rules", "test", str(file))


def test_what_is_expected_holds(tmp_path: Path) -> None:
    said = run(tmp_path, FRIDAY)

    assert said.code == 0, said.err
    assert "expected.toml:2 Friday evening" in said.out
    assert "All 1 expectations hold." in said.out


def test_what_does_not_hold_shows_both_times_and_the_walk(tmp_path: Path) -> None:
    said = run(tmp_path, FRIDAY + FRIDAY.replace("T11", "T10"))

    assert said.code == 1
    assert "expected.toml:8 Friday evening" in said.out
    assert "expected  first response, internal: Mon 30 Nov 2026 10:00:00 CET" in said.out
    assert "got       first response, internal: Mon 30 Nov 2026 11:00:00 CET, 1 h later" in said.out
    assert "counted" in said.out
    assert "Mon 30 Nov 09:00 to 11:00" in said.out
    assert "1 of 2 expectations do not hold." in said.out


@pytest.mark.parametrize(
    "row",
    [
        'clock = "marketplace"\ndue = 2026-11-28T18:30:00',
        'clock = "marketplace"\ndue = 2026-11-28T17:30:00Z',
        'metric = "next_response"\ndue = 2026-11-28T06:30:00',
        'metric = "resolution"\ndue = "none"',
        'kind = "return_request"\nclock = "marketplace"\ndue = 2026-11-29T18:30:00',
        'kind = "notice"\ndue = "none"',
        'policy = "amazon.message"\ndue = 2026-11-28T06:30:00',
    ],
)
def test_a_row_may_say_which_clock_and_what_sort_of_ticket(tmp_path: Path, row: str) -> None:
    said = run(
        tmp_path, f'[[expect]]\ninbox = "amazon-it"\nreceived = 2026-11-27T18:30:00\n{row}\n'
    )
    assert said.code == 0, said.out + said.err


def test_a_walk_through_a_platforms_own_hours_is_shown_in_them(tmp_path: Path) -> None:
    said = run(
        tmp_path,
        '[[expect]]\nchannel = "kaufland"\nclock = "marketplace"\n'
        "received = 2026-11-28T10:00:00\ndue = 2026-11-30T10:00:00\n",
    )

    assert "got       first response, marketplace: Wed 02 Dec 2026 00:00:00 CET" in said.out
    assert "Every hour counts" not in said.out
    assert "counted" in said.out


def test_the_walk_of_a_limit_is_in_the_zone_of_the_expectation_and_names_the_rules_line(
    tmp_path: Path,
) -> None:
    row = '[[expect]]\ninbox = "amazon-it"\nreceived = 2026-11-27T18:30:00\nclock = "marketplace"\n'

    said = run(tmp_path, row + "due = 2026-11-28T18:00:00\n")

    assert said.code == 1
    assert "Sat 28 Nov 2026 18:30 CET" in said.out
    assert 'policy "amazon.message", presets/amazon.toml:' in said.out


def test_a_clock_that_is_there_although_none_is_expected_fails(tmp_path: Path) -> None:
    said = run(tmp_path, FRIDAY.replace("2026-11-30T11:00:00", '"none"'))

    assert said.code == 1
    assert "expected  first response, internal: no such clock" in said.out


def test_another_policy_than_the_expected_one_fails_though_the_time_is_right(
    tmp_path: Path,
) -> None:
    said = run(tmp_path, FRIDAY + 'policy = "website.vip"\n')

    assert said.code == 1
    assert 'expected  policy "website.vip"' in said.out


@pytest.mark.parametrize("separator", [",", ";"])
def test_a_sheet_saved_as_csv_does_as_well(tmp_path: Path, separator: str) -> None:
    text = (
        "name,inbox,received,clock,due,stage\n"
        "Friday,shop,2026-11-27 18:30,internal,2026-11-30 11:00,\n"
        "\n"
        "Morning,shop,2026-11-24 10:00,,2026-11-24 12:00,post_sale\n"
    ).replace(",", separator)

    said = run(tmp_path, text, name="expected.csv")

    assert said.code == 0, said.out + said.err
    assert "expected.csv:2 Friday" in said.out
    assert "expected.csv:4 Morning" in said.out


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ('inbox = "shop"\ndue = "none"', ":8: expect → received: is missing"),
        ('inbox = "shop"\nreceived = 2026-11-27T18:30:00', ":8: expect → due: is missing"),
        ('inbox = "shp"\nreceived = 2026-11-27T18:30:00\ndue = "none"', 'Did you mean "shop"?'),
        (
            'received = 2026-11-27T18:30:00\ndue = "none"',
            ":8: expect → inbox: is missing, and so is channel",
        ),
        ('inbox = "shop"\nrecieved = 2026-11-27T18:30:00\ndue = "none"', 'Did you mean "received"'),
        (
            'inbox = "shop"\nreceived = "soon"\ndue = "none"',
            ':10: expect → received: "soon" cannot be used',
        ),
        ('inbox = "shop"\nreceived = 2026-11-27T18:30:00\ndue = "never"', "due"),
        (
            'inbox = "shop"\nreceived = 0001-01-01T00:00:00\ndue = "none"',
            ":10: expect → received: 0001-01-01: write a year from 1971 to 2189",
        ),
        (
            'inbox = "shop"\nreceived = 2026-11-27T18:30:00\ndue = "none"\ntopic = "a_to_zed"',
            ':12: expect → topic: "a_to_zed" cannot be used. Did you mean "a_to_z"?',
        ),
        (
            'inbox = "shop"\nreceived = 2026-11-27T18:30:00\ndue = "none"\nkind = "joke"',
            ':12: expect → kind: "joke" cannot be used',
        ),
        (
            'inbox = "shop"\nchannel = "amazon"\nreceived = 2026-11-27T18:30:00\ndue = "none"',
            'Write "website".',
        ),
    ],
)
def test_a_row_that_cannot_be_used_is_named_by_file_and_line(
    tmp_path: Path, row: str, words: str
) -> None:
    said = run(tmp_path, f"{FRIDAY}\n[[expect]]\n{row}\n")

    assert said.code == 1
    assert re.search(r"expected\.toml:(8|9|1\d): expect → ", said.err)
    assert words in said.err


def test_every_bad_row_is_named_at_once(tmp_path: Path) -> None:
    said = run(tmp_path, "inbox,received,due\nshp,2026-11-27,none\nshop,x,y\n", name="e.csv")

    assert said.code == 1
    assert [line.split(": ")[0].split()[-1] for line in said.err.splitlines()] == [
        "e.csv:2",
        "e.csv:3",
        "e.csv:3",
    ]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("e.toml", "[[expect]\n"),
        ("e.toml", "expect = 3\n"),
        ("e.toml", "expect = [1]\n"),
        ("e.toml", ""),
        ("e.toml", '[[policies]]\nname = "x"\n'),
        ("e.csv", "inbox,received,due\nshop,2026-11-27\n"),
        ("e.csv", 'inbox,received,due\n"shop,2026-11-27,none\n'),
        ("e.csv", ""),
        ("e.csv", "x" * 1_100_000),
    ],
)
def test_a_file_that_holds_no_expectations_is_a_sentence(
    tmp_path: Path, name: str, text: str
) -> None:
    said = run(tmp_path, text, name=name)

    assert said.code == 1
    assert name in said.err
    assert "Traceback" not in said.err


RULE = (
    '\n[[policies]]\nname = "own"\nmatch = {{ inbox = "shop", kind = "message", {} }}\n'
    '[[policies.clock]]\nmetric = "response"\nscope = "internal"\ntarget = "7m"\n'
)
FACTS = [
    ('topic = "where_is_my_order"', "topic", "where_is_my_order"),
    ('marketplace = ["IT", "DE"]', "marketplace", "DE"),
    ('tag = ["gold", "press"]', "tags", "press"),
    ("order_value_from = 49.90", "order_value", "49.90"),
    ('language = "it"', "language", "it"),
    ('stage = "pre_sale"', "stage", "pre_sale"),
    ('risk = "critical"', "risk", "critical"),
    ("vip = true", "vip", "true"),
    ('season = "12-01..12-24"', "on", "2026-12-01"),
]


@pytest.mark.parametrize(("match", "key", "value"), FACTS)
def test_whatever_a_rule_looks_at_a_row_may_say(
    tmp_path: Path, match: str, key: str, value: str
) -> None:
    write(tmp_path, GOOD + RULE.format(match))
    said = {
        "tags": '["new", "press"]',
        "order_value": "49.90",
        "vip": "true",
        "on": "2026-12-01",
    }.get(key, f'"{value}"')
    row = '[[expect]]\ninbox = "shop"\nreceived = 2026-11-24T10:00:00\n'
    toml = tmp_path / "expected.toml"
    toml.write_text(
        f'{row}due = 2026-11-24T10:07:00\npolicy = "own"\n{key} = {said}\n'
        f'{row}due = "none"\nclock = "marketplace"\npolicy = "website.message"\n',
        encoding="utf-8",
    )
    sheet = tmp_path / "expected.csv"
    sheet.write_text(
        f"inbox;received;due;policy;{key}\n"
        f"shop;2026-11-24 10:00;2026-11-24 10:07;own;{value.replace('.', ',')}\n",
        encoding="utf-8",
    )

    for file in (toml, sheet):
        tried = threadline(tmp_path, "rules", "test", str(file))
        assert tried.code == 0, tried.out + tried.err


def test_the_season_of_a_row_is_that_of_the_day_it_came(tmp_path: Path) -> None:
    write(tmp_path, GOOD + RULE.format('season = "12-01..12-24"'))
    file = tmp_path / "expected.csv"
    file.write_text(
        "inbox,received,due,policy\n"
        "shop,2026-12-01 00:30,2026-12-01 00:37,own\n"
        "shop,2026-11-30 23:30,2026-12-01 11:00,website.message\n",
        encoding="utf-8",
    )

    said = threadline(tmp_path, "rules", "test", str(file))

    assert said.code == 0, said.out + said.err


@pytest.mark.parametrize(
    ("name", "text", "place"),
    [
        ("e.toml", "\n\n[[expect]\n", "e.toml:3: is not valid TOML"),
        ("e.toml", "\nexpect = 3\n", "e.toml:2: write [[expect]] tables"),
        ("e.toml", '\n\n[[policies]]\nname = "x"\n', "e.toml:3: write [[expect]] tables"),
        ("e.toml", "\n", "e.toml:1: holds no expectation"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_by_its_line(
    tmp_path: Path, name: str, text: str, place: str
) -> None:
    assert place in run(tmp_path, text, name=name).err

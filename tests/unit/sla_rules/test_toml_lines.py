"""Every way TOML can be written, and the line each of its keys stands on."""

import tomllib
from pathlib import Path

import pytest

from sla_rules.platform_calendars import preset_files
from sla_rules.toml_lines import lines_of

EXAMPLE = Path(__file__).resolve().parents[3] / "threadline.example.toml"
EVERYTHING = '''# a comment with [brackets] and x = 1
first = 1
"quoted.key" = { inner = [1, # a comment
  2, { deep = 'x # y' }], 'with spaces'.more = "\\"}" }
text = """
[not.a.table]
key = 1""""
literal = \'\'\'it's
\'\'\'
[ "spaced" . header ]
dotted.below . far = 2026-01-01 10:00:00 # a date
[[list]]
name = 1
[[list.inner]]
[list.inner.table]
here = 1
[[list.inner]]
nested = [ [1, 2],
  [ "]" ] ]
[[list]]
[[list.inner]]
name = 2
'''


def places(value, place=()):
    """Every place the reader of values has found."""
    if place:
        yield place
    if isinstance(value, dict):
        for key, each in value.items():
            yield from places(each, (*place, key))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from places(each, (*place, index))


@pytest.mark.parametrize(
    "text",
    [
        EVERYTHING,
        EVERYTHING.replace("\n", "\r\n"),
        EXAMPLE.read_text(encoding="utf-8"),
        "",
        "\n# nothing\n",
        *(file.read_text(encoding="utf-8") for file in preset_files()),
    ],
)
def test_every_key_that_has_a_value_has_a_line_and_no_other(text):
    assert set(lines_of(text)) == set(places(tomllib.loads(text)))


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_keys_stand_on_the_line_they_begin_on(ending):
    lines = lines_of(EVERYTHING.replace("\n", ending))

    assert lines["first",] == 2
    assert lines["quoted.key", "inner", 1] == 4
    assert lines["quoted.key", "with spaces", "more"] == 4
    assert lines["text",] == 5
    assert lines["literal",] == 8
    assert lines["spaced", "header", "dotted", "below", "far"] == 11
    assert lines["list", 0] == 12
    assert lines["list", 0, "inner", 0, "table", "here"] == 16
    assert lines["list", 0, "inner", 1, "nested", 1, 0] == 19
    assert lines["list", 1] == 20
    assert lines["list", 1, "inner", 0, "name"] == 22

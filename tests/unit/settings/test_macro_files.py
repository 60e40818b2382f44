"""Macros in files: what they say, and every mistake with its file, line, key and remedy."""

from pathlib import Path

import pytest

from bot.configuration.macros import Macro
from tests.unit.settings.files import GOOD, loaded, problems

FILES = GOOD.replace("[desk]\n", '[desk]\nmacro_files = ["macros/*.toml"]\n')

WHERE = """\
[[macros]]
name = "where-is-it"
language = "it"
channels = ["website"]
inboxes = ["shop"]
topics = ["where_is_my_order"]
text = \"\"\"
Gentile {customer.first_name|cliente},
il pacco è in viaggio: {tracking.url}
\"\"\"

[[macros]]
name = "thanks"
text = "Thank you!"
"""


def a_folder(folder: Path, **files: str) -> Path:
    (folder / "macros").mkdir()
    for name, text in files.items():
        (folder / "macros" / f"{name}.toml").write_text(text, encoding="utf-8")
    return folder


def test_macros_of_every_file_are_read_with_where_they_stand(tmp_path: Path) -> None:
    more = '[[macros]]\nname = "Thanks"\nlanguage = "de"\ntext = "Danke!"\n'
    configuration = loaded(a_folder(tmp_path, a=WHERE, b=more), FILES)
    first, second, third = configuration.macros
    assert first == Macro(
        ref="file:it:where-is-it",
        name="where-is-it",
        language="it",
        text="Gentile {customer.first_name|cliente},\nil pacco è in viaggio: {tracking.url}",
        channels=("website",),
        inboxes=("shop",),
        topics=("where_is_my_order",),
        origin="macros/a.toml:2",
    )
    assert (second.name, second.language, second.channels) == ("thanks", "", ())
    assert (third.ref, third.origin) == ("file:de:thanks", "macros/b.toml:2")


def test_without_files_there_are_no_macros(tmp_path: Path) -> None:
    assert loaded(tmp_path, GOOD).macros == ()


@pytest.mark.parametrize(
    ("written", "by", "told"),
    [
        (
            "{tracking.url}",
            "{traking.url}",
            (
                'macros/a.toml:7: macros "where-is-it" → text: "{traking.url}" is no variable. '
                "Write {tracking.url}."
            ),
        ),
        (
            "{tracking.url}",
            "{tracking.url",
            (
                'macros/a.toml:7: macros "where-is-it" → text: "{tracking.url" has a brace that '
                "nothing closes. Write } behind the variable, or {{ for a brace."
            ),
        ),
        (
            '"where-is-it"',
            '"where is it"',
            (
                'macros/a.toml:2: macros "where is it" → name: "where is it" is no name for a macro. '
                "Write one word of at most 40 letters, digits, dashes or dots, such as "
                '"where-is-it".'
            ),
        ),
        (
            '["website"]',
            '["websit"]',
            (
                'macros/a.toml:4: macros "where-is-it" → channels: "websit" is not known here. '
                'Did you mean "website"?'
            ),
        ),
        (
            '["shop"]',
            '["shpo"]',
            (
                'macros/a.toml:5: macros "where-is-it" → inboxes: "shpo" is not known here. '
                'Did you mean "shop"?'
            ),
        ),
        (
            '"it"',
            '"italian"',
            (
                'macros/a.toml:3: macros "where-is-it" → language: "italian" does not have the right '
                'form. Write two small letters such as "it"; left out: it suits any language.'
            ),
        ),
        (
            "topics",
            "topic",
            (
                'macros/a.toml:6: macros "where-is-it" → topic: unknown key, set to a list. '
                'Did you mean "topics"?'
            ),
        ),
        (
            '"thanks"\n',
            '"Where-Is-It"\nlanguage = "it"\n',
            (
                'macros/a.toml:13: macros "Where-Is-It" → name: "Where-Is-It" is used twice for '
                'language "it" (first in macros/a.toml:2). Give each its own name or language.'
            ),
        ),
    ],
)
def test_a_mistake_says_where_it_is_and_what_to_write(
    tmp_path: Path, written: str, by: str, told: str
) -> None:
    files = a_folder(tmp_path, a=WHERE.replace(written, by, 1))
    assert problems(files, FILES) == [told]


def test_a_file_that_is_not_there_or_no_toml_is_told(tmp_path: Path) -> None:
    assert problems(tmp_path, FILES) == [
        (
            'threadline.toml:2: desk → macro_files: "macros/*.toml" is no file beside this one. '
            'Write a path such as "macros/it.toml", or "macros/*.toml".'
        )
    ]
    (found,) = problems(a_folder(tmp_path, a="[[macros]\n"), FILES)
    assert found.startswith("macros/a.toml:1: is not valid TOML")

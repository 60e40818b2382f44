"""The bot says every text in each of its languages, and the catalogues hold nothing else."""

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from bot.language import OWN_NAMES, SOURCE, Language
from bot.language.catalogue import FOLDER, read_catalogue
from bot.language.collect import KEYWORDS, ROOMS, in_step, texts_of_the_code, written
from tests.architecture.sources import name, python_files

Key = tuple[str, str]

SPOKEN = [language for language in Language if language is not SOURCE]
_LONGEST = re.compile(r"at most (\d+) characters")
"""How a comment for translators says what Slack has room for."""


@cache
def the_code() -> Catalog:
    return texts_of_the_code()


@cache
def the_file(language: Language) -> Catalog:
    path = FOLDER / f"{language}.po"
    if not path.is_file():
        return Catalog(locale=str(language))
    with path.open("rb") as file:
        return read_po(file, locale=str(language), abort_invalid=True)


def by_key(found: Catalog) -> Mapping[Key, Message]:
    return {key_of(message): message for message in found if message.id}


def key_of(message: Message) -> Key:
    english = message.id if isinstance(message.id, str) else message.id[0]
    return english, message.context or ""


def forms(message: Message) -> tuple[str, ...]:
    said = message.string or ""
    return (said,) if isinstance(said, str) else tuple(said)


def some(keys: Iterator[Key]) -> list[str]:
    """The first ten: a list of hundreds says no more."""
    found = sorted(f"{text!r}" + (f" ({meaning})" if meaning else "") for text, meaning in keys)
    return [*found[:10], f"and {len(found) - 10} more"] if len(found) > 10 else found


@pytest.mark.parametrize("language", SPOKEN)
def test_every_text_of_the_code_is_in_the_catalogue(language: Language) -> None:
    known = by_key(the_file(language))

    assert some(key for key in by_key(the_code()) if key not in known) == []


@pytest.mark.parametrize("language", SPOKEN)
def test_every_text_of_the_code_is_translated(language: Language) -> None:
    def is_translated(message: Message) -> bool:
        plurals = the_file(language).num_plurals if message.pluralizable else 1
        said = forms(message)
        return not message.fuzzy and len(said) == plurals and all(each.strip() for each in said)

    known = by_key(the_file(language))
    assert known
    assert some(key for key, message in known.items() if not is_translated(message)) == []


@pytest.mark.parametrize("language", SPOKEN)
def test_no_entry_is_left_that_the_code_does_not_say(language: Language) -> None:
    said = by_key(the_code())

    assert some(key for key in by_key(the_file(language)) if key not in said) == []


@pytest.mark.parametrize("language", SPOKEN)
def test_every_translation_has_the_placeholders_of_its_english(language: Language) -> None:
    _, slips = read_catalogue(FOLDER / f"{language}.po")

    assert slips == []


@pytest.mark.parametrize("language", SPOKEN)
def test_no_translation_is_longer_than_slack_has_room_for(language: Language) -> None:
    known = by_key(the_file(language))
    too_long = [
        f"{form!r} has {len(form)} of {most} characters"
        for key, most in room().items()
        for form in (forms(known[key]) if key in known else ())
        if len(form) > most
    ]

    assert too_long == []


def test_the_english_keeps_to_the_room_it_tells_translators_of() -> None:
    assert room()
    assert [text for (text, _), most in room().items() if len(text) > most] == []


def room() -> Mapping[Key, int]:
    """The most characters of each text whose comment says so."""
    found = {}
    for key, message in by_key(the_code()).items():
        told = _LONGEST.search(" ".join(message.auto_comments))
        if told is not None:
            found[key] = int(told[1])
    return found


@pytest.mark.parametrize("language", SPOKEN)
def test_a_catalogue_is_as_make_catalogues_writes_it(language: Language) -> None:
    kept = (FOLDER / f"{language}.po").read_bytes()

    assert kept == written(in_step(language, texts=the_code())), "run `make catalogues`"


def test_every_language_has_a_name_of_its_own_and_a_file() -> None:
    assert set(OWN_NAMES) == set(Language)
    assert {path.stem for path in FOLDER.glob("*.po")} == {str(language) for language in SPOKEN}


def test_no_text_stands_within_an_f_string_where_nobody_would_collect_it() -> None:
    found = [
        f"{name(path)}:{inner.lineno}"
        for room in ROOMS
        for path in python_files(room)
        for outer in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(outer, ast.JoinedStr)
        for inner in ast.walk(outer)
        if isinstance(inner, ast.Call)
        and isinstance(inner.func, ast.Name)
        and inner.func.id in KEYWORDS
        and isinstance(inner.args[0], ast.Constant)
    ]

    assert found == []

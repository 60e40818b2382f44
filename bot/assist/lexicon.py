"""The words that ship with the desk, one TOML file a language, compiled once."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from bot.assist.leaning import Leaning
from bot.assist.letters import LetterModel
from bot.assist.phrasebook import Cue, Label, Phrasebook, weighed, words_of
from bot.assist.senses import BEARING, Sense
from bot.assist.spelling import Spelling

READ = ("en", "it", "fr", "de", "es")
"""Languages whose messages are understood. The others are only told apart."""
_REMEMBERED = 50_000
"""Mistyped words whose correction is kept: a few megabytes."""


@dataclass(frozen=True, slots=True)
class Denial:
    """How a language takes back what follows: a word, then any of those that may stand between."""

    words: frozenset[str]
    between: frozenset[str]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Everything that is known of what customers write."""

    book: Phrasebook
    spelling: Mapping[str, Spelling]
    shorthand: Mapping[str, Mapping[str, str]]
    denial: Mapping[str, Denial]
    letters: LetterModel
    leaning: Mapping[str, Leaning]


@cache
def lexicon() -> Lexicon:
    """The words of every language. Raises ValueError for a phrase that is none."""
    tables = {file.name.partition(".")[0]: _table(file.name) for file in _files()}
    book = Phrasebook(
        [each for language in tables for each in _phrases(language, tables[language])],
        common={language: table["common"] for language, table in tables.items()},
        letters={language: table.get("letters", "") for language, table in tables.items()},
        hints=[each for language in tables for each in _hints(language, tables[language])],
    )
    known: dict[str, set[str]] = {}
    for word, languages in book.common():
        for language in languages:
            known.setdefault(language, set()).add(word)
    written = {language: known.get(language, set()) | _whole(book, language) for language in tables}
    return Lexicon(
        book=book,
        spelling={each: Spelling(book.parts(each), known.get(each, ())) for each in READ},
        shorthand={language: _shorthand(table) for language, table in tables.items()},
        denial={language: _denial(table) for language, table in tables.items()},
        letters=LetterModel({each: written[each] for each in READ}),
        leaning={each: _leaning(each, tables[each]) for each in READ},
    )


@lru_cache(maxsize=_REMEMBERED)
def meant(word: str, language: str) -> str:
    """The word that was meant by one typed in haste, in that language."""
    known = lexicon()
    short = known.shorthand.get(language, {}).get(word)
    if short is not None:
        return short
    spelling = known.spelling.get(language)
    return spelling.meant(word) if spelling else word


def _files() -> list[Any]:
    folder = resources.files("bot.assist") / "words"
    found = [file for file in folder.iterdir() if file.name.endswith(".toml")]
    return sorted(found, key=lambda file: file.name)


def _table(name: str) -> dict[str, Any]:
    file = resources.files("bot.assist") / "words" / name
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _phrases(language: str, table: Mapping[str, Any]) -> Iterator[tuple[Label, str, str]]:
    for sense, phrases in table.get("meanings", {}).items():
        yield from ((Sense(sense), language, phrase) for phrase in phrases)
    for cue, phrases in table.get("cues", {}).items():
        yield from ((Cue(cue), language, phrase) for phrase in phrases)


def _hints(language: str, table: Mapping[str, Any]) -> Iterator[tuple[Label, str, str]]:
    for sense, phrases in table.get("hints", {}).items():
        yield from ((Sense(sense), language, phrase) for phrase in phrases)


def _leaning(language: str, table: Mapping[str, Any]) -> Leaning:
    every = [*_phrases(language, table), *_hints(language, table)]
    return Leaning(
        (BEARING[sense].intent, words_of(phrase.rstrip("*+")), weight)
        for sense, phrase, weight in ((label, *weighed(entry)) for label, _, entry in every)
        if isinstance(sense, Sense)
    )


def _whole(book: Phrasebook, language: str) -> set[str]:
    return {each for each in book.parts(language) if not each.endswith("*")}


def _shorthand(table: Mapping[str, Any]) -> dict[str, str]:
    return {
        words_of(one)[0]: words_of(other)[0] for one, other in table.get("shorthand", {}).items()
    }


def _denial(table: Mapping[str, Any]) -> Denial:
    named = table.get("negation", {})
    return Denial(
        words=frozenset(each for one in named.get("words", ()) for each in words_of(one)),
        between=frozenset(each for one in named.get("between", ()) for each in words_of(one)),
    )

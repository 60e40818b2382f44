"""Sets of wordings that channels' messaging policies share, in every supported language."""

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_suffix(".toml")


@cache
def word_set(name: str) -> tuple[str, ...]:
    """The wordings of one set, all languages. Raises KeyError for a set that is not there."""
    table: dict[str, list[str]] = _tables()[name]
    return tuple(dict.fromkeys(phrase for phrases in table.values() for phrase in phrases))


@cache
def _tables() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


@cache
def pattern_of(phrases: tuple[str, ...]) -> re.Pattern[str]:
    """Any of `phrases` as whole words, in any case, however they are spaced. Longest first."""
    return re.compile(rf"(?<!\w)(?:{'|'.join(_alternatives(phrases))})(?!\w)", re.IGNORECASE)


def _alternatives(phrases: Iterable[str]) -> Iterable[str]:
    for phrase in sorted(phrases, key=len, reverse=True):
        yield r"\s{1,8}".join(re.escape(word) for word in phrase.split())

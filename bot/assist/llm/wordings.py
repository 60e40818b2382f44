"""The wordings of `wordings.toml`, compiled once."""

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_suffix(".toml")


@cache
def wording(name: str, *languages: str) -> re.Pattern[str]:
    """Any wording of one set as whole words, longest first. Raises KeyError for a set not there."""
    return re.compile(rf"(?<!\w)(?:{alternatives(name, *languages)})(?!\w)", re.IGNORECASE)


@cache
def alternatives(name: str, *languages: str) -> str:
    """The inside of such a pattern, to be built into another. Of all languages where none is named.

    A language without wordings of its own has those of all: too much is found rather than nothing.
    """
    table = _tables()[name]
    known = [table[one] for one in languages if one in table]
    chosen = known if len(known) == len(languages) and known else list(table.values())
    phrases = {phrase for each in chosen for phrase in each}
    return "|".join(_spelt(sorted(phrases, key=lambda one: (-len(one), one))))


def _spelt(phrases: Iterable[str]) -> Iterable[str]:
    for phrase in phrases:
        words = (re.escape(word).replace(r"\*", r"\w*") for word in phrase.split())
        yield r"\s{1,4}".join(words).replace("'", "['\u2019]")


@cache
def _tables() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))

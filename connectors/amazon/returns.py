"""What a return's mail tells of each item, as lines an agent can read at a glance.

Amazon sets it out as a table, with its headings above the values or beside them. A mail that is
set out in another way is shown whole.
"""

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict

_READ = 20_000
_MOST_ITEMS = 20
_VALUE = 500
_CELLS = re.compile(r"\t|  ")
_LEAST_HEADINGS = 2


class _Field(BaseModel):
    """One entry of `returns.toml`. `name` is what the agent reads."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Headings:
    """The file, turned around: the field that a heading means, and the fields in their order."""

    fields: tuple[str, ...]
    meaning: Mapping[str, str]

    def of(self, cell: str) -> str | None:
        """The field that a table's cell, or the words before a colon, are the heading of."""
        return self.meaning.get(_plain(cell))


@dataclass(slots=True)
class _Items:
    """The items found so far; a field that comes again begins the next one."""

    found: list[dict[str, str]] = field(default_factory=list)

    def add(self, name: str, value: str) -> None:
        value = " ".join(value.split())[:_VALUE]
        if not name or not value:
            return
        if not self.found or (name in self.found[-1] and self.found[-1][name] != value):
            self.found.append({})
        self.found[-1].setdefault(name, value)

    def next(self) -> None:
        """Begin the next item, if anything is known of one."""
        if self.found:
            self.found.append({})


@cache
def headings() -> Headings:
    """The file that ships with the connector."""
    text = files("connectors.amazon").joinpath("returns.toml").read_text(encoding="utf-8")
    fields = [_Field.model_validate(row) for row in tomllib.loads(text)["fields"]]
    return Headings(
        fields=tuple(each.name for each in fields),
        meaning={_plain(word): each.name for each in fields for word in each.words},
    )


def return_lines(text: str) -> str:
    """One line per thing the mail tells of an item ("Reason: Defective"); empty if it tells none."""
    known = headings()
    items = _read([row.rstrip() for row in text[:_READ].split("\n")], known)
    shown = [
        "\n".join(f"{name}: {item[name]}" for name in known.fields if name in item)
        for item in [each for each in items if each][:_MOST_ITEMS]
    ]
    return "\n\n".join(shown)


def _read(rows: Sequence[str], known: Headings) -> list[dict[str, str]]:
    items = _Items()
    columns: list[str | None] = []
    heading: str | None = None
    for row in filter(None, rows):
        cells = [cell.strip() for cell in _CELLS.split(row)]
        named = [known.of(cell) for cell in cells]
        pair = _pair(row, cells, known)
        if sum(name is not None for name in named) >= _LEAST_HEADINGS:
            columns, heading = named, None
        elif pair is not None:
            columns, heading = [], None if pair[1] else pair[0]
            items.add(*pair)
        elif heading is not None:
            items.add(heading, row)
            heading = None
        elif 1 < len(cells) <= len(columns):
            items.next()
            for name, value in zip(columns, cells, strict=False):
                items.add(name or "", value)
        else:
            columns = []
    return items.found


def _pair(row: str, cells: Sequence[str], known: Headings) -> tuple[str, str] | None:
    """A heading and the value beside it, which is empty where it stands alone."""
    candidates = [(cells[0], " ".join(cells[1:]))]
    for colon in (":", "\uff1a"):
        label, found, value = row.partition(colon)
        candidates += [(label, value)] if found else []
    named = ((known.of(label), value.strip()) for label, value in candidates)
    return next(((name, value) for name, value in named if name), None)


def _plain(text: str) -> str:
    words = " ".join(unicodedata.normalize("NFC", text).casefold().split())
    return words.strip("*# ").rstrip(": \uff1a")

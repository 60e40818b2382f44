"""Rule files as text: their tables, and the line each key stands on.

The TOML reader gives values without places, so the places are found by a second look at the text:
table headers, and keys at the start of a line. A key inside an inline table is on its table's line.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sla_rules.errors import PolicyError

_HEADER: Final = re.compile(r"^\s*\[\[?\s*([\w.\-\s]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY: Final = re.compile(r"^\s*([\w\-]+(?:\s*\.\s*[\w\-]+)*)\s*=")
_LONG_TEXT: Final = re.compile("\"\"\"|'''")
_TABLES: Final = ("policy", "policies")
_LISTS: Final = ("clock", "rate")

Place = tuple[int | str, ...]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where one policy is written. `lines` maps places within it to lines, counted from 1."""

    file: str
    lines: Mapping[Place, int] = field(default_factory=dict)

    def at(self, place: Place = ()) -> str:
        """`rules.toml:12`, of the key itself or of the nearest table around it."""
        for length in range(len(place), -1, -1):
            line = self.lines.get(place[:length])
            if line is not None:
                return f"{self.file}:{line}"
        return self.file


@dataclass(frozen=True, slots=True)
class Written:
    """One policy table and where it is written, if that is known."""

    table: Mapping[str, Any]
    origin: Origin | None = None

    def at(self, place: Place = ()) -> str:
        """What an error begins with: `rules.toml:12: `, or nothing."""
        return f"{self.origin.at(place)}: " if self.origin else ""


def read_rules(file: str, text: str) -> list[Written]:
    """The `[[policy]]` (or `[[policies]]`) tables of a file, with their places.

    Raises:
        PolicyError: when the text is no TOML, or its policies are no tables.
    """
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        raise PolicyError(f"{file}: is no TOML: {exc}; correct the line") from None
    places = _places(text)
    written: list[Written] = []
    for key in _TABLES:
        tables = found.get(key, [])
        if not isinstance(tables, list) or not all(isinstance(each, dict) for each in tables):
            raise PolicyError(f"{file}: {key} is no list of tables; write [[{key}]] above each")
        for index, table in enumerate(tables):
            written.append(Written(table, Origin(file, places.get((key, index), {}))))
    return written


def _places(text: str) -> dict[tuple[str, int], dict[Place, int]]:
    found: dict[tuple[str, int], dict[Place, int]] = {}
    at = _Cursor()
    in_long_text = False
    for number, line in enumerate(text.splitlines(), start=1):
        was_in_long_text = in_long_text
        in_long_text ^= len(_LONG_TEXT.findall(line)) % 2 == 1
        if was_in_long_text:
            continue
        header = _HEADER.match(line)
        key = None if header else _KEY.match(line)
        if header:
            at.enter(_parts(header[1]))
        if at.policy is not None and (header or key):
            place = (*at.place, *(_parts(key[1]) if key else ()))
            found.setdefault(at.policy, {}).setdefault(place, number)
    return found


class _Cursor:
    """Which table the lines being read belong to."""

    def __init__(self) -> None:
        self.policy: tuple[str, int] | None = None
        self.place: Place = ()
        self._policies = dict.fromkeys(_TABLES, -1)
        self._items: dict[str, int] = {}

    def enter(self, parts: Sequence[str]) -> None:
        name, rest = parts[0], parts[1:]
        if name not in _TABLES:
            self.policy = None
            return
        if not rest:
            self._policies[name] += 1
            self._items = {}
            self.place = ()
        elif rest[0] in _LISTS:
            if len(rest) == 1:
                self._items[rest[0]] = self._items.get(rest[0], -1) + 1
            self.place = (rest[0], self._items.get(rest[0], 0), *rest[1:])
        else:
            self.place = tuple(rest)
        self.policy = (name, self._policies[name])


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in dotted.split("."))

"""Rule files as text: their tables, and the line each key stands on."""

import re
import tomllib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sla_rules.errors import PolicyError
from sla_rules.toml_lines import Place, lines_of

TABLES: Final = ("policy", "policies")
"""What the tables of policies may be called."""

_LINE: Final = re.compile(r"(.*) \(at (?:line (\d+)|end of document).*\)", re.DOTALL)


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
    """The `[[policies]]` (or `[[policy]]`) tables of a file, with their places.

    Raises:
        PolicyError: when the text is not TOML, or its policies are no tables.
    """
    found = read_toml(file, text)
    lines = lines_of(text)
    places: dict[Place, dict[Place, int]] = defaultdict(dict)
    for place, line in lines.items():
        places[place[:2]][place[2:]] = line
    written: list[Written] = []
    for key in TABLES:
        tables = found.get(key, [])
        if not isinstance(tables, list) or not all(isinstance(each, dict) for each in tables):
            raise PolicyError(
                f"{file}:{lines[key,]}: {key}: is no list of tables. Write [[{key}]] above each."
            )
        written += [
            Written(table, Origin(file, places[key, index])) for index, table in enumerate(tables)
        ]
    return written


def read_toml(file: str, text: str) -> dict[str, Any]:
    """The values of a TOML text.

    Raises:
        PolicyError: naming the line, when the text is not TOML.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        last = text.count("\n", 0, len(text.rstrip())) + 1
        told = _LINE.fullmatch(str(exc))
        wrong, line = (told[1], int(told[2] or last)) if told else (str(exc), last)
        raise PolicyError(f"{file}:{line}: is not valid TOML: {wrong}. Correct the line.") from None
    except RecursionError:
        raise PolicyError(f"{file}:1: is nested too deeply. Write fewer brackets.") from None

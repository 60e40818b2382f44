"""Where each key of a TOML text stands. The reader of values tells values only.

The text has been read as TOML before: nothing here looks for mistakes.
"""

import re
import tomllib
from bisect import bisect_left
from collections.abc import Sequence
from typing import Final

Place = tuple[int | str, ...]
"""A way into the values: `("policies", 0, "clock", 1, "target")`."""

_NOTHING: Final = re.compile(r"(?:[ \t\r\n,]|#[^\n]*)*")
_BARE: Final = re.compile(r"[\w-]+", re.ASCII)
_AROUND_EQUALS: Final = re.compile(r"[ \t]*=[ \t]*")
_DOT: Final = re.compile(r"[ \t]*\.[ \t]*")
_HEADER_END: Final = re.compile(r"[ \t]*\]\]?")
_STRING: Final = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}' + r"|'''.*?'{3,5}" + r'|"(?:[^"\\]|\\.)*"' + r"|'[^']*'", re.DOTALL
)
_SCALAR: Final = re.compile(r"[^,\]}#\n]*")


def lines_of(text: str) -> dict[Place, int]:
    """The line, counted from 1, of every table, key and item of a list in `text`."""
    return _Scan(text).lines


class _Scan:
    """One walk through the text. `_at` methods take a position and answer where they stopped."""

    def __init__(self, text: str) -> None:
        self.lines: dict[Place, int] = {}
        self._text = text
        self._ends = [found.start() for found in re.finditer("\n", text)]
        self._table: Place = ()
        self._last_item: dict[Place, int] = {}
        at = self._skip(0)
        while at < len(text):
            at = self._header_at(at) if text[at] == "[" else self._pair_at(at, self._table)
            at = self._skip(at)

    def _skip(self, at: int) -> int:
        found = _NOTHING.match(self._text, at)
        return found.end() if found else at

    def _note(self, place: Place, at: int) -> None:
        self.lines.setdefault(place, bisect_left(self._ends, at) + 1)

    def _header_at(self, at: int) -> int:
        listed = self._text.startswith("[[", at)
        parts, end = self._key_at(self._skip(at + 1 + listed))
        place: Place = ()
        for part in parts[:-1]:
            place = self._newest((*place, part))
            self._note(place, at)
        place = (*place, parts[-1])
        self._note(place, at)
        if listed:
            self._last_item[place] = self._last_item.get(place, -1) + 1
        self._table = self._newest(place)
        self._note(self._table, at)
        closed = _HEADER_END.match(self._text, end)
        return closed.end() if closed else end

    def _newest(self, place: Place) -> Place:
        """The table meant by a header that names a list of tables: the last one so far."""
        last = self._last_item.get(place)
        return place if last is None else (*place, last)

    def _key_at(self, at: int) -> tuple[Sequence[str], int]:
        parts: list[str] = []
        while True:
            quoted = self._text[at] in "\"'"
            found = (_STRING if quoted else _BARE).match(self._text, at)
            written = found[0] if found else ""
            parts.append(next(iter(tomllib.loads(f"{written} = 0"))) if quoted else written)
            at += len(written)
            dot = _DOT.match(self._text, at)
            if dot is None:
                return parts, at
            at = dot.end()

    def _pair_at(self, at: int, table: Place) -> int:
        parts, end = self._key_at(at)
        place = table
        for part in parts:
            place = (*place, part)
            self._note(place, at)
        equals = _AROUND_EQUALS.match(self._text, end)
        return self._value_at(equals.end() if equals else end, place)

    def _value_at(self, at: int, place: Place) -> int:
        opened = self._text[at]
        if opened == "[":
            return self._list_at(at, place)
        if opened == "{":
            return self._inline_table_at(at, place)
        found = (_STRING if opened in "\"'" else _SCALAR).match(self._text, at)
        return found.end() if found else at

    def _list_at(self, at: int, place: Place) -> int:
        at = self._skip(at + 1)
        index = 0
        while self._text[at] != "]":
            item = (*place, index)
            self._note(item, at)
            at = self._skip(self._value_at(at, item))
            index += 1
        return at + 1

    def _inline_table_at(self, at: int, place: Place) -> int:
        at = self._skip(at + 1)
        while self._text[at] != "}":
            at = self._skip(self._pair_at(at, place))
        return at + 1

"""A mail's text as lines that know how deep they are quoted."""

import re
from dataclasses import dataclass
from enum import StrEnum

from typing_extensions import override

_MARKS = re.compile(r"[ \ufeff]?((?:>[ \t]?){1,50})")
# What looks like blank space or like nothing at all, but would defeat a comparison.
_SPACES = re.compile("[\t\xa0\u2000-\u200a\u202f\u205f\u3000]")
_INVISIBLE = re.compile("[\xad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


class Hint(StrEnum):
    """What the markup said about a line, beyond its words."""

    NONE = ""
    CUT = "cut"  # history starts at this line
    INTRO = "intro"  # this line introduces history


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its quote marks. `depth` 0 is the author's own.

    `source` is the line as it stood in a plain body, where it was quoted.
    """

    text: str
    depth: int = 0
    hint: Hint = Hint.NONE
    source: str = ""

    @property
    def bare(self) -> str:
        """The words as one compares them: plain spaces, nothing invisible, trimmed."""
        if self.text.isascii():
            return self.text.replace("\t", " ").strip()
        return _SPACES.sub(" ", _INVISIBLE.sub("", self.text)).strip()

    @override
    def __str__(self) -> str:
        if self.source or not self.depth:
            return self.source or self.text
        return f"{'> ' * self.depth}{self.text}".rstrip()


def plain_lines(text: str) -> list[Line]:
    """Lines of a plain body; leading `>` become the depth."""
    return [_line(row.rstrip()) for row in text.split("\n")]


def _line(row: str) -> Line:
    if ">" not in row[:2]:
        return Line(row)
    marks = _MARKS.match(row)
    # mbox files put one `>` before a line that starts with "From ".
    if marks is None or row.startswith(">From "):
        return Line(row.removeprefix(">"))
    return Line(row[marks.end() :], marks[1].count(">"), source=row)


def joined(lines: list[Line]) -> str:
    """The lines as one text without blank lines at either end."""
    return "\n".join(str(line) for line in lines).strip("\n \t")

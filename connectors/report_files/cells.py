"""Bytes to text, text to cells, cells to numbers and days, as sellers' spreadsheets write them."""

import csv
import io
import re
from collections.abc import Sequence
from datetime import date
from typing import Final

from connectors.report_files.reading import MOST, UnreadableReport

LARGEST: Final = 5_000_000
"""Bytes. The largest of these reports that is known has some hundred lines."""

_MARKS: Final = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_TEXT_CONTROLS: Final = frozenset("\t\n\r\f")
_UNSEEN: Final = dict.fromkeys(range(0x7F, 0xA0))
"""Controls that steer a terminal and stand in no report."""

_NO_PLACE: Final = re.compile(r"[^\w.-]")
_LONGEST_PLACE: Final = 40
_FIRST_PRINTED: Final = 32
_LONGEST_CELL: Final = 10_000
_LONGEST_NUMBER: Final = 20

_NUMBER: Final = re.compile(r"[+-]?\d+(?:\.\d+)?")
_GROUPED: Final = re.compile(r"[+-]?\d{1,3}(?:[.,' \u00a0\u202f]\d{3})+")
_ISO: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ].*)?")


def decoded(content: bytes) -> str:
    """The text of a file: UTF-8 or UTF-16 by its mark, else UTF-8, else Windows' Western letters.

    Raises:
        UnreadableReport: it is empty, huge, or no text.
    """
    if len(content) > LARGEST:
        raise UnreadableReport(f"it has {len(content)} bytes; no such report has over {LARGEST}")
    text = _decoded(content).removeprefix("\ufeff").translate(_UNSEEN)
    if not text.strip():
        raise UnreadableReport("it is empty")
    if any(ord(char) < _FIRST_PRINTED and char not in _TEXT_CONTROLS for char in text):
        raise UnreadableReport(
            "it is no text; save the report as CSV or JSON, not as a spreadsheet"
        )
    return text


def _decoded(content: bytes) -> str:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def table(text: str) -> list[list[str]]:
    """The lines of a table as cells without their margins; empty lines are left out.

    Raises:
        UnreadableReport: a cell is so long that this is no such table.
    """
    first = text.lstrip().splitlines()[0]
    separator = max("\t;,", key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error as error:
        raise UnreadableReport(f"it is no table: {error}") from None
    if any(len(cell) > _LONGEST_CELL for row in rows for cell in row):
        raise UnreadableReport("a cell of it is longer than any of such a report")
    return [[cell.strip() for cell in row] for row in rows if any(cell.strip() for cell in row)]


def number(cell: str) -> float | None:
    """`0.4`, `0,4`, `1.204,5`; None where it is no number."""
    text = cell.strip()[: _LONGEST_NUMBER + 1]
    if len(text) > _LONGEST_NUMBER:
        return None
    decimal = max(text.rfind("."), text.rfind(","))
    if decimal >= 0:
        whole, part = text[:decimal], text[decimal + 1 :]
        whole = re.sub(r"[.,' \u00a0\u202f]", "", whole) if _GROUPED.fullmatch(whole) else whole
        text = f"{whole}.{part}"
    return float(text) if _NUMBER.fullmatch(text) else None


def share(cell: str) -> float | None:
    """A share of 0 … 1 out of `0.4 %`, `0,4%` or `0.004`; None where it is none."""
    text = cell.strip()
    is_percent = text.endswith("%")
    value = number(text.removesuffix("%").rstrip(" \u00a0\u202f"))
    if value is None:
        return None
    return value / 100 if is_percent else value


def count(cell: str) -> int | None:
    """A whole number, also `1.204` or `1,204`; None where it is none."""
    text = cell.strip()
    if _GROUPED.fullmatch(text):
        text = re.sub(r"[.,' \u00a0\u202f]", "", text)
    if not text.isdecimal() or len(text) > _LONGEST_NUMBER:
        return None
    return int(text) if int(text) <= MOST else None


def day(cell: str) -> date | None:
    """A day as `2026-03-10`, with or without a time; None where it is none."""
    match = _ISO.fullmatch(cell.strip())
    try:
        return date(*(int(part) for part in match.groups())) if match else None
    except ValueError:
        return None


def place(text: str) -> str:
    """A marketplace's name in small letters, of letters, digits, dots and dashes alone."""
    return _NO_PLACE.sub("", text.casefold())[:_LONGEST_PLACE]


def heading(row: Sequence[str]) -> list[str]:
    """Headings in small letters, without what surrounds their words."""
    return [" ".join(cell.strip('"').casefold().replace("_", " ").split()) for cell in row]

"""The report of negative and neutral feedback (GET_SELLER_FEEDBACK_DATA), read. Pure.

A table of lines and tabs whose heading is in the marketplace's language, so columns are found by
what stands in them. Two layouts were seen: nine columns (with three ratings of service between
answer and order) and six. Whoever wrote it stays unnamed: their address is in the last column,
and is not read.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

REPORT_TYPE: Final = "GET_SELLER_FEEDBACK_DATA"
ENCODINGS: Final = ("utf-8-sig", "cp932", "cp1252")
"""Tried in this order; Japanese reports were seen in Shift_JIS, European ones in ISO-8859-1."""

_ORDER: Final = re.compile(r"[A-Z0-9]{3}-\d{7}-\d{7}")
_RATING: Final = re.compile(r"[1-5]")
_DATE: Final = re.compile(r"(\d{1,4})[./-](\d{1,2})[./-](\d{1,4})")
_LEAST_COLUMNS: Final = 5
_RATING_AT, _COMMENT_AT, _RESPONSE_AT = 1, 2, 3
"""Columns that both layouts share, after the date."""

_CENTURY: Final = 2000
_YEAR_DIGITS: Final = 3
_SURROGATES: Final = dict.fromkeys((0, *range(0xD800, 0xE000)))

AHEAD: Final = timedelta(days=1)
"""How far ahead of our day a marketplace's may be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """One buyer's word on the seller. `on` is None where the date cannot be read."""

    order_id: str
    on: date | None
    rating: int
    comment: str
    response: str = ""

    @property
    def key(self) -> str:
        """The same for the same words, another when the buyer changed them."""
        told = f"{self.rating}\n{self.comment}"
        return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:16]

    @property
    def response_key(self) -> str:
        """The same for the same public answer."""
        return hashlib.sha256(self.response.encode("utf-8", "replace")).hexdigest()[:16]

    def at(self, now: datetime) -> datetime:
        """The last moment of its date, and always before `now`: Amazon tells no time."""
        before = now - timedelta(seconds=1)
        if self.on is None:
            return before
        return min(datetime.combine(self.on, time(23, 59, 59), UTC), before)


def parse_feedback(
    content: bytes, now: datetime, *, month_first: bool = False, japanese: bool = False
) -> tuple[Feedback, ...] | None:
    """Every line that is one; None where the whole is no such table.

    `month_first` says how a date with strokes is written; one that would lie ahead of `now`, or
    cannot be, is read the other way round.
    """
    lines = [line for line in _decoded(content, japanese=japanese).splitlines() if line.strip()]
    if not lines or lines[0].count("\t") < _LEAST_COLUMNS - 1:
        return None
    found = (_feedback(line.split("\t"), now, month_first=month_first) for line in lines)
    return tuple(one for one in found if one is not None)


def _feedback(cells: Sequence[str], now: datetime, *, month_first: bool) -> Feedback | None:
    places = [n for n, cell in enumerate(cells) if _ORDER.fullmatch(cell.strip())]
    if not places or places[-1] <= _COMMENT_AT:
        return None
    rating = cells[_RATING_AT].strip()
    if not _RATING.fullmatch(rating):
        return None
    return Feedback(
        order_id=cells[places[-1]].strip(),
        on=_day(cells[0], now, month_first=month_first),
        rating=int(rating),
        comment=_said(cells[_COMMENT_AT]),
        response=_said(cells[_RESPONSE_AT]) if places[-1] > _RESPONSE_AT else "",
    )


def _day(written: str, now: datetime, *, month_first: bool) -> date | None:
    match = _DATE.search(written)
    if match is None:
        return None
    first, second, third = match.groups()
    if len(first) >= _YEAR_DIGITS:
        return _date(int(first), int(second), int(third))
    year = int(third) if len(third) >= _YEAR_DIGITS else _CENTURY + int(third)
    dotted = "." in match.group()
    days_months = [(int(first), int(second)), (int(second), int(first))]
    if month_first and not dotted:
        days_months.reverse()
    read = (_date(year, month, day) for day, month in days_months)
    return next((one for one in read if one and one <= (now + AHEAD).date()), None)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _said(cell: str) -> str:
    text = cell.strip().translate(_SURROGATES)
    quoted = len(text) > 1 and text[0] == text[-1] == '"'
    return text[1:-1].replace('""', '"').strip() if quoted else text


def _decoded(content: bytes, *, japanese: bool) -> str:
    for encoding in ENCODINGS:
        if encoding == "cp932" and not japanese:
            continue
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")

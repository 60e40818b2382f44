"""Parts of a year in which other rules hold: Prime Day, December."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

_SEASON: Final = re.compile(
    r"(?:(\d{4})-)?(\d\d)-(\d\d) ?\.\. ?(?:(\d{4})-)?(\d\d)-(\d\d)", re.ASCII
)
_LEAP: Final = 2028
"""Stands for any year: the 29th of February is a date that some years have."""


@dataclass(frozen=True, slots=True, order=True)
class Season:
    """From `first` to `last`, both included; of one year, or with `every_year` of each.

    A season of every year may run over New Year: its last day is then before its first.
    """

    first: date
    last: date
    every_year: bool

    def holds(self, day: date) -> bool:
        """Whether `day` is in it."""
        if not self.every_year:
            return self.first <= day <= self.last
        first, last = (self.first.month, self.first.day), (self.last.month, self.last.day)
        asked = (day.month, day.day)
        if first <= last:
            return first <= asked <= last
        return asked >= first or asked <= last


def read_season(text: str) -> Season:
    """Read `"12-01..12-31"` (every year) or `"2026-07-08..2026-07-11"`.

    Raises:
        ValueError: with what to write instead.
    """
    found = _SEASON.fullmatch(text)
    if found is None or bool(found[1]) != bool(found[4]):
        raise ValueError(
            'is no season. Write "12-01..12-31" for every year or "2026-07-08..2026-07-11"'
        )
    try:
        first = date(int(found[1] or _LEAP), int(found[2]), int(found[3]))
        last = date(int(found[4] or _LEAP), int(found[5]), int(found[6]))
    except ValueError:
        raise ValueError("holds a date that does not exist. Write month and day as 12-31") from None
    if found[1] and last < first:
        raise ValueError("ends before it begins. Write the earlier date first")
    return Season(first, last, every_year=not found[1])

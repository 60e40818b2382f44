"""Lengths of time as rule files write them and as people read them."""

import re
from datetime import timedelta
from typing import Final

_WRITTEN: Final = re.compile(
    r"(?:(\d{1,4})d)?(?:(\d{1,5})h)?(?:(\d{1,6})m)?(?:(\d{1,8})s)?", re.ASCII
)
_SAID: Final = re.compile(r"(?:(\d+) h)?(?: ?(\d+) min)?(?: ?(\d+) s)?", re.ASCII)
_LONGEST: Final = timedelta(days=366)


def read_duration(text: str) -> timedelta:
    """Read `"24h"`, `"15m"`, `"90s"`, `"3d"` or `"1h30m"`. A day is 24 hours.

    Raises:
        ValueError: with what to write instead, for anything else, zero, or more than a year.
    """
    found = _WRITTEN.fullmatch(text.replace(" ", ""))
    days, hours, minutes, seconds = (
        int(part or 0) for part in (found.groups() if found else "0000")
    )
    length = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    if not timedelta(0) < length <= _LONGEST:
        raise ValueError(
            'is no length of time. Write a number and a unit, such as "24h", "15m", "90s" or "3d"'
        )
    return length


def read_words(text: str) -> timedelta | None:
    """The length that `in_words` made `text` of; None for any other text."""
    found = _SAID.fullmatch(text) if text else None
    if found is None:
        return None
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)


def in_words(length: timedelta) -> str:
    """A length in hours, minutes and seconds, exact to the second: `36 h`, `1 h 30 min`, `45 s`."""
    minutes, seconds = divmod(int(abs(length).total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(hours, "h"), (minutes, "min"), (seconds, "s")]
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or "0 s"

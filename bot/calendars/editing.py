"""Closed days into the settings file, every other character of it as its owner wrote it."""

import os
import tempfile
import tomllib
from collections.abc import Collection, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Array

from bot.calendars.days_off import DayOff, ImportRefused

_KEY: Final = "holidays"
_CRLF: Final = "\r\n"


def with_days_off(
    text: str, calendar: str, add: Sequence[DayOff], remove: Collection[date] = ()
) -> str:
    """The settings `text` with the days added to `[calendars.<calendar>]`, one a line, named.

    Raises:
        ImportRefused: when the file is written in a way that cannot be changed without touching
            anything else.
    """
    if _CRLF in text and text.count(_CRLF) == text.count("\n"):
        # What is added would end its lines otherwise than the rest of the file.
        plain = text.replace(_CRLF, "\n")
        return with_days_off(plain, calendar, add, remove).replace("\n", _CRLF)
    try:
        document = tomlkit.parse(text)
        tables: Any = document["calendars"]
        table: Any = tables[calendar]
        if _KEY not in table:
            table.add(_KEY, tomlkit.array())
        array: Array = table[_KEY]
        for at in reversed([at for at, day in enumerate(array) if day in remove]):
            del array[at]
        for each in add:
            array.add_line(each.day, comment=_comment(each.name))
        if add and not array.as_string().removesuffix("]").endswith("\n"):
            array.add_line(indent="", newline=True)
        changed = tomlkit.dumps(document)
    except (TOMLKitError, KeyError, TypeError, AttributeError):
        raise _by_hand(calendar) from None
    if _read(changed) != _expected(text, calendar, add, remove):
        raise _by_hand(calendar)
    return changed


def _comment(name: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in name).split())


def _read(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}


def _expected(
    text: str, calendar: str, add: Sequence[DayOff], remove: Collection[date]
) -> dict[str, Any]:
    """What the changed file has to say, read by another reader than the one that changed it."""
    table = tomllib.loads(text)
    kept = [day for day in table["calendars"][calendar].get(_KEY, []) if day not in remove]
    table["calendars"][calendar][_KEY] = [*kept, *(each.day for each in add)]
    return table


def _by_hand(calendar: str) -> ImportRefused:
    return ImportRefused(
        f'calendar "{calendar}" is written in a way that cannot be changed safely here. '
        f"Write its {_KEY} by hand, from the list above."
    )


def replace_text(path: Path, text: str) -> None:
    """Write `text` to `path` whole or not at all, with the rights the file has."""
    target = path.resolve()
    mode = target.stat().st_mode & 0o777
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(mode)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise

"""English sentences that remember how they were made, so that somebody can say them otherwise."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final, Self

from sla_rules.durations import in_words, read_words

WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_NAME: Final = re.compile(r"\{(\w+)\}")

Value = str | int | timedelta | date
"""What is put into a sentence; a sentence may hold another one. A date may be an instant."""


class Worded(str):
    """An English sentence; `template` is it with `{names}`, `values` are what they stand for.

    `meaning` tells which one is meant where the template alone could mean several things.
    """

    __slots__ = ("meaning", "template", "values")
    template: str
    values: Mapping[str, Value]
    meaning: str

    def __new__(cls, template: str, values: Mapping[str, Value], meaning: str = "") -> Self:
        """`template` with `values` put in, as people read them."""
        shown = {name: _shown(value) for name, value in values.items()}
        made = super().__new__(cls, template.format(**shown) if values else template)
        made.template, made.values, made.meaning = template, values, meaning
        return made


def worded(template: str, /, **values: Value) -> Worded:
    """`template` with its values. Lengths and dates stay values for whoever says it again."""
    return Worded(template, values)


def worded_as(meaning: str, template: str, /, **values: Value) -> Worded:
    """The same for a template that could mean several things: `meaning` tells which."""
    return Worded(template, values, meaning)


def alone(value: Value) -> Worded:
    """A value with no words around it."""
    return Worded("{value}", {"value": value})


def marked(text: str) -> str:
    """`text` as it is, known to the catalogues: a template, or a text said as it is."""
    return text


def reworded(text: str, template: str, /) -> Worded | None:
    """A sentence kept as plain text that was made from `template`; None where it was not.

    Lengths of time in it are values again, everything else is text.
    """
    pattern = "".join(
        f"(?P<{part}>.+)" if index % 2 else re.escape(part)
        for index, part in enumerate(_NAME.split(template))
    )
    found = re.fullmatch(pattern, text, re.DOTALL)
    if found is None:
        return None
    return Worded(template, {name: _read(value) for name, value in found.groupdict().items()})


def date_words(day: date) -> str:
    """`Friday 20 November`."""
    return f"{WEEKDAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]}"


def _shown(value: Value) -> object:
    if isinstance(value, timedelta):
        return in_words(value)
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return date_words(value) if isinstance(value, date) else value


def _read(written: str) -> Value:
    length = read_words(written)
    return written if length is None else length

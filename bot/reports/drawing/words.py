"""The words on a chart: what its values count, and labels made harmless."""

import unicodedata
from collections.abc import Mapping
from typing import Final

from bot.language import marked, tr
from bot.reports import names
from bot.reports.metrics import Unit

_UNITS: Final[Mapping[Unit, str]] = {
    Unit.COUNT: marked("how many"),
    Unit.SECONDS: marked("length of time"),
    Unit.WORKED_SECONDS: marked("length of time in shop hours"),
    Unit.SHARE: marked("per cent"),
    Unit.SCORE: marked("score"),
    Unit.PER_HOUR: marked("an hour"),
    Unit.MONEY: marked("amount"),
}

_SPACE: Final = "Zs"
"""Spaces that hold words together are among them."""

_LONE: Final = frozenset({"Cs", "Co", "Cn"})
"""Halves of a character, and such as nobody has agreed on."""


def shown(text: str) -> str:
    """`text` as a picture and XML can hold it: one line, nothing that cannot be printed."""
    return "".join(char if _can_stand(char) else " " for char in text).strip()


def _can_stand(char: str) -> bool:
    category = unicodedata.category(char)
    return category == _SPACE or (char.isprintable() and category not in _LONE)


def unit_name(unit: Unit) -> str:
    """What the values of a chart count."""
    return tr(_UNITS[unit])


def value_words(unit: Unit, value: float | None) -> str:
    """One value on a chart, a dash where there is none."""
    return names.NOTHING if value is None else names.unit_words(unit, float(value))

"""Dates and amounts as customers write them, in the languages of the desk.

Forms are those of Unicode's locale data (CLDR 45, "long" dates and "standard" currency) for en, it,
fr, de and es. In any other language they are written as numbers that nobody can misread.
"""

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from connectors.capabilities import Money

_MONTHS: Final[Mapping[str, str]] = {
    "en": "January February March April May June July August September October November December",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
}
_DATES: Final[Mapping[str, str]] = {
    "en": "{day} {month} {year}",
    "it": "{day} {month} {year}",
    "fr": "{day} {month} {year}",
    "de": "{day}. {month} {year}",
    "es": "{day} de {month} de {year}",
}
_FIRST_OF_MONTH: Final[Mapping[str, str]] = {"it": "1º", "fr": "1er"}
_NARROW: Final = "\u202f"
_NO_BREAK: Final = "\u00a0"
_MARKS: Final[Mapping[str, tuple[str, str]]] = {
    "en": (",", "."),
    "it": (".", ","),
    "fr": (_NARROW, ","),
    "de": (".", ","),
    "es": (".", ","),
}
"""Between thousands, and before the decimals."""

_SYMBOLS: Final[Mapping[str, str]] = {"EUR": "€", "GBP": "£", "USD": "$"}
_WHOLE: Final = frozenset({"CLP", "ISK", "JPY", "KRW", "VND"})
"""Currencies of our channels without decimals (ISO 4217, minor unit 0)."""

_SPANISH_FOUR: Final = 10_000
"""Below it Spanish groups no thousands (CLDR, minimum grouping digits 2)."""


def local_date(day: date, language: str) -> str:
    """`3 February 2026`, `3. Februar 2026`, `3 de febrero de 2026`."""
    if language not in _DATES:
        return day.isoformat()
    number = _FIRST_OF_MONTH.get(language, "1") if day.day == 1 else str(day.day)
    month = _MONTHS[language].split()[day.month - 1]
    return _DATES[language].format(day=number, month=month, year=day.year)


def local_amount(money: Money, language: str) -> str:
    """`€24.90`, `24,90 €`; a currency without a sign of its own by its code."""
    code = money.currency.upper()
    step = Decimal(1) if code in _WHOLE else Decimal("0.01")
    amount = money.amount.quantize(step, rounding=ROUND_HALF_UP)
    if language not in _MARKS:
        return f"{amount} {code}".strip()
    sign = _SYMBOLS.get(code, code)
    figures = _grouped(amount, language)
    if language == "en":
        before = sign if code in _SYMBOLS or not sign else f"{sign}{_NO_BREAK}"
        return f"-{before}{figures[1:]}" if figures.startswith("-") else f"{before}{figures}"
    return f"{figures}{_NO_BREAK}{sign}" if sign else figures


def _grouped(amount: Decimal, language: str) -> str:
    thousands, decimals = _MARKS[language]
    plain = language == "es" and abs(amount) < _SPANISH_FOUR
    whole, point, rest = (f"{amount:f}" if plain else f"{amount:,f}").partition(".")
    return whole.replace(",", thousands) + (decimals + rest if point else "")

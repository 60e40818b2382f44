"""Dates, lengths of time, figures and amounts, as the language spoken writes them.

Names, marks and signs come from Unicode's locale data by Babel, which reads those of a language
when it is first spoken. English is written the way a desk in Europe writes it: `Tue 3 Feb 14:00`,
`95 %`, `24.90 EUR`.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime
from babel.lists import format_list
from babel.numbers import (
    format_currency,
    format_decimal,
    format_percent,
    get_currency_precision,
)

from bot.language import Language, spoken_now, tr

NARROW: Final = "\N{NARROW NO-BREAK SPACE}"
"""French sets it before a unit and between thousands."""

NO_BREAK: Final = "\N{NO-BREAK SPACE}"

_MINUTE: Final = 60
_HOUR: Final = 3600
_DAY: Final = 86400

_UNITS: Final[Mapping[Language, tuple[str, str, str]]] = {
    Language.EN: (" d", " h", " min"),
    Language.IT: (" gg", " h", " min"),
    Language.FR: (f"{NARROW}j", f"{NARROW}h", f"{NARROW}min"),
    Language.DE: (" d", " h", " min"),
    Language.ES: (" d", " h", " min"),
}
"""Days, hours, minutes. Signs and no words: they have no case and end with no full stop."""

_BYTES: Final[Mapping[Language, tuple[str, str]]] = {Language.FR: (f"{NARROW}ko", f"{NARROW}Mo")}
_QUOTES: Final[Mapping[Language, tuple[str, str]]] = {
    Language.FR: (f"«{NARROW}", f"{NARROW}»"),
    Language.DE: ("„", "“"),
    Language.ES: ("«", "»"),
}
"""Italian writes the quotation marks of English on screens."""

_COLONS: Final[Mapping[Language, str]] = {Language.FR: f"{NO_BREAK}: "}
_SEMICOLONS: Final[Mapping[Language, str]] = {Language.FR: f"{NARROW}; "}
_DAYS: Final[Mapping[Language, str]] = {Language.DE: "EEE d. MMM"}
_LONG_DAYS: Final[Mapping[Language, str]] = {
    Language.DE: "EEEE, d. MMMM",
    Language.ES: "EEEE, d 'de' MMMM",
}
_ZONES: Final[Mapping[Language, Mapping[str, str]]] = {
    Language.DE: {"CET": "MEZ", "CEST": "MESZ"},
}
"""Every other language calls the zones of Europe by their English letters."""

_FIRST_OF_MONTH: Final[Mapping[str, str]] = {"it": "'1º'", "fr": "'1er'"}
_UNGROUPED_BELOW: Final = 10_000
_GROUPS_LATE: Final = frozenset({"es", "pl", "pt_PT"})
"""Languages that group no thousands below it (CLDR, minimum grouping digits 2; Babel does not)."""

_BESIDE_FIGURES: Final = re.compile(r"(?<=[^\W\d_])(?=\d)")
"""Where CLDR wants a space after a currency's letters, `PLN 20.00`, which Babel leaves out."""


def span(length: timedelta) -> str:
    """A length of time in at most two units, rounded down: `40 min`, `2 h`, `2 h 30 min`, `3 d`."""
    seconds = int(abs(length.total_seconds()))
    days, hours, minutes = _UNITS[spoken_now()]
    if seconds < _MINUTE:
        # For translators: stands where “2 h 30 min” could stand, as in “in {length}”.
        return tr("less than a minute")
    if seconds < _HOUR:
        return f"{seconds // _MINUTE}{minutes}"
    if seconds < 2 * _DAY:
        # From half a day on, minutes are noise.
        rest = seconds % _HOUR // _MINUTE if seconds < _DAY // 2 else 0
        return _two(seconds // _HOUR, hours, rest, minutes)
    return _two(seconds // _DAY, days, seconds % _DAY // _HOUR, hours)


def _two(large: int, large_unit: str, small: int, small_unit: str) -> str:
    first = f"{large}{large_unit}"
    return f"{first} {small}{small_unit}" if small else first


def moment(at: datetime, timezone: str) -> str:
    """An instant in one zone, for places where Slack cannot localise: `Tue 3 Feb 14:00 CET`."""
    language = spoken_now()
    local = at.astimezone(ZoneInfo(timezone))
    pattern = _DAYS.get(language, "EEE d MMM")
    written = format_datetime(local, f"{pattern} HH:mm", locale=_locale(language))
    zone = local.tzname() or ""
    return f"{written} {_ZONES.get(language, {}).get(zone, zone)}"


def short_day(day: date) -> str:
    """A day of this year: `3 Feb`, `3. Feb.`."""
    language = spoken_now()
    pattern = _DAYS.get(language, "EEE d MMM").removeprefix("EEE ")
    return format_date(day, pattern, locale=_locale(language))


def long_day(day: date) -> str:
    """A day of this year by its weekday: `Friday 20 November`, `Freitag, 20. November`."""
    language = spoken_now()
    return format_date(day, _LONG_DAYS.get(language, "EEEE d MMMM"), locale=_locale(language))


def number(value: int | Decimal) -> str:
    """A figure with its thousands apart: `12,000`, `12.000`."""
    return _figures(value, str(spoken_now()))


def percent(value: Decimal | float) -> str:
    """A share of a hundred, at most one decimal: `95 %`, `99.5 %`."""
    language = spoken_now()
    share = Decimal(str(value)) / 100
    written = format_percent(share, _percent_pattern(language), locale=_locale(language))
    return written.replace("%", " %") if language is Language.EN else written


def amount(value: Decimal | float, currency: str) -> str:
    """Money for an agent: `24.90 EUR`, in other languages with the sign, `24,90 €`."""
    language = spoken_now()
    if language is Language.EN:
        return f"{value:,.2f} {currency}".strip()
    return amount_in(str(language), Decimal(str(value)), currency)


def file_size(size: int) -> str:
    """A file size a person reads: `120 kB`, `2.4 MB`. `size` is in bytes."""
    language = spoken_now()
    kilo, mega = _BYTES.get(language, (" kB", " MB"))
    if size < 1_000_000:  # noqa: PLR2004 - one megabyte
        return f"{max(1, round(size / 1000))}{kilo}"
    return f"{format_decimal(size / 1_000_000, '0.#', locale=_locale(language))}{mega}"


def listed(items: Sequence[str]) -> str:
    """`a, b and c`."""
    return format_list(list(items), locale=_british_or_other())


def either(items: Sequence[str]) -> str:
    """`a, b or c`."""
    return format_list(list(items), style="or", locale=_british_or_other())


def _british_or_other() -> str:
    # British: no comma before the last of a list.
    language = spoken_now()
    return "en_GB" if language is Language.EN else str(language)


def led(head: str) -> str:
    """What leads a line, up to where the rest follows: `Amazon limit: `, `Limite Amazon : `."""
    return f"{head}{_COLONS.get(spoken_now(), ': ')}"


def joined(parts: Iterable[str]) -> str:
    """Clauses of one line that could be sentences: `Giulia is away; Marco is off shift`."""
    return _SEMICOLONS.get(spoken_now(), "; ").join(parts)


def quoted(text: str) -> str:
    """Words that are somebody's own: `“urgent”`, `„dringend“`, `« urgent »`."""
    opening, closing = _QUOTES.get(spoken_now(), ("“", "”"))
    return f"{opening}{text}{closing}"


def language_name(code: str) -> str:
    """What a language is called: `German`, `tedesco`. One that is not known by its code, `XX`."""
    return _locale(spoken_now()).languages.get(code.casefold()) or code.upper()


def date_in(language: str, day: date) -> str:
    """A date for a customer who reads `language`: `3 February 2026`, `3. Februar 2026`.

    Where the language is not known it is written in figures that nobody can misread.
    """
    locale = _known("en_GB" if language == "en" else language)
    if locale is None:
        return day.isoformat()
    pattern = str(locale.date_formats["long"].pattern)
    first = _FIRST_OF_MONTH.get(language) if day.day == 1 else None
    return _shown(format_date(day, pattern.replace("d", first) if first else pattern, locale))


def amount_in(language: str, value: Decimal, currency: str) -> str:
    """Money for whoever reads `language`: `€24.90`, `24,90 €`; half a cent is rounded up."""
    locale, code = _known(language), currency.upper()
    rounded = value.quantize(Decimal(1).scaleb(-get_currency_precision(code)), ROUND_HALF_UP)
    if locale is None:
        return f"{rounded} {code}".strip()
    if not code:
        return _figures(rounded, language)
    grouped = _is_grouped(rounded, language)
    written = format_currency(rounded, code, locale=locale, group_separator=grouped)
    return _shown(_BESIDE_FIGURES.sub(NO_BREAK, written))


def _figures(value: int | Decimal, language: str) -> str:
    grouped = _is_grouped(value, language)
    places = max(0, -int(Decimal(value).as_tuple().exponent))
    pattern = f"#,##0.{'0' * places}" if places else "#,##0"
    locale = _known(language)
    return format_decimal(value, pattern, locale=locale, group_separator=grouped)


def _is_grouped(value: int | Decimal, language: str) -> bool:
    late = language.replace("-", "_") in _GROUPS_LATE
    return not late or not -_UNGROUPED_BELOW < value < _UNGROUPED_BELOW


def _percent_pattern(language: Language) -> str:
    whole = str(_locale(language).percent_formats[None].pattern)
    return whole.replace("#,##0", "#,##0.#")


def _shown(text: str) -> str:
    """Without the invisible marks of direction that some locales set around signs."""
    return "".join(char for char in text if unicodedata.category(char) != "Cf")


@cache
def _locale(language: Language) -> Locale:
    return Locale.parse(str(language))


def _known(language: str) -> Locale | None:
    try:
        return Locale.parse(language.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return None

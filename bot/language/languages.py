"""The languages the bot speaks."""

from enum import StrEnum
from typing import Final


class Language(StrEnum):
    """A language by its ISO 639-1 code."""

    EN = "en"
    IT = "it"
    FR = "fr"
    DE = "de"
    ES = "es"


SOURCE: Final = Language.EN
"""The language that the code is written in."""

OWN_NAMES: Final = {
    Language.EN: "English",
    Language.IT: "Italiano",
    Language.FR: "Français",
    Language.DE: "Deutsch",
    Language.ES: "Español",
}
"""Each by the name its speakers look for, whatever language is spoken."""


def language_of(locale: str) -> Language | None:
    """The language of a locale such as `it-IT` or `de_AT`; None for one the bot does not speak."""
    code = locale.replace("_", "-").partition("-")[0].casefold()
    return Language(code) if code in set(Language) else None


def language_named(text: str) -> Language | None:
    """The language somebody means: by its code, or by the name its speakers have for it."""
    meant = text.strip().casefold()
    named = (one for one, name in OWN_NAMES.items() if name.casefold() == meant)
    return next(named, None) or language_of(meant)

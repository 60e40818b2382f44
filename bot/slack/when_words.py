"""Words for days and lengths of time, as people who speak the bot's languages type them. Pure data.

Written without accents and in small letters: so is whatever is compared with them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bot.language import Language

_MINUTE: Final = timedelta(minutes=1)
_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)
_WEEK: Final = timedelta(weeks=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeWords:
    """One language. `ahead` counts days from today, `weekdays` begins with Monday's names.

    `until` stands before an end, `lasting` before a length; `at` before an hour, `the` before a day.
    """

    until: Sequence[str]
    lasting: Sequence[str]
    at: Sequence[str]
    the: Sequence[str] = ()
    ahead: Mapping[str, int]
    weekdays: Sequence[Sequence[str]]
    units: Mapping[str, timedelta]
    joining: str


TIME_WORDS: Final[Mapping[Language, TimeWords]] = {
    Language.EN: TimeWords(
        until=("until", "till"),
        lasting=("for", "in"),
        at=("at",),
        the=("on",),
        ahead={
            "today": 0,
            "tomorrow": 1,
            "tmrw": 1,
            "the day after tomorrow": 2,
            "day after tomorrow": 2,
        },
        weekdays=(
            ("monday", "mon"),
            ("tuesday", "tue", "tues"),
            ("wednesday", "wed", "weds"),
            ("thursday", "thu", "thur", "thurs"),
            ("friday", "fri"),
            ("saturday", "sat"),
            ("sunday", "sun"),
        ),
        units={
            **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), _MINUTE),
            **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), _HOUR),
            **dict.fromkeys(("d", "day", "days"), _DAY),
            **dict.fromkeys(("w", "week", "weeks"), _WEEK),
        },
        joining="and",
    ),
    Language.IT: TimeWords(
        until=("fino a", "fino al", "fino", "sino a", "entro"),
        lasting=("per", "tra", "fra", "in"),
        at=("alle ore", "alle", "all'", "ore"),
        the=("il", "la"),
        ahead={"oggi": 0, "domani": 1, "dopodomani": 2, "dopo domani": 2},
        weekdays=(
            ("lunedi", "lun"),
            ("martedi", "mar"),
            ("mercoledi", "mer"),
            ("giovedi", "gio"),
            ("venerdi", "ven"),
            ("sabato", "sab"),
            ("domenica", "dom"),
        ),
        units={
            **dict.fromkeys(("min", "minuto", "minuti"), _MINUTE),
            **dict.fromkeys(("h", "ora", "ore"), _HOUR),
            **dict.fromkeys(("g", "gg", "giorno", "giorni"), _DAY),
            **dict.fromkeys(("settimana", "settimane"), _WEEK),
        },
        joining="e",
    ),
    Language.FR: TimeWords(
        until=("jusqu'au", "jusqu'a", "jusque", "d'ici"),
        lasting=("pendant", "pour", "dans", "durant"),
        at=("a",),
        the=("le",),
        ahead={"aujourd'hui": 0, "demain": 1, "apres-demain": 2, "apres demain": 2},
        weekdays=(
            ("lundi", "lun", "lu"),
            ("mardi", "mar", "ma"),
            ("mercredi", "mer", "me"),
            ("jeudi", "jeu", "je"),
            ("vendredi", "ven", "ve"),
            ("samedi", "sam", "sa"),
            ("dimanche", "dim", "di"),
        ),
        units={
            **dict.fromkeys(("min", "mn", "minute", "minutes"), _MINUTE),
            **dict.fromkeys(("h", "heure", "heures"), _HOUR),
            **dict.fromkeys(("j", "jour", "jours"), _DAY),
            **dict.fromkeys(("semaine", "semaines"), _WEEK),
        },
        joining="et",
    ),
    Language.DE: TimeWords(
        until=("bis zum", "bis"),
        lasting=("fur", "fuer", "in"),
        at=("um",),
        the=("am", "den"),
        ahead={"heute": 0, "morgen": 1, "ubermorgen": 2, "uebermorgen": 2},
        weekdays=(
            ("montag", "mo"),
            ("dienstag", "di"),
            ("mittwoch", "mi"),
            ("donnerstag", "do"),
            ("freitag", "fr"),
            ("samstag", "sa", "sonnabend"),
            ("sonntag", "so"),
        ),
        units={
            **dict.fromkeys(("min", "minute", "minuten"), _MINUTE),
            **dict.fromkeys(("h", "std", "stunde", "stunden"), _HOUR),
            **dict.fromkeys(("t", "tag", "tage", "tagen"), _DAY),
            **dict.fromkeys(("woche", "wochen"), _WEEK),
        },
        joining="und",
    ),
    Language.ES: TimeWords(
        until=("hasta",),
        lasting=("durante", "dentro de", "por", "en"),
        at=("a las", "a la", "las", "la"),
        the=("el",),
        ahead={"hoy": 0, "manana": 1, "pasado manana": 2},
        weekdays=(
            ("lunes", "lun", "lu"),
            ("martes", "mar", "ma"),
            ("miercoles", "mie", "mi"),
            ("jueves", "jue", "ju"),
            ("viernes", "vie", "vi"),
            ("sabado", "sab", "sa"),
            ("domingo", "dom", "do"),
        ),
        units={
            **dict.fromkeys(("min", "minuto", "minutos"), _MINUTE),
            **dict.fromkeys(("h", "hora", "horas"), _HOUR),
            **dict.fromkeys(("d", "dia", "dias"), _DAY),
            **dict.fromkeys(("semana", "semanas"), _WEEK),
        },
        joining="y",
    ),
}

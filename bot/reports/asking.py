"""Questions about the past as people type them: `7d`, `ieri`, `2026-03-01..2026-03-31 by channel`.

Every language of the bot is understood, whatever language is spoken. Days are those of the desk's
zone, from midnight to midnight by the clock on the wall, so one of them may have 23 hours or 25.

- `today`: from midnight until now. `yesterday`: the whole day before.
- `7d`, `last 7 days`: today and the six days before it, until now. Up to `LONGEST` days.
- `week`, `month`: from their first day until now. `last week`, `last month`: the whole one before.
- `2026-03-14`, `2026-03`: that day, that month. One that is not over counts until now.
- `2026-03-01..2026-03-31`: both days included. Either may be `today` or `yesterday`.
- `… by channel`: the figures are cut, too.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.language import tr, tr_many
from bot.language.forms import listed
from bot.reports.question import Dimension, Period, QuestionError
from sla_rules.refusals import nearest_of

LONGEST: Final = 400
"""Days of one question: a year and the month it is compared with."""

EXAMPLE: Final = "30d by channel"
"""What a refusal shows, besides dates of its own."""

_FIRST: Final = date(1970, 1, 1)
"""The earliest day: what is measured is kept in seconds since then."""

_SHOWN: Final = 40
"""Characters repeated of what was typed."""

_LONGEST_TEXT: Final = 200
"""Characters beyond which nothing is a question."""

_DAY: Final = timedelta(days=1)

_TODAY: Final = frozenset({"today", "oggi", "aujourd'hui", "aujourdhui", "heute", "hoy"})
_YESTERDAY: Final = frozenset({"yesterday", "ieri", "hier", "gestern", "ayer"})
_WEEK: Final = frozenset(
    {
        *("week", "this week", "settimana", "questa settimana", "semaine", "cette semaine"),
        *("woche", "diese woche", "semana", "esta semana"),
    }
)
_LAST_WEEK: Final = frozenset(
    {
        *("last week", "settimana scorsa", "la settimana scorsa", "semaine derniere"),
        *("la semaine derniere", "letzte woche", "semana pasada", "la semana pasada"),
    }
)
_MONTH: Final = frozenset(
    {
        *("month", "this month", "mese", "questo mese", "mois", "ce mois", "ce mois-ci"),
        *("monat", "dieser monat", "diesen monat", "mes", "este mes"),
    }
)
_LAST_MONTH: Final = frozenset(
    {
        *("last month", "mese scorso", "il mese scorso", "mois dernier", "le mois dernier"),
        *("letzter monat", "letzten monat", "mes pasado", "el mes pasado"),
    }
)

_LAST: Final = (
    r"(?:(?:the )?last|past|(?:gli )?ultimi|(?:les )?derniers|(?:die )?letzten?|(?:los )?ultimos)"
)
_UNITS: Final = r"(?:d|days?|g|gg|giorn[oi]|j|jours?|t|tag|tagen?|dias?)"
_DAYS: Final = re.compile(rf"(?:{_LAST} )?([0-9]{{1,12}}) ?(?:{_LAST} )?{_UNITS}")
_BETWEEN: Final = re.compile(
    r"(.*?) ?(?:\.\.+| (?:to|until|al?|au|bis|hasta) |[\u2013\u2014]| - ) ?(.*)"
)
_FROM: Final = re.compile(r"(?:from|dal?|du|vom|von|desde|del?) (?=\S)")
_DATE: Final = re.compile(r"([0-9]{4})-([0-9]{1,2})(?:-([0-9]{1,2}))?")
_BY: Final = re.compile(r"(?:^|(?<= ))(?:by|per|par|nach|por)(?= |$) ?(\S*)")

_DIMENSIONS: Final[Mapping[str, Dimension]] = {
    **{str(each): each for each in Dimension},
    **dict.fromkeys(("canale", "canal", "kanal"), Dimension.CHANNEL),
    **dict.fromkeys(("mailbox", "casella", "boite", "postfach", "buzon"), Dimension.INBOX),
    **dict.fromkeys(("marktplatz", "mercato", "mercado"), Dimension.MARKETPLACE),
    **dict.fromkeys(("agente", "person", "persona", "mitarbeiter"), Dimension.AGENT),
    **dict.fromkeys(("lingua", "langue", "sprache", "idioma"), Dimension.LANGUAGE),
    **dict.fromkeys(("fase", "phase"), Dimension.STAGE),
    **dict.fromkeys(("rischio", "risque", "risiko", "riesgo"), Dimension.RISK),
    **dict.fromkeys(
        ("topic", "intento", "intention", "anliegen", "intencion", "tema", "thema"),
        Dimension.INTENT,
    ),
    **dict.fromkeys(("tipo", "type", "art"), Dimension.KIND),
    **dict.fromkeys(
        ("complessita", "complexite", "komplexitat", "complejidad"), Dimension.COMPLEXITY
    ),
    **dict.fromkeys(("giorno", "jour", "wochentag", "dia", "day"), Dimension.WEEKDAY),
    **dict.fromkeys(("ora", "heure", "stunde", "hora"), Dimension.HOUR),
}


def read_question(
    text: str, *, now: datetime, zone: str, default: str = "7d"
) -> tuple[Period, Dimension | None]:
    """The stretch of time that is asked about, and what its figures are cut by.

    `zone` is the desk's. `default` is read where no time is named. A relative stretch, and one that
    is not over, ends `now`.

    Raises:
        QuestionError: it is no stretch of time, begins in the future, ends before it begins, is
            longer than `LONGEST` days, or is to be cut by something unknown.
    """
    calendar = _Calendar(now, ZoneInfo(zone))
    if len(text) > _LONGEST_TEXT:
        raise calendar.not_a_time(text)
    said, by = _cut(_plain(text))
    first, last = calendar.days(said or _plain(default))
    return calendar.period(first, last, zone), by


def _plain(text: str) -> str:
    """In small letters, without accents and what cannot be seen, with single spaces."""
    parted = unicodedata.normalize("NFKD", text.replace("\u2019", "'")).casefold()
    seen = "".join(one for one in parted if unicodedata.category(one) not in {"Mn", "Cf"})
    return " ".join(seen.split()).strip("`\"'“”<> ")


def _cut(said: str) -> tuple[str, Dimension | None]:
    found = list(_BY.finditer(said))
    if not found:
        return said, None
    if len(found) > 1:
        raise _refused(tr("Figures can be cut by one thing at a time."))
    begin, end = found[0].span()
    rest = f"{said[:begin].strip()} {said[end:].strip()}".strip()
    return rest, _dimension(found[0][1].strip(".,;:"))


def _dimension(word: str) -> Dimension:
    known = _DIMENSIONS.get(word) or _DIMENSIONS.get(word.removesuffix("s"))
    if known is not None:
        return known
    if (near := nearest_of(word, _DIMENSIONS)) is not None:
        raise QuestionError(
            tr(
                "Figures cannot be cut by “{typed}”. Did you mean: {example}",
                typed=word[:_SHOWN],
                example=f"30d by {_DIMENSIONS[near]}",
            )
        )
    # For translators: what they can be cut by is typed in English, as it stands there.
    said = tr("Figures can be cut by {dimensions}.", dimensions=listed(list(Dimension)))
    raise _refused(said)


def _refused(said: str, example: str = EXAMPLE) -> QuestionError:
    return QuestionError(tr("{wrong} Write for instance: {example}", wrong=said, example=example))


class _Calendar:
    """The days of one zone, as they are at one instant."""

    def __init__(self, now: datetime, zone: ZoneInfo) -> None:
        self._now = now.astimezone(UTC)
        self._zone = zone
        self._today = now.astimezone(zone).date()
        self._named: Mapping[frozenset[str], Callable[[], tuple[date, date]]] = {
            _TODAY: lambda: (self._today, self._today),
            _YESTERDAY: lambda: (self._today - _DAY, self._today - _DAY),
            _WEEK: lambda: (self._monday(), self._today),
            _LAST_WEEK: lambda: (self._monday() - 7 * _DAY, self._monday() - _DAY),
            _MONTH: lambda: (self._today.replace(day=1), self._today),
            _LAST_MONTH: lambda: _month_of(self._today.replace(day=1) - _DAY),
        }

    def days(self, said: str) -> tuple[date, date]:
        """The first and the last day of what was said."""
        for words, days in self._named.items():
            if said in words:
                return days()
        if (counted := _DAYS.fullmatch(said)) is not None:
            return self._last_days(int(counted[1]))
        if _DATE.fullmatch(said):
            first, last = self._named_days(said)
            return first, min(last, max(first, self._today))
        between = _BETWEEN.fullmatch(_FROM.sub("", said, count=1) if _FROM.match(said) else said)
        if between is None or not between[1]:
            raise self.not_a_time(said)
        return self._end(between[1], last=False), self._end(between[2], last=True)

    def period(self, first: date, last: date, zone: str) -> Period:
        """From the beginning of `first` to the end of `last`, or until now where that is sooner."""
        self._check(first, last)
        ends = self._midnight(last + _DAY)
        since = self._midnight(first)
        # Nothing is asked of an empty stretch, even at the stroke of midnight.
        until = max(min(ends, self._now), since + timedelta(seconds=1))
        return Period(since=since, until=until, zone=zone)

    def _check(self, first: date, last: date) -> None:
        if last < first:
            said = tr("{last} is before {first}.", last=last, first=first)
            turned = last >= _FIRST and first <= self._today and (first - last).days < LONGEST
            raise _refused(said, f"{last}..{first}" if turned else self._month_example())
        if first > self._today or last > self._today:
            late = first if first > self._today else last
            raise _refused(tr("{day} is still to come.", day=late), self._month_example())
        if first < _FIRST:
            said = tr("There are no figures of before {day}.", day=_FIRST)
            raise _refused(said, self._month_example())
        if (last - first).days >= LONGEST:
            raise self._too_long()

    def _last_days(self, count: int) -> tuple[date, date]:
        if count > LONGEST:
            raise self._too_long()
        if not count:
            raise _refused(tr("A report is of one day or more."))
        return self._today - (count - 1) * _DAY, self._today

    def _end(self, said: str, *, last: bool) -> date:
        """One end of a stretch; one that is not written is today, and a month its own end."""
        if said in _TODAY or (last and not said):
            return self._today
        if said in _YESTERDAY:
            return self._today - _DAY
        return self._named_days(said)[last]

    def _named_days(self, said: str) -> tuple[date, date]:
        parts = _DATE.fullmatch(said)
        if parts is None:
            raise self.not_a_time(said)
        try:
            if parts[3] is None:
                return _month_of(date(int(parts[1]), int(parts[2]), 1))
            day = date(int(parts[1]), int(parts[2]), int(parts[3]))
        except ValueError:
            raise _refused(
                tr("There is no day {typed}.", typed=said), self._month_example()
            ) from None
        if day == date.max:  # it has no day after it
            raise _refused(tr("{day} is still to come.", day=day), self._month_example())
        return day, day

    def not_a_time(self, said: str) -> QuestionError:
        """The refusal of words that name no time."""
        wrong = tr("“{typed}” is no stretch of time that I know.", typed=said[:_SHOWN])
        # For translators: the words of the example are typed as they stand.
        return _refused(wrong, f"today, 7d, {self._month_example()}, {EXAMPLE}")

    def _too_long(self) -> QuestionError:
        said = tr_many(
            "A report is of {count} day at the most.",
            "A report is of {count} days at the most.",
            LONGEST,
        )
        return _refused(said, self._month_example())

    def _month_example(self) -> str:
        first, last = _month_of(self._today.replace(day=1) - _DAY)
        return f"{first}..{last}"

    def _monday(self) -> date:
        return self._today - self._today.weekday() * _DAY

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self._zone).astimezone(UTC)


def _month_of(day: date) -> tuple[date, date]:
    """Its first day and its last."""
    first = day.replace(day=1)
    if (first.year, first.month) == (date.max.year, 12):
        return first, date.max - _DAY
    following = (first + 31 * _DAY).replace(day=1)
    return first, following - _DAY

"""Times as people type them: `2h`, `tomorrow`, `until 18:00`, `domani 9:00`, `in 2 Stunden`. Pure.

Every language of the bot is understood whatever language is spoken. A short form that means two
days, such as `di` (Dienstag, dimanche), is read in the language spoken, and else not at all.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.language import Language, spoken_now
from bot.slack.when_words import TIME_WORDS

MORNING = time(9, 0)
"""What a day without an hour means: the start of an ordinary office day."""

LONGEST = timedelta(days=90)


def _any_of(phrases: Iterable[str]) -> str:
    """A pattern for any of the phrases, the longest first."""
    return "|".join(map(re.escape, sorted(set(phrases), key=lambda one: (-len(one), one))))


_WORDS: Final = TIME_WORDS.values()
_UNITS: Final = {word: length for words in _WORDS for word, length in words.units.items()}
_AHEAD: Final = {phrase: days for words in _WORDS for phrase, days in words.ahead.items()}
_WEEKDAYS: Final = {
    language: {name: day for day, names in enumerate(words.weekdays) for name in names}
    for language, words in TIME_WORDS.items()
}
_UNTIL: Final = _any_of(phrase for words in _WORDS for phrase in words.until)
_LASTING: Final = _any_of(phrase for words in _WORDS for phrase in words.lasting)
_AT: Final = _any_of(phrase for words in _WORDS for phrase in words.at)
_THE: Final = _any_of(phrase for words in _WORDS for phrase in words.the)
_JOINING: Final = _any_of(words.joining for words in _WORDS)
_ENGLISH_UNTIL: Final = frozenset(TIME_WORDS[Language.EN].until)

_OPENING = re.compile(rf"(?:(?P<until>{_UNTIL})|(?P<lasting>{_LASTING}))\s+")
_PART = rf"(\d{{1,4}})\s*({_any_of(_UNITS)})(?![a-z])\.?"
_LENGTH = re.compile(rf"(?:{_PART}\s*(?:(?:{_JOINING})\s+)?)+")
_HOURS_AND_MINUTES = re.compile(r"(\d{1,2})\s*h\s*([0-5]\d)")
_CLOCK = re.compile(rf"(?:(?:{_AT})\s*)?([01]?\d|2[0-3])(?:[:.h]([0-5]\d))?\s*(am|pm|h|uhr)?\.?")
_DAY = re.compile(
    rf"(?:(?:{_THE})\s+)?(?:(?P<ahead>{_any_of(_AHEAD)})|(?P<named>[a-z]+))[.,]?(?:\s+(?P<hour>.+))?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """Either a length from now, or the next time it is `at` on the named day."""

    after: timedelta | None = None
    at: time | None = None
    days_ahead: int | None = None  # 0: today, 1: tomorrow
    weekday: int | None = None  # 0: Monday

    def resolve(self, now: datetime, zone: ZoneInfo) -> datetime:
        """The instant meant, in UTC; clock times are those of `zone`.

        Always later than `now`, but for an hour of today that is over.
        """
        if self.after is not None:
            return now + self.after
        local = now.astimezone(zone)
        day = local.date() + timedelta(days=self._days_from(local))
        meant = datetime.combine(day, self.at or MORNING, zone).astimezone(UTC)
        while meant <= now and self.days_ahead != 0:
            day += timedelta(days=7 if self.weekday is not None else 1)
            meant = datetime.combine(day, self.at or MORNING, zone).astimezone(UTC)
        return meant

    def _days_from(self, local: datetime) -> int:
        if self.weekday is not None:
            return (self.weekday - local.weekday()) % 7
        return self.days_ahead or 0


TOMORROW = When(days_ahead=1)
QUARTER = When(after=timedelta(minutes=15))
ONE_HOUR = When(after=timedelta(hours=1))


def read_when(text: str) -> When | None:
    """Read a time; None where it is none, or lies further than 90 days ahead."""
    said, opening = _plain(text), None
    while (opened := _OPENING.match(said)) is not None:
        said, opening = said[opened.end() :], opened
    lasting = opening is not None and opening["lasting"] is not None
    foreign_until = opening is not None and opening["until"] not in {None, *_ENGLISH_UNTIL}
    # “jusqu'à 18h” and “bis 18 h” are six o'clock, where “18h” alone is a length.
    if _LENGTH.fullmatch(said) and not (foreign_until and _clock(said) is not None):
        return _length(said)
    if lasting and (parts := _HOURS_AND_MINUTES.fullmatch(said)) is not None:
        return _no_longer(timedelta(hours=int(parts[1]), minutes=int(parts[2])))
    at = _clock(said)
    return When(at=at) if at is not None else _on_a_day(said)


def _plain(text: str) -> str:
    """In small letters, without accents, with single spaces and straight apostrophes."""
    parted = unicodedata.normalize("NFKD", text.casefold().replace("\u2019", "'"))
    return " ".join("".join(one for one in parted if not unicodedata.combining(one)).split())


def _length(said: str) -> When | None:
    parts = re.findall(_PART, said)
    return _no_longer(sum((int(number) * _UNITS[unit] for number, unit in parts), timedelta()))


def _no_longer(total: timedelta) -> When | None:
    return When(after=total) if timedelta() < total <= LONGEST else None


def _on_a_day(said: str) -> When | None:
    match = _DAY.fullmatch(said)
    if match is None:
        return None
    at = _clock(match["hour"]) if match["hour"] else None
    if match["hour"] and at is None:
        return None
    if match["named"]:
        weekday = _weekday(match["named"])
        return None if weekday is None else When(at=at or MORNING, weekday=weekday)
    days = _AHEAD[match["ahead"]]
    # Today needs an hour: nobody means this morning.
    return None if days == 0 and at is None else When(at=at or MORNING, days_ahead=days)


def _weekday(name: str) -> int | None:
    own = _WEEKDAYS[spoken_now()].get(name)
    if own is not None:
        return own
    meant = {days[name] for days in _WEEKDAYS.values() if name in days}
    return meant.pop() if len(meant) == 1 else None


def _clock(said: str) -> time | None:
    match = _CLOCK.fullmatch(said)
    if match is None:
        return None
    hour, minute = int(match[1]), int(match[2] or 0)
    if match[3] in {"am", "pm"}:
        if not 1 <= hour <= 12:  # noqa: PLR2004 - hours of a twelve-hour clock
            return None
        hour = hour % 12 + (12 if match[3] == "pm" else 0)
    return time(hour, minute)

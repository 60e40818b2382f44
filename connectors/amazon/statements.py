"""What a mail of Amazon's states: the day to answer by, and how much the order or claim is about.

Read only in mails Amazon itself wrote: a buyer can type a date, too.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from connectors.amazon.marketplace import Marketplace, marketplaces

FARTHEST = timedelta(days=60)
"""A day later than this is no day to answer by: it is the date of something else."""

_READ = 20_000
_SENTENCE_END = re.compile(r"(?<=[a-zà-ÿ)][.!?])\s+(?=[^\W\d_])|\n\s*\n")
_AHEAD = timedelta(hours=14)
"""UTC+14, where every hour comes first: the zone of a mail whose marketplace is not known."""
_NUMBER = r"\d{1,3}(?:[.,'\u00a0\u202f ]\d{3})*(?:[.,]\d{1,2})?|\d{1,9}(?:[.,]\d{1,2})?"


class DateWords(BaseModel):
    """How a day is named."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    by: tuple[str, ...]
    before: tuple[str, ...]
    fillers: tuple[str, ...]
    at: tuple[str, ...]
    months: dict[int, tuple[str, ...]]


class MoneyWords(BaseModel):
    """How an amount is named."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    totals: tuple[str, ...]
    amounts: tuple[str, ...]
    signs: dict[str, str]


class Statements:
    """`statements.toml`, compiled."""

    def __init__(self, dates: DateWords, money: MoneyWords) -> None:
        months = {name: number for number, names in dates.months.items() for name in names}
        month = _any_of(months)
        self._months = months
        self._before = frozenset(dates.before)
        self._day = re.compile(
            rf"(?<!\w)(?P<lead>{_any_of((*dates.by, *dates.before))})\s{{0,3}}"
            rf"(?:(?:{_any_of(dates.fillers)})[,.]?\s{{1,3}}){{0,2}}"
            rf"(?:(?P<iso>\d{{4}}-\d\d-\d\d)"
            rf"|(?P<d>\d{{1,2}})(?:st|nd|rd|th|er|[.º])?\s{{1,3}}(?:of\s|de\s)?(?P<m>{month})\.?(?:,?\s(?:de[l]?\s)?(?P<y>20\d\d))?"
            rf"|(?P<m2>{month})\.?\s(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s(?P<y2>20\d\d))?"
            rf"|(?P<n1>\d{{1,2}})[./](?P<n2>\d{{1,2}})[./](?P<n3>20\d\d))(?!\w)"
            rf"(?:,?\s{{0,2}}(?:(?P<hh>\d{{1,2}})[:.h](?P<mm>\d\d)|(?:{_any_of(dates.at)})\s{{1,2}}(?P<ah>\d{{1,2}})"
            rf"(?:[:.h](?P<am>\d\d))?|(?P<sh>\d{{1,2}})(?=\s?(?:am|pm|uhr|h)(?!\w)))"
            rf"\s?(?P<half>am|pm)?(?:\s?(?:uhr|h))?(?:\s?(?P<utc>utc|gmt))?(?!\w))?"
        )
        signs = _any_of({*money.signs, *(one.currency for one in marketplaces())})
        self._signs = money.signs
        self._amounts = tuple(
            re.compile(
                rf"(?<!\w)(?i:{_any_of(names)})\s{{0,3}}(?:\([^()\n]{{0,40}}\))?\s{{0,3}}[:=]?\s{{0,3}}"
                rf"(?:(?P<s1>{signs})\s?(?P<n1>{_NUMBER})|(?P<n2>{_NUMBER})\s?(?P<s2>{signs}))(?![\w%])"
            )
            for names in (money.totals, money.amounts)
        )

    def respond_by(
        self,
        text: str,
        cues: Iterable[str],
        *,
        sent_at: datetime,
        marketplace: Marketplace | None,
    ) -> datetime | None:
        """The earliest instant to answer by that a sentence about answering names, in UTC.

        A day without an hour ends at midnight of the marketplace; where that is not known, when
        the day ends first anywhere. A shown deadline is never later than the true one.
        """
        found = [
            instant
            for sentence in _SENTENCE_END.split(_plain(text[:_READ]))
            if any(cue in sentence for cue in cues)
            for match in self._day.finditer(" ".join(sentence.split()))
            for instant in self._instants(match, sent_at, marketplace)
            if sent_at < instant <= sent_at + FARTHEST
        ]
        return min(found, default=None)

    def order_value(self, text: str, marketplace: Marketplace | None) -> tuple[Decimal, str] | None:
        """The order's total, or else the amount claimed, with its currency."""
        for pattern in self._amounts:
            match = pattern.search(text[:_READ])
            if match is None:
                continue
            sign = match["s1"] or match["s2"]
            local = marketplace.currency if marketplace else ""
            currency = (self._signs[sign] or local) if sign in self._signs else sign
            amount = _decimal(match["n1"] or match["n2"])
            if currency and amount is not None:
                return amount, currency
        return None

    def _instants(
        self, match: re.Match[str], sent_at: datetime, marketplace: Marketplace | None
    ) -> Iterator[datetime]:
        for day in self._days(match, sent_at):
            if match["lead"] in self._before:
                yield _end(day - timedelta(days=1), marketplace)
            elif (moment := _time(match)) is not None:
                yield _at(day, moment, marketplace, utc=bool(match["utc"]))
            else:
                yield _end(day, marketplace)

    def _days(self, match: re.Match[str], sent_at: datetime) -> Iterator[date]:
        """The day that is meant; both readings of 04/05, and without a year the next such day."""
        if match["iso"]:
            yield from _date(*map(int, match["iso"].split("-")))
        elif match["n1"]:
            first, second, year = int(match["n1"]), int(match["n2"]), int(match["n3"])
            yield from _date(year, second, first)
            yield from _date(year, first, second)
        else:
            day = int(match["d"] or match["d2"])
            month = self._months[match["m"] or match["m2"]]
            stated = match["y"] or match["y2"]
            years = [int(stated)] if stated else [sent_at.year, sent_at.year + 1]
            for year in years:
                yield from _date(year, month, day)


@cache
def statements() -> Statements:
    """The file that ships with the connector."""
    text = files("connectors.amazon").joinpath("statements.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    return Statements(
        DateWords.model_validate(table["dates"]), MoneyWords.model_validate(table["money"])
    )


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


def _any_of(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


def _date(year: int, month: int, day: int) -> Iterator[date]:
    try:
        yield date(year, month, day)
    except ValueError:
        return


def _time(match: re.Match[str]) -> time | None:
    stated = match["hh"] or match["ah"] or match["sh"]
    if stated is None:
        return None
    hour, minute = int(stated), int(match["mm"] or match["am"] or 0)
    if match["half"]:
        hour = hour % 12 + (12 if match["half"] == "pm" else 0)
    try:
        return time(hour, minute)
    except ValueError:
        return None


def _at(day: date, moment: time, marketplace: Marketplace | None, *, utc: bool) -> datetime:
    if utc:
        return datetime.combine(day, moment, UTC)
    if marketplace is None:
        return datetime.combine(day, moment, UTC) - _AHEAD
    return datetime.combine(day, moment, ZoneInfo(marketplace.zone)).astimezone(UTC)


def _end(day: date, marketplace: Marketplace | None) -> datetime:
    if marketplace is None:
        return datetime.combine(day + timedelta(days=1), time(), UTC) - _AHEAD
    midnight = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(marketplace.zone))
    return midnight.astimezone(UTC)


def _decimal(number: str) -> Decimal | None:
    """`1.234,50`, `1,234.50`, `1 234,50` and `31`: the last separator with two digits is the point."""
    bare = re.sub(r"['\u00a0\u202f ]", "", number)
    whole, point, cents = bare, "", ""
    match = re.fullmatch(r"(.*)[.,](\d{1,2})", bare)
    if match is not None:
        whole, point, cents = match[1], ".", match[2]
    try:
        return Decimal(re.sub(r"[.,]", "", whole) + point + cents)
    except InvalidOperation:
        return None

"""What figures, their values and their changes are called, in the language of whoever reads them."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_interval

from bot.domain.figures import MissCause
from bot.language import Language, marked, spoken_now, tr, tr_many
from bot.language.forms import amount, date_in, number, percent, span
from bot.reports.metrics import Better, Unit, metric_of
from bot.reports.question import Dimension, Period
from bot.reports.report import Figure, Reconciled

NOTHING: Final = "–"  # noqa: RUF001 - a dash, as tables have it
"""Where there is no value: nothing happened that it could be made from."""

_HOUR: Final = 3600
_MICROSECOND: Final = timedelta(microseconds=1)
_IN_POINTS: Final = frozenset({Unit.SHARE, Unit.SCORE})
"""Units in which a change is a difference. A share of them is misread, and a score may be below 0."""

_NOUGHT: Final = re.compile(r"\b0(?=[0-9]\b)")
"""Before a day: Italian stretches of time have it, Italian dates have not."""

_TENTH: Final = Decimal("0.1")
_HUNDREDTH: Final = Decimal("0.01")

_DIMENSIONS: Final[Mapping[Dimension, str]] = {
    Dimension.CHANNEL: marked("Channel"),
    Dimension.INBOX: marked("Inbox"),
    Dimension.MARKETPLACE: marked("Marketplace"),
    Dimension.AGENT: marked("Agent"),
    Dimension.LANGUAGE: marked("Language"),
    Dimension.STAGE: marked("Stage"),
    Dimension.RISK: marked("Risk"),
    Dimension.INTENT: marked("Intent"),
    Dimension.KIND: marked("Kind"),
    Dimension.COMPLEXITY: marked("Complexity"),
    Dimension.VIP: marked("VIP"),
    Dimension.WEEKDAY: marked("Weekday"),
    Dimension.HOUR: marked("Hour of the day"),
}

_CAUSES: Final[Mapping[MissCause, str]] = {
    MissCause.LATE_INGESTION: marked("the message reached the desk late"),
    MissCause.PLATFORM: marked("the platform did not take the answer"),
    MissCause.POLICY_CHANGE: marked("the rules were changed"),
    MissCause.LATE_CLAIM: marked("claimed late"),
    MissCause.LATE_ANSWER: marked("answered late"),
}

_STATISTICS: Final[Mapping[str, str]] = {
    "median": marked("median"),
    "mean": marked("mean"),
    "p90": marked("90th percentile"),
}


def metric_name(key: str) -> str:
    """What a figure is called: `Tickets received`; of `first_response.p90` with its statistic."""
    name = tr(metric_of(key).name)
    _, told, statistic = key.partition(".")
    if not told:
        return name
    # For translators: a figure and which one of median, mean and percentile it is.
    return tr("{figure}, {statistic}", figure=name, statistic=statistic_name(statistic))


def statistic_name(statistic: str) -> str:
    """What one of `STATISTICS` is called: `median`."""
    return tr(_STATISTICS[statistic])


def dimension_name(dimension: Dimension) -> str:
    """What figures are cut by, as the head of a column: `Channel`."""
    return tr(_DIMENSIONS[dimension])


def cause_words(cause: MissCause) -> str:
    """Why a clock was missed: `claimed late`."""
    return tr(_CAUSES[cause])


def value_words(key: str, value: float | None) -> str:
    """A value of a figure with its unit: `1,204`, `2 h 14 min`, `96.4 %`; a dash for None.

    Money is in the unit of its currency, not in cents.
    """
    return NOTHING if value is None else unit_words(metric_of(key).unit, value)


def unit_words(unit: Unit, value: float) -> str:
    """A value in a unit, for axes and cells too."""
    return _WRITTEN[unit](value)


def change_words(figure: Figure) -> str:
    """How a value differs from that of the period before: `▲ 3.1 points, better`.

    Shares and scores differ by points, everything else by a part of what it was.
    """
    if figure.value is None:
        return NOTHING
    if figure.before is None:
        return tr("no figure before")
    metric = metric_of(figure.key)
    moved = _moved(metric.unit, figure.value, figure.before)
    if moved is None:
        return tr("unchanged")
    more = figure.value > figure.before
    change = f"{'▲' if more else '▼'} {moved}"
    if metric.better is Better.NEITHER:
        return change
    if more is (metric.better is Better.MORE):
        return tr("{change}, better", change=change)
    return tr("{change}, worse", change=change)


def _moved(unit: Unit, value: float, before: float) -> str | None:
    """How far, without a sign; None: not so far that it can be told."""
    if unit in _IN_POINTS:
        shown = 100 * (value - before) if unit is Unit.SHARE else value - before
        points = _rounded(abs(shown), _TENTH if unit is Unit.SHARE else _HUNDREDTH)
        if not points:
            return None
        whole = points == 1
        return tr_many(
            "{figure} point", "{figure} points", 1 if whole else 2, figure=number(points)
        )
    if not before:
        # For translators: a figure that was 0 before; “from 0” stands beside an arrow.
        return tr("from 0") if value else None
    part = _rounded(100 * abs(value - before) / abs(before), _TENTH)
    return percent(part) if part else None


def period_words(period: Period, zone: str | None = None) -> str:
    """The days of a period: `16-22 Nov 2026`, and the hour where the last is not over.

    `zone`: where they are told in another zone than the period's own.
    """
    local = ZoneInfo(zone or period.zone)
    ends = period.until.astimezone(local)
    last = (period.until - _MICROSECOND).astimezone(local)
    days = _days(period.since.astimezone(local).date(), last.date())
    if _is_over(ends):
        return days
    return tr("{days}, until {time}", days=days, time=f"{ends:%H:%M}")


def _is_over(ends: datetime) -> bool:
    return ends.time().replace(fold=0) == time()


def _days(first: date, last: date) -> str:
    language = spoken_now()
    if first >= last:
        return date_in(str(language), last)
    locale = "en_GB" if language is Language.EN else str(language)
    # The marks between numbers differ by language, so do the parts that need not be said twice.
    written = format_interval(first, last, "yMMMMd", locale=locale)
    return _NOUGHT.sub("", written)


def sample_words(count: int) -> str:
    """What a figure is made from: `12 cases`."""
    return tr_many("{figure} case", "{figure} cases", count, figure=number(count))


def small_words() -> str:
    """What is said beside a figure that is made from few cases."""
    return tr("few cases")


def _worked(seconds: float) -> str:
    """A length of shop hours: always in hours, since a day of those is as long as the shop's."""
    if seconds < 2 * 24 * _HOUR:
        return span(timedelta(seconds=seconds))
    return tr("{hours} h", hours=number(int(seconds // _HOUR)))


def _share(value: float) -> str:
    """One decimal, and never all or nothing where it is not quite: `99.9 %`, `0.1 %`."""
    shown = _rounded(100 * value, _TENTH)
    if 0 < value < 1:
        shown = min(max(shown, _TENTH), 100 - _TENTH)
    return percent(shown)


def _figure(value: float, places: Decimal) -> str:
    return number(_rounded(value, places))


def _rounded(value: float, places: Decimal) -> Decimal:
    """Rounded, without the noughts that say nothing."""
    exact = Decimal(repr(value)).quantize(places, ROUND_HALF_EVEN)
    return exact.quantize(Decimal(1)) if exact == exact.to_integral_value() else exact.normalize()


_WRITTEN: Final[Mapping[Unit, Callable[[float], str]]] = {
    Unit.COUNT: lambda value: _figure(value, _TENTH),
    Unit.SECONDS: lambda value: span(timedelta(seconds=value)),
    Unit.WORKED_SECONDS: _worked,
    Unit.SHARE: _share,
    Unit.SCORE: lambda value: _figure(value, _HUNDREDTH),
    Unit.PER_HOUR: lambda value: tr(
        "{figure} an hour", figure=_figure(value, _TENTH if value >= 1 else _HUNDREDTH)
    ),
    Unit.MONEY: lambda value: amount(_rounded(value, _HUNDREDTH), ""),
}


def became_words(parts: Reconciled) -> list[str]:
    """What became of the tickets received: each part that has any, with its number."""
    told: Sequence[tuple[Callable[[int], str], int]] = (
        (_answered, parts.answered),
        (_waved, parts.waved),
        (_settled, parts.settled),
        (_merged, parts.merged),
        (_told, parts.told),
        (_waiting, parts.waiting),
    )
    return [words(count) for words, count in told if count]


def _answered(count: int) -> str:
    return tr_many("{figure} answered", "{figure} answered", count, figure=number(count))


def _waved(count: int) -> str:
    return tr_many(
        "{figure} needed no answer", "{figure} needed no answer", count, figure=number(count)
    )


def _settled(count: int) -> str:
    return tr_many(
        "{figure} settled without an answer",
        "{figure} settled without an answer",
        count,
        figure=number(count),
    )


def _merged(count: int) -> str:
    return tr_many(
        "{figure} merged into another",
        "{figure} merged into others",
        count,
        figure=number(count),
    )


def _told(count: int) -> str:
    return tr_many("{figure} notice", "{figure} notices", count, figure=number(count))


def _waiting(count: int) -> str:
    return tr_many(
        "{figure} still waiting for an answer",
        "{figure} still waiting for an answer",
        count,
        figure=number(count),
    )

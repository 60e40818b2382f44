"""How a line of marketplace health is said, in the language of whoever reads it."""

from collections.abc import Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Final

from babel import Locale
from babel.numbers import format_percent

from bot.language import Language, marked, spoken_now, tr, tr_many
from bot.language.forms import date_in, joined, number, span
from bot.reports.health.lines import Direction, HealthLine, Measure, Origin, Sort
from bot.reports.names import NOTHING

_HUNDREDTH: Final = Decimal("0.01")
_EXACT: Final = Decimal("0.00000001")
_COUNTRY: Final = 2

_NAMES: Final[Mapping[Measure, str]] = {
    Measure.CONTACT_RESPONSE_7: marked("Buyers answered within 24 h, 7 days"),
    Measure.CONTACT_RESPONSE_30: marked("Buyers answered within 24 h, 30 days"),
    Measure.CONTACT_RESPONSE_90: marked("Buyers answered within 24 h, 90 days"),
    Measure.ORDER_DEFECT_RATE: marked("Order defects"),
    Measure.ORDER_DEFECT_RATE_FBA: marked("Order defects, shipped by Amazon"),
    Measure.A_TO_Z_CLAIMS: marked("A-to-z claims"),
    Measure.CHARGEBACKS: marked("Chargebacks"),
    Measure.NEGATIVE_FEEDBACK: marked("Negative feedback"),
    Measure.LATE_SHIPMENT: marked("Shipped late"),
    Measure.CANCELLATION: marked("Cancelled by the shop"),
    Measure.VALID_TRACKING: marked("Valid tracking"),
    Measure.ON_TIME_DELIVERY: marked("Delivered on time"),
    Measure.RETURN_DISSATISFACTION: marked("Dissatisfied with a return"),
    Measure.CONTACT_DISSATISFACTION: marked("Dissatisfied with an answer"),
    Measure.SFP_ON_TIME: marked("Seller Fulfilled Prime: on time"),
    Measure.SFP_VALID_TRACKING: marked("Seller Fulfilled Prime: valid tracking"),
    Measure.SFP_CANCELLATION: marked("Seller Fulfilled Prime: cancelled"),
    Measure.TRANSACTION_DEFECTS: marked("Transaction defects"),
    Measure.CLOSED_WITHOUT_RESOLUTION: marked("Cases closed without the seller's resolution"),
    Measure.ITEM_NOT_RECEIVED: marked("Item not received"),
    Measure.NOT_AS_DESCRIBED: marked("Item not as described"),
    Measure.RESPONSE_RATE: marked("Answered in time"),
    Measure.RESPONSE_TIME: marked("Response time"),
    Measure.RESOLUTION_RATE: marked("Resolved"),
    Measure.SATISFACTION: marked("Satisfied customers"),
    Measure.REFUND_RATE: marked("Refunded"),
    Measure.RETURN_RATE: marked("Sent back"),
    Measure.NEGATIVE_FEEDBACK_RATE: marked("Negative feedback"),
}

_BOUNDS: Final[Mapping[Direction, str]] = {
    Direction.BELOW: marked("below {bound}"),
    Direction.AT_MOST: marked("at most {bound}"),
    Direction.AT_LEAST: marked("at least {bound}"),
    Direction.ABOVE: marked("above {bound}"),
}

_ORIGINS: Final[Mapping[Origin, str]] = {
    Origin.OWN: marked("counted by the desk"),
    Origin.API: marked("told by the platform"),
    Origin.IMPORT: marked("from a report file"),
}


def health_name(line: HealthLine) -> str:
    """What the measure is called: `Shipped late`, `Answered in time, 24 h, 7 days`, with a badge."""
    name = tr(_NAMES[line.measure])
    if line.measure is Measure.RESPONSE_RATE and line.within is not None:
        length = span(line.within)
        if line.first_only:
            name = tr("First messages answered within {length}", length=length)
        else:
            name = tr("Messages answered within {length}", length=length)
    # For translators: a measure and, in brackets, that only an honour hangs on it.
    return tr("{measure} (badge)", measure=name) if line.badge else name


def place_name(line: HealthLine) -> str:
    """The inbox, and the marketplace where one is named: `Amazon IT · DE`."""
    if not line.marketplace:
        return line.label
    place = line.marketplace
    return f"{line.label} · {place.upper() if len(place) <= _COUNTRY else place}"


def health_words(line: HealthLine) -> str:
    """The value, its threshold and the room: `0.73 % (3 of 412), below 4 %; 13 misses left`."""
    return joined(part for part in (_value_and_bound(line), room_words(line)) if part)


def value_words(line: HealthLine) -> str:
    """The value: `0.73 %`, `4`, `12 min`; a dash where there is none.

    A share is rounded away from its threshold's good side, so that a miss never hides.
    """
    if line.value is None:
        return NOTHING
    return _written(line, line.value)


def threshold_words(line: HealthLine) -> str:
    """`below 4 %`; a dash for a measure without a threshold of its own."""
    if line.threshold is None or line.direction is None:
        return NOTHING
    return tr(_BOUNDS[line.direction], bound=_written(line, line.threshold))


def room_words(line: HealthLine) -> str:
    """How many misses are left, or what brings it back; empty where nobody can know."""
    if line.value is None:
        return tr("nothing to judge")
    if line.kept is None:
        return ""
    return _kept_words(line) if line.kept else _missed_words(line)


def _kept_words(line: HealthLine) -> str:
    if line.misses_left is None:
        return tr("kept")
    if not line.misses_left:
        return tr("kept, and lost with the next miss")
    return tr_many("{count} miss left", "{count} misses left", line.misses_left)


def _missed_words(line: HealthLine) -> str:
    if line.to_regain is None:
        return tr("missed")
    if line.grows:
        return tr_many(
            "missed until the next answer is in time",
            "missed until the next {count} answers are in time",
            line.to_regain,
        )
    return tr_many("{count} miss too many", "{count} misses too many", line.to_regain)


def trend_words(line: HealthLine) -> str:
    """How it moved: `▲ 0.4 points since 3 Mar 2026, worse`; a dash without an earlier value."""
    if line.change is None or not line.trend:
        return NOTHING
    day = date_in(str(spoken_now()), line.trend[-1].day)
    moved = _moved(line)
    if moved is None:
        return tr("unchanged since {day}", day=day)
    change = f"{'▲' if line.change > 0 else '▼'} {moved}"
    less_is_better = line.sort is not Sort.HITS
    if (line.change < 0) is less_is_better:
        return tr("{change} since {day}, better", change=change, day=day)
    return tr("{change} since {day}, worse", change=change, day=day)


def origin_words(line: HealthLine) -> str:
    """Whose count it is and of which day: `counted by the desk, 10 March 2026`."""
    said = tr(_ORIGINS[line.origin])
    day = date_in(str(spoken_now()), line.as_of)
    if line.is_stale:
        return tr("{origin}, {day}: out of date", origin=said, day=day)
    return tr("{origin}, {day}", origin=said, day=day)


def _value_and_bound(line: HealthLine) -> str:
    value = value_words(line)
    if line.sort is not Sort.COUNT and line.counted is not None and line.out_of:
        value = tr(
            "{share} ({count} of {whole})",
            share=value,
            count=number(line.counted),
            whole=number(line.out_of),
        )
    if line.threshold is None:
        return value
    return tr("{value}, {bound}", value=value, bound=threshold_words(line))


def _moved(line: HealthLine) -> str | None:
    """How far, without a sign; None: not so far that it can be told."""
    change = abs(Decimal(repr(line.change)))
    if line.sort in {Sort.MISSES, Sort.HITS}:
        points = (100 * change).quantize(_HUNDREDTH)
        if not points:
            return None
        return tr_many(
            "{figure} point", "{figure} points", 1 if points == 1 else 2, figure=_plain(points)
        )
    rounded = change.quantize(_HUNDREDTH)
    return _plain(rounded) if rounded else None


def _written(line: HealthLine, value: float) -> str:
    # What a float cannot hold exactly is no miss.
    exact = Decimal(repr(value)).quantize(_EXACT)
    if line.sort in {Sort.MISSES, Sort.HITS}:
        away = ROUND_CEILING if line.sort is Sort.MISSES else ROUND_FLOOR
        return _percent((100 * exact).quantize(_HUNDREDTH, away))
    shown = _plain(exact.quantize(_HUNDREDTH))
    # For translators: a length of time in minutes.
    return tr("{minutes} min", minutes=shown) if line.sort is Sort.MINUTES else shown


def _plain(value: Decimal) -> str:
    """A figure without the noughts that say nothing."""
    whole = value == value.to_integral_value()
    return number(value.quantize(Decimal(1)) if whole else value.normalize())


def _percent(value: Decimal) -> str:
    """Two decimals, since most thresholds are small: `0.73 %`."""
    language = spoken_now()
    locale = Locale.parse(str(language))
    pattern = str(locale.percent_formats[None].pattern).replace("#,##0", "#,##0.##")
    said = format_percent(value / 100, pattern, locale=locale)
    return said.replace("%", " %") if language is Language.EN else said

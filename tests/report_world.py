"""A believable month of a shop with four inboxes, as a report: for whatever shows reports.

Its totals add up: what was received became what `reconciled` says, days and causes sum to the
figures, and the heat map holds what the figures hold.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from bot.domain.figures import MissCause
from bot.reports.charts import Chart, ChartKind, Series
from bot.reports.metrics import METRICS, STATISTICS, Unit
from bot.reports.question import Dimension, Period, Question
from bot.reports.report import Cut, Day, Figure, HeatCell, Miss, Reconciled, Report
from sla_rules.vocabulary import Scope

ZONE: Final = "Europe/Rome"
SINCE: Final = datetime(2026, 9, 30, 22, tzinfo=UTC)
UNTIL: Final = datetime(2026, 10, 30, 23, tzinfo=UTC)
"""Thirty days of Rome, the first of October to the thirtieth; summer time ends in between."""

MADE_AT: Final = datetime(2026, 10, 31, 7, 5, tzinfo=UTC)

LABELS: Final[Mapping[str, str]] = {
    "amazon-it": "Amazon.it",
    "amazon-de": "Amazon.de",
    "ebay-it": "eBay Italia",
    "shop": "Casa Rossi",
}

RECEIVED, ANSWERS = 1240, 1502
LIMIT_DECIDED, LIMIT_MISSED = 1384, 33
TARGET_DECIDED, TARGET_MISSED = 1402, 96

_SINGLE: Final[Mapping[str, tuple[float, int, float | None, int]]] = {
    "received": (RECEIVED, RECEIVED, 1118, 1118),
    "handled": (1187, 1187, 1090, 1090),
    "resolved": (1102, 1102, 1041, 1041),
    "backlog": (92, 92, 74, 74),
    "resolution_rate": (1102 / RECEIVED, RECEIVED, 1041 / 1118, 1118),
    "limit_attained": (1 - LIMIT_MISSED / LIMIT_DECIDED, LIMIT_DECIDED, 0.945, 1262),
    "limit_missed": (LIMIT_MISSED, LIMIT_DECIDED, 69, 1262),
    "target_attained": (1 - TARGET_MISSED / TARGET_DECIDED, TARGET_DECIDED, 0.9402, 1287),
    "target_missed": (TARGET_MISSED, TARGET_DECIDED, 77, 1287),
    "answers": (ANSWERS, ANSWERS, 1371, 1371),
    "one_touch": (0.64, 1102, 0.66, 1041),
    "first_contact_resolution": (0.71, 1102, 0.71, 1041),
    "reopen_rate": (0.061, 1102, 0.048, 1041),
    "tickets_per_agent": (198.0, 6, 218.0, 5),
    "answers_per_hour": (3.4, ANSWERS, 3.1, 1371),
    "hand_overs": (0.083, RECEIVED, 0.079, 1118),
    "pings": (1.7, RECEIVED, 2.2, 1118),
    "needless_pings": (0.12, 2108, 0.19, 2459),
    "csat": (0.88, 17, 0.84, 25),
    "nps": (41.0, 22, 35.0, 20),
    "mood_change": (0.42, 811, 0.37, 760),
    "negative_feedback": (0.09, 64, 0.11, 55),
    "positive_reviews": (0.81, 64, 0.78, 55),
    "repeat_contact": (0.14, 902, 0.13, 840),
    "repeat_purchase": (0.11, 640, 0.10, 611),
    "sales_after_answer": (1840.5, 23, 1511.0, 19),
}
"""Value and sample, and those of the period before, of every figure that is told as one."""

_MEDIANS: Final[Mapping[str, tuple[float, int, float]]] = {
    "backlog_age": (41_400, 92, 36_000),
    "first_response": (8_040, 1131, 9_660),
    "first_response_worked": (3_480, 1131, 4_140),
    "next_response": (11_220, 371, 10_800),
    "next_response_worked": (4_920, 371, 4_800),
    "resolution": (72_000, 1102, 79_200),
    "resolution_worked": (26_400, 1102, 28_800),
    "unclaimed": (2_160, 1187, 2_700),
    "handling": (412, 1040, 437),
}
"""Median in seconds, sample, and the median before, of every figure that is told as three."""

_OF_MEDIAN: Final = {"median": 1.0, "mean": 1.46, "p90": 3.6}
_WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_BY_DAY: Final = (52, 56, 44, 43, 41, 26, 24)
_BY_HOUR: Final = (1, 1, 0, 0, 0, 1, 2, 4, 7, 9, 9, 8, 7, 7, 8, 8, 8, 9, 14, 13, 11, 8, 5, 3)


def sample_report(**changes: Any) -> Report:
    """The month's report by channel, with fields of it replaced."""
    report = Report(
        question=a_question(),
        made_at=MADE_AT,
        figures=some_figures(),
        cuts=some_cuts(),
        causes=some_causes(),
        misses=some_misses(),
        reconciled=Reconciled(
            received=RECEIVED, answered=987, waved=61, settled=24, merged=19, waiting=92, told=57
        ),
        days=some_days(),
        heat=some_heat(),
        charts=some_charts(),
        labels=LABELS,
    )
    return replace(report, **changes)


def empty_report(**changes: Any) -> Report:
    """A month in which nothing happened."""
    nothing = [Figure(key=each.key, value=None, sample=0) for each in some_figures()]
    none = Reconciled(received=0, answered=0, waved=0, settled=0, merged=0, waiting=0, told=0)
    changes = {"cuts": (), "causes": {}, "misses": (), "days": (), "heat": (), **changes}
    return sample_report(**{"figures": nothing, "reconciled": none, "charts": (), **changes})


def a_question(**changes: Any) -> Question:
    """October by channel, every inbox."""
    period = Period(since=SINCE, until=UNTIL, zone=ZONE)
    return replace(Question(period=period, by=Dimension.CHANNEL), **changes)


def some_figures(part: float = 1.0) -> list[Figure]:
    """Every figure there is, in the order of the metrics; counts and samples are that `part`."""
    found: list[Figure] = []
    for metric in METRICS:
        if metric.spread:
            found += [_spread(metric.key, statistic, part) for statistic in STATISTICS]
        else:
            found.append(_single(metric.key, metric.unit, part))
    return found


def _spread(key: str, statistic: str, part: float) -> Figure:
    median, sample, before = _MEDIANS[key]
    times = _OF_MEDIAN[statistic] * (2 - part)
    return Figure(
        key=f"{key}.{statistic}",
        value=median * times,
        sample=round(sample * part),
        before=before * times,
        before_sample=round(sample * 0.9 * part),
    )


def _single(key: str, unit: Unit, part: float) -> Figure:
    value, sample, before, before_sample = _SINGLE[key]
    counts = unit in {Unit.COUNT, Unit.MONEY}
    return Figure(
        key=key,
        value=round(value * part) if counts and part < 1 else value,
        sample=round(sample * part),
        before=before,
        before_sample=round(before_sample * part),
    )


def some_cuts() -> list[Cut]:
    """Four channels; of the last there is hardly anything."""
    shares = (("amazon", "Amazon", 0.6), ("ebay", "eBay", 0.27), ("website", "Website", 0.12))
    return [
        *(_cut(key, label, share) for key, label, share in shares),
        _cut("etsy", "Etsy", 0.01),
    ]


def _cut(key: str, label: str, share: float) -> Cut:
    figures = {each.key: each for each in some_figures(share)}
    missed = figures["limit_missed"]
    decided = missed.sample
    kept = 1 - (missed.value or 0) / decided if decided else None
    figures["limit_attained"] = replace(figures["limit_attained"], value=kept, sample=decided)
    return Cut(key=key, label=label, sample=round(RECEIVED * share), figures=figures)


def some_causes() -> dict[Scope, dict[MissCause, int]]:
    """Why clocks were missed, of either kind."""
    return {
        Scope.MARKETPLACE: {
            MissCause.LATE_CLAIM: 17,
            MissCause.LATE_ANSWER: 11,
            MissCause.LATE_INGESTION: 4,
            MissCause.PLATFORM: 1,
        },
        Scope.INTERNAL: {
            MissCause.LATE_CLAIM: 52,
            MissCause.LATE_ANSWER: 38,
            MissCause.LATE_INGESTION: 4,
            MissCause.POLICY_CHANGE: 2,
        },
    }


def some_misses() -> list[Miss]:
    """The ten gravest; one of them is not answered yet."""
    causes = (MissCause.LATE_CLAIM, MissCause.LATE_ANSWER, MissCause.LATE_INGESTION)
    inboxes = tuple(LABELS)
    return [
        _miss(number, inboxes[number % 4], causes[number % 3], hours)
        for number, hours in enumerate((61, 40, 29.5, 22, 18, 13, 9.25, 6, 4, 1.5), 1)
    ]


def _miss(number: int, inbox: str, cause: MissCause, hours: float) -> Miss:
    due_at = SINCE + timedelta(days=2 * number, hours=17, minutes=7 * number)
    late = round(hours * 3600)
    answered = None if number == 1 else due_at + timedelta(seconds=late)
    return Miss(
        ticket_id=9_000_000 + number,
        number=300 + 37 * number,
        permalink=f"https://rossi-casa.slack.example/archives/C0{number}/p17599{number:07}",
        inbox=inbox,
        scope=Scope.MARKETPLACE if number % 3 else Scope.INTERNAL,
        due_at=due_at,
        answered_at=answered if number != 2 else None,
        ended_at=answered,
        late_seconds=late,
        cause=cause,
        owner=("Anna", "Ben", "")[number % 3],
    )


def some_days() -> list[Day]:
    """Thirty days, quieter at weekends."""
    days = [date(2026, 10, 1) + timedelta(days=number) for number in range(30)]
    weights = [_BY_DAY[day.weekday()] for day in days]
    parts = [
        shared(total, weights)
        for total in (
            RECEIVED,
            ANSWERS,
            LIMIT_DECIDED,
            LIMIT_MISSED,
            TARGET_DECIDED,
            TARGET_MISSED,
        )
    ]
    return [
        Day(
            day=day,
            received=received,
            answers=answers,
            limit_decided=limit_decided,
            limit_missed=limit_missed,
            target_decided=target_decided,
            target_missed=target_missed,
        )
        for day, (
            received,
            answers,
            limit_decided,
            limit_missed,
            target_decided,
            target_missed,
        ) in zip(days, zip(*parts, strict=True), strict=True)
    ]


def some_heat() -> list[HeatCell]:
    """Every hour of the week, Monday's first; Tuesday evening is short of people."""
    hours = [(weekday, hour) for weekday in range(7) for hour in range(24)]
    weights = [_BY_DAY[weekday] * _BY_HOUR[hour] for weekday, hour in hours]
    decided = shared(LIMIT_DECIDED, weights)
    return [_cell(*hour, count) for hour, count in zip(hours, decided, strict=True)]


def _cell(weekday: int, hour: int, decided: int) -> HeatCell:
    short = weekday == 1 and hour in {18, 19}
    open_now = weekday < 5 and 8 <= hour < 20
    staffed = 1.0 if short else 2.5 if open_now else 1.0 if weekday == 5 and 9 <= hour < 13 else 0.0
    return HeatCell(
        weekday=weekday,
        hour=hour,
        arrivals_an_hour=9.0 if short else round(decided / 4.3, 1),
        staffed=staffed,
        decided=decided,
        late=round(decided * 0.31) if short else decided // 40,
    )


def some_charts() -> tuple[Chart, Chart, Chart]:
    """One of every kind: bars with a promise, lines over days, the week's heat."""
    return bars_chart(), lines_chart(), heat_chart()


def bars_chart() -> Chart:
    """The share of limits kept by channel, beside that of the month before."""
    return Chart(
        key="limit_attained",
        kind=ChartKind.BARS,
        title="Marketplace limit kept, by channel",
        unit=Unit.SHARE,
        labels=("Amazon", "eBay", "Website", "Etsy"),
        series=(
            Series(name="October", values=(0.972, 0.984, 0.995, 0.93)),
            Series(name="September", values=(0.931, 0.962, 0.99, None)),
        ),
        sample=LIMIT_DECIDED,
        sample_words="1,384 deadlines",
        threshold=0.95,
        threshold_name="promise: 95 %",
    )


def lines_chart() -> Chart:
    """Tickets and answers of each day."""
    days = some_days()
    return Chart(
        key="volume",
        kind=ChartKind.LINES,
        title="Tickets received and answers given, day by day",
        unit=Unit.COUNT,
        labels=tuple(f"{day.day:%-d %b}" for day in days),
        series=(
            Series(name="Tickets received", values=[day.received for day in days]),
            Series(name="Answers given", values=[day.answers for day in days]),
        ),
        sample=RECEIVED,
        sample_words="1,240 tickets",
    )


def heat_chart() -> Chart:
    """Arrivals of each hour of the week."""
    heat = some_heat()
    return Chart(
        key="heat",
        kind=ChartKind.HEAT,
        title="Tickets received an hour, by hour of the week",
        unit=Unit.PER_HOUR,
        labels=tuple(str(hour) for hour in range(24)),
        series=tuple(
            Series(name=name, values=[c.arrivals_an_hour for c in heat if c.weekday == weekday])
            for weekday, name in enumerate(_WEEKDAYS)
        ),
        sample=LIMIT_DECIDED,
        sample_words="1,384 messages",
    )


def shared(total: int, weights: Sequence[int]) -> list[int]:
    """`total` in whole parts by `weights`; the parts add up to it."""
    sums, whole = 0, sum(weights)
    found: list[int] = []
    for weight in weights:
        done = total * sums // whole
        sums += weight
        found.append(total * sums // whole - done)
    return found

"""Charts of reports as Slack's own blocks, where they fit into one.

Limits: Slack's reference of `data_visualization`, 2026: two in a message, titles of 50 characters,
labels of 20, at most 20 places along the axis and 6 series, every value a number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from bot.language import marked, tr
from bot.reports.charts import Chart, ChartKind, Series
from bot.reports.counting.charting import KEPT
from bot.reports.metrics import Unit
from bot.reports.names import metric_name
from bot.reports.report import Day
from bot.slack.blocks.rendered import Block
from bot.slack.text import one_line

MOST_CHARTS: Final = 2
"""Charts of one message."""

_TITLE: Final = 50
_LABEL: Final = 20
_AXIS: Final = 50
_PLACES: Final = 20
_SERIES: Final = 6
FEWEST: Final = 2
"""Places of a chart that is worth one; a single figure is said in words."""

_KINDS: Final[Mapping[ChartKind, str]] = {ChartKind.BARS: "bar", ChartKind.LINES: "line"}
_TIMES: Final[Mapping[Unit, float]] = {
    Unit.SHARE: 100.0,
    Unit.SECONDS: 1 / 3600,
    Unit.WORKED_SECONDS: 1 / 3600,
}
"""What a value is multiplied by, to be read in per cent and in hours."""


_SHORT: Final[Mapping[str, str]] = {
    "limit_attained": marked("Limit kept"),
    "target_attained": marked("Target kept"),
    "limit_missed": marked("Limits missed"),
    "target_missed": marked("Targets missed"),
}
"""Names that fit where Slack writes what a line is of."""


def chart_block(chart: Chart, days: Sequence[Day] = ()) -> Block | None:
    """The chart as a block; None where Slack draws no such kind, or there is too little to draw.

    `days` are those of the report, from which the shares of a long one are counted anew.
    """
    size = -(-len(chart.labels) // _PLACES)
    fitting = _promised(_whole(_in_steps(chart, size, days)))
    if chart.kind not in _KINDS or len(fitting.labels) < FEWEST or not fitting.series:
        return None
    axes = {"categories": _apart(fitting.labels), "y_label": _unit(chart.unit)}
    below = one_line(_sample(chart, size), _AXIS)
    return {
        "type": "data_visualization",
        "title": one_line(chart.title, _TITLE) or "-",
        "chart": {
            "type": _KINDS[chart.kind],
            "series": _drawn(fitting),
            "axis_config": axes | ({"x_label": below} if below else {}),
        },
    }


def _drawn(fitting: Chart) -> list[Block]:
    short = {metric_name(key): tr(name) for key, name in _SHORT.items()}
    names = _apart([short.get(each.name, each.name) for each in fitting.series])
    labels, times = _apart(fitting.labels), _TIMES.get(fitting.unit, 1.0)
    return [
        {
            "name": name,
            "data": [
                {"label": label, "value": _plain(times * (value or 0))}
                for label, value in zip(labels, each.values, strict=True)
            ],
        }
        for name, each in zip(names, fitting.series, strict=True)
    ]


def _plain(value: float) -> float:
    shown = round(value, 2)
    return int(shown) if shown.is_integer() else shown


def _promised(chart: Chart) -> Chart:
    """With what is promised as a line of its own, among lines."""
    if chart.threshold is None or chart.kind is not ChartKind.LINES or not chart.series:
        return chart
    name = chart.threshold_name or tr("Promised")
    line = Series(name=name, values=[chart.threshold] * len(chart.labels))
    return replace(chart, series=[*chart.series[: _SERIES - 1], line])


def _in_steps(chart: Chart, size: int, days: Sequence[Day]) -> Chart:
    """`size` places as one. Other shares than those of days cannot be put together: none are left."""
    if size <= 1:
        return chart
    if chart.key == KEPT and len(days) == len(chart.labels):
        series = _shares(days, size)
    elif chart.unit is Unit.COUNT:
        series = [replace(each, values=_sums(each.values, size)) for each in chart.series]
    else:
        return replace(chart, labels=(), series=())
    return replace(chart, labels=chart.labels[::size], series=series)


def _shares(days: Sequence[Day], size: int) -> list[Series]:
    limits = _kept(
        _sums([day.limit_missed for day in days], size),
        _sums([day.limit_decided for day in days], size),
    )
    targets = _kept(
        _sums([day.target_missed for day in days], size),
        _sums([day.target_decided for day in days], size),
    )
    named = {"limit_attained": limits, "target_attained": targets}
    return [
        Series(name=metric_name(key), values=values)
        for key, values in named.items()
        if any(value is not None for value in values)
    ]


def _kept(missed: Sequence[float], decided: Sequence[float]) -> list[float | None]:
    return [1 - m / d if d else None for m, d in zip(missed, decided, strict=True)]


def _sums(values: Sequence[float | None], size: int) -> list[float]:
    return [sum(v or 0 for v in values[at : at + size]) for at in range(0, len(values), size)]


def _whole(chart: Chart) -> Chart:
    """Only places and series without a gap.

    Lines are drawn where every series has a value. Of bars no part may be lost, nor of lines most:
    then those of the first series are kept, and of the others those that have no gap there.
    """
    kept = chart.series[:_SERIES]
    if not kept:
        return chart
    first = [at for at, value in enumerate(kept[0].values) if value is not None]
    places = [at for at in first if all(each.values[at] is not None for each in kept)]
    if chart.kind is ChartKind.BARS or 2 * len(places) < len(first):
        places = first
    parts = [replace(each, values=[each.values[at] for at in places]) for each in kept]
    return replace(
        chart,
        labels=[chart.labels[at] for at in places],
        series=[each for each in parts if None not in each.values],
    )


def _apart(texts: Sequence[str]) -> list[str]:
    """Labels that Slack takes, no two of them alike."""
    found: list[str] = []
    for text in texts:
        label, count = one_line(text, _LABEL) or "-", 1
        while label in found:
            count += 1
            label = f"{one_line(text, _LABEL - 3)} {count}"
        found.append(label)
    return found


def _sample(chart: Chart, size: int) -> str:
    if size <= 1:
        return chart.sample_words
    # For translators: what a chart is made of, and how many days one of its points stands for.
    return tr("{sample}, in steps of {count}", sample=chart.sample_words, count=size)


def _unit(unit: Unit) -> str:
    match unit:
        case Unit.SHARE:
            return "%"
        case Unit.SECONDS | Unit.WORKED_SECONDS:
            return tr("hours")
        case _:
            return tr("how many")

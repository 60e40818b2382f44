"""Charts as pictures: SVG for pages, PNG for Slack and files, by one and the same drawing.

No colour carries a meaning alone: bars differ by hatching, lines by dashes and markers, and every
value that fits is written beside its mark. The same chart gives the same bytes.
"""

from collections.abc import Sequence
from typing import Final

from bot.language import tr
from bot.language.forms import joined, led
from bot.reports.charts import Chart, Series
from bot.reports.drawing.words import shown, unit_name, value_words

PNG_WIDTH: Final = 1200
"""Pixels. Slack shows a picture some 360 wide and opens it at its full size."""


def svg(chart: Chart, *, narrow: bool = False) -> str:
    """The chart as an SVG element for a page, light and dark by the page's own colours.

    `narrow` is for a phone: the same values on a sheet of its width. Colours are the custom
    properties `--chart-…` where the page sets them, and else those of a light one.
    """
    from bot.reports.drawing.sheet import as_svg  # noqa: PLC0415 - starting pays for no matplotlib

    return as_svg(chart, described(chart), narrow=narrow)


def png(chart: Chart, *, dark: bool = False) -> bytes:
    """The chart as a PNG of `PNG_WIDTH`, its words large enough for Slack's small preview."""
    from bot.reports.drawing.sheet import as_png  # noqa: PLC0415 - as above

    return as_png(chart, PNG_WIDTH, dark=dark)


def described(chart: Chart) -> str:
    """Everything the chart shows, in words."""
    head = f"{joined(filter(None, (unit_name(chart.unit), shown(chart.sample_words))))}."
    lines = [_series(chart, each) for each in chart.series]
    if chart.threshold is not None:
        lines.append(f"{_threshold(chart, chart.threshold)}.")
    return " ".join([head, *lines])


def _threshold(chart: Chart, threshold: float) -> str:
    words, value = shown(chart.threshold_name), value_words(chart.unit, threshold)
    if not words:
        return led(tr("Threshold")) + value
    return words if value in words else f"{led(words)}{value}"


def _series(chart: Chart, series: Series) -> str:
    pairs = zip(chart.labels, series.values, strict=False)
    values = [f"{shown(label)} {value_words(chart.unit, value)}" for label, value in pairs]
    return f"{led(shown(series.name))}{_listed(values)}."


def _listed(values: Sequence[str]) -> str:
    return ", ".join(values) if values else tr("nothing")

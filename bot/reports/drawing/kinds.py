"""The three kinds of charts, drawn on a sheet: bars, lines, and the hours of a week."""

import math
import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, MaxNLocator

from bot.reports.charts import Chart, ChartKind
from bot.reports.drawing.sheet import SMALL, TEXT, Area, Colours
from bot.reports.drawing.words import value_words
from bot.reports.metrics import Unit

_MARGIN: Final = 0.14
_BAR: Final = 0.19
_GAP: Final = 0.14
_KEY: Final = 0.26
_AXIS: Final = 0.3
_LONGEST_LABEL: Final = 22
"""Characters of a line of a label; a longer one goes on in a second."""

_LABEL_LINES: Final = 2
_MOST_OPAQUE: Final = 0.66
"""Of a cell: its number stays legible on it, in either scheme."""

_HATCHES: Final = ("", "////", "....", "xxxx")
_DASHES: Final = ("-", (0, (5, 2)), (0, (1.5, 1.5)), (0, (6, 2, 1.5, 2)))
_MARKERS: Final = ("o", "s", "^", "D")


def _bars_height(chart: Chart, _width: float) -> float:
    group = len(chart.series) * _BAR + _GAP
    return _keys(chart) + len(chart.labels) * group + _promise(chart) + _MARGIN


def _bars(chart: Chart, area: Area, room: float, height: float) -> None:
    labels = [_cut(each) for each in chart.labels]
    rows = [line for each in labels for line in each.splitlines()]
    left = max([area.breadth(each) for each in rows], default=0) + 2 * _MARGIN
    most = max([_top(chart), 1e-9])
    broad = max((area.breadth(_words(chart, v)) for s in chart.series for v in s.values), default=0)
    top = room - _keys(chart) - _promise(chart)
    axes = _axes(area, (left, _MARGIN / 2, area.width - left - _MARGIN - broad, top), height)
    _key(chart, area, room, height, left=_MARGIN)
    axes.set_xlim(0, most)
    axes.set_ylim(top, 0)
    axes.set_axis_off()
    group = len(chart.series) * _BAR + _GAP
    for place, label in enumerate(labels):
        middle = place * group + group / 2
        axes.text(
            -_MARGIN / (area.width - left - _MARGIN - broad) * most,
            middle,
            label,
            size=TEXT,
            ha="right",
            va="center",
            linespacing=1.05,
            color=area.colours.ink,
        )
        for row, series in enumerate(chart.series):
            at = place * group + _GAP / 2 + row * _BAR
            _bar(chart, axes, area, (at, row), series.values[place])
    if chart.threshold is not None:
        _line_down(chart, axes, area, top)


def _bar(
    chart: Chart,
    axes: Axes,
    area: Area,
    where: tuple[float, int],
    value: float | None,
) -> None:
    at, row = where
    if value:
        axes.add_patch(_patch(area.colours, row, (0, at), value, _BAR * 0.86))
    axes.text(
        _beside(chart, axes, value),
        at + _BAR * 0.43,
        _words(chart, value),
        size=SMALL,
        va="center",
        color=area.colours.ink,
    )


def _beside(chart: Chart, axes: Axes, value: float | None) -> float:
    """Where a bar's words stand: at its end, or in a column that the line across cannot cross."""
    most = axes.get_xlim()[1]
    return most * 0.012 + (most if chart.threshold is not None else value or 0)


def _patch(
    colours: Colours, row: int, corner: tuple[float, float], width: float, height: float
) -> Rectangle:
    """A filled bar for the first series, outlines with a pattern for the others."""
    fill = colours.first if row == 0 else "none"
    return Rectangle(
        corner,
        width,
        height,
        facecolor=fill,
        edgecolor=colours.first if row == 0 else colours.ink,
        hatch=_HATCHES[row % len(_HATCHES)] or None,
        linewidth=0.8,
    )


def _line_down(chart: Chart, axes: Axes, area: Area, top: float) -> None:
    value = chart.threshold or 0
    axes.plot([value, value], [0, top], color=area.colours.promise, linestyle="--", linewidth=1.4)
    axes.text(
        value,
        -0.05,
        chart.threshold_name,
        size=SMALL,
        ha="right" if value > _top(chart) / 2 else "left",
        va="bottom",
        color=area.colours.promise,
        weight="bold",
    )


def _lines_height(chart: Chart, width: float) -> float:
    return _keys(chart) + (2.6 if width > 6 else 2.1) + _AXIS  # noqa: PLR2004 - inches, as in Area


def _lines(chart: Chart, area: Area, room: float, height: float) -> None:
    wide = area.is_wide
    formatter = FuncFormatter(lambda value, _place: _tick(chart.unit, value))
    low, high = _reach(chart)
    left = area.breadth(max((_tick(chart.unit, v) for v in (low, high)), key=len)) + 2 * _MARGIN
    right = 0.25
    _key(chart, area, room, height, left=_MARGIN)
    inner = (left, _AXIS, area.width - left - right, room - _keys(chart) - _AXIS - _MARGIN)
    axes = _axes(area, inner, height)
    for row, series in enumerate(chart.series):
        _one_line(axes, area.colours, row, series.values)
    axes.set_ylim(low, high)
    axes.set_xlim(-0.5, max(len(chart.labels) - 0.5, 0.5))
    axes.yaxis.set_major_locator(MaxNLocator(5 if wide else 4, integer=chart.unit is Unit.COUNT))
    axes.yaxis.set_major_formatter(formatter)
    step = max(1, math.ceil(len(chart.labels) / (10 if wide else 5)))
    places = range(0, len(chart.labels), step)
    axes.set_xticks(list(places), [chart.labels[place] for place in places])
    _quiet(axes, area.colours)
    if chart.threshold is not None:
        axes.axhline(chart.threshold, color=area.colours.promise, linestyle="--", linewidth=1.4)
        axes.text(
            -0.4,
            chart.threshold,
            chart.threshold_name,
            size=SMALL,
            va="bottom",
            color=area.colours.promise,
            weight="bold",
        )


def _one_line(axes: Axes, colours: Colours, row: int, values: Sequence[float | None]) -> None:
    axes.plot(
        range(len(values)),
        [math.nan if value is None else value for value in values],
        color=(colours.first, colours.second, colours.third, colours.ink)[row % 4],
        linestyle=_DASHES[row % 4],
        marker=_MARKERS[row % 4],
        markersize=4,
        linewidth=1.8,
    )


def _quiet(axes: Axes, colours: Colours) -> None:
    axes.grid(axis="y", color=colours.faint, linewidth=0.5, alpha=0.5)
    axes.set_axisbelow(True)
    axes.tick_params(colors=colours.ink, labelsize=SMALL, length=0)
    for side, spine in axes.spines.items():
        spine.set_visible(side == "bottom")
        spine.set_color(colours.faint)


def _heat_height(_chart: Chart, width: float) -> float:
    # A phone has no room for 24 columns: there the hours go down.
    rows = 24 * 0.19 if width < 5 else 7 * (0.3 if width > 6 else 0.24)  # noqa: PLR2004 - inches
    return rows + _AXIS + _KEY + _MARGIN


def _heat(chart: Chart, area: Area, room: float, height: float) -> None:
    turned = area.width < 5  # noqa: PLR2004 - inches, as above
    names = [_cut(series.name) for series in chart.series]
    down, along = (list(chart.labels), names) if turned else (names, list(chart.labels))
    left = max([area.breadth(each, SMALL) for each in down], default=0) + 1.5 * _MARGIN
    inner = (left, _KEY + _MARGIN, area.width - left - _MARGIN, room - _AXIS - _KEY - _MARGIN)
    axes = _axes(area, inner, height)
    axes.set_xlim(0, max(len(along), 1))
    axes.set_ylim(max(len(down), 1), 0)
    axes.set_axis_off()
    most = max([_top(chart), 1e-9])
    for day, series in enumerate(chart.series):
        for hour, value in enumerate(series.values):
            across, below = (day, hour) if turned else (hour, day)
            if value is not None:
                _cell(chart, axes, area, (across, below), value)
    style: dict[str, Any] = {"size": SMALL, "color": area.colours.ink}
    for place, words in enumerate(down):
        axes.text(-0.1 * len(along) / 24, place + 0.5, words, ha="right", va="center", **style)
    apart = max([area.breadth(each, SMALL) for each in along], default=0) + 0.05
    step = max(1, math.ceil(apart * len(along) / inner[2]))
    for place, words in list(enumerate(along))[::step]:
        axes.text(place + 0.5, -0.15, words, ha="center", va="bottom", **style)
    _scale(chart, area, height, left, most)


def _cell(
    chart: Chart,
    axes: Axes,
    area: Area,
    where: tuple[int, int],
    value: float,
) -> None:
    across, below = where
    share = value / (_top(chart) or 1)
    axes.add_patch(_shade(area.colours, (across + 0.04, below + 0.04), (0.92, 0.92), share))
    if words := _in_cell(chart.unit, value):
        axes.text(
            across + 0.5,
            below + 0.52,
            words,
            size=SMALL if area.is_wide or area.width < 5 else 6.5,  # noqa: PLR2004 - as above
            ha="center",
            va="center",
            color=area.colours.ink,
        )


def _shade(
    colours: Colours, corner: tuple[float, float], size: tuple[float, float], share: float
) -> Rectangle:
    patch = Rectangle(corner, *size, edgecolor="none", facecolor=colours.first)
    patch.set_alpha(0.05 + (_MOST_OPAQUE - 0.05) * min(max(share, 0), 1))
    return patch


def _in_cell(unit: Unit, value: float) -> str:
    """As few figures as tell it: whole, and nothing for next to nothing."""
    whole = round(value * 100) if unit is Unit.SHARE else round(value)
    return f"{whole}" if whole else ""


def _scale(chart: Chart, area: Area, height: float, left: float, most: float) -> None:
    """What the shades mean: from nothing to the most there is."""
    axes = _axes(area, (left, _MARGIN / 2, area.width - left - _MARGIN, _KEY), height)
    axes.set_xlim(0, area.width - left - _MARGIN)
    axes.set_ylim(0, _KEY)
    axes.set_axis_off()
    style: dict[str, Any] = {"size": SMALL, "va": "center", "color": area.colours.ink}
    low, high = _words(chart, 0), _words(chart, most)
    at = area.breadth(low, SMALL) + 0.08
    axes.text(0, _KEY / 2, low, **style)
    for step in range(6):
        axes.add_patch(_shade(area.colours, (at + step * 0.22, 0.06), (0.21, 0.14), step / 5))
    axes.text(at + 6 * 0.22 + 0.08, _KEY / 2, high, **style)


def _key(chart: Chart, area: Area, room: float, height: float, *, left: float) -> None:
    """Which series is which, above the chart."""
    if not _keys(chart):
        return
    axes = _axes(area, (left, room - _KEY, area.width - 2 * left, _KEY), height)
    axes.set_xlim(0, area.width - 2 * left)
    axes.set_ylim(0, _KEY)
    axes.set_axis_off()
    at = 0.0
    for row, series in enumerate(chart.series):
        if chart.kind is ChartKind.BARS:
            axes.add_patch(_patch(area.colours, row, (at, 0.07), 0.26, 0.13))
        else:
            colour = (area.colours.first, area.colours.second, area.colours.third)[row % 3]
            axes.plot(
                [at, at + 0.13, at + 0.26],
                [0.13] * 3,
                color=colour,
                linestyle=_DASHES[row % 4],
                marker=_MARKERS[row % 4],
                markevery=[1],
                markersize=4,
                linewidth=1.8,
            )
        axes.text(at + 0.33, 0.13, series.name, size=SMALL, va="center", color=area.colours.ink)
        at += 0.33 + area.breadth(series.name, SMALL) + 0.22


def _keys(chart: Chart) -> float:
    return _KEY if len(chart.series) > 1 else 0.0


def _promise(chart: Chart) -> float:
    return 0.2 if chart.threshold is not None else 0.0


def _axes(area: Area, inches: tuple[float, float, float, float], height: float) -> Axes:
    left, bottom, width, tall = inches
    place = (left / area.width, bottom / height, width / area.width, tall / height)
    axes: Axes = area.sheet.add_axes(place)
    axes.patch.set_visible(False)
    return axes


def _values(chart: Chart) -> list[float]:
    return [value for series in chart.series for value in series.values if value is not None]


def _top(chart: Chart) -> float:
    return max([*_values(chart), chart.threshold or 0.0], default=0.0)


def _reach(chart: Chart) -> tuple[float, float]:
    """From nothing to a little above the most; shares near one start where they begin."""
    values = [*_values(chart), *([] if chart.threshold is None else [chart.threshold])]
    low, high = min(values, default=0.0), max(values, default=1.0)
    if chart.unit is Unit.SHARE and low > 0.5:  # noqa: PLR2004 - half: below it the rest is told too
        return max(0.0, math.floor(low * 20 - 0.5) / 20), 1.005
    return min(low * 1.1, 0.0), (high or 1.0) * 1.12


def _words(chart: Chart, value: float | None) -> str:
    return value_words(chart.unit, value)


def _tick(unit: Unit, value: float) -> str:
    return value_words(unit, max(value, 0.0) if abs(value) < 1e-9 else value)  # noqa: PLR2004 - -0


def _cut(text: str) -> str:
    lines = textwrap.wrap(text, _LONGEST_LABEL)
    if len(lines) > _LABEL_LINES:
        lines = [*lines[: _LABEL_LINES - 1], f"{lines[_LABEL_LINES - 1][: _LONGEST_LABEL - 1]}…"]
    return "\n".join(lines)


HEIGHTS: Final[Mapping[ChartKind, Callable[[Chart, float], float]]] = {
    ChartKind.BARS: _bars_height,
    ChartKind.LINES: _lines_height,
    ChartKind.HEAT: _heat_height,
}
KINDS: Final[Mapping[ChartKind, Callable[[Chart, Area, float, float], None]]] = {
    ChartKind.BARS: _bars,
    ChartKind.LINES: _lines,
    ChartKind.HEAT: _heat,
}

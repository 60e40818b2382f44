"""What a chart shows, whoever draws it: Slack's own block, a picture, or a page.

Every chart says its unit and how many cases it is made of, and is legible without colours.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.reports.metrics import Unit


class ChartKind(StrEnum):
    """How it is drawn."""

    BARS = "bars"
    LINES = "lines"
    HEAT = "heat"


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One line, one set of bars, or one row of a heat map. None: nothing to show there."""

    name: str
    values: Sequence[float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """One chart. `labels` name the places along its axis, one for each value of every series.

    `threshold` is a value drawn as a line across, such as a promised share, `threshold_name` its
    words. `sample` is how many cases it is made of, `sample_words` says so.
    """

    key: str
    kind: ChartKind
    title: str
    unit: Unit
    labels: Sequence[str]
    series: Sequence[Series]
    sample: int
    sample_words: str
    threshold: float | None = None
    threshold_name: str = ""

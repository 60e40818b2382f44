"""Bar charts as SVG text: self-contained, legible in black and white, on light and dark, read aloud.

What was is an outline, what would be is filled, so no colour carries a meaning. Every bar has its
number beside it, and the description says all of them again for whoever cannot see the picture.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

_WIDTH: Final = 760
_LEFT: Final = 72
_LONGEST: Final = 440
_BAR: Final = 16
_GROUP: Final = 70
_TOP: Final = 112

_LONGEST_TITLE: Final = 68
"""Characters of the title that fit its line; a reader of screens hears all of it."""

_READ_ALOUD: Final = 'role="img" aria-labelledby="title about"'
_STYLE: Final = (
    "text{font:13px system-ui,'Segoe UI',Helvetica,Arial,sans-serif;fill:#1a1a1a}"
    ".title{font-size:20px;font-weight:600}.label{font-weight:600}"
    ".paper{fill:#fff}.old{fill:#fff;stroke:#1a1a1a}.new{fill:#0b5394;stroke:#0b5394}"
    "@media (prefers-color-scheme:dark){text{fill:#f0f0f0}.paper{fill:#15181c}"
    ".old{fill:#15181c;stroke:#f0f0f0}.new{fill:#8ec5ff;stroke:#8ec5ff}}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One thing measured twice. `words` say each value in full: `12 late of 340 (3.5 %)`."""

    label: str
    old: int
    new: int
    old_words: str
    new_words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BarChart:
    """What a chart says. `unit` names what a bar counts, `sample` out of what."""

    title: str
    unit: str
    sample: str
    pairs: Sequence[Pair]
    old: str = "now"
    new: str = "new"


def svg(chart: BarChart) -> str:
    """The chart as one SVG document."""
    height = _TOP + _GROUP * len(chart.pairs) + 8
    size = f'viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {_READ_ALOUD} {size}>',
            f'<title id="title">{_safe(chart.title)}</title>',
            f'<desc id="about">{_safe(described(chart))}</desc>',
            f"<style>{_STYLE}</style>",
            f'<rect class="paper" width="{_WIDTH}" height="{height}"/>',
            *_head(chart),
            *_bars(chart),
            "</svg>\n",
        ]
    )


def described(chart: BarChart) -> str:
    """Everything the chart shows, in words."""
    lines = [f"{chart.unit}, {chart.sample}."]
    lines += [
        f"{pair.label}: {chart.old} {pair.old_words}, {chart.new} {pair.new_words}."
        for pair in chart.pairs
    ]
    return " ".join(lines)


def _head(chart: BarChart) -> Iterator[str]:
    fits = len(chart.title) <= _LONGEST_TITLE
    title = chart.title if fits else f"{chart.title[: _LONGEST_TITLE - 1]}…"
    yield _text(16, 32, title, style="title")
    yield _text(16, 56, f"{chart.unit}, {chart.sample}")
    yield _rect("old", 16, 72, 24)
    yield _text(48, 85, chart.old)
    yield _rect("new", 112, 72, 24)
    yield _text(144, 85, chart.new)


def _bars(chart: BarChart) -> Iterator[str]:
    longest = max((max(pair.old, pair.new) for pair in chart.pairs), default=0)
    for row, pair in enumerate(chart.pairs):
        top = _TOP + row * _GROUP
        yield _text(16, top + 12, pair.label, style="label")
        values = (
            (chart.old, "old", pair.old, pair.old_words),
            (chart.new, "new", pair.new, pair.new_words),
        )
        for line, (name, style, value, words) in enumerate(values):
            at = top + 20 + line * (_BAR + 4)
            length = round(_LONGEST * value / longest) if longest else 0
            yield _text(16, at + 13, name)
            if length:
                yield _rect(style, _LEFT, at, length)
            yield _text(_LEFT + length + 8, at + 13, words)


def _rect(style: str, x: int, y: int, width: int) -> str:
    return f'<rect class="{style}" x="{x}" y="{y}" width="{width}" height="{_BAR}"/>'


def _text(x: int, y: int, words: str, *, style: str | None = None) -> str:
    named = f' class="{style}"' if style else ""
    return f'<text{named} x="{x}" y="{y}">{_safe(words)}</text>'


def _safe(text: str) -> str:
    """`text` as XML takes it: escaped, and without what no XML document may hold."""
    return escape("".join(char if char.isprintable() else " " for char in text))

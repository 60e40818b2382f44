"""The sheet a chart is drawn on: its size, its colours, its head; and how it becomes a file.

Everything is drawn by matplotlib with a few colours that stand for roles. A PNG has those of the
light or the dark scheme; in an SVG each becomes a custom property, so that a page decides.
"""

import hashlib
import io
import textwrap
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final
from xml.etree import ElementTree as ET

import matplotlib as mpl
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.figure import Figure as Sheet
from matplotlib.font_manager import FontProperties, findfont, get_font

from bot.language.forms import joined
from bot.reports.charts import Chart
from bot.reports.drawing.words import shown, unit_name

_SVG: Final = "http://www.w3.org/2000/svg"
_XLINK: Final = "{http://www.w3.org/1999/xlink}href"
_POINTS: Final = 72
_TITLE, TEXT, SMALL = 12.0, 9.5, 8.0
"""Sizes of letters, in points."""
_LINE: Final = 1.35
_MARGIN: Final = 0.12
_FONT: Final = "DejaVu Sans"
"""Comes with matplotlib, so that a picture has the same letters on every machine."""
_FAMILIES: Final = "system-ui, 'Segoe UI', Helvetica, Arial, 'DejaVu Sans', sans-serif"

_ALONE: Final = threading.Lock()
"""matplotlib keeps fonts and settings for the whole process; one picture at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Colours:
    """The roles of colours. `first` to `third` are Okabe and Ito's, told apart by anyone."""

    ink: str
    faint: str
    paper: str
    first: str
    second: str
    third: str
    promise: str


LIGHT: Final = Colours(
    ink="#1a1c1f",
    faint="#8a9099",
    paper="#ffffff",
    first="#0072b2",
    second="#e69f00",
    third="#009e73",
    promise="#b3400a",
)
DARK: Final = Colours(
    ink="#eceff2",
    faint="#7d858f",
    paper="#16191d",
    first="#56b4e9",
    second="#f0b840",
    third="#2fc296",
    promise="#ff9a62",
)
_ROLES: Final = Colours.__slots__


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """Where a chart is drawn: the sheet, its width in inches, and what its colours are."""

    sheet: Sheet
    width: float
    colours: Colours

    @property
    def is_wide(self) -> bool:
        """Whether there is room for more words."""
        return self.width > 6  # noqa: PLR2004 - inches; a phone and Slack's preview have less

    def breadth(self, text: str, size: float = TEXT) -> float:
        """How broad a text is, in inches."""
        font = FontProperties(family=_FONT, size=size)
        drawn = _ruler().get_text_width_height_descent(text, font, ismath=False)  # type: ignore[no-untyped-call]
        return float(drawn[0]) / _POINTS


@cache
def _ruler() -> RendererAgg:
    """Measures letters; a dot of it is a point."""
    return RendererAgg(8, 8, _POINTS)  # type: ignore[no-untyped-call]


def as_svg(chart: Chart, about: str, *, narrow: bool) -> str:
    """An SVG element whose colours are custom properties, read aloud as `about`."""
    raw = io.BytesIO()
    with _ALONE:
        _settle()
        sheet = _drawn(chart, 3.4 if narrow else 8.2, LIGHT)
        sheet.savefig(raw, format="svg", transparent=True, metadata=_NO_METADATA)
    root = ET.fromstring(raw.getvalue())  # noqa: S314 - just written here
    prefix = hashlib.sha256(f"{chart.key} {narrow} {about}".encode()).hexdigest()[:8]
    _name_apart(root, prefix)
    _dress(root, chart, about, prefix)
    ET.register_namespace("", _SVG)
    ET.register_namespace("xlink", "http://www.w3.org/1999/xlink")
    return ET.tostring(root, encoding="unicode")


def as_png(chart: Chart, pixels: int, *, dark: bool) -> bytes:
    """A PNG so many pixels wide."""
    raw = io.BytesIO()
    width = 5.2
    with _ALONE:
        _settle()
        sheet = _drawn(chart, width, DARK if dark else LIGHT)
        sheet.savefig(raw, format="png", dpi=pixels / width, metadata={"Software": None})
    return raw.getvalue()


_NO_METADATA: Final[Mapping[str, None]] = dict.fromkeys(("Creator", "Date", "Format", "Type"))


def _settle() -> None:
    """Text stays text, `$` is a dollar, and nothing is made by chance."""
    mpl.rcParams.update(
        {
            "svg.fonttype": "none",
            "svg.hashsalt": "threadline",
            "text.parse_math": False,
            "font.family": _FONT,
            "hatch.linewidth": 0.8,
        }
    )


def _drawn(chart: Chart, width: float, colours: Colours) -> Sheet:
    from bot.reports.drawing.kinds import HEIGHTS, KINDS  # noqa: PLC0415 - they need the sheet

    plain = in_font(chart)
    head = _head(plain, width)
    height = head.height + HEIGHTS[chart.kind](plain, width)
    sheet = Sheet(figsize=(width, height), facecolor=colours.paper)
    area = Area(sheet=sheet, width=width, colours=colours)
    _write_head(area, head, height)
    KINDS[chart.kind](plain, area, height - head.height, height)
    return sheet


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    title: str
    below: str
    height: float


def _head(chart: Chart, width: float) -> _Head:
    room = (width - 2 * _MARGIN) * _POINTS
    title = textwrap.fill(chart.title, max(16, int(room / (_TITLE * 0.62))))
    below = textwrap.fill(
        joined(filter(None, (unit_name(chart.unit), chart.sample_words))),
        max(16, int(room / (TEXT * 0.58))),
    )
    lines = _TITLE * (title.count("\n") + 1) + TEXT * (below.count("\n") + 1)
    height = _MARGIN + lines * _LINE / _POINTS + 0.06
    return _Head(title=title, below=below, height=height)


def _write_head(area: Area, head: _Head, height: float) -> None:
    left, top = _MARGIN / area.width, height - _MARGIN
    common: dict[str, Any] = {"va": "top", "ha": "left", "linespacing": 1.2}
    area.sheet.text(
        left, top / height, head.title, size=_TITLE, weight="bold", color=area.colours.ink, **common
    )
    top -= _TITLE * _LINE * (head.title.count("\n") + 1) / _POINTS
    area.sheet.text(left, top / height, head.below, size=TEXT, color=area.colours.ink, **common)


def in_font(chart: Chart) -> Chart:
    """The chart with words that the font has letters for; pictographs are left out."""
    from dataclasses import replace  # noqa: PLC0415 - hidden by the field of the same name

    known = get_font(findfont(_FONT)).get_charmap()

    def plain(text: str) -> str:
        return "".join(_letter(char, known) for char in shown(text)).strip()

    return replace(
        chart,
        title=plain(chart.title),
        sample_words=plain(chart.sample_words),
        threshold_name=plain(chart.threshold_name),
        labels=[plain(each) for each in chart.labels],
        series=[replace(each, name=plain(each.name)) for each in chart.series],
    )


def _letter(char: str, known: Mapping[int, int]) -> str:
    if ord(char) in known:
        return char
    if char.isspace():
        return " "
    return "\N{WHITE SQUARE}" if char.isalnum() else ""


def _name_apart(root: ET.Element, prefix: str) -> None:
    """Names of one picture are no names of another on the same page."""
    for element in root.iter():
        for key, value in element.attrib.items():
            if key == "id":
                element.set(key, f"{prefix}-{value}")
            elif key == _XLINK and value.startswith("#"):
                element.set(key, f"#{prefix}-{value[1:]}")
            elif "url(#" in value:
                element.set(key, value.replace("url(#", f"url(#{prefix}-"))


def _dress(root: ET.Element, chart: Chart, about: str, prefix: str) -> None:
    for element in root.iter():
        for key in ("style", "fill", "stroke"):
            if value := element.get(key):
                element.set(key, _by_role(value))
    for known in ("width", "height"):
        root.attrib.pop(known, None)
    root.set("role", "img")
    root.set("class", "chart")
    root.set("aria-labelledby", f"{prefix}-title {prefix}-about")
    title, desc = (ET.Element(f"{{{_SVG}}}{tag}") for tag in ("title", "desc"))
    title.set("id", f"{prefix}-title")
    desc.set("id", f"{prefix}-about")
    title.text, desc.text = shown(chart.title), about
    root.insert(0, title)
    root.insert(1, desc)


def _by_role(style: str) -> str:
    for role in _ROLES:
        own = getattr(LIGHT, role)
        style = style.replace(own, f"var(--chart-{role}, {own})")
    return style.replace(f"'{_FONT}'", _FAMILIES)


def scheme(colours: Colours) -> str:
    """The custom properties of a scheme, as a page writes them."""
    return ";".join(f"--chart-{role}:{getattr(colours, role)}" for role in _ROLES)

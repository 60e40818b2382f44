"""Charts as pictures: the same bytes, words as words, legible without colour and without eyes."""

import re
import struct
from dataclasses import replace
from functools import cache
from xml.etree import ElementTree as ET

import pytest

from bot.reports.charts import Chart
from bot.reports.drawing.pictures import PNG_WIDTH, described, png, svg
from bot.reports.metrics import Unit
from tests.report_world import bars_chart, heat_chart, lines_chart

SVG = "{http://www.w3.org/2000/svg}"
CHARTS = [bars_chart(), lines_chart(), heat_chart()]


@cache
def drawn(place: int) -> str:
    return svg(CHARTS[place])


def words_of(picture: str) -> list[str]:
    return [each.text or "" for each in ET.fromstring(picture).iter(f"{SVG}text")]


@pytest.mark.parametrize("place", range(3))
def test_a_picture_says_its_title_unit_and_sample_as_words(place: int) -> None:
    chart, said = CHARTS[place], " ".join(words_of(drawn(place)))

    assert chart.title in said
    assert chart.sample_words in said
    assert {Unit.SHARE: "per cent", Unit.COUNT: "how many"}.get(chart.unit, "an hour") in said


@pytest.mark.parametrize("place", range(3))
def test_whoever_cannot_see_it_hears_every_value(place: int) -> None:
    chart, root = CHARTS[place], ET.fromstring(drawn(place))

    named = str(root.get("aria-labelledby")).split()
    assert root.get("role") == "img"
    assert [each.get("id") for each in root[:2]] == named
    assert root[0].text == chart.title
    assert root[1].text == described(chart)


def test_the_description_has_values_in_words_and_the_threshold() -> None:
    assert described(bars_chart()) == (
        "per cent; 1,384 deadlines. "
        "October: Amazon 97.2 %, eBay 98.4 %, Website 99.5 %, Etsy 93 %. "
        "September: Amazon 93.1 %, eBay 96.2 %, Website 99 %, Etsy –. "  # noqa: RUF001
        "promise: 95 %."
    )


def test_bars_and_lines_differ_without_colours() -> None:
    """The second set of bars is hatched, the second line dashed, with marks of another shape."""
    bars, lines = drawn(0), drawn(1)

    assert len(re.findall("<pattern ", bars)) == 1
    assert {"97.2 %", "93.1 %", "promise: 95 %"} <= set(words_of(bars))
    dashes = set(re.findall(r"stroke-dasharray: ([\d., ]+)", lines))
    assert len(dashes) == 1
    marks = {each.get("d") for each in ET.fromstring(lines).iter(f"{SVG}path") if each.get("id")}
    assert len(marks) == 2


def test_the_hours_of_a_week_have_numbers_and_a_scale() -> None:
    said = words_of(drawn(2))

    assert {"Mon", "Sun", "0", "23", "9", "0 an hour", "9 an hour"} <= set(said)


def test_its_colours_are_the_pages() -> None:
    picture = drawn(0)

    assert "var(--chart-first, #0072b2)" in picture
    assert "var(--chart-ink, #1a1c1f)" in picture
    assert not re.search(r"(?:fill|stroke): *#", picture)
    assert not re.search(r"(?:fill|stroke)=\"#", picture)


def test_the_same_chart_gives_the_same_bytes_and_names_of_its_own() -> None:
    wide, narrow = drawn(0), svg(bars_chart(), narrow=True)

    assert svg(bars_chart()) == wide
    assert png(bars_chart()) == png(bars_chart())
    names = [set(re.findall(r' id="([^"]+)"', each)) for each in (wide, narrow)]
    assert names[0]
    assert not names[0] & names[1]
    for reference in re.findall(r"url\(#([^)]+)\)", wide):
        assert reference in names[0]


def test_a_png_is_as_wide_as_told_and_dark_where_asked() -> None:
    light, dark = png(bars_chart()), png(bars_chart(), dark=True)

    assert light.startswith(b"\x89PNG")
    (width,) = struct.unpack(">I", light[16:20])
    assert abs(width - PNG_WIDTH) <= 1
    assert light != dark


HOSTILE = '<script>alert(1)</script> $x^2$ \x00\x1b 🙂 日本 </svg>"&'


def test_hostile_labels_are_words() -> None:
    chart = replace(
        bars_chart(),
        title=HOSTILE,
        labels=(HOSTILE, HOSTILE * 9, "", "a\nb"),
        sample_words=HOSTILE,
        threshold_name=HOSTILE,
    )
    picture = svg(chart)
    root = ET.fromstring(picture)

    assert not list(root.iter(f"{SVG}script"))
    assert root[0].text is not None
    assert root[0].text.startswith("<script>alert(1)</script> $x^2$")
    assert any("$x^2$" in each for each in words_of(picture))
    assert png(chart).startswith(b"\x89PNG")


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.kind)
def test_a_chart_of_nothing_is_still_one(chart: Chart) -> None:
    nothing = [replace(each, values=[None] * len(chart.labels)) for each in chart.series]

    assert words_of(svg(replace(chart, series=nothing)))
    assert words_of(svg(replace(chart, series=(), labels=(), threshold=None)))

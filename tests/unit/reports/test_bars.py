"""The chart as a document: well-formed, complete in words, true to scale, legible without colour."""

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reports.drawing.bars import BarChart, Pair, described, svg

SVG = "{http://www.w3.org/2000/svg}"


def a_pair(label: str = "amazon: first response", old: int = 12, new: int = 6) -> Pair:
    return Pair(
        label=label, old=old, new=new, old_words=f"{old} of 40 (x %)", new_words=f"{new} of 40"
    )


def a_chart(*pairs: Pair, title: str = "What if: new.toml") -> BarChart:
    return BarChart(title=title, unit="Deadlines missed", sample="40 tickets", pairs=pairs)


def drawn(chart: BarChart) -> ET.Element:
    return ET.fromstring(svg(chart))


def bars(root: ET.Element) -> list[tuple[str, int]]:
    """Class and width of every bar, without the two of the legend."""
    found = [rect for rect in root.iter(f"{SVG}rect") if rect.get("class") in {"old", "new"}]
    return [(str(rect.get("class")), int(str(rect.get("width")))) for rect in found[2:]]


def test_bars_are_as_long_as_what_they_count() -> None:
    root = drawn(a_chart(a_pair(old=12, new=6), a_pair(old=3, new=0)))

    assert [(name, width / bars(root)[0][1]) for name, width in bars(root)] == [
        ("old", 1.0),
        ("new", 0.5),
        ("old", 0.25),
    ]


def test_whoever_cannot_see_it_hears_all_of_it() -> None:
    chart = a_chart(a_pair())
    root = drawn(chart)

    assert root.get("role") == "img"
    named = str(root.get("aria-labelledby")).split()
    assert [element.get("id") for element in root[:2]] == named
    assert root[1].text == described(chart)
    assert described(chart) == (
        "Deadlines missed, 40 tickets. amazon: first response: now 12 of 40 (x %), new 6 of 40."
    )


def test_it_needs_nothing_from_elsewhere_and_no_colour() -> None:
    text = svg(a_chart(a_pair()))

    assert text.count("http") == 1  # the name of the format itself
    assert "prefers-color-scheme:dark" in text
    assert ".old{fill:#fff;stroke:" in text  # an outline; the other is filled
    words = [element.text for element in drawn(a_chart(a_pair())).iter(f"{SVG}text")]
    assert {"now", "new", "12 of 40 (x %)", "6 of 40"} <= set(words)


def test_a_long_title_is_cut_to_its_line_and_told_whole() -> None:
    title = "What if: " + "rules of a-file-with-a-long-name.toml, " * 4
    root = drawn(a_chart(a_pair(), title=title))

    assert root[0].text == title
    shown = next(each.text for each in root.iter(f"{SVG}text") if each.get("class") == "title")
    assert shown is not None
    assert shown.endswith("…")
    assert len(shown) < 70


@pytest.mark.parametrize("pairs", [(), (a_pair(old=0, new=0),)])
def test_nothing_missed_is_a_chart_without_bars(pairs: tuple[Pair, ...]) -> None:
    assert bars(drawn(a_chart(*pairs))) == []


@given(st.text(), st.text())
def test_any_words_make_a_well_formed_document(title: str, label: str) -> None:
    root = drawn(a_chart(a_pair(label), title=title))

    assert root.tag == f"{SVG}svg"

"""How the shop stands with each marketplace, on the page of a report."""

from collections.abc import Sequence

from bot.language import tr
from bot.reports.health.lines import HealthLine
from bot.reports.health.words import (
    health_name,
    origin_words,
    place_name,
    room_words,
    threshold_words,
    trend_words,
    value_words,
)
from bot.reports.page.parts import Column, section, table, text


def health_section(lines: Sequence[HealthLine]) -> str:
    """Each figure of a platform with its threshold, its trend and the misses that are left."""
    columns = [
        Column(name=tr("Figure"), is_number=False),
        Column(name=tr("Inbox"), is_number=False),
        Column(name=tr("Value")),
        Column(name=tr("Threshold")),
        Column(name=tr("Misses left"), is_number=False),
        Column(name=tr("Trend"), is_number=False),
        Column(name=tr("Source"), is_number=False),
    ]
    rows = [_row(each) for each in lines]
    caption = tr("As each platform counts; by the day the value is of")
    return section("health", tr("Standing with the marketplaces"), table(caption, columns, rows))


def _row(line: HealthLine) -> list[str]:
    tone = {True: "better", False: "worse", None: "same"}[line.kept]
    mark = {True: "✓ ", False: "✗ ", None: ""}[line.kept]
    room = f'<span class="{tone}">{text(f"{mark}{room_words(line)}")}</span>'
    return [
        text(health_name(line)),
        text(place_name(line)),
        text(value_words(line).replace(" ", "\N{NO-BREAK SPACE}")),
        text(threshold_words(line).replace(" ", "\N{NO-BREAK SPACE}")),
        room,
        text(trend_words(line)),
        f'<span class="small">{text(origin_words(line))}</span>',
    ]

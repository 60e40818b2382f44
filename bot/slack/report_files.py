"""The files behind a report: its charts as pictures, every figure as a table, and all of it as a page."""

from datetime import timedelta
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from bot.domain.desk import Desk
from bot.language import tr
from bot.reports.question import Period
from bot.slack.blocks.report import pictured
from bot.slack.figures import Advised
from connectors.contract import File

MOST_ROWS: Final = 20_000_000
"""Characters of the rows behind a report that are put into its thread; `threadline report --rows`
writes any number."""


class DrawFiles(Protocol):
    """Makes the files of a report, each with its title; `classic`: its message shows no charts."""

    def __call__(self, found: Advised, desk: Desk, *, classic: bool) -> list[tuple[str, File]]:
        """Takes a second: for a thread."""
        ...


def files_of(found: Advised, desk: Desk, *, classic: bool) -> list[tuple[str, File]]:
    """Title and content of everything that goes into the thread, charts first. Takes a second."""
    # Drawing needs matplotlib, which the start of the desk does not wait for.
    from bot.reports.drawing.pictures import png  # noqa: PLC0415 - as said above
    from bot.reports.files.tables import csv_of  # noqa: PLC0415 - read with the others
    from bot.reports.page.document import html  # noqa: PLC0415 - it draws, too

    report = found.report
    name = _name(report.question.period)
    people = {one.slack_id: one.name for one in desk.roster.agents.values()}
    page = html(
        report,
        health=found.health,
        advice=found.advice,
        people=people if report.question.names_people else None,
        desk=desk.shop_name,
    )
    charts = [
        (chart.title, _file(f"{name}-{number}.png", "image/png", png(chart)))
        for number, chart in enumerate(pictured(report, modern=not classic), 1)
    ]
    tables = [(tr("Every figure as a table"), f"{name}.csv", csv_of(report))]
    if 0 < len(found.rows) <= MOST_ROWS:
        tables.append((tr("The tickets and waits behind them"), f"{name}-rows.csv", found.rows))
    return [
        *charts,
        *((title, _file(file, "text/csv", text.encode())) for title, file, text in tables),
        (tr("The report as a page"), _file(f"{name}.html", "text/html", page.encode())),
    ]


def _file(name: str, media_type: str, content: bytes) -> File:
    return File(name=name, media_type=media_type, content=content)


def _name(period: Period) -> str:
    zone = ZoneInfo(period.zone)
    first = period.since.astimezone(zone).date()
    last = (period.until - timedelta(microseconds=1)).astimezone(zone).date()
    return f"report-{first}" if first == last else f"report-{first}-{last}"

"""`threadline report`: the figures of a period, on a terminal or as files. Needs no Slack."""

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.cli import report_table
from bot.cli.console import err, fail, good, progress
from bot.cli.desk_database import beside_a_desk, desk_without_slack, opened
from bot.clock import Clock
from bot.db.apart import ReadApart
from bot.db.sealed import keys_in
from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.language import SOURCE, speaking
from bot.language.forms import moment
from bot.reports.advice import Advice, worst_stretch
from bot.reports.answering import answer
from bot.reports.asking import read_question
from bot.reports.drawing.pictures import png
from bot.reports.files.rows import rows_csv
from bot.reports.files.tables import csv_of, json_of
from bot.reports.health.lines import HealthLine, health
from bot.reports.page.document import html
from bot.reports.question import Period, Question
from bot.reports.report import Report
from bot.runtime.lock import AlreadyRunning
from bot.settings_file import Configuration
from bot.usecases.figures import catch_up


class Format(StrEnum):
    """What a report is told as."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    HTML = "html"
    PNG = "png"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked, and how it is to be told. `rows`: CSV of what the figures are made from."""

    words: str
    by: str | None = None
    inboxes: Sequence[str] = ()
    format: str = Format.TABLE
    output: Path | None = None
    rows: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was read. `rows` is empty where nobody asked for them."""

    report: Report
    health: Sequence[HealthLine]
    rows: str


def run(configuration: Configuration, wanted: Wanted, clock: Clock) -> None:
    """Measure what changed, answer the question, and tell it.

    Raises:
        QuestionError: it is no question about the past.
        SettingsError: the settings cannot be used.
    """
    told = _format(wanted.format)
    _check(wanted, told)
    desk = replace(
        desk_without_slack(configuration), rank_people=configuration.settings.desk.rank_people
    )
    question = _question(desk, wanted, clock.now())
    spoken = desk.language if told in {Format.HTML, Format.PNG} else SOURCE
    with speaking(spoken):
        found = asyncio.run(_found(configuration, desk, question, clock, with_rows=wanted.rows))
        if found.report.is_empty and told is not Format.TABLE:
            err.print(f"[yellow]![/yellow] {nothing_words(found.report.question.period)}")
        _tell(configuration, found, wanted, told)


def nothing_words(period: Period) -> str:
    """What is said of a period in which nothing happened."""
    with speaking(SOURCE):
        since, until = (moment(at, period.zone) for at in (period.since, period.until))
    return f"Nothing happened between {since} and {until}."


def _format(name: str) -> Format:
    known = {each.value: each for each in Format}
    if name.casefold() not in known:
        fail(f"--format {name}: there is no such format. Write one of {', '.join(known)}.")
    return known[name.casefold()]


def _check(wanted: Wanted, told: Format) -> None:
    """Before anything is read: what cannot be written is found out at once."""
    if wanted.rows and told is not Format.CSV:
        fail("--rows writes CSV. Add --format csv.")
    file = wanted.output
    if file is None:
        return
    if told is Format.TABLE:
        fail("--output: a table is printed. Add --format csv, json, html or png for a file.")
    if told is Format.PNG:
        if not file.is_dir():
            fail(f"--output {file}: the charts go into a folder, and there is none of that name.")
    elif not file.parent.is_dir():
        fail(f"--output {file}: there is no folder {file.parent}. Make it, or write another name.")
    elif file.is_dir():
        fail(f"--output {file}: that is a folder. Write the name of a file in it.")


def _question(desk: Desk, wanted: Wanted, now: datetime) -> Question:
    unknown = [name for name in wanted.inboxes if name not in desk.inboxes]
    if unknown:
        names = ", ".join(sorted(desk.inboxes)) or "none"
        fail(f"--inbox {unknown[0]}: there is no such inbox. Those of the file: {names}.")
    words = f"{wanted.words} by {wanted.by}" if wanted.by else wanted.words
    period, by = read_question(words.strip(), now=now, zone=desk.timezone)
    return Question(
        period=period,
        by=by,
        inboxes=frozenset(wanted.inboxes) or None,
        names_people=desk.rank_people,
    )


async def _found(
    configuration: Configuration,
    desk: Desk,
    question: Question,
    clock: Clock,
    *,
    with_rows: bool,
) -> Found:
    url = configuration.environment.database_url
    async with opened(configuration) as database:
        await _measure(url, database, desk, clock)
        now = clock.now()

        def read(conn: Connection) -> Found:
            return Found(
                report=answer(conn, desk, question, now),
                health=health(conn, desk, now, question.inboxes),
                rows=rows_csv(conn, question, now) if with_rows else "",
            )

        # The database stays open meanwhile: SQLite's log of writes can then be read along.
        return await ReadApart(url, keys_in(database.engine)).read(read)


async def _measure(url: str, database: Database, desk: Desk, clock: Clock) -> None:
    try:
        with beside_a_desk(url):
            if err.is_terminal:
                with progress("Measuring what changed"):
                    await catch_up(database, desk, clock)
            else:
                await catch_up(database, desk, clock)
    except AlreadyRunning:
        err.print(
            "[yellow]![/yellow] A desk is running on this SQLite file, and this SQLite library is"
            " not safe for two that write: these are the figures as the desk measured them last."
        )


def _tell(configuration: Configuration, found: Found, wanted: Wanted, told: Format) -> None:
    report = found.report
    if told is Format.TABLE:
        report_table.show(report, found.health, nothing=nothing_words(report.question.period))
    elif told is Format.PNG:
        _draw(report, wanted.output or Path())
    else:
        _write(wanted.output, _as_text(configuration, found, wanted, told))


def _as_text(configuration: Configuration, found: Found, wanted: Wanted, told: Format) -> str:
    report = found.report
    if told is Format.CSV:
        return found.rows if wanted.rows else csv_of(report)
    if told is Format.JSON:
        return f"{json.dumps(json_of(report), ensure_ascii=False, indent=2)}\n"
    return html(
        report,
        health=found.health,
        advice=_advice(configuration, report),
        desk=configuration.settings.desk.name,
    )


def _advice(configuration: Configuration, report: Report) -> Advice | None:
    """Where it hurts. What a person more would change is tried by a desk, which knows its people."""
    stretch = worst_stretch(report.heat)
    if stretch is None or configuration.settings.shifts:
        return None
    return Advice(stretch=stretch, tried=None)


def _write(file: Path | None, text: str) -> None:
    if file is None:
        sys.stdout.write(text)
        return
    file.write_text(text, encoding="utf-8", newline="")
    good(f"The report is in {file}.")


def _draw(report: Report, folder: Path) -> None:
    if not report.charts:
        fail("There is nothing to draw: no chart has a value in this period.")
    for chart in report.charts:
        file = folder / f"{_name(report.question.period)}-{chart.key}.png"
        file.write_bytes(png(chart))
        good(f"{chart.title}: {file}")


def _name(period: Period) -> str:
    zone = ZoneInfo(period.zone)
    ends = period.until - timedelta(microseconds=1)
    first, last = (f"{at.astimezone(zone):%Y-%m-%d}" for at in (period.since, ends))
    return f"report-{first}" if first == last else f"report-{first}-{last}"

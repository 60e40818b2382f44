"""What `threadline health` does: read every figure and print it, or take a report file in."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Final

from rich.markup import escape
from rich.table import Table

from bot.cli.console import fail, good, out, say, warn
from bot.cli.desk_database import beside_a_desk, desk_without_slack, opened
from bot.clock import Clock
from bot.db.apart import ReadApart
from bot.db.sealed import keys_in
from bot.reports.health.lines import Certainty, HealthLine, Origin, health
from bot.reports.health.words import (
    health_name,
    place_name,
    room_words,
    threshold_words,
    trend_words,
    value_words,
)
from bot.runtime.lock import AlreadyRunning
from bot.settings_file import Configuration
from bot.usecases.figures import catch_up
from bot.usecases.health_import import Imported, ImportReport, import_report
from bot.usecases.inboxes import sync_inboxes
from connectors.report_files.cells import LARGEST
from connectors.report_files.formats import Format
from connectors.report_files.reading import Reading

HEADS: Final = ("MEASURE", "VALUE", "THRESHOLD", "LEFT", "TREND", "SOURCE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A file to take in, and what was said of it; empty where nothing was."""

    file: Path
    inbox: str
    wanted: Format | None
    marketplace: str
    language: str
    made_on: str | None


def show(configuration: Configuration, inbox: str | None) -> None:
    """Print the figures of one inbox, or of all."""
    if inbox is not None:
        _check_inbox(configuration, inbox)
    lines = asyncio.run(_lines(configuration, inbox))
    if not lines:
        say(
            "No inbox has a figure yet. `threadline health import FILE --inbox NAME` takes some in."
        )
        return
    _print(lines)


def take(configuration: Configuration, wanted: Wanted) -> None:
    """Take a report file in, and say what it changed.

    Raises:
        ReportRefused: nothing was taken.
        AlreadyRunning: a desk uses this SQLite file, and the library lets one process write.
    """
    _check_inbox(configuration, wanted.inbox)
    command = ImportReport(
        name=wanted.file.name,
        content=_content(wanted.file),
        inbox=wanted.inbox,
        wanted=wanted.wanted,
        places=_places(configuration, wanted.inbox),
        marketplace=wanted.marketplace.strip(),
        language=wanted.language.strip().casefold(),
        made_on=_day(wanted.made_on),
    )
    url = configuration.environment.database_url
    with beside_a_desk(url):
        done = asyncio.run(_import(configuration, command))
    _tell(wanted.file.name, done)


def _check_inbox(configuration: Configuration, name: str) -> None:
    names = [one.name for one in configuration.settings.inboxes]
    if name not in names:
        fail(f"--inbox {name}: there is no such inbox. There are {', '.join(sorted(names))}.")


async def _lines(configuration: Configuration, inbox: str | None) -> Sequence[HealthLine]:
    desk, clock = desk_without_slack(configuration), Clock()
    url = configuration.environment.database_url
    names = None if inbox is None else (inbox,)
    async with opened(configuration) as database:
        try:
            with beside_a_desk(url):
                await catch_up(database, desk, clock)
        except AlreadyRunning:
            warn(
                "A desk is running on this SQLite file: our count is as the desk measured it last."
            )
        now = clock.now()
        apart = ReadApart(url, keys_in(database.engine))
        return await apart.read(lambda conn: health(conn, desk, now, names))


async def _import(configuration: Configuration, command: ImportReport) -> Imported:
    desk = desk_without_slack(configuration)
    now = Clock().now()
    async with opened(configuration) as database:
        await database.write(lambda tx: sync_inboxes(tx, desk), now=now)
        return await database.write(lambda tx: import_report(tx, desk, command), now=now)


def _content(file: Path) -> bytes:
    """The file's bytes, and one more than may be of one that is too large."""
    if not file.is_file():
        fail(f"There is no file {file}.")
    with file.open("rb") as stream:
        return stream.read(LARGEST + 1)


def _places(configuration: Configuration, name: str) -> frozenset[str]:
    """The marketplaces that the inbox's own settings name."""
    found = next((one for one in configuration.settings.inboxes if one.name == name), None)
    settings = {} if found is None else dict(found.settings)
    one, many = settings.get("marketplace"), settings.get("marketplaces")
    told = [one] if isinstance(one, str) else many if isinstance(many, list | tuple) else []
    return frozenset(str(each).strip().casefold() for each in told)


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        fail(f'--date "{text}": write the day as 2026-03-10.')


def _tell(name: str, done: Imported) -> None:
    if done.known:
        good(f"{name} was imported before; nothing changed.")
        return
    for before, now in done.replaced:
        warn(
            f"{now.measure}{_of(now)} of {now.until} was {_figure(before)} and is {_figure(now)} now."
        )
    if done.others:
        warn(f"Left out, since the inbox does not sell there: {', '.join(done.others)}.")
    parts = [f"{done.new} new"]
    parts += [f"{len(done.replaced)} replaced"] if done.replaced else []
    parts += [f"{done.same} as before"] if done.same else []
    good(f"{name}: {len(done.readings)} figures, {', '.join(parts)}.")


def _of(reading: Reading) -> str:
    return f" ({reading.marketplace})" if reading.marketplace else ""


def _figure(reading: Reading) -> str:
    if reading.counted is not None and reading.out_of is not None:
        return f"{reading.counted} of {reading.out_of}"
    return "nothing" if reading.value is None else f"{reading.value:.6g}"


def _print(lines: Sequence[HealthLine]) -> None:
    """A table for each inbox and marketplace."""
    for place, found in groupby(lines, key=place_name):
        say(place, style="bold")
        out.print(_table(list(found)))
        say("")
    if any(line.certainty is not Certainty.DOCUMENTED for line in lines):
        say(
            "?  a threshold that the platform does not document; docs/metrics.md says who tells it."
        )


def _table(lines: Sequence[HealthLine]) -> Table:
    table = Table(box=None, pad_edge=False)
    for head in HEADS:
        table.add_column(head, overflow="fold")
    for line in lines:
        mark = "! " if line.kept is False else ""
        few = ", few cases" if line.is_small else ""
        cells = (
            health_name(line),
            _value(line),
            _threshold(line),
            f"{mark}{room_words(line)}{few}",
            trend_words(line),
            _source(line),
        )
        table.add_row(*(escape(cell) for cell in cells))
    return table


def _threshold(line: HealthLine) -> str:
    is_sure = line.certainty is Certainty.DOCUMENTED or line.threshold is None
    return threshold_words(line) if is_sure else f"{threshold_words(line)} ?"


def _source(line: HealthLine) -> str:
    if line.origin is Origin.OWN:
        return "our count"
    stale = ", out of date" if line.is_stale else ""
    return f"{'API' if line.origin is Origin.API else 'file'} of {line.as_of}{stale}"


def _value(line: HealthLine) -> str:
    if line.out_of and line.counted is not None:
        return f"{value_words(line)} ({line.counted} of {line.out_of})"
    return value_words(line)

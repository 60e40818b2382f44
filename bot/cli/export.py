"""`threadline export`: tickets, messages, deadlines, events and waits as files for other programs."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.cli.console import err, fail, good, progress, warn
from bot.cli.days import a_day
from bot.cli.desk_database import beside_a_desk, desk_without_slack, opened
from bot.clock import Clock
from bot.db.apart import ReadApart
from bot.db.sealed import keys_in
from bot.db.unit import Database
from bot.reports.files.export import MANIFEST, Export, Format, Written, export, kept_back
from bot.reports.files.schema import SCHEMA_VERSION, TABLES
from bot.reports.files.writing import NoParquet, require_parquet
from bot.runtime.lock import AlreadyRunning
from bot.settings_file import Configuration
from bot.usecases.figures import catch_up
from connectors.data_rules import rules_of

ALL: Final = "all"
_MEASURED: Final = frozenset({"tickets", "waits"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What was typed. Days are of the desk's zone, both included."""

    what: str
    format: str
    output: Path
    since: str | None = None
    until: str | None = None
    with_bodies: bool = False
    overwrite: bool = False


def run(configuration: Configuration, wanted: Wanted, clock: Clock) -> None:
    """Write the files. Says in a sentence why they cannot be written.

    Raises:
        SettingsError: the settings cannot be used.
    """
    asked = _asked(configuration, wanted, clock.now())
    _check(asked, overwrite=wanted.overwrite)
    try:
        written, kept = asyncio.run(_write(configuration, asked, clock))
    except OSError as exc:
        why = exc.strerror or type(exc).__name__
        fail(f"--output {asked.folder}: {why}. No file was written; what was there before stays.")
    for each in written:
        good(f"{each.file}: {each.rows:,} rows, {each.length:,} bytes")
    good(f"{MANIFEST}: columns, counts and checksums, of schema version {SCHEMA_VERSION}")
    if kept:
        warn(
            f"Without the words of {', '.join(kept)}: their platform's data rules, or an inbox that"
            " is not in the settings file any more, keep them in the desk."
        )


def _asked(configuration: Configuration, wanted: Wanted, now: datetime) -> Export:
    zone = ZoneInfo(configuration.settings.desk.timezone)
    since, until = a_day("since", wanted.since), a_day("until", wanted.until)
    if since and until and until < since:
        fail(f"--until {until}: that is before --since {since}. Exchange the two.")
    if since and since > now.astimezone(zone).date():
        fail(f"--since {since}: nothing has happened yet on that day. Write one of the past.")
    return Export(
        tables=_tables(wanted.what),
        format=_format(wanted.format),
        folder=wanted.output,
        made_at=now,
        since=_midnight(since, zone) if since else None,
        until=_midnight(until + timedelta(days=1), zone) if until else None,
        with_bodies=wanted.with_bodies,
        bodies_of=_may_be_told(configuration) if wanted.with_bodies else frozenset(),
        version=version("threadline"),
    )


def _tables(what: str) -> tuple[str, ...]:
    named = tuple(dict.fromkeys(part.strip().casefold() for part in what.split(",")))
    unknown = [name for name in named if name not in {*TABLES, ALL}]
    if unknown:
        fail(f'--what "{unknown[0]}": there is no such table. Write {", ".join(TABLES)} or {ALL}.')
    return tuple(TABLES) if ALL in named else named


def _format(name: str) -> Format:
    known = {each.value: each for each in Format}
    if name.casefold() not in known:
        fail(f"--format {name}: there is no such format. Write one of {', '.join(known)}.")
    found = known[name.casefold()]
    if found is Format.PARQUET:
        try:
            require_parquet()
        except NoParquet:
            fail(
                "--format parquet: the package that writes it is not installed. "
                "Install it with: pip install 'threadline[parquet]', or write --format csv."
            )
    return found


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def _may_be_told(configuration: Configuration) -> frozenset[str]:
    """The inboxes of the file whose platform lets what customers wrote leave the desk."""
    configs = configuration.inbox_configs
    names = (each.name for each in configuration.settings.inboxes)
    return frozenset(name for name in names if rules_of(configs.get(name)) is None)


def _check(asked: Export, *, overwrite: bool) -> None:
    """Before anything is read: what cannot be written is found out at once."""
    if not asked.folder.is_dir():
        what = "that is a file" if asked.folder.exists() else "there is no such folder"
        fail(f"--output {asked.folder}: {what}. Make a folder and name it.")
    files = [*asked.files.values(), asked.folder / MANIFEST]
    there = [each.name for each in files if each.exists()]
    if there and not overwrite:
        fail(
            f"--output {asked.folder}: {there[0]} is there already. Name an empty folder, "
            "or add --overwrite."
        )


async def _write(
    configuration: Configuration, asked: Export, clock: Clock
) -> tuple[list[Written], list[str]]:
    url = configuration.environment.database_url
    async with opened(configuration) as database:
        if _MEASURED.intersection(asked.tables):
            await _measure(url, configuration, database, clock)

        def write(conn: Connection) -> tuple[list[Written], list[str]]:
            return export(conn, asked), kept_back(conn, asked)

        with progress("Writing"):
            # The database stays open meanwhile: SQLite's log of writes can then be read along.
            return await ReadApart(url, keys_in(database.engine)).read(write)


async def _measure(
    url: str, configuration: Configuration, database: Database, clock: Clock
) -> None:
    try:
        with beside_a_desk(url), progress("Measuring what changed"):
            await catch_up(database, desk_without_slack(configuration), clock)
    except AlreadyRunning:
        err.print(
            "[yellow]![/yellow] A desk is running on this SQLite file, and this SQLite library is"
            " not safe for two that write: figures are as the desk measured them last."
        )

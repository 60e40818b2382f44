"""`threadline backfill`: an inbox's past, read and rebuilt into a report on the first day.

The desk's own database is not touched, no Slack is needed, and nothing can be sent: this process
has no senders. What it reads goes into a file of its own beside the settings.
"""

import asyncio
import re
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text
from sqlalchemy.exc import DBAPIError
from typing_extensions import override

from bot.cli.backfill_reading import Reading, Source
from bot.cli.backfill_report import Findings, first_report
from bot.cli.backfill_source import history_of, source_of
from bot.cli.backfill_words import show
from bot.cli.console import err, fail, good, say, warn
from bot.cli.desk_database import desk_without_slack
from bot.clock import Clock
from bot.db.engine import create_engine
from bot.db.sealed import with_keys
from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.runtime import schema
from bot.runtime.instance_key import instance_key
from bot.runtime.key_ring import KeyRing, prepare
from bot.runtime.lock import database_file, only_process
from bot.settings_file import Configuration
from bot.usecases.backfill import Kept, Rebuilding, open_past
from bot.usecases.backfill_page import Past, Relived, silent
from connectors.capabilities import HistoryWish
from connectors.errors import ConnectorError

LONGEST: Final = 400
"""Days: a year and what may be compared with it."""

_LAST: Final = re.compile(r"(\d{1,4})d", re.IGNORECASE)
_NONE: Final = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What was asked for on the command line."""

    inbox: str
    last: str = "90d"
    folders: tuple[str, ...] = ()
    sent_folder: str | None = None
    database: Path | None = None
    fresh: bool = False


def run(configuration: Configuration, wanted: Wanted, clock: Clock) -> None:
    """Read, rebuild and print the first report.

    Raises:
        AlreadyRunning: another backfill works on the file.
        AnotherInbox, NoPast: the file is not one of this inbox's past.
    """
    days = days_of(wanted.last)
    source = source_of(configuration, wanted.inbox)
    file = _file(configuration, wanted)
    url = f"sqlite:///{file}"
    with only_process(url):
        if wanted.fresh:
            _remove(file)
        try:
            schema.upgrade(url)
            backfill = _Backfill(
                configuration=configuration,
                source=source,
                wish=_wish(wanted, clock.now() - timedelta(days=days)),
                file=file,
                clock=clock,
            )
            asyncio.run(backfill.run())
        except KeyboardInterrupt:
            fail(f"Stopped. What was read is in {file.name}: the same command goes on from there.")
        except ConnectorError as exc:
            fail(f"{wanted.inbox}: {exc}.", _goes_on(file))
        except DBAPIError as exc:
            fail(f"{file}: {exc.orig}. Make room or repair it. {_goes_on(file)}")


def days_of(text: str) -> int:
    """The days of `--last`, such as `90d`. Leaves with a sentence for anything else."""
    found = _LAST.fullmatch(text.strip())
    days = int(found.group(1)) if found else 0
    if not 1 <= days <= LONGEST:
        fail(f'--last "{text}": write a number of days from 1d to {LONGEST}d, such as 90d.')
    return days


def _goes_on(file: Path) -> str:
    return f"What was read until then is in {file.name}: the same command goes on from there."


def _file(configuration: Configuration, wanted: Wanted) -> Path:
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", wanted.inbox)
    file = wanted.database or configuration.path.parent / f"backfill-{name}.db"
    desk_file = database_file(configuration.environment.database_url)
    if desk_file is not None and file.resolve() == desk_file.resolve():
        fail(f"--database {file}: that is the desk's own database. Name a file of its own.")
    if not file.resolve().parent.is_dir():
        fail(f"--database {file}: there is no folder {file.parent}. Make it, or name another file.")
    return file


def _remove(file: Path) -> None:
    for ending in ("", "-wal", "-shm"):
        file.with_name(file.name + ending).unlink(missing_ok=True)


def _wish(wanted: Wanted, since: datetime) -> HistoryWish:
    sent = wanted.sent_folder
    if sent is not None and sent.lower() == _NONE:
        sent = ""
    return HistoryWish(since=since, folders=wanted.folders, sent_folder=sent)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Backfill:
    """One run."""

    configuration: Configuration
    source: Source
    wish: HistoryWish
    file: Path
    clock: Clock

    async def run(self) -> None:
        url = f"sqlite:///{self.file}"
        # Under the environment's key, else one of its own: the desk's file has another.
        here = self.configuration.environment.model_copy(update={"database_url": url})
        key = instance_key(here)
        ring = KeyRing((key, *key.old))
        database = Database(with_keys(create_engine(url), ring))
        desk = self._desk()
        try:
            await prepare(database, ring, self.clock.now())
            with _progress() as bar:
                kept = await database.write(
                    lambda tx: open_past(tx, desk, self.source.inbox), now=self.clock.now()
                )
                reading = await self._read(database, kept, bar)
                past = await self._rebuild(database, desk, kept, bar)
                findings = await self._report(database, desk, bar)
        finally:
            await database.close()
        self._say(reading, past)
        show(findings, desk)

    def _desk(self) -> Desk:
        """The desk's rules, with this inbox alone."""
        desk = desk_without_slack(self.configuration)
        name = self.source.inbox
        return replace(desk, inboxes={name: desk.inboxes[name]})

    async def _read(self, database: Database, kept: Kept, bar: Progress) -> Reading:
        task = bar.add_task(f"Reading {self.source.inbox}", total=None)
        reading = Reading(
            source=self.source,
            database=database,
            inbox_id=kept.inbox_id,
            clock=self.clock,
            tell=lambda done, total: bar.update(task, completed=done, total=total),
        )
        connector, history = history_of(self.source, self.clock, self.wish)
        try:
            await reading.run(history, self.wish, kept.cursor)
        finally:
            with suppress(ConnectorError):
                await connector.close()
        return reading

    async def _rebuild(self, database: Database, desk: Desk, kept: Kept, bar: Progress) -> Relived:
        past = Past(desk=silent(desk), inbox=self.source.inbox, inbox_id=kept.inbox_id)
        rebuilding = Rebuilding(database=database, past=past, since=self.wish.since)
        total = await rebuilding.begin(self.clock.now())
        task = bar.add_task("Rebuilding conversations", total=total)
        done = 0
        while done < total:
            done = await rebuilding.step(self.clock.now())
            bar.update(task, completed=done)
        await rebuilding.finish(self.clock.now())
        return past.relived

    async def _report(self, database: Database, desk: Desk, bar: Progress) -> Findings:
        bar.add_task("Measuring", total=None)
        return await first_report(
            self.configuration,
            desk,
            self.file,
            database=database,
            clock=self.clock,
            since=self.wish.since,
        )

    def _say(self, reading: Reading, past: Relived) -> None:
        found = reading.progress
        good(
            f"{self.source.inbox}: {found.new:,} items read, {past.items:,} in all; "
            f"{past.tickets:,} conversations with {past.answers:,} answers. "
            "No ticket was opened in Slack, nothing was sent, nothing was changed at the source."
        )
        if found.unreadable:
            warn(f"{found.unreadable:,} items could not be read; each counts as a customer's.")
        if past.tickets and not past.answers:
            warn(
                "No answer was found among the sent mail. Where answers are given in the "
                "marketplace's own console and no copy comes by mail, every wait looks unanswered."
            )
        elif past.unmatched:
            warn(f"{past.unmatched:,} answers found belong to no conversation of that time.")
        say(f"Kept without the words of any message in {self.file}.", style="dim")


class _Rate(ProgressColumn):
    """How many a second."""

    @override
    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.0f}/s" if speed else "", style="dim")


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeRemainingColumn(),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    )

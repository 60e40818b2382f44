"""`threadline whatif`: the past under other rules or another roster. Reads history, changes nothing."""

import asyncio
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bot.cli.console import err, fail, good, warn
from bot.cli.desk_database import beside_a_desk, desk_without_slack, opened
from bot.cli.replay import Question, replayed
from bot.cli.whatif_proposal import Files, Proposal, proposed
from bot.cli.whatif_words import show
from bot.db.past_queries import ticket_links
from bot.domain.whatif_summary import TicketLink, WhatIfSummary, summary_of
from bot.reports.drawing.bars import svg
from bot.reports.drawing.whatif_chart import whatif_chart
from bot.settings_file import Configuration
from bot.usecases.whatif_runs import record_run
from sla_rules.durations import read_duration
from sla_rules.errors import CalendarError, PolicyError


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How much history, and what to do with the answer besides printing it."""

    last: str
    chart: Path | None = None
    share: bool = False


def run(configuration: Configuration, files: Files, wanted: Wanted, now: datetime) -> None:
    """Print breaches before and after for the tickets opened in the time `wanted.last`.

    Raises:
        SettingsError: a proposed file cannot be used.
        AlreadyRunning: sharing would write into a SQLite file that a desk is using, with a SQLite
            library that may lose commits when two processes write.
    """
    since = now - _length(wanted.last)
    _check_chart(wanted.chart)
    proposal = proposed(configuration, files)
    for name in proposal.unused:
        warn(f"No inbox and no policy counts by [calendars.{name}]: it changes nothing.")
    url = configuration.environment.database_url
    alone = beside_a_desk(url)
    with alone if wanted.share else nullcontext():
        summary, links = asyncio.run(
            _answered(configuration, proposal, since, now, share=wanted.share)
        )
    zone = ZoneInfo(configuration.settings.desk.timezone)
    show(summary, links, zone)
    if wanted.chart is not None and summary.tickets:
        wanted.chart.write_text(svg(whatif_chart(summary, zone)), encoding="utf-8")
        good(f"The chart is in {wanted.chart}.")
    if wanted.share and summary.tickets:
        good("Shared: leads and managers see it in Slack with /sla whatif.")


def _check_chart(file: Path | None) -> None:
    """Before anything is replayed: a name that cannot be written is found out at once."""
    if file is not None and file.suffix != ".svg":
        fail(f"--chart {file}: the chart is an SVG. Write a name that ends in .svg.")
    if file is not None and not file.parent.is_dir():
        fail(f"--chart {file}: there is no folder {file.parent}. Make it, or write another name.")


def _length(text: str) -> timedelta:
    try:
        return read_duration(text)
    except ValueError as exc:
        fail(f'--last "{text}": {exc}.')


async def _answered(
    configuration: Configuration, proposal: Proposal, since: datetime, now: datetime, *, share: bool
) -> tuple[WhatIfSummary, Mapping[int, TicketLink]]:
    question = Question(
        before=desk_without_slack(configuration),
        after=desk_without_slack(proposal.rules),
        rosters=proposal.rosters,
        since=since,
        now=now,
    )
    async with opened(configuration) as database:
        try:
            with _progress() as bar:
                task = bar.add_task("Replaying tickets", total=None)
                found = await replayed(
                    database,
                    question,
                    lambda done, total: bar.update(task, completed=done, total=total),
                )
        except (PolicyError, CalendarError) as exc:
            fail(f"{proposal.words}: {exc}.")
        summary = summary_of(found, proposal.words, since, now)
        if share and summary.tickets:
            await database.write(lambda tx: record_run(tx, summary), now=now)
        ids = {flip.ticket for flip in summary.flips}
        return summary, await database.read(lambda conn: ticket_links(conn, ids))


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    )

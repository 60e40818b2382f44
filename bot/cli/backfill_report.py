"""The first report of a rebuilt past: measured, counted, and tried with other targets and shifts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Connection

from bot.clock import Clock
from bot.configuration.shifts import shifts_of
from bot.db.apart import ReadApart
from bot.db.sealed import keys_in
from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.reports.question import Dimension, Period, Question
from bot.reports.report import Report
from bot.settings_file import Configuration
from bot.usecases.backfill_whatif import (
    LateAnswer,
    Trials,
    late_answers,
    names_of,
    try_both,
    worked_hours,
)
from bot.usecases.figures import catch_up
from sla_rules.calendar import Calendar
from sla_rules.staffing import Shift, Staffing

MOST: Final = 10
"""Late answers that are listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Staffed:
    """Who is taken to have worked when, and where that is known from."""

    staffing: Staffing | None
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """Everything that is shown. `names` are what the missed tickets are found by."""

    report: Report
    late: Sequence[LateAnswer]
    trials: Trials
    staffed: Staffed
    names: Mapping[int, str]


async def first_report(
    configuration: Configuration,
    desk: Desk,
    file: Path,
    *,
    database: Database,
    clock: Clock,
    since: datetime,
) -> Findings:
    """Measure what was rebuilt in `file`, and answer what a newcomer asks first."""
    await catch_up(database, desk, clock)
    now = clock.now()
    period = Period(since=since, until=now, zone=configuration.settings.desk.timezone)
    question = Question(period=period, by=Dimension.MARKETPLACE)
    return await ReadApart(f"sqlite:///{file}", keys_in(database.engine)).read(
        lambda conn: _findings(conn, configuration, desk, question, now)
    )


def _findings(
    conn: Connection, configuration: Configuration, desk: Desk, question: Question, now: datetime
) -> Findings:
    # Imported here: numpy is for whoever wants a report.
    from bot.reports.answering import answer  # noqa: PLC0415 - as it says

    report = answer(conn, desk, question, now)
    staffed = _staffed(conn, configuration, desk)
    late = late_answers(conn, MOST)
    shown = [*(miss.ticket_id for miss in report.misses), *(one.ticket_id for one in late)]
    return Findings(
        report=report,
        late=late,
        trials=try_both(conn, desk, staffed.staffing, question.period.since, now),
        staffed=staffed,
        names=names_of(conn, shown),
    )


def _staffed(conn: Connection, configuration: Configuration, desk: Desk) -> Staffed:
    """The roster of the settings; else the inbox's opening hours; else the hours of the answers."""
    (route,) = desk.inboxes.values()
    shifts = shifts_of(configuration.settings.shifts, configuration.calendars)
    working = [each for each in shifts if not each.inboxes or route.name in each.inboxes]
    if working:
        names = ", ".join(each.name for each in working)
        return Staffed(staffing=Staffing(working), source=f"your shifts ({names})")
    if route.calendar in desk.calendars:
        hours = desk.calendars[route.calendar or ""]
        return Staffed(staffing=_one(hours), source=f"your opening hours ({route.calendar})")
    found = worked_hours(conn, desk.timezone)
    if found is None:
        return Staffed(staffing=None, source="")
    return Staffed(staffing=_one(found), source="the hours in which answers were given")


def _one(hours: Calendar) -> Staffing:
    return Staffing([Shift(name="today", calendar=hours, people=1)])

"""What the database and the settings say of each inbox: is it read, may it send, what is left."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.cli.desk_database import desk_without_slack
from bot.cli.findings import Finding
from bot.db.status_queries import sla_status
from bot.domain.desk import Desk
from bot.domain.freshness import silence_allowed
from bot.domain.pacing import Spent, left_to_read
from bot.domain.status import InboxStatus
from bot.runtime.cadences import cadence_of
from bot.settings import InboxSettings
from bot.settings_file import Configuration
from bot.usecases.call_budget import spent_today
from bot.usecases.quarantine import count_quarantined
from sla_rules.durations import in_words

NEVER = "never read yet; `threadline run` reads it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the rows say at one moment."""

    inboxes: Mapping[str, InboxStatus] = field(default_factory=dict)
    spent: Mapping[str, Spent] = field(default_factory=dict)
    quarantined: int = 0


def known(conn: Connection, now: datetime) -> Known:
    """Ask the rows."""
    return Known(
        inboxes={each.name: each for each in sla_status(conn, now).inboxes},
        spent=spent_today(conn, now),
        quarantined=count_quarantined(conn),
    )


def inbox_findings(configuration: Configuration, rows: Known, now: datetime) -> Iterator[Finding]:
    """A few lines an inbox, and one for what could not be read."""
    desk = desk_without_slack(configuration)
    for inbox in configuration.settings.inboxes:
        yield _reading(desk, inbox, rows.inboxes.get(inbox.name), now)
        yield from _quota(configuration, inbox, rows.spent.get(inbox.name, Spent()))
        yield from _outbound(inbox)
        yield from _calls(configuration, inbox)
    yield _quarantine(rows.quarantined)


def _reading(
    desk: Desk, inbox: InboxSettings, status: InboxStatus | None, now: datetime
) -> Finding:
    what = f"Reading of {inbox.name}"
    allowed = silence_allowed(desk, desk.inboxes[inbox.name])
    if status is None or status.last_ok_at is None:
        why = f" ({status.last_error})" if status and status.last_error else ""
        return Finding(what=what, ok=True, doubtful=True, detail=f"{NEVER}{why}")
    silent = max(now - status.last_ok_at, timedelta(0))
    detail = f"last read well {_ago(silent)} ago, an alarm is due after {_ago(allowed)}"
    if silent <= allowed:
        return Finding(what=what, ok=True, detail=detail)
    why = status.paused_reason or status.last_error or "is a desk running?"
    return Finding(what=what, ok=False, detail=f"{detail}: {why}")


def _ago(span: timedelta) -> str:
    return in_words(timedelta(seconds=round(span.total_seconds())))


def _quota(configuration: Configuration, inbox: InboxSettings, spent: Spent) -> Iterator[Finding]:
    manifest = configuration.registry.specs[inbox.connector].manifest
    budget = cadence_of(inbox, manifest).budget
    if budget is None:
        return
    left = left_to_read(budget, spent)
    detail = (
        f"{spent.reads + spent.replies} of {budget.calls_per_day} spent since 00:00 UTC, "
        f"{left} left to read, {max(0, budget.reserve - spent.replies)} kept for answers"
    )
    yield Finding(what=f"Calls of {inbox.name}", ok=True, detail=detail, doubtful=left == 0)


def _outbound(inbox: InboxSettings) -> Iterator[Finding]:
    if inbox.observe:
        detail = "observed only: everything is read and timed, nothing goes out"
        yield Finding(what=f"Answers of {inbox.name}", ok=True, detail=detail, doubtful=True)


def _calls(configuration: Configuration, inbox: InboxSettings) -> Iterator[Finding]:
    manifest = configuration.registry.specs[inbox.connector].manifest
    if not manifest.capabilities.webhooks:
        return
    environment = configuration.environment
    socket_mode = environment.slack_app_token is not None
    served = environment.http_port is not None or not socket_mode
    pushed_only = manifest.transport == "webhook"
    address = f"/webhooks/{inbox.name}"
    detail = f"taken at {address}; a proxy with https has to lead there"
    if not served:
        without = "nothing comes in" if pushed_only else "what is new is found by polls only"
        detail = f"{address} is not served, {without}; set PORT in `.env` to have it served"
    yield Finding(
        what=f"Webhooks of {inbox.name}",
        ok=served or not pushed_only,
        detail=detail,
        doubtful=not served,
    )


def _quarantine(count: int) -> Finding:
    if not count:
        return Finding(what="Quarantine", ok=True, detail="every item could be read")
    items = "1 item" if count == 1 else f"{count} items"
    detail = f"{items} could not be read; see `threadline quarantine list`"
    return Finding(what="Quarantine", ok=True, detail=detail, doubtful=True)

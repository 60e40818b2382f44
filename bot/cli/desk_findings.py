"""What the rows say of a running desk: does it work, does it keep its promises, is it watched."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from bot.cli.desk_database import desk_without_slack
from bot.cli.findings import Finding
from bot.db.engine import sqlite_verdict
from bot.db.state_rows import ALIVE, CLEAN_AUDIT, FINDINGS, DeskState, all_states
from bot.jobs.audit import audit
from bot.jobs.auditor import ANSWER_SECONDS, EFFECT_SECONDS, LEASE_SECONDS
from bot.jobs.findings import AuditReport, Expectations
from bot.jobs.tick import LONGEST_SLEEP
from bot.runtime.storage_check import storage_findings
from bot.settings_file import Configuration
from sla_rules.durations import in_words

SILENT: Final = timedelta(minutes=3)
"""A working process says about every minute that it works."""

RUNBOOK: Final = "docs/runbooks/audit-finding.md"

_SAID_ELSEWHERE: Final = frozenset({"rules_lost", "source_silent", "not_polled"})
"""Findings that have lines of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """What the desk says of itself, and what its rows say now."""

    states: Mapping[str, DeskState]
    report: AuditReport
    told: Mapping[str, str] = field(default_factory=dict)


def look(conn: Connection, configuration: Configuration, now: datetime) -> Running:
    """Audit the rows once. Reads only."""
    expected = Expectations(
        since=now - timedelta(days=36500),
        pings=timedelta(seconds=2 * LONGEST_SLEEP),
        effects=timedelta(seconds=EFFECT_SECONDS),
        answers=timedelta(seconds=ANSWER_SECONDS),
        leases=timedelta(seconds=LEASE_SECONDS),
    )
    states = all_states(conn)
    kept = states.get(FINDINGS)
    return Running(
        states=states,
        report=audit(conn, desk_without_slack(configuration), expected, now),
        told=dict(kept.value or {}) if kept else {},
    )


def running_findings(running: Running, now: datetime) -> Iterator[Finding]:
    """A line for whether it works, one for each promise that is broken."""
    alive, clean = running.states.get(ALIVE), running.states.get(CLEAN_AUDIT)
    yield _alive(alive, now)
    found = [each for each in running.report.findings if each.code not in _SAID_ELSEWHERE]
    for each in found:
        detail = f"{each.code}: {each.detail}; {RUNBOOK} says what to do"
        yield Finding(what="Audit", ok=False, detail=detail)
    seen = {each.key for each in found}
    for key, since in sorted(running.told.items()):
        if key not in seen and key.partition(":")[0] not in _SAID_ELSEWHERE:
            ago = _ago(now - datetime.fromisoformat(since))
            detail = f"the running desk found {key} {ago} ago; {RUNBOOK} says what to do"
            yield Finding(what="Audit", ok=False, detail=detail)
    if not found and not running.told:
        last = f"; the desk's own was clean {_ago(now - clean.at)} ago" if clean else ""
        yield Finding(what="Audit", ok=True, detail=f"clean{last}")


def _alive(alive: DeskState | None, now: datetime) -> Finding:
    what = "Running desk"
    if alive is None:
        detail = "none has run on this database yet; `threadline run` starts it"
        return Finding(what=what, ok=True, doubtful=True, detail=detail)
    ago = max(now - alive.at, timedelta())
    detail = f"last said {_ago(ago)} ago that it works"
    if ago <= SILENT:
        return Finding(what=what, ok=True, detail=detail)
    detail += "; is it stopped? `systemctl status threadline`, docs/runbooks/desk-down.md"
    return Finding(what=what, ok=True, doubtful=True, detail=detail)


def watched(configuration: Configuration) -> Iterator[Finding]:
    """Whether somebody outside notices that the desk is down, and whether mail replaces Slack."""
    heartbeat = configuration.environment.heartbeat_url is not None
    yield Finding(
        what="Heartbeat",
        ok=True,
        detail="called after every clean audit"
        if heartbeat
        else "nobody outside notices when the desk is down; let a service wait for its calls and put "
        "the address into THREADLINE_HEARTBEAT_URL (docs/operations.md, What to watch)",
        doubtful=not heartbeat,
    )
    alarms = configuration.settings.alarms
    yield Finding(
        what="Alarms without Slack",
        ok=True,
        detail=f"mailed to {len(alarms.mail_to)} through {alarms.smtp_host}"
        if alarms
        else "nobody is mailed while Slack is away; an [alarms] table names who is",
    )


def storage(configuration: Configuration, now: datetime) -> Iterator[Finding]:
    """What is wrong with where a SQLite desk keeps its data."""
    url = configuration.environment.database_url
    for each in storage_findings(url, now):
        if each.sentence != sqlite_verdict():
            detail = f"{each.sentence}; {each.way_out}"
            yield Finding(what="Storage", ok=not each.grave, doubtful=True, detail=detail)


def _ago(span: timedelta) -> str:
    return in_words(timedelta(seconds=max(0, round(span.total_seconds()))))

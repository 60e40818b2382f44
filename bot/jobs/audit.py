"""Is the desk keeping its promises right now? A few questions to the rows, asked every minute.

What is found is logged, shown by the health page, and told to the ops channel once an hour while
it lasts. Silence of a source is itself a finding (invariant 10).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, func, or_, select, text

from bot.db import tables
from bot.domain.desk import Desk
from bot.domain.ticket import TicketState
from bot.usecases.rule_versions import lost_in_use
from sla_rules.vocabulary import ClockState
from sla_rules.worded import Worded, marked, worded

SHOWN = 5
"""Ticket numbers named in one finding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectations:
    """What counts as late, in desk time.

    `pings`: two ticks after a ping was due. `effects`: an effect that could go and did not.
    `polls`: three intervals of each inbox this process reads. `silences`: a source that was not
    read successfully, by inbox; `silence` where nothing is said of one. `slowed` are read less
    often on purpose. `since` is when this process began: nothing is late by an earlier time.
    """

    since: datetime
    pings: timedelta
    effects: timedelta
    polls: Mapping[str, timedelta] = field(default_factory=dict)
    silence: timedelta = timedelta(minutes=15)
    silences: Mapping[str, timedelta] = field(default_factory=dict)
    slowed: Collection[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One broken promise. `code` and `subject` stay the same while it lasts."""

    code: str
    subject: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditReport:
    """The findings of one moment."""

    at: datetime
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether every promise is kept."""
        return not self.findings


def audit(conn: Connection, desk: Desk, expected: Expectations, now: datetime) -> AuditReport:
    """Ask everything. Reads open rows only, each through its own index."""
    findings = (
        *_late_pings(conn, expected, now),
        *_late_effects(conn, expected, now),
        *_clockless_tickets(conn, desk),
        *_lost_rules(conn, desk),
        *_unread_inboxes(conn, desk, expected, now),
    )
    return AuditReport(at=now, findings=findings)


def _late_pings(conn: Connection, expected: Expectations, now: datetime) -> list[Finding]:
    ping = tables.ping.c
    count, oldest = conn.execute(
        select(func.count(), func.min(ping.fire_at)).where(
            ping.fired_at.is_(None),
            ping.cancelled_at.is_(None),
            ping.fire_at < now - expected.pings,
        )
    ).one()
    if not count or now - expected.since < expected.pings:
        return []
    template = (
        marked("{count} due ping is not fired, since {time} UTC")
        if count == 1
        else marked("{count} due pings are not fired, the oldest since {time} UTC")
    )
    detail = worded(template, count=count, time=f"{oldest:%H:%M}")
    return [Finding(code="pings_late", subject="pings", detail=detail)]


def _late_effects(conn: Connection, expected: Expectations, now: datetime) -> list[Finding]:
    box = tables.outbox.c
    cutoff = now - expected.effects
    if expected.since > cutoff:
        return []
    rows = conn.execute(
        select(box.lane_group, func.count(), func.min(box.created_at))
        .where(text("outbox.state IN ('ready', 'sending', 'unsure')"), box.state != "unsure")
        # One that never was tried may be waiting for its time, such as an undo window.
        .where(box.created_at < cutoff, or_(box.attempts > 0, box.not_before < cutoff))
        .group_by(box.lane_group)
        .order_by(box.lane_group)
    )
    return [
        Finding(
            code="effects_late",
            subject=group,
            detail=worded(
                marked("{count} message through {group} is not out, since {time} UTC")
                if count == 1
                else marked(
                    "{count} messages through {group} are not out, the oldest since {time} UTC"
                ),
                count=count,
                group=group,
                time=f"{oldest:%H:%M}",
            ),
        )
        for group, count, oldest in rows
    ]


def _clockless_tickets(conn: Connection, desk: Desk) -> list[Finding]:
    """Somebody waits, and no clock measures it although the ticket's policy has some."""
    free = [policy.name for policy in desk.policies.policies if not policy.clocks]
    ticket, deadline = tables.ticket.c, tables.deadline.c
    lasts = deadline.state.in_((ClockState.RUNNING, ClockState.PAUSED))
    # Where a platform counts an automatic receipt, its clock is over and a person still waits.
    receipted = and_(
        deadline.state.in_((ClockState.MET, ClockState.LATE)),
        deadline.stopped_at >= ticket.waiting_since,
    )
    measured = select(deadline.id).where(deadline.ticket_id == ticket.id, or_(lasts, receipted))
    numbers = list(
        conn.scalars(
            select(ticket.number)
            .where(ticket.state == TicketState.OPEN, ticket.waiting_since.is_not(None))
            .where(or_(ticket.policy.is_(None), ticket.policy.not_in(free)), ~measured.exists())
            .order_by(ticket.number)
            .limit(SHOWN + 1)
        )
    )
    if not numbers:
        return []
    named = ", ".join(f"#{number}" for number in numbers[:SHOWN])
    detail = (
        worded("customers wait without a deadline: {tickets} and others", tickets=named)
        if len(numbers) > SHOWN
        else worded("customers wait without a deadline: {tickets}", tickets=named)
    )
    return [Finding(code="no_deadline", subject="tickets", detail=detail)]


def _lost_rules(conn: Connection, desk: Desk) -> list[Finding]:
    """Open tickets go by rules that cannot be made again: their clocks keep what they have."""
    lost = lost_in_use(conn, desk)
    if not lost:
        return []
    detail = worded(
        "open tickets go by rules that cannot be read, run `threadline recompute`: {rule}",
        rule=lost[0],
    )
    return [Finding(code="rules_lost", subject="rules", detail=detail)]


def _unread_inboxes(
    conn: Connection, desk: Desk, expected: Expectations, now: datetime
) -> list[Finding]:
    inbox = tables.inbox.c
    rows = conn.execute(
        select(inbox.name, inbox.last_polled_at, inbox.last_ok_at, inbox.last_error)
        .where(inbox.name.in_(_names(desk, expected)))
        .order_by(inbox.name)
    )
    found: list[Finding] = []
    for row in rows:
        interval = expected.polls[row.name]
        polled = max(row.last_polled_at or expected.since, expected.since)
        heard = max(row.last_ok_at or expected.since, expected.since)
        if now - heard > max(expected.silences.get(row.name, expected.silence), interval):
            detail = _silent(row.name, row.last_ok_at, row.last_error)
            found.append(Finding(code="source_silent", subject=row.name, detail=detail))
        elif now - polled > interval and row.name not in expected.slowed:
            detail = worded("inbox {inbox} was not looked at in three intervals", inbox=row.name)
            found.append(Finding(code="not_polled", subject=row.name, detail=detail))
    return found


def _silent(inbox: str, last_ok_at: datetime | None, error: str | None) -> Worded:
    said = (
        worded("inbox {inbox} was last read well never", inbox=inbox)
        if last_ok_at is None
        else worded(
            "inbox {inbox} was last read well {time} UTC",
            inbox=inbox,
            time=f"{last_ok_at:%Y-%m-%d %H:%M}",
        )
    )
    return worded("{finding}: {error}", finding=said, error=error) if error else said


def _names(desk: Desk, expected: Expectations) -> Collection[str]:
    return [name for name in expected.polls if name in desk.inboxes]

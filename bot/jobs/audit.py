"""Is the desk keeping its promises right now? A few questions to the rows, asked every minute.

What is found is logged, shown by the health page, and told to the ops channel once an hour while
it lasts. Silence of a source is itself a finding (invariant 10).
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, and_, func, or_, select, text

from bot.db import tables
from bot.domain.desk import Desk
from bot.jobs.findings import AuditReport, Check, Expectations, Finding
from bot.jobs.invariants import INVARIANTS, named
from bot.jobs.lane_names import group_name
from bot.usecases.rule_versions import lost_in_use
from sla_rules.vocabulary import ClockState
from sla_rules.worded import Worded, marked, worded

SLICE: Final = 1_000
"""Waiting customers looked at in one read."""


def audit(conn: Connection, desk: Desk, expected: Expectations, now: datetime) -> AuditReport:
    """Ask everything at once, for those who only look. Reads open rows, each through its own index."""
    found = [finding for check in (*CHECKS, *LONG) for finding in check(conn, desk, expected, now)]
    return AuditReport(at=now, findings=tuple(found))


def late_pings(
    conn: Connection, desk: Desk, expected: Expectations, now: datetime
) -> list[Finding]:
    """Pings that are due and were not fired (invariant 4)."""
    del desk
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
        marked("{count} due ping is not fired, since {time}")
        if count == 1
        else marked("{count} due pings are not fired, the oldest since {time}")
    )
    detail = worded(template, count=count, time=oldest)
    return [Finding(code="pings_late", subject="pings", detail=detail)]


def late_effects(
    conn: Connection, desk: Desk, expected: Expectations, now: datetime
) -> list[Finding]:
    """Effects that could go out and do not, by lane group."""
    box = tables.outbox.c
    cutoff = now - expected.effects
    if expected.since > cutoff:
        return []
    rows = conn.execute(
        select(box.lane_group, func.count(), func.min(box.created_at))
        .where(tables.open_effects, box.state != "unsure")
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
                marked("{count} message through {group} is not out, since {time}")
                if count == 1
                else marked(
                    "{count} messages through {group} are not out, the oldest since {time}"
                ),
                count=count,
                group=group_name(desk, group),
                time=oldest,
            ),
        )
        for group, count, oldest in rows
    ]


def clockless_tickets(
    conn: Connection, desk: Desk, expected: Expectations, now: datetime
) -> list[Finding]:
    """Somebody waits, and no clock measures it although the ticket's policy has some."""
    del expected, now
    numbers, place = clockless_after(conn, desk, 0)
    while place is not None:
        more, place = clockless_after(conn, desk, place)
        numbers = [*numbers, *more]
    return clockless_finding(numbers)


def clockless_after(
    conn: Connection, desk: Desk, after: int, limit: int = SLICE
) -> tuple[Sequence[int], int | None]:
    """The numbers of such tickets among the `limit` behind the id `after` that wait.

    Also the id of the last one looked at; None: there are no more.
    """
    ticket, deadline = tables.ticket.c, tables.deadline.c
    part = (
        select(ticket.id, ticket.number, ticket.waiting_since, ticket.policy)
        .where(text("ticket.state = 'open' AND ticket.waiting_since IS NOT NULL"))
        .where(ticket.id > after)
        .order_by(ticket.id)
        .limit(limit)
        .subquery("part")
    )
    lasts = deadline.state.in_((ClockState.RUNNING, ClockState.PAUSED))
    # Where a platform counts an automatic receipt, its clock is over and a person still waits.
    receipted = and_(
        deadline.state.in_((ClockState.MET, ClockState.LATE)),
        deadline.stopped_at >= part.c.waiting_since,
    )
    measured = select(deadline.id).where(deadline.ticket_id == part.c.id, or_(lasts, receipted))
    free = [policy.name for policy in desk.policies.policies if not policy.clocks]
    numbers = conn.scalars(
        select(part.c.number).where(
            or_(part.c.policy.is_(None), part.c.policy.not_in(free)), ~measured.exists()
        )
    ).all()
    last = conn.scalar(select(part.c.id).order_by(part.c.id).offset(limit - 1).limit(1))
    return numbers, last


def clockless_finding(numbers: Sequence[int]) -> list[Finding]:
    """What is said of them."""
    if not numbers:
        return []
    detail = named(
        sorted(numbers),
        marked("customers wait without a deadline: {tickets}"),
        marked("customers wait without a deadline: {tickets} and others"),
    )
    return [Finding(code="no_deadline", subject="tickets", detail=detail)]


def lost_rules(
    conn: Connection, desk: Desk, expected: Expectations, now: datetime
) -> list[Finding]:
    """Open tickets go by rules that cannot be made again: their clocks keep what they have."""
    del expected, now
    lost = lost_in_use(conn, desk)
    if not lost:
        return []
    detail = worded(
        "open tickets go by rules that cannot be read, run `threadline recompute`: {rule}",
        rule=lost[0],
    )
    return [Finding(code="rules_lost", subject="rules", detail=detail)]


def unread_inboxes(
    conn: Connection, desk: Desk, expected: Expectations, now: datetime
) -> list[Finding]:
    """Inboxes of this process that nobody looks at, or that cannot be read (invariant 10)."""
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
        worded("inbox {inbox} was never read well", inbox=inbox)
        if last_ok_at is None
        else worded(
            "inbox {inbox} was last read well {time}",
            inbox=inbox,
            time=last_ok_at,
        )
    )
    return worded("{finding}: {error}", finding=said, error=error) if error else said


def _names(desk: Desk, expected: Expectations) -> Collection[str]:
    return [name for name in expected.polls if name in desk.inboxes]


CHECKS: Final[Sequence[Check]] = (
    late_pings,
    late_effects,
    unread_inboxes,
    *INVARIANTS,
)
"""Questions that are answered at once, however much there is."""

LONG: Final[Sequence[Check]] = (clockless_tickets, lost_rules)
"""Those that read every open ticket: whoever works meanwhile asks them in parts, or seldom."""

"""What must always hold, asked of the rows: the invariants that one statement can tell.

Each goes through an index of open rows only, so that history costs nothing
(tests/db/test_query_plans.py). The promises that time breaks are in `bot.jobs.audit`.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, String, cast, func, literal, select, text

from bot.db import tables
from bot.db.types import literally
from bot.domain.desk import Desk
from bot.domain.effects import EffectKind
from bot.domain.ticket import EventType, MessageState, TicketState
from bot.jobs.findings import Check, Expectations, Finding
from bot.jobs.lane_names import group_name
from sla_rules.vocabulary import LASTING
from sla_rules.worded import Worded, marked, worded

SHOWN: Final = 5
"""Ticket numbers named in one finding."""

AHEAD: Final = timedelta(hours=1)
"""Planned pings are looked at so long before they are due."""

MOST_ROOTS: Final = 1000
"""Waiting cards looked at in one audit."""

_T = tables.ticket.c
_M = tables.message.c
_B = tables.outbox.c
_P = tables.ping.c

_UNDER_WAY: Final = text("message.state IN ('queued', 'sending', 'unsure')")
# Spelt out: a partial index is used only where the query repeats its condition.


def named(numbers: Sequence[int], some: str, more: str) -> Worded:
    """`some` with the tickets' numbers; `more` where there are others."""
    shown = ", ".join(f"#{number}" for number in numbers[:SHOWN])
    return worded(more if len(numbers) > SHOWN else some, tickets=shown)


def expired_leases(
    conn: Connection, desk: Desk, expected: Expectations, now: datetime
) -> list[Finding]:
    """Sends whose time is over, and nobody looks up what became of them (invariant 4)."""
    if now - expected.since < expected.leases:
        return []
    rows = conn.execute(
        select(_B.lane_group, func.count())
        .where(tables.open_effects, _B.state == "sending", _B.lease_until < now - expected.leases)
        .group_by(_B.lane_group)
        .order_by(_B.lane_group)
    )
    return [
        Finding(
            code="leases_expired",
            subject=group,
            detail=worded(
                marked(
                    "{count} message through {group} was begun, and nobody looks what became of it"
                )
                if count == 1
                else marked(
                    "{count} messages through {group} were begun, and nobody looks what became of them"
                ),
                count=count,
                group=group_name(desk, group),
            ),
        )
        for group, count in rows
    ]


def lost_answers(
    conn: Connection, desk: Desk, expected: Expectations, now: datetime
) -> list[Finding]:
    """Answers that an agent sent, that are not settled, and that nothing sends (invariant 3)."""
    carried = select(_B.id).where(
        _B.dedupe_key == literal("reply:") + cast(_M.id, String),
        tables.open_effects,
    )
    query = (
        select(_T.number)
        .join_from(tables.message, tables.ticket, _T.id == _M.ticket_id)
        .where(_UNDER_WAY, _M.state != MessageState.UNSURE, ~carried.exists())
        .where(_M.seen_at < now - desk.undo_window - expected.answers)
    )
    return _tickets(
        conn,
        query,
        "answers_lost",
        marked("answers were sent by agents and nothing hands them over: {tickets}"),
        marked("answers were sent by agents and nothing hands them over: {tickets} and others"),
    )


def late_answers(
    conn: Connection, desk: Desk, expected: Expectations, now: datetime
) -> list[Finding]:
    """Answers past their undo window that are neither taken over nor refused."""
    if now - expected.since < expected.answers:
        return []
    query = (
        select(_T.number)
        .join_from(tables.message, tables.ticket, _T.id == _M.ticket_id)
        .where(_UNDER_WAY, _M.state != MessageState.UNSURE)
        .where(_M.seen_at < now - desk.undo_window - expected.answers)
    )
    return _tickets(
        conn,
        query,
        "answers_late",
        marked("answers to customers have not gone out: {tickets}"),
        marked("answers to customers have not gone out: {tickets} and others"),
    )


def unshown_doubts(
    conn: Connection, desk: Desk, expected: Expectations, now: datetime
) -> list[Finding]:
    """Answers of unknown outcome of which no thread says so: a person has to be asked."""
    del desk
    event, line = tables.ticket_event.c, tables.outbox.alias("line")
    unsaid = select(line.c.id).where(
        line.c.dedupe_key == literal("log:") + cast(event.id, String),
        line.c.state.in_(("dead", "superseded")),
    )
    said = select(event.id).where(
        event.ticket_id == _M.ticket_id,
        event.type == EventType.REPLY_UNSURE,
        event.at >= _M.sent_at,
        ~unsaid.exists(),
    )
    query = (
        select(_T.number)
        .join_from(tables.message, tables.ticket, _T.id == _M.ticket_id)
        .where(_UNDER_WAY, _M.state == MessageState.UNSURE, ~said.exists())
        .where(_M.sent_at < now - expected.answers)
    )
    return _tickets(
        conn,
        query,
        "doubt_unshown",
        marked("nobody was told that an answer may not have arrived: {tickets}"),
        marked("nobody was told that an answer may not have arrived: {tickets} and others"),
    )


def rootless(conn: Connection, desk: Desk, expected: Expectations, now: datetime) -> list[Finding]:
    """Open tickets without a card, and none on its way (invariant 2)."""
    del desk
    coming = select(_B.id).where(
        tables.open_effects,
        _B.lane == literal("ticket:") + cast(_T.id, String),
        _is(EffectKind.POST_ROOT),
    )
    query = (
        select(_T.number)
        .where(text("ticket.state = 'open' AND ticket.slack_ts IS NULL"))
        .where(_T.merged_into.is_(None), _T.updated_at < now - expected.effects)
        .where(~coming.exists())
    )
    return _tickets(
        conn,
        query,
        "no_card",
        marked("open tickets have no card in Slack: {tickets}"),
        marked("open tickets have no card in Slack: {tickets} and others"),
    )


def second_roots(
    conn: Connection, desk: Desk, expected: Expectations, now: datetime
) -> list[Finding]:
    """A card is about to be posted for a ticket that has one (invariant 2)."""
    del desk
    lanes = conn.scalars(
        select(_B.lane)
        .where(tables.open_effects, _is(EffectKind.POST_ROOT), _B.created_at < now - expected.pings)
        .order_by(_B.lane, _B.id)
        .limit(MOST_ROOTS)
    )
    ids = [int(lane.partition(":")[2]) for lane in lanes]
    query = select(_T.number).where(_T.id.in_(ids), _T.slack_ts.is_not(None))
    return _tickets(
        conn,
        query,
        "second_card",
        marked("a second card waits to be posted: {tickets}"),
        marked("a second card waits to be posted: {tickets} and others"),
    )


def stray_pings(
    conn: Connection, desk: Desk, expected: Expectations, now: datetime
) -> list[Finding]:
    """Pings of the next hour whose clock is over: they would call somebody for nothing."""
    del desk, expected
    line = tables.deadline.c
    query = (
        select(_T.number)
        .join_from(tables.ping, tables.deadline, line.id == _P.deadline_id)
        .join(tables.ticket, _T.id == _P.ticket_id)
        .where(_P.fired_at.is_(None), _P.cancelled_at.is_(None), _P.fire_at <= now + AHEAD)
        .where(line.state.not_in(tuple(LASTING)))
    )
    return _tickets(
        conn,
        query,
        "pings_stray",
        marked("pings are planned for deadlines that are over: {tickets}"),
        marked("pings are planned for deadlines that are over: {tickets} and others"),
    )


def gone_owners(
    conn: Connection, desk: Desk, expected: Expectations, now: datetime
) -> list[Finding]:
    """Open tickets of somebody who is not of the desk, or has left: nobody hears their pings."""
    del expected, now
    if not desk.roster.agents:
        return []  # whoever asks knows no people, such as `doctor` without Slack
    here = [each for each in desk.roster.agents if desk.roster.is_active(each)]
    query = select(_T.number).where(
        literally(_T.state, TicketState.OPEN), _T.assignee.is_not(None), _T.assignee.not_in(here)
    )
    return _tickets(
        conn,
        query,
        "owner_gone",
        marked("open tickets belong to people who are not of the desk: {tickets}"),
        marked("open tickets belong to people who are not of the desk: {tickets} and others"),
    )


def _is(kind: EffectKind) -> ColumnElement[bool]:
    return _B.kind == str(kind)


def _tickets(
    conn: Connection, query: Select[Any], code: str, some: str, more: str
) -> list[Finding]:
    numbers: list[int] = sorted(set(conn.scalars(query.limit(4 * SHOWN))))
    if not numbers:
        return []
    return [Finding(code=code, subject="tickets", detail=named(numbers, some, more))]


INVARIANTS: Final[Sequence[Check]] = (
    expired_leases,
    lost_answers,
    late_answers,
    unshown_doubts,
    rootless,
    second_roots,
    stray_pings,
    gone_owners,
)

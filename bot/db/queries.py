"""What is read to be shown. Every function runs inside a read or a write transaction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from sqlalchemy import Connection, ScalarSelect, Select, bindparam, func, or_, select

from bot.db import tables, views
from bot.db.approval_rows import held_words
from bot.db.find_rows import find
from bot.db.order_rows import read_context
from bot.db.queue_rows import Which, queue
from bot.db.relation_rows import (
    ever_escalated,
    has_relations,
    marks_of,
    newest_event,
    relations_of,
)
from bot.db.reply_rows import reply_command, reply_draft
from bot.db.status_queries import sla_status
from bot.db.wait_queries import ever_waited, wait_of
from bot.domain.card import (
    ClockView,
    EscalationView,
    EventView,
    MessageView,
    PingView,
    Relations,
    TicketView,
)
from bot.domain.escalation import ESCALATIONS, escalation
from bot.domain.history import AWAITS_LOOK
from bot.domain.pings import BREACH, PingOutcome
from bot.domain.ticket import EventType
from bot.errors import NoSuchTicket
from sla_rules.vocabulary import RESPONSES, ClockState, Kind

__all__ = [
    "Which",
    "clocks",
    "conversation",
    "event",
    "events",
    "find",
    "message",
    "message_view",
    "pings",
    "planned_pings",
    "queue",
    "reply_command",
    "reply_draft",
    "sla_status",
    "ticket_by_id",
    "ticket_by_number",
    "ticket_by_thread",
    "ticket_view",
]

_T = tables.ticket.c
_M = tables.message.c
_D = tables.deadline.c
_P = tables.ping.c
_C = tables.customer.c
_I = tables.inbox.c
_E = tables.ticket_event.c

_PING_COLUMNS = (
    tables.deadline,
    _P.id.label("ping_id"),
    _P.step,
    _P.audience,
    _P.fire_at,
    _P.severity,
    _P.mention,
    _P.until,
)


def ticket_by_number(conn: Connection, number: int) -> TicketView | None:
    """The ticket people call `#number`."""
    return _one_ticket(conn, _by_number(), {"asked": number})


def ticket_by_id(conn: Connection, ticket_id: int) -> TicketView | None:
    """The ticket of that id."""
    return _one_ticket(conn, _by_id(), {"asked": ticket_id})


def ticket_by_thread(conn: Connection, channel: str, ts: str) -> TicketView | None:
    """The ticket whose root card is that Slack message."""
    return _one_ticket(conn, _by_thread(), {"channel": channel, "ts": ts})


def ticket_view(conn: Connection, ticket_id: int) -> TicketView:
    """The ticket of that id, which must exist. Raises NoSuchTicket."""
    view = ticket_by_id(conn, ticket_id)
    if view is None:
        raise NoSuchTicket(ticket_id)
    return view


def _one_ticket(
    conn: Connection, asked: Select[Any], given: Mapping[str, Any]
) -> TicketView | None:
    row = conn.execute(asked, given).one_or_none()
    if row is None:
        return None
    return views.ticket_view(
        row,
        first=_edge_message(conn, row.id, newest=False),
        last=_edge_message(conn, row.id, newest=True),
        clocks=clocks(conn, row.id),
        wait=wait_of(conn, row.id, Kind(row.kind)) if row.ever_waited else None,
        orders=read_context(conn, row.id, row.order_context, row.order_sealed),
        escalated=_escalation(conn, row.id) if row.ever_escalated else None,
        relations=relations_of(conn, row.id) if row.has_relations else Relations(),
    )


# The same for every card: to build them costs more than to answer them.


@cache
def _by_number() -> Select[Any]:
    return _tickets().where(_T.number == bindparam("asked"))


@cache
def _by_id() -> Select[Any]:
    return _tickets().where(_T.id == bindparam("asked"))


@cache
def _by_thread() -> Select[Any]:
    of_channel = _T.slack_channel == bindparam("channel")
    return _tickets().where(of_channel, _T.slack_ts == bindparam("ts"))


def _tickets() -> Select[Any]:
    return (
        select(
            tables.ticket,
            _I.name.label("inbox"),
            _I.connector,
            _C.display_name.label("customer_name"),
            _C.handle.label("customer_handle"),
            _C.lifetime_value,
            _C.currency.label("customer_currency"),
            _C.tags.label("customer_tags"),
            _C.orders,
            tables.ticket_context.c.content.label("order_context"),
            tables.ticket_context.c.sealed.label("order_sealed"),
            _earlier().label("earlier_tickets"),
            ever_waited().label("ever_waited"),
            ever_escalated().label("ever_escalated"),
            has_relations().label("has_relations"),
            newest_event().label("newest_event"),
        )
        .join_from(tables.ticket, tables.inbox)
        .join(tables.customer, _C.id == _T.customer_id, isouter=True)
        .join(tables.ticket_context, tables.ticket_context.c.ticket_id == _T.id, isouter=True)
    )


def _escalation(conn: Connection, ticket_id: int) -> EscalationView | None:
    return escalation(marks_of(conn, ticket_id, ESCALATIONS))


def _earlier() -> ScalarSelect[int]:
    """How many tickets the same customer had before this one."""
    other = tables.ticket.alias("other_ticket")
    return (
        select(func.count())
        .where(other.c.customer_id == _T.customer_id, other.c.number < _T.number)
        .scalar_subquery()
    )


def _edge_message(conn: Connection, ticket_id: int, *, newest: bool) -> MessageView | None:
    row = conn.execute(_edge(newest=newest), {"of": ticket_id}).one_or_none()
    return views.message_view(conn, row) if row else None


@cache
def _edge(*, newest: bool) -> Select[Any]:
    order = (_M.sent_at.desc(), _M.id.desc()) if newest else (_M.sent_at, _M.id)
    of_ticket = _M.ticket_id == bindparam("of")
    return (
        select(tables.message)
        .where(of_ticket, _M.direction == "in", _M.verdict.in_(AWAITS_LOOK))
        .order_by(*order)
        .limit(1)
    )


def clocks(conn: Connection, ticket_id: int) -> Sequence[ClockView]:
    """The newest instance of each clock of the ticket that was not cancelled, next due first."""
    rows = conn.execute(_clocks(), {"of": ticket_id})
    # One response to the eye: the second begins where the first has ended.
    newest = {(row.metric in RESPONSES, row.scope): views.clock_view(row) for row in rows}
    return sorted(newest.values(), key=lambda clock: clock.due_at)


@cache
def _clocks() -> Select[Any]:
    return (
        select(tables.deadline)
        .where(_D.ticket_id == bindparam("of"), _D.state != ClockState.CANCELLED)
        .order_by(_D.started_at, _D.instance)
    )


def events(conn: Connection, ticket_id: int) -> list[EventView]:
    """The ticket's history, oldest first."""
    rows = conn.execute(
        select(tables.ticket_event).where(_E.ticket_id == ticket_id).order_by(_E.id)
    )
    return [views.event_view(conn, row) for row in rows]


def event(conn: Connection, event_id: int) -> EventView | None:
    """One line of a history; one about an answer also has the answer's `text`."""
    row = conn.execute(select(tables.ticket_event).where(_E.id == event_id)).one_or_none()
    if row is None:
        return None
    line = views.event_view(conn, row)
    if line.type == EventType.APPROVAL_ASKED:
        words = held_words(conn, int(line.data.get("approval_id") or 0))
        return replace(line, data={**line.data, "text": words})
    answer_id = line.data.get("message_id") if line.type.startswith("reply_") else None
    answer = message(conn, int(answer_id)) if answer_id else None
    return replace(line, data={**line.data, "text": answer.body}) if answer else line


def message(conn: Connection, message_id: int) -> MessageView | None:
    """One message, either way."""
    row = conn.execute(select(tables.message).where(_M.id == message_id)).one_or_none()
    return views.message_view(conn, row) if row else None


def message_view(conn: Connection, message_id: int) -> MessageView:
    """One message, which must exist."""
    row = conn.execute(select(tables.message).where(_M.id == message_id)).one()
    return views.message_view(conn, row)


def conversation(conn: Connection, ticket_id: int) -> list[MessageView]:
    """Both sides of the conversation in marketplace time, drafts taken back left out."""
    rows = conn.execute(
        select(tables.message)
        .where(_M.ticket_id == ticket_id, _M.state != "cancelled")
        .order_by(_M.sent_at, _M.id)
    )
    return [views.message_view(conn, row) for row in rows]


def pings(conn: Connection, ids: Collection[int]) -> list[PingView]:
    """Some pings with their clocks, gravest first."""
    if not ids:
        return []
    rows = conn.execute(_pings().where(_P.id.in_(ids)).order_by(_P.severity.desc(), _P.fire_at))
    return [views.ping_view(row) for row in rows]


def planned_pings(conn: Connection, ticket_id: int) -> list[PingView]:
    """The pings of a ticket that are still to come, next first."""
    rows = conn.execute(
        _pings()
        .where(_D.ticket_id == ticket_id, _P.fired_at.is_(None), _P.cancelled_at.is_(None))
        .order_by(_P.fire_at, _P.id)
    )
    return [views.ping_view(row) for row in rows]


def _pings() -> Select[Any]:
    told = tables.ping.alias("told")
    misses = (
        select(func.count())
        .where(told.c.deadline_id == _P.deadline_id, told.c.step.startswith(BREACH))
        .where(or_(told.c.outcome.is_(None), told.c.outcome != PingOutcome.SUPERSEDED))
        .scalar_subquery()
    )
    return select(*_PING_COLUMNS, misses.label("misses")).join_from(
        tables.ping, tables.deadline, _P.deadline_id == _D.id
    )

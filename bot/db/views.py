"""From rows to the frozen views people are shown."""

from collections.abc import Sequence

from sqlalchemy import Connection

from bot.db.sealed import open_data, shown_text
from bot.db.types import AnyRow
from bot.domain.card import (
    CardStage,
    ClockView,
    EscalationView,
    EventView,
    MessageView,
    PingView,
    QueueRow,
    Relations,
    TicketView,
    WaitView,
)
from connectors.capabilities import OrderContext
from sla_rules.topics import Topic
from sla_rules.vocabulary import ClockState, Kind, Metric, Risk, Scope, Stage


def message_view(conn: Connection, row: AnyRow) -> MessageView:
    """A whole row of the message table."""
    return MessageView(
        id=row.id,
        direction=row.direction,
        author=row.author,
        agent=row.agent,
        verdict=row.verdict,
        reason=row.reason,
        state=row.state,
        sent_at=row.sent_at,
        sender_name=row.sender_name,
        body=shown_text(conn, row.body, place=f"message.body:{row.id}"),
        full_body=shown_text(conn, row.full_body, place=f"message.full_body:{row.id}"),
        attachments=row.attachments or (),
        links=row.links or {},
        error=row.error,
        public=row.public,
    )


def clock_view(row: AnyRow) -> ClockView:
    """A row that has every column of the deadline table."""
    return ClockView(
        metric=Metric(row.metric),
        scope=Scope(row.scope),
        instance=row.instance,
        started_at=row.started_at,
        due_at=row.due_at,
        target_seconds=row.target_seconds,
        state=ClockState(row.state),
        stopped_at=row.stopped_at,
        breached_at=row.breached_at,
        policy=row.policy,
        policy_version=row.policy_version,
        calendar=row.calendar,
        calendar_version=row.calendar_version,
        clamped=row.clamped,
        cause=row.cause,
        paused_at=row.paused_at,
    )


def ping_view(row: AnyRow) -> PingView:
    """A deadline row with a ping's columns, whose id is `ping_id`."""
    return PingView(
        id=row.ping_id,
        step=row.step,
        audience=row.audience,
        fire_at=row.fire_at,
        clock=clock_view(row),
        mention=row.mention,
        misses=row.misses,
    )


def event_view(conn: Connection, row: AnyRow) -> EventView:
    """A whole row of the event table."""
    data = open_data(conn, row.id, row.data)
    return EventView(id=row.id, type=row.type, actor=row.actor, at=row.at, data=data)


def queue_row(row: AnyRow) -> QueueRow:
    """A row of `queries.queue`."""
    return QueueRow(
        id=row.id,
        number=row.number,
        inbox=row.inbox,
        subject=row.subject,
        customer_name=row.customer_name or "",
        card_stage=CardStage(row.card_stage),
        assignee=row.assignee,
        waiting_since=row.waiting_since,
        next_due_at=row.next_due_at,
        next_scope=Scope(row.next_scope) if row.next_scope else None,
        permalink=row.slack_permalink,
    )


def ticket_view(
    row: AnyRow,
    *,
    first: MessageView | None,
    last: MessageView | None,
    clocks: Sequence[ClockView],
    wait: WaitView | None,
    orders: OrderContext | None,
    escalated: EscalationView | None,
    relations: Relations,
) -> TicketView:
    """A ticket row joined with its inbox and its customer."""
    return TicketView(
        **{name: getattr(row, name) for name in _AS_STORED},
        kind=Kind(row.kind),
        stage=Stage(row.stage),
        risk=Risk(row.risk),
        topic=Topic(row.topic),
        tags=row.tags or (),
        customer_tags=row.customer_tags or (),
        card_stage=CardStage(row.card_stage),
        customer_name=row.customer_name or "",
        customer_handle=row.customer_handle or "",
        currency=row.customer_currency,
        permalink=row.slack_permalink,
        first_message=first,
        last_customer_message=last,
        clocks=clocks,
        wait=wait,
        order_context=orders,
        escalation=escalated,
        relations=relations,
        newest_event=row.newest_event or 0,
    )


_AS_STORED = (
    *("id", "number", "inbox", "connector", "subject", "vip", "language", "order_id", "state"),
    *("assignee", "snoozed_until", "acknowledged_by", "opened_at", "waiting_since", "version"),
    *("lifetime_value", "orders", "slack_channel", "slack_ts", "earlier_tickets"),
)
"""Columns that a TicketView shows as they are."""

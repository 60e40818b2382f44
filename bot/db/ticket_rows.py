"""Reading and changing ticket rows as the use cases need them: locked, typed, compare-and-set."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, Update, bindparam, select, update

from bot.db import tables
from bot.db.many import write_rows
from bot.db.types import AnyRow
from bot.domain.card import CardStage
from bot.domain.ticket import Ticket, TicketState
from bot.errors import Conflict
from bot.language import tr
from sla_rules.topics import Topic
from sla_rules.vocabulary import Kind, Risk, Stage

_T = tables.ticket.c
_CUSTOMER_TAGS = (
    select(tables.customer.c.tags)
    .where(tables.customer.c.id == _T.customer_id)
    .scalar_subquery()
    .label("customer_tags")
)

TICKET_COLUMNS = (
    _T.id,
    _T.number,
    _T.inbox_id,
    tables.inbox.c.name.label("inbox"),
    tables.inbox.c.connector,
    _T.customer_id,
    _T.subject,
    _T.kind,
    _T.stage,
    _T.risk,
    _T.vip,
    _T.language,
    _T.order_id,
    _T.topic,
    _T.marketplace,
    _T.tags,
    _CUSTOMER_TAGS,
    _T.order_value_cents,
    _T.currency,
    _T.state,
    _T.card_stage,
    _T.assignee,
    _T.claimed_at,
    _T.snoozed_until,
    _T.acknowledged_at,
    _T.opened_at,
    _T.updated_at,
    _T.resolved_at,
    _T.waiting_since,
    _T.platform_limit_seconds,
    _T.policy,
    _T.policy_version,
    _T.calendar_versions,
    _T.version,
    _T.slack_channel,
    _T.merged_into,
)
"""What `ticket_of` needs; the row must come from ticket joined with inbox."""


def ticket_of(row: AnyRow) -> Ticket:
    """The typed ticket of a row that has TICKET_COLUMNS."""
    seconds = row.platform_limit_seconds
    return Ticket(
        id=row.id,
        number=row.number,
        inbox_id=row.inbox_id,
        inbox=row.inbox,
        connector=row.connector,
        customer_id=row.customer_id,
        subject=row.subject,
        kind=Kind(row.kind),
        stage=Stage(row.stage),
        risk=Risk(row.risk),
        vip=row.vip,
        language=row.language,
        order_id=row.order_id,
        topic=Topic(row.topic),
        marketplace=row.marketplace,
        tags=frozenset(row.tags or ()),
        customer_tags=frozenset(row.customer_tags or ()),
        order_value=price_of(row.order_value_cents),
        currency=row.currency,
        state=TicketState(row.state),
        card_stage=CardStage(row.card_stage),
        assignee=row.assignee,
        claimed_at=row.claimed_at,
        snoozed_until=row.snoozed_until,
        acknowledged_at=row.acknowledged_at,
        opened_at=row.opened_at,
        updated_at=row.updated_at,
        resolved_at=row.resolved_at,
        waiting_since=row.waiting_since,
        platform_limit=None if seconds is None else timedelta(seconds=seconds),
        policy=row.policy,
        policy_version=row.policy_version,
        calendar_versions=row.calendar_versions,
        version=row.version,
        slack_channel=row.slack_channel,
        merged_into=row.merged_into,
    )


CENTS = 100
"""Prices are kept as whole hundredths: databases disagree about decimals."""


def price_of(cents: int | None) -> Decimal | None:
    """The price that is kept as `cents`."""
    return None if cents is None else Decimal(cents) / CENTS


def facts_row(ticket: Ticket) -> dict[str, Any]:
    """The columns that say what a ticket is about, as rules look at it."""
    limit, price = ticket.platform_limit, ticket.order_value
    return {
        "kind": ticket.kind,
        "topic": ticket.topic,
        "stage": ticket.stage,
        "risk": ticket.risk,
        "vip": ticket.vip,
        "language": ticket.language,
        "order_id": ticket.order_id,
        "marketplace": ticket.marketplace,
        "tags": sorted(ticket.tags),
        "order_value_cents": None if price is None else int(price * CENTS),
        "currency": ticket.currency,
        "platform_limit_seconds": None if limit is None else int(limit.total_seconds()),
    }


def facts_that_differ(before: Ticket, after: Ticket) -> dict[str, Any]:
    """The columns of `facts_row` in which two states of a ticket differ, as they were before."""
    now = facts_row(after)
    return {name: value for name, value in facts_row(before).items() if value != now[name]}


def restore_facts(conn: Connection, ticket_id: int, facts: Mapping[str, Any]) -> None:
    """Write columns of `facts_row` back."""
    if facts:
        conn.execute(update(tables.ticket).where(_T.id == ticket_id).values(**facts))


def select_tickets() -> Select[Any]:
    """Tickets with TICKET_COLUMNS, to be narrowed."""
    return select(*TICKET_COLUMNS).join_from(tables.ticket, tables.inbox)


def lock_tickets(conn: Connection, ids: Collection[int]) -> dict[int, Ticket]:
    """The tickets, locked until the end of the transaction, in an order that cannot deadlock."""
    if not ids:
        return {}
    found = conn.execute(
        select_tickets()
        .where(_T.id.in_(sorted(ids)))
        .order_by(_T.id)
        .with_for_update(of=tables.ticket)
    )
    return {row.id: ticket_of(row) for row in found}


def change_ticket(conn: Connection, ticket: Ticket, now: datetime, **values: Any) -> int:
    """Compare-and-set one ticket; returns its new version.

    Raises Conflict when somebody else changed it since `ticket` was read.
    """
    changed = conn.execute(
        update(tables.ticket)
        .where(_T.id == ticket.id, _T.version == ticket.version)
        .values(version=ticket.version + 1, updated_at=now, **values)
    )
    if changed.rowcount != 1:
        raise Conflict(
            tr(
                "Ticket #{number} was changed by somebody else just now. Try again.",
                number=ticket.number,
            )
        )
    return ticket.version + 1


def change_tickets(conn: Connection, changes: Sequence[Mapping[str, Any]]) -> None:
    """Write the same columns of many locked tickets in one statement; each names its `id`."""
    if not changes:
        return
    columns = tuple(name for name in changes[0] if name != "id")
    write_rows(conn, _changed(columns), [_new_values(each) for each in changes])


def _new_values(change: Mapping[str, Any]) -> dict[str, Any]:
    return {f"new_{name}": value for name, value in change.items()}


@cache
def _changed(columns: Sequence[str]) -> Update:
    return (
        update(tables.ticket)
        .where(_T.id == bindparam("new_id"))
        .values({name: bindparam(f"new_{name}", type_=_T[name].type) for name in columns})
    )

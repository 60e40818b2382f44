"""How tickets hang together, and marks of single histories."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)

from bot.db import tables
from bot.db.sealed import open_data
from bot.db.types import AnyRow
from bot.domain.card import Relations, TicketRef
from bot.domain.holds import Mark
from bot.domain.ticket import EventType

_T = tables.ticket.c
_L = tables.ticket_link.c
_E = tables.ticket_event.c


def marks_of(conn: Connection, ticket_id: int, types: Collection[str]) -> list[Mark]:
    """The events of these types in a ticket's history, oldest first."""
    rows = conn.execute(
        select(_E.id, _E.type, _E.actor, _E.at, _E.data)
        .where(_E.ticket_id == ticket_id, _E.type.in_(types))
        .order_by(_E.id)
    )
    return [
        Mark(
            id=row.id,
            type=row.type,
            actor=row.actor,
            at=row.at,
            data=open_data(conn, row.id, row.data),
        )
        for row in rows
    ]


def ever_escalated() -> ColumnElement[bool]:
    """Whether the ticket of the row was ever escalated; most never are.

    Not asked by EXISTS: PostgreSQL may answer that by gathering the escalations of all tickets.
    """
    found = select(true()).where(_E.ticket_id == _T.id, _E.type == EventType.ESCALATED).limit(1)
    return func.coalesce(found.scalar_subquery(), false())


def has_relations() -> ColumnElement[bool]:
    """Whether the ticket of the row has to do with another one; most have not."""
    other = tables.ticket.alias("absorbed").c
    return or_(
        _T.merged_into.is_not(None),
        exists().where(other.merged_into == _T.id),
        exists().where(or_(_L.ticket_id == _T.id, _L.other_id == _T.id)),
    )


def newest_event() -> Any:
    """The id of the newest event of the ticket of the row."""
    return select(func.max(_E.id)).where(_E.ticket_id == _T.id).scalar_subquery()


def relations_of(conn: Connection, ticket_id: int) -> Relations:
    """Where the ticket goes on, what goes on in it, and what it is linked with; by number."""
    into = tables.ticket.alias("into").c
    columns = (_T.id, _T.number, _T.slack_permalink)
    rows = conn.execute(
        union_all(
            select(*columns, _kind("into")).where(
                _T.id == select(into.merged_into).where(into.id == ticket_id).scalar_subquery()
            ),
            select(*columns, _kind("merged")).where(_T.merged_into == ticket_id),
            select(*columns, _kind("linked"))
            .join(tables.ticket_link, _L.other_id == _T.id)
            .where(_L.ticket_id == ticket_id),
            select(*columns, _kind("linked"))
            .join(tables.ticket_link, _L.ticket_id == _T.id)
            .where(_L.other_id == ticket_id),
        )
    ).all()
    by_number = sorted(rows, key=lambda row: row.number)
    into_one = [_ref(row) for row in by_number if row.kind == "into"]
    return Relations(
        merged_into=into_one[0] if into_one else None,
        merged=[_ref(row) for row in by_number if row.kind == "merged"],
        linked=[_ref(row) for row in by_number if row.kind == "linked"],
    )


def _kind(name: str) -> Any:
    return literal(name).label("kind")


def _ref(row: AnyRow) -> TicketRef:
    return TicketRef(id=row.id, number=row.number, permalink=row.slack_permalink)


def number_of(conn: Connection, ticket_id: int) -> int:
    """What people call the ticket."""
    number: int = conn.execute(select(_T.number).where(_T.id == ticket_id)).scalar_one()
    return number

"""Claims that end by themselves, one row a ticket, found by when something is due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, Integer, bindparam, delete, exists, or_, select, update

from bot.db import tables
from bot.db.inserts import upsert
from bot.db.ticket_rows import TICKET_COLUMNS, ticket_of
from bot.db.unit import Tx
from bot.domain.ticket import EventType, Ticket

_W = tables.claim_watch.c
_E = tables.ticket_event.c

_GIVEN = (EventType.ROUTED, EventType.ASSIGNED, EventType.TRANSFERRED)
_BY_ANYBODY = (EventType.WAITING, EventType.SNOOZED)
_BY_THE_OWNER = (
    EventType.REPLY_QUEUED,
    EventType.NOTE,
    EventType.ESCALATED,
    EventType.ACKNOWLEDGED,
)


# Asked at every tick: to build them costs more than to answer them.
_DUE: Final = (
    select(
        *TICKET_COLUMNS,
        _W.agent,
        _W.claimed_at.label("watched_since"),
        _W.ends_at,
        _W.told_at,
    )
    .select_from(tables.claim_watch)
    .join(tables.ticket, _W.ticket_id == tables.ticket.c.id)
    .join(tables.inbox, tables.ticket.c.inbox_id == tables.inbox.c.id)
    .where(_W.due_at <= bindparam("now"))
    .order_by(_W.due_at, _W.id)
    .limit(bindparam("most", type_=Integer))
    .with_for_update(of=tables.ticket, skip_locked=True)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DueClaim:
    """A claim whose warning is due or, where `told_at` says that it was given, whose end is."""

    agent: str
    claimed_at: datetime
    ends_at: datetime
    told_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewClaim:
    """A claim that is watched from now on; `claimed_at` is the ticket's."""

    ticket_id: int
    agent: str
    claimed_at: datetime
    due_at: datetime
    ends_at: datetime


def keep_claims(tx: Tx, claims: Sequence[NewClaim]) -> None:
    """Watch the claims that begin now, in place of the tickets' last ones; in one statement."""
    if not claims:
        return
    statement = upsert(tx.conn.dialect.name, tables.claim_watch)
    names = ("agent", "claimed_at", "due_at", "ends_at", "told_at")
    tx.conn.execute(
        statement.on_conflict_do_update(
            index_elements=["ticket_id"],
            set_={name: statement.excluded[name] for name in names},
        ),
        [
            {
                "id": tx.new_id(),
                "ticket_id": each.ticket_id,
                "agent": each.agent,
                "claimed_at": each.claimed_at,
                "due_at": each.due_at,
                "ends_at": each.ends_at,
                "told_at": None,
            }
            for each in claims
        ],
    )


def due_claims(conn: Connection, now: datetime, limit: int) -> list[tuple[Ticket, DueClaim]]:
    """Claims with something due, longest due first, their tickets locked against other workers."""
    rows = conn.execute(_DUE, {"now": now, "most": limit})
    return [
        (
            ticket_of(row),
            DueClaim(
                agent=row.agent,
                claimed_at=row.watched_since,
                ends_at=row.ends_at,
                told_at=row.told_at,
            ),
        )
        for row in rows
    ]


def has_acted(conn: Connection, ticket_id: int, agent: str, claimed_at: datetime) -> bool:
    """Whether something followed the claim: the owner did something, or somebody moved the work."""
    by_owner = (_E.actor == agent) & _E.type.in_(_BY_THE_OWNER)
    found = conn.scalar(
        select(
            exists().where(
                _E.ticket_id == ticket_id,
                _E.at >= claimed_at,
                or_(by_owner, _E.type.in_(_BY_ANYBODY)),
            )
        )
    )
    return bool(found)


def was_given(conn: Connection, ticket_id: int, claimed_at: datetime) -> bool:
    """Whether the owner got the ticket from a route or a colleague, and did not claim it."""
    given = exists().where(_E.ticket_id == ticket_id, _E.at == claimed_at, _E.type.in_(_GIVEN))
    return bool(conn.scalar(select(given)))


def postpone_claim(tx: Tx, ticket_id: int, ends_at: datetime) -> None:
    """The owner was told: the claim ends then."""
    tx.conn.execute(
        update(tables.claim_watch)
        .where(_W.ticket_id == ticket_id)
        .values(due_at=ends_at, ends_at=ends_at, told_at=tx.now)
    )


def forget_claim(conn: Connection, ticket_id: int) -> None:
    """Nothing is due for the ticket's claim any more."""
    conn.execute(delete(tables.claim_watch).where(_W.ticket_id == ticket_id))

"""Who is writing an answer to a ticket right now: shown to whoever begins another, never a lock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from bot.db import tables
from bot.db.inserts import upsert
from bot.db.unit import Tx
from bot.domain.desk import Desk
from bot.domain.roster import Verb
from bot.usecases.access import require_sight

COMPOSING_FOR = timedelta(minutes=15)
"""Whoever opened the window longer ago than that has left it, or it was closed unseen."""

_C = tables.composing.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Compose:
    """`actor` opens the window to write in, or is done with it."""

    ticket_id: int
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Composing:
    """Somebody else opened it, and may still be writing."""

    agent: str
    since: datetime


def begin_composing(tx: Tx, desk: Desk, command: Compose) -> Sequence[Composing]:
    """Note it, in place of what was noted before; who else is writing, longest first.

    Raises NotAllowed, NotInSight.
    """
    require_sight(tx.conn, desk, command.actor, command.ticket_id, Verb.WORK)
    tx.conn.execute(delete(tables.composing).where(_C.at <= tx.now - COMPOSING_FOR))
    statement = upsert(tx.conn.dialect.name, tables.composing).values(
        id=tx.new_id(), ticket_id=command.ticket_id, agent=command.actor, at=tx.now
    )
    tx.conn.execute(
        statement.on_conflict_do_update(
            index_elements=["ticket_id", "agent"], set_={"at": statement.excluded.at}
        )
    )
    rows = tx.conn.execute(
        select(_C.agent, _C.at)
        .where(_C.ticket_id == command.ticket_id, _C.agent != command.actor)
        .order_by(_C.at, _C.id)
    )
    return [Composing(agent=row.agent, since=row.at) for row in rows]


def writing_since(tx: Tx, ticket_id: int, agent: str) -> datetime | None:
    """When `agent` opened the window they are writing in; None where they have none open."""
    return tx.conn.scalar(
        select(_C.at).where(
            _C.ticket_id == ticket_id, _C.agent == agent, _C.at > tx.now - COMPOSING_FOR
        )
    )


def end_composing(tx: Tx, _desk: Desk, command: Compose) -> None:
    """They sent their answer or closed the window."""
    tx.conn.execute(
        delete(tables.composing).where(_C.ticket_id == command.ticket_id, _C.agent == command.actor)
    )

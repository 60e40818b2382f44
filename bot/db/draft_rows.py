"""Answers begun and not sent, one a ticket and agent. Kept as plainly as what is sent."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, select

from bot.db import tables
from bot.db.inserts import upsert
from bot.db.unit import Tx
from bot.domain.inbound import clean

KEPT: Final = timedelta(days=30)
"""A draft nobody came back to for so long answers a question nobody asks any more."""

LIMIT: Final = 3000
"""Characters kept: what a field holds."""

_D = tables.draft.c


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptDraft:
    """What `agent` had written by then.

    `machine` is where its words are from, if a machine wrote them (bot.domain.machine.Origin), and
    `aside` what the agent had written before.
    """

    agent: str
    text: str
    kept_at: datetime
    machine: str = ""
    aside: str = ""


def drafts_of(conn: Connection, ticket_id: int) -> list[KeptDraft]:
    """Everybody's drafts of a ticket, the newest first."""
    rows = conn.execute(
        select(_D.agent, _D.body, _D.kept_at, _D.machine, _D.aside)
        .where(_D.ticket_id == ticket_id)
        .order_by(_D.kept_at.desc(), _D.id.desc())
    )
    return [
        KeptDraft(
            agent=row.agent,
            text=row.body,
            kept_at=row.kept_at,
            machine=row.machine or "",
            aside=row.aside or "",
        )
        for row in rows
    ]


def keep_draft(
    tx: Tx,
    ticket_id: int,
    agent: str,
    text: str,
    *,
    over: bool = True,
    machine: str = "",
    aside: str | None = None,
) -> None:
    """Remember what is written; nothing written changes nothing.

    It takes the place of what was kept, unless `over` is false: then the older one stays.
    `machine` and `aside` as `KeptDraft` has them; None leaves what was put aside as it is.
    """
    body = clean(text)[:LIMIT]
    if not body.strip():
        return
    put_aside = {} if aside is None else {"aside": clean(aside)[:LIMIT] or None}
    statement = upsert(tx.conn.dialect.name, tables.draft).values(
        id=tx.new_id(),
        ticket_id=ticket_id,
        agent=agent,
        body=body,
        kept_at=tx.now,
        machine=machine[:200] or None,
        **put_aside,
    )
    key = ["ticket_id", "agent"]
    names = ("body", "kept_at", "machine", *put_aside)
    changed = {name: getattr(statement.excluded, name) for name in names}
    tx.conn.execute(
        statement.on_conflict_do_update(index_elements=key, set_=changed)
        if over
        else statement.on_conflict_do_nothing(index_elements=key)
    )


def drop_draft(tx: Tx, ticket_id: int, agent: str) -> None:
    """Forget it: it was thrown away."""
    tx.conn.execute(delete(tables.draft).where(_D.ticket_id == ticket_id, _D.agent == agent))


def drop_sent_draft(tx: Tx, ticket_id: int, agent: str, text: str) -> None:
    """Forget it if it is what was sent; another text begun meanwhile stays."""
    tx.conn.execute(
        delete(tables.draft).where(
            _D.ticket_id == ticket_id, _D.agent == agent, _D.body == clean(text)[:LIMIT]
        )
    )


def take_old_drafts(tx: Tx, limit: int) -> int:
    """Forget those nobody came back to; how many."""
    ids = list(
        tx.conn.scalars(
            select(_D.id).where(_D.kept_at < tx.now - KEPT).order_by(_D.id).limit(limit)
        )
    )
    if ids:
        tx.conn.execute(delete(tables.draft).where(_D.id.in_(ids)))
    return len(ids)

"""Answers begun and not sent, one a ticket and agent. Kept sealed like what is sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, select

from bot.db import tables
from bot.db.inserts import upsert
from bot.db.sealed import draft_place, seal_text, shown_text, try_text
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
    `aside` what the agent had written before. `macros` are the refs of those it began from that want
    a second person.
    """

    agent: str
    text: str
    kept_at: datetime
    machine: str = ""
    aside: str = ""
    macros: Sequence[str] = ()


def drafts_of(conn: Connection, ticket_id: int) -> list[KeptDraft]:
    """Everybody's drafts of a ticket, the newest first."""
    rows = conn.execute(
        select(_D.agent, _D.body, _D.kept_at, _D.machine, _D.aside, _D.macros)
        .where(_D.ticket_id == ticket_id)
        .order_by(_D.kept_at.desc(), _D.id.desc())
    )
    return [
        KeptDraft(
            agent=row.agent,
            text=shown_text(conn, row.body, place=draft_place("body", ticket_id, row.agent)),
            kept_at=row.kept_at,
            machine=row.machine or "",
            aside=shown_text(
                conn, row.aside or "", place=draft_place("aside", ticket_id, row.agent)
            ),
            macros=tuple(row.macros or ()),
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
    macros: Sequence[str] | None = None,
) -> None:
    """Remember what is written; nothing written changes nothing.

    It takes the place of what was kept, unless `over` is false: then the older one stays.
    `machine`, `aside` and `macros` as `KeptDraft` has them; None leaves what was put aside, or the
    macros, as they are.
    """
    body = clean(text)[:LIMIT]
    if not body.strip():
        return
    put_aside = {} if aside is None else {"aside": _sealed_aside(tx, ticket_id, agent, aside)}
    began = {} if macros is None else {"macros": list(macros) or None}
    statement = upsert(tx.conn.dialect.name, tables.draft).values(
        id=tx.new_id(),
        ticket_id=ticket_id,
        agent=agent,
        body=seal_text(tx.conn, body, place=draft_place("body", ticket_id, agent)),
        kept_at=tx.now,
        machine=machine[:200] or None,
        **put_aside,
        **began,
    )
    key = ["ticket_id", "agent"]
    names = ("body", "kept_at", "machine", *put_aside, *began)
    changed = {name: getattr(statement.excluded, name) for name in names}
    tx.conn.execute(
        statement.on_conflict_do_update(index_elements=key, set_=changed)
        if over
        else statement.on_conflict_do_nothing(index_elements=key)
    )


def _sealed_aside(tx: Tx, ticket_id: int, agent: str, aside: str) -> str | None:
    text = clean(aside)[:LIMIT]
    return seal_text(tx.conn, text, place=draft_place("aside", ticket_id, agent)) or None


def drop_draft(tx: Tx, ticket_id: int, agent: str) -> None:
    """Forget it: it was thrown away."""
    tx.conn.execute(delete(tables.draft).where(_D.ticket_id == ticket_id, _D.agent == agent))


def drop_sent_draft(tx: Tx, ticket_id: int, agent: str, text: str) -> None:
    """Forget it if it is what was sent; another text begun meanwhile stays."""
    theirs = (_D.ticket_id == ticket_id, _D.agent == agent)
    kept = tx.conn.execute(select(_D.id, _D.body).where(*theirs).with_for_update()).one_or_none()
    if kept is None:
        return
    said = try_text(tx.conn, kept.body, place=draft_place("body", ticket_id, agent))
    if said == clean(text)[:LIMIT]:
        tx.conn.execute(delete(tables.draft).where(_D.id == kept.id))


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

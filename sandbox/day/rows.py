"""The desk's rows of a play, read once it is over."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, create_engine, func, select

from bot.db import tables
from bot.db.inbound_rows import payload_place
from bot.db.sealed import KEYS, open_bytes
from bot.domain.pings import is_miss
from bot.runtime.key_ring import KeyRing
from sandbox.day.stage import INSTANCE_KEY

_ID: Final = re.compile(rb"\d{16}")


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketRow:
    """A ticket and what happened to it, oldest first."""

    id: int
    number: int
    inbox: str
    kind: str
    risk: str
    customer_ids: Sequence[frozenset[str]]  # of each customer message, oldest first
    events: Sequence["EventRow"]

    @property
    def urgency(self) -> str:
        """How the table tells tickets apart: claims, others at risk, the rest."""
        if self.kind == "claim":
            return "claims"
        return "rest" if self.risk == "normal" else "at risk"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """One event of a ticket's history."""

    type: str
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineRow:
    """One clock of a ticket."""

    id: int
    ticket_id: int
    scope: str
    calendar: str
    started_at: datetime
    due_at: datetime
    stopped_at: datetime | None
    breached_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PingRow:
    """One planned ping, and what the desk says became of it."""

    id: int
    deadline_id: int
    ticket_id: int
    step: str
    fire_at: datetime
    outcome: str | None

    @property
    def is_miss(self) -> bool:
        """Whether it tells of a missed deadline."""
        return is_miss(self.step)


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectRow:
    """One effect of the outbox."""

    id: int
    kind: str
    lane_group: str
    state: str
    payload: Mapping[str, Any]
    created_at: datetime
    not_before: datetime
    settled_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """All of it. `inbound` counts customers' messages, `quarantined` what could not be read."""

    tickets: Mapping[int, TicketRow]
    deadlines: Mapping[int, DeadlineRow]
    pings: Mapping[int, PingRow]
    effects: Mapping[int, EffectRow]
    inbound: int
    quarantined: int


def read_rows(database: Path) -> Rows:
    """Read the desk's file."""
    ring = KeyRing([INSTANCE_KEY.encode()])
    engine = create_engine(f"sqlite:///{database}").execution_options(**{KEYS: ring})
    try:
        with engine.connect() as conn:
            return _read(conn)
    finally:
        engine.dispose()


def _read(conn: Connection) -> Rows:
    deadline, ping, box = tables.deadline, tables.ping, tables.outbox
    inbound = _inbound(conn)
    return Rows(
        tickets=_tickets(conn, inbound),
        deadlines={
            row.id: DeadlineRow(**row._mapping)  # noqa: SLF001 - SQLAlchemy's own name for it
            for row in conn.execute(select(*(deadline.c[name] for name in DeadlineRow.__slots__)))
        },
        pings={
            row.id: PingRow(**row._mapping)  # noqa: SLF001 - SQLAlchemy's own name for it
            for row in conn.execute(select(*(ping.c[name] for name in PingRow.__slots__)))
        },
        effects={
            row.id: EffectRow(**row._mapping)  # noqa: SLF001 - SQLAlchemy's own name for it
            for row in conn.execute(select(*(box.c[name] for name in EffectRow.__slots__)))
        },
        inbound=sum(map(len, inbound.values())),
        quarantined=conn.scalar(
            select(func.count()).where(tables.raw_inbound.c.state == "quarantined")
        )
        or 0,
    )


def _inbound(conn: Connection) -> Mapping[int, Sequence[frozenset[str]]]:
    """The platform's ids that each customer message of a ticket was handed over with."""
    message, raw = tables.message, tables.raw_inbound
    rows = conn.execute(
        select(message.c.ticket_id, raw.c.id, raw.c.payload)
        .join(raw, raw.c.id == message.c.raw_inbound_id)
        .where(message.c.direction == "in", message.c.author != "auto")
        .order_by(message.c.sent_at, message.c.id)
    )
    found: dict[int, list[frozenset[str]]] = defaultdict(list)
    for ticket_id, raw_id, stored in rows:
        payload = open_bytes(conn, stored, place=payload_place(raw_id))
        found[ticket_id].append(frozenset(each.decode() for each in _ID.findall(payload)))
    return found


def _tickets(
    conn: Connection, inbound: Mapping[int, Sequence[frozenset[str]]]
) -> Mapping[int, TicketRow]:
    ticket, inbox, event = tables.ticket, tables.inbox, tables.ticket_event
    events: dict[int, list[EventRow]] = defaultdict(list)
    for row in conn.execute(
        select(event).where(event.c.ticket_id.is_not(None)).order_by(event.c.id)
    ):
        events[row.ticket_id].append(EventRow(type=row.type, actor=row.actor, at=row.at))
    found = conn.execute(
        select(ticket, inbox.c.name.label("inbox")).join(inbox, inbox.c.id == ticket.c.inbox_id)
    )
    return {
        row.id: TicketRow(
            id=row.id,
            number=row.number,
            inbox=row.inbox,
            kind=row.kind,
            risk=row.risk,
            customer_ids=inbound.get(row.id, ()),
            events=events[row.id],
        )
        for row in found
    }

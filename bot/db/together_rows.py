"""Several pings told in one message: which still speak, of which tickets, most urgent first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from bot.db import tables
from bot.db.queue_rows import queue_rows, urgencies
from bot.db.types import literally
from bot.domain.card import QueueRow
from bot.domain.pings import is_miss
from bot.domain.priority import by_urgency
from sla_rules.vocabulary import Audience, ClockState

_P = tables.ping.c
_D = tables.deadline.c
_B = tables.outbox.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """What is told. `speaking` and `over` are ping ids; `limit_at` the earliest platform limit."""

    tickets: Sequence[QueueRow]
    missed: int
    audience: Audience
    mention: bool
    limit_at: datetime | None
    speaking: Sequence[int]
    over: Sequence[int]


def together(conn: Connection, ping_ids: Sequence[int], now: datetime) -> Together:
    """What of these pings has still to be told, at `now`."""
    rows = conn.execute(
        select(_P.id, _P.ticket_id, _P.step, _P.audience, _P.mention, _D.state)
        .join_from(tables.ping, tables.deadline, _P.deadline_id == _D.id)
        .where(_P.id.in_(ping_ids))
        .order_by(_P.severity.desc(), _P.id)
    ).all()
    speaking = [row for row in rows if row.state == ClockState.RUNNING]
    wanted = {row.ticket_id for row in speaking}
    first = by_urgency(urgencies(conn, tables.ticket.c.id.in_(wanted)), now) if wanted else []
    return Together(
        tickets=queue_rows(conn, [each.ticket_id for each in first]),
        missed=len({row.ticket_id for row in speaking if is_miss(row.step)}),
        audience=Audience(speaking[0].audience) if speaking else Audience.MANAGERS,
        mention=any(row.mention for row in speaking),
        limit_at=min((each.limit_at for each in first if each.limit_at), default=None),
        speaking=[row.id for row in speaking],
        over=[row.id for row in rows if row.state != ClockState.RUNNING],
    )


def next_in_lane(conn: Connection, lane: str, after: int, now: datetime) -> int | None:
    """An effect of a lane that comes `after` one and may go now, too: it can tell the same."""
    return conn.scalar(
        select(_B.id)
        .where(_B.lane == lane, literally(_B.state, "ready"), _B.id > after)
        .where(_B.not_before <= now)
        .order_by(_B.id)
        .limit(1)
    )


def add_pings(conn: Connection, outbox_id: int, ping_ids: Sequence[int]) -> bool:
    """Have a waiting effect tell these pings as well; False when it is not waiting any more."""
    box = tables.outbox
    waiting = select(box.c.payload).where(box.c.id == outbox_id, literally(box.c.state, "ready"))
    payload = conn.scalar(waiting.with_for_update())
    if payload is None:
        return False
    ids = list(dict.fromkeys([*ping_ids, *payload["ping_ids"]]))
    done = conn.execute(
        update(box)
        .where(box.c.id == outbox_id, literally(box.c.state, "ready"))
        .values(payload={**payload, "ping_ids": ids})
    )
    return done.rowcount == 1

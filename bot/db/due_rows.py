"""What comes next, of all that the desk does at its time: one question for all of it."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, func, select

from bot.db import tables
from bot.db.types import literally
from bot.domain.approvals import ApprovalState


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """The first of each sort, None where there is none; past, if it is due already.

    An answer that waits for a second person may also be overtaken before its time.
    """

    ping: datetime | None
    claim: datetime | None
    pause_end: datetime | None
    approval_end: datetime | None

    @property
    def first(self) -> datetime | None:
        """When something has to be done next."""
        every = (self.ping, self.claim, self.pause_end, self.approval_end)
        return min((at for at in every if at is not None), default=None)


def what_comes(conn: Connection) -> Coming:
    """Look at the first of each, each through its index."""
    row = conn.execute(_firsts()).one()
    return Coming(
        ping=row.ping,
        claim=row.claim,
        pause_end=row.pause_end,
        approval_end=row.approval_end,
    )


@cache
def _firsts() -> Select[Any]:
    # Asked at every tick: to build it costs more than to answer it.
    ping, claim = tables.ping.c, tables.claim_watch.c
    end, approval = tables.pause_end.c, tables.approval.c
    pings = (
        select(ping.fire_at)
        .where(ping.fired_at.is_(None), ping.cancelled_at.is_(None))
        .order_by(ping.fire_at, ping.id)
        .limit(1)
    )
    claims = select(claim.due_at).order_by(claim.due_at).limit(1)
    ends = select(end.ends_at).order_by(end.ends_at, end.id).limit(1)
    approvals = select(func.min(approval.ends_at)).where(
        literally(approval.state, ApprovalState.ASKED)
    )
    return select(
        pings.scalar_subquery().label("ping"),
        claims.scalar_subquery().label("claim"),
        ends.scalar_subquery().label("pause_end"),
        approvals.scalar_subquery().label("approval_end"),
    )

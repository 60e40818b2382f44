"""Storms as rows: every process reads the same ones, and one of them changes each."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection, case, func, select, update

from bot.db import tables
from bot.db.inserts import insert_ignore, upsert
from bot.db.types import literally
from bot.domain.effects import EffectKind
from bot.domain.surge import Mode, Surge, backlog_seconds

_S = tables.surge.c
_B = tables.outbox.c

# Asked whenever a ping fires: to build it costs more than to answer it.
_SURGING = select(_S.channel).where(_S.since.is_not(None)).order_by(_S.channel)

DESK = "*"
"""The row of what leads decided for every channel."""


def surging_channels(conn: Connection) -> tuple[str, ...]:
    """The channels in a storm."""
    return tuple(conn.scalars(_SURGING))


def surges(conn: Connection) -> dict[str, Surge]:
    """Every channel that is in a storm or was in one."""
    rows = conn.execute(select(_S.channel, _S.since, _S.calm_since).where(_S.channel != DESK))
    return {row.channel: Surge(since=row.since, calm_since=row.calm_since) for row in rows}


def surge_mode(conn: Connection) -> Mode:
    """What leads decided last."""
    return Mode(conn.scalar(select(_S.mode).where(_S.channel == DESK)) or Mode.AUTO)


def keep_mode(conn: Connection, mode: Mode) -> None:
    """Write down what a lead decided."""
    statement = upsert(conn.dialect.name, tables.surge).values(channel=DESK, mode=mode)
    conn.execute(
        statement.on_conflict_do_update(
            index_elements=["channel"], set_={"mode": statement.excluded.mode}
        )
    )


def waiting_seconds(
    conn: Connection, channels: Collection[str], now: datetime
) -> Mapping[str, float]:
    """How long Slack takes for what waits for each channel and could go now."""
    groups = {f"slack:{channel}": channel for channel in channels}
    edit = case((literally(_B.kind, EffectKind.UPDATE_CARD), 1), else_=0)
    rows = conn.execute(
        select(_B.lane_group, func.count().label("all"), func.sum(edit).label("edits"))
        .where(literally(_B.state, "ready"), _B.not_before <= now, _B.lane_group.in_(groups))
        .group_by(_B.lane_group)
    ).all()
    found = dict.fromkeys(channels, 0.0)
    for group, every, edits in rows:
        found[groups[group]] = backlog_seconds(every - edits, edits)
    return found


def change_surge(conn: Connection, channel: str, was: Surge, now_is: Surge) -> bool:
    """Write a storm's next state, where nobody else wrote one meanwhile; whether it was us."""
    conn.execute(insert_ignore(conn, tables.surge).values(channel=channel))
    changed: dict[str, object] = {"since": now_is.since, "calm_since": now_is.calm_since}
    if now_is.since is None or was.since is None:
        changed["ts"] = None  # each storm has a list of its own
    done = conn.execute(
        update(tables.surge)
        .where(
            _S.channel == channel,
            _S.since.is_not_distinct_from(was.since),
            _S.calm_since.is_not_distinct_from(was.calm_since),
        )
        .values(**changed)
    )
    return done.rowcount == 1


def roots_that_wait(conn: Connection, channels: Collection[str]) -> Mapping[int, int]:
    """The priority of every card that waits to be posted in these channels, by its ticket."""
    groups = [f"slack:{channel}" for channel in channels]
    rows = conn.execute(
        select(_B.lane, _B.priority).where(
            literally(_B.state, "ready"),
            literally(_B.kind, EffectKind.POST_ROOT),
            _B.lane_group.in_(groups),
        )
    )
    return {int(lane.partition(":")[2]): priority for lane, priority in rows}


def rank_roots(conn: Connection, ranks: Mapping[int, int]) -> None:
    """Give the waiting cards of these tickets their priorities."""
    for rank in sorted(set(ranks.values())):
        keys = [f"root:{ticket_id}" for ticket_id, given in ranks.items() if given == rank]
        conn.execute(
            update(tables.outbox)
            .where(literally(_B.state, "ready"), _B.dedupe_key.in_(keys))
            .values(priority=rank)
        )


def board_of(conn: Connection, channel: str) -> tuple[datetime | None, str | None]:
    """Since when the channel is in a storm, and where its list is."""
    row = conn.execute(select(_S.since, _S.ts).where(_S.channel == channel)).one_or_none()
    return (row.since, row.ts) if row else (None, None)


def keep_board(conn: Connection, channel: str, ts: str) -> bool:
    """Remember where the list of this storm is; whether there still is one."""
    kept = conn.execute(
        update(tables.surge).where(_S.channel == channel, _S.since.is_not(None)).values(ts=ts)
    )
    return kept.rowcount == 1

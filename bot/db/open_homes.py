"""Whose App Home is open, and who of them has to see that something changed."""

from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, exists, or_, select, update

from bot.db import tables
from bot.db.inserts import upsert
from bot.db.types import AnyRow
from bot.domain.home import OPEN_FOR, HomeChoice

_H = tables.home.c
_T = tables.ticket.c


def knows_home(conn: Connection, user: str) -> bool:
    """Whether they opened their Home before."""
    return conn.scalar(select(_H.slack_id).where(_H.slack_id == user)) is not None


def keep_home(
    conn: Connection, user: str, choice: HomeChoice, now: datetime, *, sees_all: bool
) -> None:
    """`user` has their Home open, and it shows what happened before `now`."""
    row = {
        "opened_at": now,
        "drawn_at": now,
        "choice": choice.dump(),
        "sees_all": sees_all,
        "digest": None,
    }
    statement = upsert(conn.dialect.name, tables.home).values(slack_id=user, **row)
    conn.execute(statement.on_conflict_do_update(index_elements=["slack_id"], set_=row))


def keep_drawn(conn: Connection, user: str, at: datetime, digest: str) -> None:
    """Their Home was drawn again, from what was there `at` that time."""
    drawn = update(tables.home).where(_H.slack_id == user, _H.drawn_at <= at)
    conn.execute(drawn.values(drawn_at=at, digest=digest))


def open_home(conn: Connection, user: str, now: datetime) -> AnyRow | None:
    """The row of somebody whose Home is open."""
    row = select(tables.home).where(_H.slack_id == user, _H.opened_at > now - OPEN_FOR)
    return conn.execute(row).one_or_none()


def who_looks_at(
    conn: Connection, ticket_ids: Collection[int], people: Collection[str], now: datetime
) -> list[str]:
    """Whose open Home may show something of these tickets: an owner's, and where there is none.

    `people` are those an event names: whoever did it, and whoever had the ticket before.
    """
    given = {"tickets": list(ticket_ids), "people": list(people), "since": now - OPEN_FOR}
    return list(conn.scalars(_looking(), given))


@cache
def _looking() -> Select[Any]:
    # Asked with everything that is recorded: to build it costs more than to answer it.
    of_these = _T.id.in_(bindparam("tickets", expanding=True))
    theirs = exists().where(of_these, or_(_T.assignee == _H.slack_id, _T.assignee.is_(None)))
    named = _H.slack_id.in_(bindparam("people", expanding=True))
    return (
        select(_H.slack_id)
        .where(_H.opened_at > bindparam("since"), or_(_H.sees_all, named, theirs))
        .order_by(_H.slack_id)
    )

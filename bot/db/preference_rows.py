"""How each person wants to be called, where they said so in Slack."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, select

from bot.db import tables
from bot.db.inserts import upsert
from bot.db.routing_rows import with_absences
from bot.domain.called import as_chosen
from bot.domain.desk import Desk
from bot.domain.quiet_hours import PingWay, Preference

_C = tables.preference.c


def preferences(conn: Connection) -> dict[str, Preference]:
    """Everybody who chose something."""
    return {
        row.slack_id: Preference(quiet=row.quiet, pings=PingWay(row.pings) if row.pings else None)
        for row in conn.execute(select(_C.slack_id, _C.quiet, _C.pings))
    }


def as_people_are(conn: Connection, desk: Desk, now: datetime) -> Desk:
    """The desk as it is staffed at `now`, with what people chose."""
    here = with_absences(conn, desk, now)
    return replace(here, roster=as_chosen(here.roster, preferences(conn), desk.timezone))


def keep_preference(
    conn: Connection, slack_id: str, *, now: datetime, **chosen: str | None
) -> None:
    """Write down what somebody chose: `quiet`, `pings`, or both."""
    statement = upsert(conn.dialect.name, tables.preference).values(
        slack_id=slack_id, changed_at=now, **chosen
    )
    conn.execute(
        statement.on_conflict_do_update(
            index_elements=["slack_id"],
            set_={name: statement.excluded[name] for name in (*chosen, "changed_at")},
        )
    )

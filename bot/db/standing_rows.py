"""Who of the desk Slack said is a full member of the workspace, or is one no longer."""

from dataclasses import replace

from sqlalchemy import Connection, select

from bot.db import tables
from bot.db.inserts import upsert
from bot.domain.desk import Desk
from bot.domain.roster import Agent

_P = tables.agent.c


def standing(conn: Connection) -> dict[str, bool]:
    """By Slack id, for everybody about whom Slack said something since the desk started."""
    return {row.slack_id: row.active for row in conn.execute(select(_P.slack_id, _P.active))}


def as_people_stand(conn: Connection, desk: Desk) -> Desk:
    """The desk whose roster goes by what Slack said last, in whichever process it was heard."""
    roster = desk.roster.as_they_stand(standing(conn))
    return desk if roster is desk.roster else replace(desk, roster=roster)


def keep_standing(conn: Connection, person: Agent, *, active: bool) -> None:
    """Write down what Slack says of somebody."""
    statement = upsert(conn.dialect.name, tables.agent).values(
        slack_id=person.slack_id, name=person.name, role=str(person.role), active=active
    )
    given = statement.excluded
    conn.execute(
        statement.on_conflict_do_update(
            index_elements=["slack_id"],
            set_={"name": given.name, "role": given.role, "active": given.active},
        )
    )

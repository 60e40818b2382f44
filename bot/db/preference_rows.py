"""How each person wants to be called and spoken to, where they said so in Slack."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, select

from bot.db import tables
from bot.db.inserts import upsert
from bot.db.routing_rows import away_at, with_absences
from bot.db.types import AnyRow
from bot.domain.called import as_chosen
from bot.domain.desk import Desk
from bot.domain.home import OwnChoices
from bot.domain.quiet_hours import PingWay, Preference
from bot.language import Language, language_of

_C = tables.preference.c


_CHOSEN = select(_C.slack_id, _C.quiet, _C.pings, _C.language)


def preferences(conn: Connection) -> dict[str, Preference]:
    """Everybody who chose something."""
    return {row.slack_id: _preference(row) for row in conn.execute(_CHOSEN)}


def _preference(row: AnyRow) -> Preference:
    return Preference(
        quiet=row.quiet,
        pings=PingWay(row.pings) if row.pings else None,
        speaks=language_of(row.language or ""),
    )


def own_choices(conn: Connection, desk: Desk, slack_id: str, now: datetime) -> OwnChoices | None:
    """What somebody chose, and whether they are away; None for who is not of the desk."""
    if slack_id not in desk.roster.agents:
        return None
    row = conn.execute(_CHOSEN.where(_C.slack_id == slack_id)).one_or_none()
    preference = _preference(row) if row is not None else Preference()
    roster = as_chosen(desk.roster, {slack_id: preference}, desk.timezone)
    away = away_at(conn, now)
    return OwnChoices(
        agent=roster.agents[slack_id],
        usual=desk.language_for(slack_id),
        chosen=preference.speaks,
        away=slack_id in away,
        until=away.get(slack_id),
    )


def chosen_languages(conn: Connection) -> dict[str, Language]:
    """What everybody is spoken to in who chose it in Slack."""
    rows = conn.execute(select(_C.slack_id, _C.language).where(_C.language.is_not(None)))
    found = {row.slack_id: language_of(row.language) for row in rows}
    return {slack_id: language for slack_id, language in found.items() if language}


def language_to(conn: Connection, desk: Desk, slack_id: str) -> Language:
    """What is spoken to a person: what they chose in Slack, else what the desk knows of them."""
    chosen = conn.scalar(select(_C.language).where(_C.slack_id == slack_id))
    return language_of(chosen or "") or desk.language_for(slack_id)


def as_people_are(conn: Connection, desk: Desk, now: datetime) -> Desk:
    """The desk as it is staffed at `now`, with what people chose."""
    here = with_absences(conn, desk, now)
    return replace(here, roster=as_chosen(here.roster, preferences(conn), desk.timezone))


def keep_preference(
    conn: Connection, slack_id: str, *, now: datetime, **chosen: str | None
) -> None:
    """Write down what somebody chose: `quiet`, `pings`, `language`, or several."""
    statement = upsert(conn.dialect.name, tables.preference).values(
        slack_id=slack_id, changed_at=now, **chosen
    )
    conn.execute(
        statement.on_conflict_do_update(
            index_elements=["slack_id"],
            set_={name: statement.excluded[name] for name in (*chosen, "changed_at")},
        )
    )

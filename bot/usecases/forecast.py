"""Forecast missed deadlines from the queue, the roster and the last weeks; kept once an hour."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from bot.db.forecast_rows import (
    MOST_TICKETS,
    arrival_rates,
    begin_hour,
    handling_times,
    hour_of,
    keep_forecasts,
    made_in,
    open_urgencies,
    past_forecasts,
    running_answers,
    tickets_of,
)
from bot.db.routing_rows import with_absences
from bot.db.unit import Tx
from bot.domain.desk import Desk
from bot.domain.forecast import AHEAD, Clock, Forecast, Handling, OpenTicket, Outlook, forecasts
from bot.domain.forecast_rate import LOOKS_BACK, HitRate, hit_rate
from bot.domain.history import History, facts_of
from bot.domain.priority import Urgency, by_urgency
from bot.domain.roster import Roster
from bot.domain.routes import meant_for
from bot.domain.routing import SHOP, rule_channel_of, zone_of
from bot.domain.shifts import last_leaves, next_on_shift, on_shift
from bot.domain.ticket import Ticket
from bot.domain.working_hours import presences
from sla_rules.calendar import ALWAYS

FARTHEST: Final = timedelta(days=3)
"""A weekend with the evening before it; beyond that nobody plans by a forecast."""

_ARRIVALS: Final = 24
_HOUR: Final = timedelta(hours=1)


def outlook_of(conn: Connection, desk: Desk, now: datetime) -> tuple[Outlook, Roster]:
    """What is known now of the queue, the people and the last weeks. Reads only."""
    roster = with_absences(conn, desk, now).roster
    until = _until(desk, roster, now)
    usual = desk.calendars.get(SHOP, ALWAYS)
    hours = min(_ARRIVALS, int((until - now) / _HOUR))
    return Outlook(
        now=now,
        until=until,
        tickets=_tickets(conn, desk, roster, now, until),
        presences=presences(roster, usual, now, until + _HOUR),
        handling=_handling(conn, desk, now),
        arrivals=arrival_rates(conn, now, hours),
    ), roster


def _handling(conn: Connection, desk: Desk, now: datetime) -> Handling:
    """The inboxes of one channel together: they take alike, and are more to go by."""
    channels = {name: route.rule_channel for name, route in desk.inboxes.items()}
    samples: dict[str, list[timedelta]] = {}
    for inbox, those in handling_times(conn, now).items():
        samples.setdefault(channels.get(inbox, inbox), []).extend(those)
    return Handling(samples=samples, channels=channels)


def foreseen(outlook: Outlook, roster: Roster) -> list[Forecast]:
    """The deadlines that are forecast to be missed, the first due in front. Slow: no transaction."""
    return [each for each in forecasts(outlook, roster) if each.is_likely]


def is_due(conn: Connection, now: datetime) -> bool:
    """Whether this hour has no forecast yet."""
    made = made_in(conn)
    return made is None or made < hour_of(now)


def keep(tx: Tx, made: Sequence[Forecast]) -> bool:
    """Keep the forecast of this hour; False where another process already has."""
    if not begin_hour(tx):
        return False
    keep_forecasts(tx, made)
    return True


def rate_now(conn: Connection, now: datetime) -> HitRate:
    """How often the forecasts of the last thirty days were right."""
    past = past_forecasts(conn, now - LOOKS_BACK, now)
    return hit_rate(past.since, past.said, past.missed)


def _until(desk: Desk, roster: Roster, now: datetime) -> datetime:
    """As far as the next shift of every inbox that is, or soon will be, left alone."""
    least = now + AHEAD
    begins = [least]
    for name in desk.inboxes:
        found = last_leaves(roster, now, name, AHEAD)
        coming = found[1] if found else None
        if found is None and not any(map(roster.is_here, on_shift(roster, now, name))):
            coming = next_on_shift(roster, now, roster.agents, name)
        if coming is not None:
            begins.append(coming.at)
    return min(max(begins), now + FARTHEST)


def _tickets(
    conn: Connection, desk: Desk, roster: Roster, now: datetime, until: datetime
) -> list[OpenTicket]:
    order = by_urgency(open_urgencies(conn), now)[:MOST_TICKETS]
    clocks = running_answers(conn, until)
    tickets = tickets_of(conn, [each.ticket_id for each in order])
    return [
        _open(each, tickets[each.ticket_id], clocks, desk, roster)
        for each in order
        if each.ticket_id in tickets
    ]


def _open(
    urgency: Urgency,
    ticket: Ticket,
    clocks: Mapping[int, Sequence[Clock]],
    desk: Desk,
    roster: Roster,
) -> OpenTicket:
    owned = ticket.assignee is not None and roster.is_active(ticket.assignee)
    return OpenTicket(
        urgency=urgency,
        inbox=ticket.inbox,
        assignee=ticket.assignee if owned else None,
        meant=frozenset() if owned else _meant(desk, ticket, roster),
        clocks=clocks.get(ticket.id, ()),
    )


def _meant(desk: Desk, ticket: Ticket, roster: Roster) -> frozenset[str]:
    # Without a history its date is the day it was opened on, which is near enough here.
    zone, channel = zone_of(desk, ticket.inbox), rule_channel_of(desk, ticket)
    return meant_for(desk.routes, roster, facts_of(ticket, History(), zone, channel))

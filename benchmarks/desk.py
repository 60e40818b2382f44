"""The desk that is measured: two inboxes, the shipped policies, a shop calendar, three people."""

from datetime import UTC, date, datetime, timedelta
from functools import cache

from benchmarks.mails import AMAZON, WEBSITE
from bot.domain.desk import Desk, InboxRoute
from bot.domain.roster import Agent, Role, Roster
from sla_rules.calendar import BusinessCalendar
from sla_rules.policy import PolicySet, presets

START = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
"""A Tuesday, ten o'clock in Rome: where desk time begins in every benchmark."""

ANNA, BRUNO, DORA = "U0ANNA", "U0BRUNO", "U0DORA"
CHANNEL = "C0AMAZON"

WEEK = {
    day: [("09:00", "13:00"), ("14:00", "18:00")] for day in ("mon", "tue", "wed", "thu", "fri")
}
HOLIDAYS = [
    date(year, month, day)
    for year in range(2024, 2030)
    for month, day in ((1, 1), (1, 6), (4, 25), (5, 1), (6, 2), (8, 15), (11, 1), (12, 8), (12, 25))
]
ZONE = "Europe/Rome"


def shop_calendar() -> BusinessCalendar:
    """Split days, nine holidays a year."""
    return BusinessCalendar(ZONE, WEEK, HOLIDAYS)


@cache
def the_desk() -> Desk:
    """The rules every benchmark works under. One snapshot, as a process has one until a reload."""
    people = [
        Agent(slack_id=ANNA, name="Anna Bassi", role=Role.AGENT),
        Agent(slack_id=BRUNO, name="Bruno Conti", role=Role.AGENT),
        Agent(slack_id=DORA, name="Dora Elmi", role=Role.MANAGER),
    ]
    routes = [
        InboxRoute(name=AMAZON, connector=AMAZON, channel=CHANNEL, group=("S0AMAZON",)),
        InboxRoute(
            name=WEBSITE, connector=WEBSITE, channel="C0SHOP", group=("S0SHOP",), calendar="shop"
        ),
    ]
    return Desk(
        inboxes={route.name: route for route in routes},
        policies=PolicySet.load(presets()),
        calendars={"shop": shop_calendar()},
        roster=Roster(agents={each.slack_id: each for each in people}, managers=(DORA,)),
        ops_channel="C0OPS",
        undo_window=timedelta(0),
    )

"""`threadline explain TICKET`: why each deadline of a ticket is when it is."""

from datetime import datetime

from bot.cli.console import say
from bot.cli.desk_database import opened
from bot.db import queries
from bot.domain.card import ClockView, TicketView
from bot.errors import NoSuchTicket
from bot.settings_file import Configuration
from sla_rules.calendar import ALWAYS, Calendar
from sla_rules.explain import explain as explain_deadline
from sla_rules.platform_calendars import platform_calendars


async def explain(configuration: Configuration, number: int, now: datetime) -> None:
    """Print the walk of every deadline of ticket `number`, reading only.

    Raises:
        NoSuchTicket: there is none of that number.
        WrongSchema: the database is at another version.
    """
    async with opened(configuration) as database:
        ticket = await database.read(lambda conn: queries.ticket_by_number(conn, number))
    if ticket is None:
        raise NoSuchTicket(number)
    _print(configuration, ticket, now)


def _print(configuration: Configuration, ticket: TicketView, now: datetime) -> None:
    say(f"#{ticket.number} · {ticket.inbox} · {ticket.state}", style="bold")
    if not ticket.clocks:
        say("  No clock is running or has run: nobody waits for an answer.")
    for clock in ticket.clocks:
        say("")
        for line in explain_deadline(clock, _calendar(configuration, ticket, clock), now):
            say(f"  {line}")


def _calendar(configuration: Configuration, ticket: TicketView, clock: ClockView) -> Calendar:
    """The calendar as it is configured now; the lines say so when the deadline used another."""
    name = clock.calendar
    if name == "shop":
        bound = {i.name: i.calendar for i in configuration.settings.inboxes}.get(ticket.inbox)
        name = bound or name
    return configuration.calendars.get(name) or platform_calendars().get(name, ALWAYS)

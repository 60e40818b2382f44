"""`threadline explain TICKET`: why each deadline of a ticket is when it is."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.cli.console import say
from bot.cli.desk_database import desk_without_slack, opened
from bot.db import queries
from bot.domain.card import TicketView
from bot.domain.desk import Desk
from bot.errors import NoSuchTicket
from bot.settings_file import Configuration
from bot.usecases.why import ClockWhy, why
from sla_rules.explain import lines


async def explain(configuration: Configuration, number: int, now: datetime) -> None:
    """Print the way of every deadline of ticket `number`, reading only. Times in the desk's zone.

    Raises:
        NoSuchTicket: there is none of that number.
        WrongSchema: the database is at another version.
    """
    desk = desk_without_slack(configuration)
    async with opened(configuration) as database:
        found = await database.read(lambda conn: _explained(conn, desk, number, now))
    if found is None:
        raise NoSuchTicket(number)
    _print(*found, ZoneInfo(desk.timezone))


def _explained(
    conn: Connection, desk: Desk, number: int, now: datetime
) -> tuple[TicketView, Sequence[ClockWhy]] | None:
    ticket = queries.ticket_by_number(conn, number)
    return (ticket, why(conn, desk, ticket, now)) if ticket is not None else None


def _print(ticket: TicketView, walks: Sequence[ClockWhy], zone: ZoneInfo) -> None:
    say(f"#{ticket.number} · {ticket.inbox} · {ticket.state}", style="bold")
    if not walks:
        say("  No clock is running or has run: nobody waits for an answer.")
    for each in walks:
        say("")
        for line in lines(each.explanation, zone):
            say(f"  {line}")

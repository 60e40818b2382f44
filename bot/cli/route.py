"""`threadline route explain TICKET`: to whom a ticket went and why, and where it would go now."""

import asyncio
from datetime import datetime
from typing import Annotated

import typer
from sqlalchemy import Connection

from bot.cli.console import say, sentences
from bot.cli.desk_database import opened
from bot.cli.options import Config, loaded
from bot.clock import Clock
from bot.db import queries
from bot.db.routing_rows import last_routed
from bot.desk_loader import load_desk
from bot.domain.card import TicketView
from bot.domain.desk import Desk
from bot.domain.routes import Routing
from bot.errors import DeskError, NoSuchTicket
from bot.runtime.connections import web_client
from bot.settings_file import Configuration
from bot.slack.blocks.parts import as_text
from bot.slack.blocks.routed import routed_parts
from bot.usecases.route import routing_now, routing_told

app = typer.Typer(help="To whom tickets go.", no_args_is_help=True)

Found = tuple[TicketView, Routing | None, Routing | None]


@app.callback()
def _route() -> None:
    """Keeps `explain` a word of its own: a group of one command would swallow it."""


@app.command("explain")
def explain(
    ticket: Annotated[int, typer.Argument(metavar="TICKET", help="Its number.", min=1)],
    config: Config = None,
) -> None:
    """Say which routes a ticket met, who was left out and why, and who got it."""
    with sentences():
        configuration = loaded(config)
        asyncio.run(explain_route(configuration, ticket, Clock().now()))


async def explain_route(configuration: Configuration, number: int, now: datetime) -> None:
    """Print it, reading only. Slack is asked who people are.

    Raises:
        NoSuchTicket: there is none of that number.
        DeskError: there is no token, Slack did not answer, or the database is at another version.
    """
    if configuration.environment.slack_bot_token is None:
        raise DeskError("SLACK_BOT_TOKEN is not set: it takes Slack to tell who people are.")
    client = web_client(configuration.environment, patient=True)
    desk = await load_desk(configuration, client, without_unknown_people=True)
    async with opened(configuration) as database:
        found = await database.read(lambda conn: _explained(conn, desk, number, now))
    if found is None:
        raise NoSuchTicket(number)
    _print(*found, desk)


def _explained(conn: Connection, desk: Desk, number: int, now: datetime) -> Found | None:
    ticket = queries.ticket_by_number(conn, number)
    if ticket is None:
        return None
    event = last_routed(conn, ticket.id)
    then = routing_told(event.data) if event is not None else None
    return ticket, then, routing_now(conn, desk, ticket.id, now)


def _print(ticket: TicketView, then: Routing | None, now: Routing | None, desk: Desk) -> None:
    owner = desk.roster.name(ticket.assignee) if ticket.assignee else "unclaimed"
    say(f"#{ticket.number} · {ticket.inbox} · {ticket.state} · {owner}", style="bold")
    if ticket.customer_tags:
        say(f"  Customer: tagged {', '.join(ticket.customer_tags)}")
    if then is not None:
        say(f"  Then: {as_text(routed_parts(then, desk), desk)}")
    else:
        say("  It was never routed: it stayed in its channel for whoever claims it.")
    if now is not None:
        say(f"  Now:  {as_text(routed_parts(now, desk), desk)}")
    else:
        say("  Now:  No route is meant for it.")

"""Which Slack channel and which calendars a ticket goes by."""

from collections.abc import Mapping
from datetime import tzinfo
from zoneinfo import ZoneInfo

from bot.domain.desk import Desk
from bot.domain.ticket import Ticket
from sla_rules.calendar import ALWAYS, BusinessCalendar, Calendar

SHOP = "shop"
"""The name by which policies mean "the calendar bound to this inbox"."""


def channel_of(desk: Desk, inbox: str, posted: str | None = None) -> str:
    """The Slack channel of a ticket: where its card already is, else the inbox's own.

    An inbox that left the configuration still has open tickets: those go to the ops channel.
    Empty when there is no such channel either.
    """
    if posted:
        return posted
    route = desk.inboxes.get(inbox)
    return route.channel if route else desk.ops_channel or ""


def channel_of_ticket(desk: Desk, ticket: Ticket) -> str:
    """The Slack channel of a ticket."""
    return channel_of(desk, ticket.inbox, ticket.slack_channel)


def rule_channel_of(desk: Desk, ticket: Ticket) -> str:
    """What rules call the channel a ticket came in by; its connector where the inbox is gone."""
    route = desk.inboxes.get(ticket.inbox)
    return route.rule_channel if route else ticket.connector


def calendars_of(desk: Desk, inbox: str) -> Mapping[str, Calendar]:
    """The calendars by the names policies use, with `shop` bound to the inbox's own.

    An inbox without a calendar counts every hour: a deadline may be too early, never too late.
    """
    route = desk.inboxes.get(inbox)
    bound = desk.calendars.get(route.calendar or "") if route else None
    named: dict[str, Calendar] = {"always": ALWAYS, **desk.calendars}
    named[SHOP] = bound or desk.calendars.get(SHOP, ALWAYS)
    return named


def zone_of(desk: Desk, inbox: str) -> tzinfo:
    """Where the dates of an inbox are local: in the zone of its calendar, else in the desk's."""
    shop = calendars_of(desk, inbox)[SHOP]
    return ZoneInfo(shop.tz if isinstance(shop, BusinessCalendar) else desk.timezone)

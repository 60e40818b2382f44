"""Tickets of the past as `sla_rules.whatif` replays them: their rules, and their timelines."""

from collections.abc import Iterable

from bot.domain.desk import Desk
from bot.domain.history import History, timeline
from bot.domain.routing import calendars_of, rule_channel_of, zone_of
from bot.domain.ticket import Ticket
from sla_rules.whatif import Past, Rules


def rules_of(desk: Desk, inboxes: Iterable[str]) -> Rules:
    """What a desk judges the tickets of some inboxes by, those that are gone among them."""
    return Rules(
        policies=desk.policies, calendars={name: calendars_of(desk, name) for name in inboxes}
    )


def past_of(desk: Desk, ticket: Ticket, history: History) -> Past:
    """One ticket with everything its clocks depend on."""
    line = timeline(ticket, history, zone_of(desk, ticket.inbox), rule_channel_of(desk, ticket))
    return Past(ticket=ticket.id, timeline=line)

"""Owners for the tickets of a page: of those it opened, and of those that come back to nobody."""

from collections.abc import Collection, Iterator
from dataclasses import replace

from bot.db.routing_rows import away_at
from bot.db.ticket_rows import change_tickets
from bot.domain.history import History
from bot.domain.ticket import Ticket
from bot.usecases.access import redraw
from bot.usecases.claim_expiry import watch_claims
from bot.usecases.inbound_page import InboundPage
from bot.usecases.route import route_tickets


def route_page(page: InboundPage) -> frozenset[int]:
    """Route before the page is written; returns the tickets that have a new owner.

    History that was only imported goes to nobody.
    """
    if not page.desk.routes:
        return frozenset()
    old = page.stale - page.fresh
    opened = [page.tickets[each] for each in page.opened if each not in old]
    tickets = [*opened, *_left_alone(page, old)]
    histories = ((each, History(messages=page.facts_of(each.id))) for each in tickets)
    found = route_tickets(page.tx, page.desk, histories)
    changed = []
    for ticket_id, routing in found.items():
        if routing.assignee is None:
            continue
        ticket = replace(page.tickets[ticket_id], assignee=routing.assignee, claimed_at=page.tx.now)
        page.tickets[ticket_id] = ticket
        if ticket_id not in page.opened:
            changed.append(
                {"id": ticket_id, "assignee": routing.assignee, "claimed_at": page.tx.now}
            )
            redraw(page.tx, page.desk, ticket, ticket.version + 1)
    change_tickets(page.tx.conn, changed)
    return frozenset(each for each, routing in found.items() if routing.assignee is not None)


def watch_routed(page: InboundPage, routed: Collection[int]) -> None:
    """Owners by route lose a claim like any other; once the page is written."""
    owned = [page.tickets[each] for each in sorted(routed)]
    watch_claims(page.tx, page.desk, [(each, each.assignee or "") for each in owned])


def _left_alone(page: InboundPage, old: set[int]) -> Iterator[Ticket]:
    """Tickets in which a customer writes again after all was said, and whose owner is not there."""
    again = [page.tickets[each] for each in sorted(page.reawakened - page.opened.keys() - old)]
    owned = [each for each in again if each.assignee is not None]
    if not owned:
        return
    roster = page.desk.roster.without(away_at(page.tx.conn, page.tx.now))
    yield from (each for each in owned if not roster.is_here(each.assignee or ""))

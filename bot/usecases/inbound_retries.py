"""Items that nobody could read before and that can be read now: the ticket that stood for them ends."""

from collections.abc import Sequence

from bot.db.inbound_rows import set_aside
from bot.domain.inbound import ReadItem, placeholder_id
from bot.domain.reasons import NOBODY_AWAITS, READ_NOW
from bot.domain.ticket import DESK, EventType, TicketState
from bot.usecases.access import say
from bot.usecases.inbound_page import InboundPage


def settle_second_tries(page: InboundPage, read: Sequence[ReadItem]) -> None:
    """Point from each placeholder's ticket to the real one, and resolve it. Needs written rows."""
    understood = [each.raw_id for each in read if each.raw_id in page.again and each.message]
    settled = {raw_id for raw_id, _, _ in page.aside}
    set_aside(
        page.tx.conn,
        [(raw_id, "done", "read on a later try") for raw_id in understood if raw_id not in settled],
    )
    for raw_id in understood:
        placeholder = page.known.get(placeholder_id(raw_id))
        if placeholder is not None:
            _resolve(page, placeholder.ticket_id, real=_number(page, raw_id))


def _number(page: InboundPage, raw_id: int) -> int | None:
    """The ticket the item belongs to; None for an item that belongs into none."""
    home = next(
        (row["ticket_id"] for row in page.messages if row["raw_inbound_id"] == raw_id), None
    )
    if home is None:
        return None
    return page.numbers.get(home) or page.tickets[home].number


def _resolve(page: InboundPage, ticket_id: int, *, real: int | None) -> None:
    ticket = page.ticket(ticket_id)
    if ticket is None or ticket.state is TicketState.RESOLVED:
        return
    reason = NOBODY_AWAITS if real is None else READ_NOW.format(number=real)
    page.touched.add(ticket_id)
    say(
        page.tx,
        page.desk,
        ticket,
        EventType.RESOLVED,
        actor=DESK,
        reason=reason,
    )

"""Tag a customer: what rules and routes know of all their tickets, the next ones included."""

from dataclasses import dataclass

from sqlalchemy import select, update

from bot.db import tables
from bot.db.inbound_rows import open_tickets_of
from bot.db.ticket_rows import lock_tickets
from bot.db.unit import Tx
from bot.domain.desk import Desk
from bot.domain.inbound import kept_tags
from bot.domain.ticket import EventType
from bot.errors import DeskError
from bot.language import tr
from bot.usecases.access import redraw, say, work_on

_C = tables.customer.c


@dataclass(frozen=True, slots=True, kw_only=True)
class TagCustomer:
    """Give the customer of a ticket these tags, or with `gone` take them away."""

    ticket_id: int
    actor: str
    tags: tuple[str, ...]
    gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TaggedCustomer:
    """The tags they have now; `changed` is false where they had been so already."""

    tags: tuple[str, ...]
    changed: bool


def tag_customer(tx: Tx, desk: Desk, command: TagCustomer) -> TaggedCustomer:
    """Raises NotAllowed, NoSuchTicket, Conflict; DeskError where nobody knows the customer."""
    ticket = work_on(tx, desk, command.actor, command.ticket_id)
    if ticket.customer_id is None:
        raise DeskError(
            tr(
                "Nobody knows who the customer of #{number} is: tag the ticket.",
                number=ticket.number,
            )
        )
    mine = _C.id == ticket.customer_id
    known = tuple(tx.conn.scalar(select(_C.tags).where(mine).with_for_update()) or ())
    # A tag in capitals is the same as one in small letters.
    named = {tag.casefold() for tag in command.tags}
    others = [tag for tag in known if tag.casefold() not in named]
    tags = tuple(others) if command.gone else kept_tags([*others, *command.tags])
    if {tag.casefold() for tag in tags} == {tag.casefold() for tag in known}:
        return TaggedCustomer(tags=known, changed=False)
    tx.conn.execute(update(tables.customer).where(mine).values(tags=list(tags)))
    say(
        tx,
        desk,
        ticket,
        EventType.CUSTOMER_TAGGED,
        actor=command.actor,
        tags=", ".join(kept_tags(command.tags)),
        gone=command.gone,
    )
    theirs = {ticket.id, *open_tickets_of(tx.conn, [ticket.customer_id])}
    for each in lock_tickets(tx.conn, sorted(theirs)).values():
        # The rows stay as they are: any new number draws their cards again.
        redraw(tx, desk, each, tx.new_id())
    return TaggedCustomer(tags=tags, changed=True)

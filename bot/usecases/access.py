"""Who may ask, and the ticket asked about, locked for the rest of the transaction."""

from collections.abc import Sequence

from sqlalchemy import Connection

from bot.db.relation_rows import number_of
from bot.db.sight_rows import inbox_of
from bot.db.ticket_rows import lock_tickets
from bot.db.unit import Tx
from bot.domain.desk import Desk
from bot.domain.effects import Priority, post_log, update_card
from bot.domain.roster import Verb
from bot.domain.routing import channel_of_ticket
from bot.domain.ticket import EventType, Ticket
from bot.errors import DeskError, NoSuchTicket, NotAllowed, NotInSight
from bot.language import marked, tr

_REFUSAL = {
    Verb.VIEW: marked(
        "You are not on this desk's roster. Ask an admin to add you under [[agents]]."
    ),
    Verb.WORK: marked(
        "Only agents of this desk may do that. Ask an admin to give you the agent role."
    ),
    Verb.ASSIGN: marked("Only agents of this desk may assign tickets."),
    Verb.CURATE: marked(
        "Shared macros are written by leads and managers. Keep it as your own, or ask one."
    ),
    Verb.STAFF: marked("Only leads and managers say who else is away. Ask one, or the person."),
    Verb.JUDGE: marked(
        "Only leads and managers of this desk may correct a verdict. Ask one of them to."
    ),
    Verb.REVIEW: marked(
        "Only leads and managers of this desk may see that. Ask an admin for the lead role."
    ),
    Verb.APPROVE: marked(
        "Only leads and managers of this desk let such an answer out. Ask one of them to look."
    ),
    Verb.LIFT: marked(
        "Answers made with this macro are let out by a second person. "
        "Only managers may change that. Ask one."
    ),
}


def require(desk: Desk, actor: str, verb: Verb) -> None:
    """Raise NotAllowed unless the roster lets `actor` do `verb`."""
    if not desk.roster.may(actor, verb):
        raise NotAllowed(tr(_REFUSAL[verb]), verb=verb)


def no_ticket(desk: Desk, actor: str, number: int) -> NoSuchTicket:
    """What is said of a ticket that is not there, or is none of this person's business.

    Who sees some inboxes only reads the same of both: a number tells nothing.
    """
    return NoSuchTicket(number) if desk.roster.inboxes(actor) is None else NotInSight()


def require_sight(conn: Connection, desk: Desk, actor: str, ticket_id: int, verb: Verb) -> None:
    """`require`, for what is done beside a ticket. Raises NotAllowed, NotInSight.

    Asks the database nothing for who sees every inbox.
    """
    require(desk, actor, verb)
    allowed = desk.roster.inboxes(actor)
    if allowed is not None and inbox_of(conn, ticket_id) not in allowed:
        raise NotInSight


def sees_ticket(tx: Tx, desk: Desk, actor: str, ticket_id: int) -> Ticket:
    """The ticket, locked, merged or not, if it is of an inbox that `actor` sees.

    Raises NoSuchTicket.
    """
    ticket = lock_tickets(tx.conn, [ticket_id]).get(ticket_id)
    if ticket is None or not desk.roster.sees(actor, ticket.inbox):
        raise no_ticket(desk, actor, ticket_id)
    return ticket


def the_ticket(tx: Tx, ticket_id: int) -> Ticket:
    """The ticket, locked; nobody asks whose business it is. Raises NoSuchTicket."""
    ticket = lock_tickets(tx.conn, [ticket_id]).get(ticket_id)
    if ticket is None:
        raise NoSuchTicket(ticket_id)
    return ticket


def work_on(tx: Tx, desk: Desk, actor: str, ticket_id: int, verb: Verb = Verb.WORK) -> Ticket:
    """The ticket, locked, for somebody who may do `verb` to it, in its inbox.

    Raises NotAllowed, NoSuchTicket, and DeskError for one that was merged into another.
    """
    require(desk, actor, verb)
    ticket = sees_ticket(tx, desk, actor, ticket_id)
    if ticket.merged_into is not None:
        other = number_of(tx.conn, ticket.merged_into)
        raise DeskError(
            tr(
                "#{number} was merged into #{other}: work on #{other}, or unmerge it.",
                number=ticket.number,
                other=other,
            )
        )
    return ticket


def require_worker(desk: Desk, assignee: str, inbox: str | None = None) -> None:
    """Raise NotAllowed for somebody who cannot be given tickets; with `inbox`, those of it."""
    if not desk.roster.may(assignee, Verb.WORK):
        name = desk.roster.name(assignee)
        raise NotAllowed(
            tr("{name} cannot be given tickets: not an active agent of this desk.", name=name)
        )
    if inbox is not None and not desk.roster.sees(assignee, inbox):
        raise NotAllowed(
            tr(
                "{name} cannot be given this ticket: their inboxes are others. Name somebody else.",
                name=desk.roster.name(assignee),
            )
        )


def since(ticket: Ticket) -> str | None:
    """Since when the owner had it, as an event keeps it."""
    return ticket.claimed_at.isoformat() if ticket.claimed_at else None


def redraw(
    tx: Tx, desk: Desk, ticket: Ticket, version: int, *, priority: Priority = Priority.CARD
) -> None:
    """Have the card of `ticket` drawn anew for its `version`."""
    channel = channel_of_ticket(desk, ticket)
    tx.emit(update_card(ticket.id, version, channel=channel, priority=priority))


def redraw_in_time(tx: Tx, desk: Desk, ticket: Ticket, version: int) -> None:
    """`redraw`, for a change that nobody made: of a ticket nobody has, everything else goes first."""
    claimed = ticket.assignee is not None
    priority = Priority.CARD if claimed else Priority.CARD_NOT_CLAIMED
    redraw(tx, desk, ticket, version, priority=priority)


def say(
    tx: Tx,
    desk: Desk,
    ticket: Ticket,
    type_: EventType,
    *,
    actor: str,
    **data: str | float | bool | None,
) -> int:
    """Record an event and have its line posted in the thread; returns the event's id."""
    event_id = tx.record(ticket.id, type_, actor=actor, **data)
    post_line(tx, desk, ticket, event_id)
    return event_id


def call(
    tx: Tx,
    desk: Desk,
    ticket: Ticket,
    type_: EventType,
    *,
    actor: str,
    called: Sequence[str],
    **data: str | None,
) -> int:
    """`say`, with a mention of those who have to act."""
    event_id = tx.record(ticket.id, type_, actor=actor, called=list(called), **data)
    channel = channel_of_ticket(desk, ticket)
    tx.emit(post_log(ticket.id, event_id, channel=channel, priority=Priority.WARNING))
    return event_id


def post_line(tx: Tx, desk: Desk, ticket: Ticket, event_id: int) -> None:
    """Have the line of an event posted in the thread."""
    tx.emit(post_log(ticket.id, event_id, channel=channel_of_ticket(desk, ticket)))

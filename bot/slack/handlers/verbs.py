"""Every verb as the Slack side knows it: ask the use case, put its outcome into words."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from bot.db import queries
from bot.db.routing_rows import last_routed
from bot.db.unit import Tx
from bot.domain.card import TicketView
from bot.domain.desk import Desk
from bot.domain.veil import posted_ticket
from bot.errors import DeskError, NotInSight
from bot.language import tr
from bot.language.forms import either
from bot.slack.blocks import answers, listing
from bot.slack.blocks.rendered import Rendered
from bot.slack.blocks.why import render_why
from bot.slack.blocks.wording import span
from bot.slack.handlers.wiring import Wiring
from bot.slack.request import Person
from bot.slack.text import one_line
from bot.slack.when import When
from bot.usecases.access import no_ticket
from bot.usecases.acknowledge import Acknowledge, acknowledge
from bot.usecases.answered import AnsweredElsewhere, answered_elsewhere
from bot.usecases.assign import Assign, assign
from bot.usecases.claim import AlreadyYours, Claim, Claimed, HeldBy, claim
from bot.usecases.confirm_reply import settle_unsure
from bot.usecases.no_response import NoAnswerNeeded, no_answer_needed
from bot.usecases.note import AddNote, add_note
from bot.usecases.release import Release, release
from bot.usecases.resolve import Reopen, Resolve, reopen, resolve
from bot.usecases.snooze import Snooze, snooze
from bot.usecases.why import ClockWhy, why


class NobodyMeant(DeskError):
    """A name that nobody of the desk has."""


async def ticket_of(wiring: Wiring, actor: str, number: int) -> TicketView:
    """The ticket of that number. Raises NotAllowed, NoSuchTicket."""
    ticket = await wiring.look(actor, lambda conn: queries.ticket_by_number(conn, number))
    if ticket is None or not wiring.desk().roster.sees(actor, ticket.inbox):
        raise no_ticket(wiring.desk(), actor, number)
    return ticket


async def ticket_with_id(wiring: Wiring, actor: str, ticket_id: int) -> TicketView:
    """The ticket a button names. Raises NotAllowed, NotInSight, DeskError where it is gone."""
    ticket = await wiring.look(actor, lambda conn: queries.ticket_by_id(conn, ticket_id))
    roster = wiring.desk().roster
    if roster.inboxes(actor) is not None and (
        ticket is None or not roster.sees(actor, ticket.inbox)
    ):
        raise NotInSight
    if ticket is None:
        raise DeskError(tr("This ticket is no longer in the desk's database."))
    return ticket


async def do_claim(
    wiring: Wiring, actor: str, ticket_id: int, *, take_over_from: str | None = None
) -> Rendered:
    """Claim, or be told who was first."""
    command = Claim(ticket_id=ticket_id, actor=actor, take_over_from=take_over_from)
    now = wiring.now()
    match await wiring.decide(claim, command):
        case Claimed(ticket=ticket):
            return answers.yours(ticket, now)
        case AlreadyYours(ticket=ticket):
            return answers.yours(ticket, now, already=True)
        case HeldBy(agent=holder, since=since, ticket=ticket):
            return answers.held_by(ticket, holder, since, wiring.desk(), now)


async def do_take(wiring: Wiring, actor: str, ticket: TicketView) -> Rendered:
    """Take over from whoever holds the ticket now: the agent says so deliberately."""
    return await do_claim(wiring, actor, ticket.id, take_over_from=ticket.assignee)


async def do_release(wiring: Wiring, actor: str, ticket_id: int) -> Rendered:
    """Give the ticket back to the channel."""
    done = await wiring.decide(release, Release(ticket_id=ticket_id, actor=actor))
    number = done.ticket.number
    if not done.changed:
        return answers.say(tr("#{number} had no owner.", number=number))
    return answers.say(tr("#{number} is unclaimed again.", number=number))


async def do_assign(wiring: Wiring, actor: str, ticket_id: int, assignee: str) -> Rendered:
    """Give the ticket to a colleague."""
    done = await wiring.decide(assign, Assign(ticket_id=ticket_id, actor=actor, assignee=assignee))
    name = one_line(wiring.desk().roster.name(assignee), 60)
    number = done.ticket.number
    if not done.changed:
        return answers.say(tr("#{number} is already with {who}.", number=number, who=name))
    return answers.say(tr("#{number} is with {who}.", number=number, who=name))


def person_meant(wiring: Wiring, actor: str, person: Person) -> str:
    """The Slack id of somebody named in a command. Raises DeskError where it is nobody, or several."""
    if person.me:
        return actor
    if person.following or person.group_id is not None:
        raise DeskError(tr("This takes one person: name them with @."))
    if person.slack_id is not None:
        return person.slack_id
    wanted = person.name.casefold()
    agents = [one for one in wiring.desk().roster.agents.values() if one.active]
    found = [one for one in agents if one.name.casefold() == wanted] or [
        one for one in agents if wanted in one.name.casefold().split()
    ]
    if len(found) == 1:
        return found[0].slack_id
    shown = one_line(person.name, 40)
    if not found:
        raise NobodyMeant(
            tr(
                "Nobody on this desk is called “{typed}”. Pick them with @ from Slack's list.",
                typed=shown,
            )
        )
    names = either([one.name for one in found])
    raise DeskError(
        tr("“{typed}” could be {names}. Write the full name.", typed=shown, names=names)
    )


async def do_note(wiring: Wiring, actor: str, ticket: TicketView, text: str, key: str) -> Rendered:
    """Keep a note in the thread."""
    await wiring.decide(add_note, AddNote(ticket_id=ticket.id, actor=actor, text=text, key=key))
    return answers.say(tr("Note kept with #{number}. It stays internal.", number=ticket.number))


async def do_snooze(wiring: Wiring, actor: str, ticket: TicketView, when: When) -> Rendered:
    """Silence warnings for a while."""
    desk = wiring.desk()
    until = when.resolve(wiring.now(), ZoneInfo(desk.timezone))
    done = await wiring.decide(snooze, Snooze(ticket_id=ticket.id, actor=actor, until=until))
    return answers.snoozed(ticket, done.until, desk)


async def do_resolve(wiring: Wiring, actor: str, ticket_id: int) -> Rendered:
    """Settle the ticket."""
    done = await wiring.decide(resolve, Resolve(ticket_id=ticket_id, actor=actor))
    number = done.ticket.number
    if not done.changed:
        return answers.say(tr("#{number} is already resolved.", number=number))
    return answers.say(tr("#{number} is resolved.", number=number))


async def do_reopen(wiring: Wiring, actor: str, ticket_id: int) -> Rendered:
    """Undo the last resolution."""
    done = await wiring.decide(reopen, Reopen(ticket_id=ticket_id, actor=actor))
    if not done.changed:
        return answers.say(tr("#{number} is not resolved.", number=done.ticket.number))
    if done.ticket.assignee == actor:
        return answers.yours(done.ticket, wiring.now())
    return answers.say(tr("#{number} is open again.", number=done.ticket.number))


async def do_answered(wiring: Wiring, actor: str, ticket_id: int) -> Rendered:
    """Take somebody's word that the customer was answered outside of the desk."""
    command = AnsweredElsewhere(ticket_id=ticket_id, actor=actor)
    done = await wiring.decide(answered_elsewhere, command)
    number = done.ticket.number
    if not done.changed:
        return answers.say(tr("#{number}: nobody waits for an answer.", number=number))
    return answers.say(
        tr(
            "#{number}: answered in the marketplace, on your word. Its clock stopped.",
            number=number,
        )
    )


async def do_no_answer(wiring: Wiring, actor: str, ticket_id: int) -> Rendered:
    """Nobody awaits an answer."""
    done = await wiring.decide(no_answer_needed, NoAnswerNeeded(ticket_id=ticket_id, actor=actor))
    return answers.nothing_awaited(done.ticket)


async def do_acknowledge(wiring: Wiring, actor: str, ticket_id: int) -> Rendered:
    """Silence the repeats of a breach ping."""
    done = await wiring.decide(acknowledge, Acknowledge(ticket_id=ticket_id, actor=actor))
    quiet = span(done.quiet_until - wiring.now())
    return answers.say(
        tr(
            "Noted that you are on it: no repeated breach pings for {length}. If nothing is sent by "
            "then, the miss is told once more, with your name.",
            length=quiet,
        )
    )


async def do_settle(wiring: Wiring, actor: str, message_id: int, *, arrived: bool) -> Rendered:
    """A person looked whether an answer arrived."""

    def settle(tx: Tx, desk: Desk, _: None) -> bool:
        return settle_unsure(tx, desk, message_id, actor, arrived)

    if not await wiring.decide(settle, None):
        return answers.say(tr("That was settled before."))
    if arrived:
        return answers.say(tr("Noted: it arrived. The clock has stopped."))
    return answers.say(tr("Noted: it did not arrive. The clock runs; answer again with Reply."))


async def show_queue(wiring: Wiring, actor: str, which: queries.Which) -> Rendered:
    """A queue, most urgent first."""
    now, sight = wiring.now(), wiring.desk().roster.inboxes(actor)
    rows = await wiring.look(
        actor, lambda conn: queries.queue(conn, which, actor, now, sight=sight)
    )
    return listing.render_queue(rows, which, wiring.desk(), now)


async def show_found(wiring: Wiring, actor: str, words: str) -> Rendered:
    """What was looked for, those touched last in front."""
    sight = wiring.desk().roster.inboxes(actor)
    rows = await wiring.look(actor, lambda conn: queries.find(conn, words, sight=sight), long=True)
    return listing.render_found(rows, words, wiring.desk(), wiring.now())


async def show_status(wiring: Wiring, actor: str, ticket: TicketView) -> Rendered:
    """One ticket with its history and the way of its clocks."""
    events = await wiring.look(actor, lambda conn: queries.events(conn, ticket.id))
    walks = await _walks(wiring, actor, ticket)
    # What an inbox does not post is behind "Show the words", which notes who looked.
    shown = posted_ticket(ticket, wiring.desk())
    return listing.render_status(shown, events, walks, wiring.desk(), wiring.now())


async def show_why(wiring: Wiring, actor: str, ticket: TicketView) -> Rendered:
    """Why a ticket's deadlines are when they are."""
    walks = await _walks(wiring, actor, ticket)
    routed = await wiring.look(actor, lambda conn: last_routed(conn, ticket.id))
    return render_why(ticket, walks, wiring.desk(), routed)


async def _walks(wiring: Wiring, actor: str, ticket: TicketView) -> Sequence[ClockWhy]:
    desk, now = wiring.desk(), wiring.now()
    return await wiring.look(actor, lambda conn: why(conn, desk, ticket, now))

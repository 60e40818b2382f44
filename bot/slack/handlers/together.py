"""What colleagues do with and for each other, as the Slack side knows it."""

from bot.domain.card import TicketView
from bot.language import tr, tr_many
from bot.language.forms import listed
from bot.slack.blocks import answers
from bot.slack.blocks.rendered import Rendered
from bot.slack.handlers.verbs import ticket_of
from bot.slack.handlers.wiring import Wiring
from bot.slack.text import one_line
from bot.usecases.escalate import Deescalate, Escalate, deescalate, escalate
from bot.usecases.link import Link, link, unlink
from bot.usecases.merge import Merge, Unmerge, merge, unmerge
from bot.usecases.split import Split, split
from bot.usecases.transfer import Transfer, transfer


async def do_transfer(wiring: Wiring, command: Transfer) -> Rendered:
    """Hand the ticket over with a note."""
    done = await wiring.decide(transfer, command)
    name = one_line(wiring.desk().roster.name(command.assignee), 60)
    number = done.ticket.number
    said = tr("#{number} is with {who}; your note is in its thread.", number=number, who=name)
    return answers.say(said)


async def do_escalate(wiring: Wiring, actor: str, ticket: TicketView, reason: str) -> Rendered:
    """Have the leads look at it."""
    command = Escalate(ticket_id=ticket.id, actor=actor, reason=reason)
    done = await wiring.decide(escalate, command)
    if not done.called:
        return answers.say(
            tr(
                "#{number} is escalated. The leads were called for that within the last hour; "
                "another reason calls them again.",
                number=ticket.number,
            )
        )
    return answers.say(_calling(wiring, ticket.number, done.called))


def _calling(wiring: Wiring, number: int, called: tuple[str, ...]) -> str:
    """Who is called: people by name; a group has none here."""
    people = [one for one in called if not one.startswith("S")]
    names = [one_line(wiring.desk().roster.name(one), 60) for one in people]
    if not names:
        return tr(
            "#{number} is escalated: the managers will be called in its thread.", number=number
        )
    if len(people) < len(called):
        return tr(
            "#{number} is escalated: {names} and the managers will be called in its thread.",
            number=number,
            names=listed(names),
        )
    return tr(
        "#{number} is escalated: {names} will be called in its thread.",
        number=number,
        names=listed(names),
    )


async def do_deescalate(wiring: Wiring, actor: str, ticket_id: int) -> Rendered:
    """Say that the presser takes care of it."""
    done = await wiring.decide(deescalate, Deescalate(ticket_id=ticket_id, actor=actor))
    if not done.changed:
        return answers.say(tr("#{number} was not escalated.", number=done.number))
    return answers.say(
        tr("#{number} is not escalated any more: you take care of it.", number=done.number)
    )


async def do_link(wiring: Wiring, actor: str, ticket: TicketView, other: int) -> Rendered:
    """Say that two tickets are related."""
    command = await _pair(wiring, actor, ticket, other)
    done = await wiring.decide(link, command)
    numbers = {"number": done.number, "other": done.other}
    if not done.changed:
        return answers.say(tr("#{number} and #{other} are already linked.", **numbers))
    return answers.say(tr("#{number} and #{other} are linked.", **numbers))


async def do_unlink(wiring: Wiring, actor: str, ticket: TicketView, other: int) -> Rendered:
    """They are not related after all."""
    command = await _pair(wiring, actor, ticket, other)
    done = await wiring.decide(unlink, command)
    numbers = {"number": done.number, "other": done.other}
    if not done.changed:
        return answers.say(tr("#{number} and #{other} were not linked.", **numbers))
    return answers.say(tr("#{number} and #{other} are not linked any more.", **numbers))


async def _pair(wiring: Wiring, actor: str, ticket: TicketView, other: int) -> Link:
    second = await ticket_of(wiring, actor, other)
    return Link(ticket_id=ticket.id, other_id=second.id, actor=actor)


async def do_merge(wiring: Wiring, actor: str, ticket: TicketView, other: int) -> Rendered:
    """One conversation out of two."""
    into = await ticket_of(wiring, actor, other)
    command = Merge(ticket_id=ticket.id, into_id=into.id, actor=actor)
    done = await wiring.decide(merge, command)
    said = [tr("#{number} goes on in #{other}.", number=done.number, other=done.into)]
    if done.moved:
        said.append(
            tr_many(
                "Its question waits there now, from when it began.",
                "What waits for an answer waits there now, from when it began.",
                done.moved,
            )
        )
    typed = f"`unmerge {done.number}`"
    said.append(tr("{command} separates them until somebody writes.", command=typed))
    return answers.say(" ".join(said))


async def do_unmerge(wiring: Wiring, actor: str, ticket: TicketView) -> Rendered:
    """Two conversations again."""
    done = await wiring.decide(unmerge, Unmerge(ticket_id=ticket.id, actor=actor))
    return answers.say(
        tr("#{number} and #{other} are two tickets again.", number=done.number, other=done.other)
    )


async def do_split(wiring: Wiring, actor: str, ticket: TicketView) -> Rendered:
    """A ticket of its own for the newest message."""
    done = await wiring.decide(split, Split(ticket_id=ticket.id, actor=actor))
    return answers.say(
        tr(
            "#{number}: its newest message is #{other} now, with clocks of its own. "
            "What the customer writes next arrives at #{number}.",
            number=done.number,
            other=done.other,
        )
    )

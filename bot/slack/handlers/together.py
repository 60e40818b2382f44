"""What colleagues do with and for each other, as the Slack side knows it."""

from bot.domain.card import TicketView
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
    return answers.say(f"#{done.ticket.number} is with {name}; your note is in its thread.")


async def do_escalate(wiring: Wiring, actor: str, ticket: TicketView, reason: str) -> Rendered:
    """Have the leads look at it."""
    command = Escalate(ticket_id=ticket.id, actor=actor, reason=reason)
    done = await wiring.decide(escalate, command)
    if not done.called:
        return answers.say(
            f"#{ticket.number} is escalated. The leads were called for that within the last hour; "
            "another reason calls them again."
        )
    names = _names(wiring, done.called)
    return answers.say(f"#{ticket.number} is escalated: {names} will be called in its thread.")


def _names(wiring: Wiring, called: tuple[str, ...]) -> str:
    """People by name; a group has none here."""
    people = [one for one in called if not one.startswith("S")]
    names = [one_line(wiring.desk().roster.name(one), 60) for one in people]
    return " and ".join([*names, *(["the managers"] if len(people) < len(called) else [])])


async def do_deescalate(wiring: Wiring, actor: str, ticket_id: int) -> Rendered:
    """Say that the presser takes care of it."""
    done = await wiring.decide(deescalate, Deescalate(ticket_id=ticket_id, actor=actor))
    if not done.changed:
        return answers.say(f"#{done.number} was not escalated.")
    return answers.say(f"#{done.number} is not escalated any more: you take care of it.")


async def do_link(wiring: Wiring, actor: str, ticket: TicketView, other: int) -> Rendered:
    """Say that two tickets are related."""
    command = await _pair(wiring, actor, ticket, other)
    done = await wiring.decide(link, command)
    already = "" if done.changed else "already "
    return answers.say(f"#{done.number} and #{done.other} are {already}linked.")


async def do_unlink(wiring: Wiring, actor: str, ticket: TicketView, other: int) -> Rendered:
    """They are not related after all."""
    command = await _pair(wiring, actor, ticket, other)
    done = await wiring.decide(unlink, command)
    if not done.changed:
        return answers.say(f"#{done.number} and #{done.other} were not linked.")
    return answers.say(f"#{done.number} and #{done.other} are not linked any more.")


async def _pair(wiring: Wiring, actor: str, ticket: TicketView, other: int) -> Link:
    second = await ticket_of(wiring, actor, other)
    return Link(ticket_id=ticket.id, other_id=second.id, actor=actor)


async def do_merge(wiring: Wiring, actor: str, ticket: TicketView, other: int) -> Rendered:
    """One conversation out of two."""
    into = await ticket_of(wiring, actor, other)
    command = Merge(ticket_id=ticket.id, into_id=into.id, actor=actor)
    done = await wiring.decide(merge, command)
    said = f"#{done.number} goes on in #{done.into}."
    if done.moved:
        what = "What waits for an answer waits" if done.moved > 1 else "Its question waits"
        said += f" {what} there now, from when it began."
    return answers.say(f"{said} `unmerge {done.number}` separates them until somebody writes.")


async def do_unmerge(wiring: Wiring, actor: str, ticket: TicketView) -> Rendered:
    """Two conversations again."""
    done = await wiring.decide(unmerge, Unmerge(ticket_id=ticket.id, actor=actor))
    return answers.say(f"#{done.number} and #{done.other} are two tickets again.")


async def do_split(wiring: Wiring, actor: str, ticket: TicketView) -> Rendered:
    """A ticket of its own for the newest message."""
    done = await wiring.decide(split, Split(ticket_id=ticket.id, actor=actor))
    return answers.say(
        f"#{done.number}: its newest message is #{done.other} now, with clocks of its own. "
        f"What the customer writes next arrives at #{done.number}."
    )

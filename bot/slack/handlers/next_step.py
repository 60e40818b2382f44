"""Who has the next step, and what a ticket is: waits, their end, and changes of class."""

from zoneinfo import ZoneInfo

from bot.domain.card import TicketView, WaitView
from bot.language import tr
from bot.slack.blocks import answers, moves
from bot.slack.blocks.rendered import Rendered
from bot.slack.class_words import ClassChange, split_customer_tags
from bot.slack.handlers.verbs import ticket_with_id
from bot.slack.handlers.wiring import Wiring
from bot.slack.text import one_line
from bot.slack.when import When
from bot.usecases.reclassify import Reclassify, Unchanged, reclassify
from bot.usecases.tag_customer import TagCustomer, tag_customer
from bot.usecases.wait import GoOn, WaitFor, go_on, wait_for
from sla_rules.vocabulary import Waiting


async def do_wait(
    wiring: Wiring, actor: str, ticket: TicketView, on: Waiting, when: When | None = None
) -> Rendered:
    """Wait for somebody else; clocks that may stand still do."""
    desk, now = wiring.desk(), wiring.now()
    until = when.resolve(now, ZoneInfo(desk.timezone)) if when else None
    await wiring.decide(wait_for, WaitFor(ticket_id=ticket.id, actor=actor, on=on, until=until))
    after = await ticket_with_id(wiring, actor, ticket.id)
    return moves.waits(ticket, after, WaitView(on=on, since=now, until=until), desk)


async def do_go_on(wiring: Wiring, actor: str, ticket: TicketView) -> Rendered:
    """End the wait."""
    if ticket.wait is not None:
        await wiring.decide(go_on, GoOn(ticket_id=ticket.id, actor=actor))
    after = await ticket_with_id(wiring, actor, ticket.id)
    return moves.goes_on(ticket, after, wiring.desk())


async def do_reclassify(
    wiring: Wiring, actor: str, ticket: TicketView, change: ClassChange
) -> Rendered:
    """Say what the ticket really is, and its customer; its clocks follow."""
    change, theirs = split_customer_tags(change)
    told = [
        await _tag_customer(wiring, actor, ticket, tags, gone=gone)
        for tags, gone in ((theirs.added, False), (theirs.removed, True))
        if tags
    ]
    if told and change == ClassChange():
        return told[-1]
    done = await wiring.decide(
        reclassify,
        Reclassify(
            ticket_id=ticket.id,
            actor=actor,
            risk=change.risk,
            stage=change.stage,
            vip=change.vip,
            topic=change.topic,
            tags=_tags(ticket, change),
        ),
    )
    if isinstance(done, Unchanged):
        return answers.say(tr("#{number} is all that already.", number=ticket.number))
    return moves.class_changed(ticket, done, wiring.desk())


async def _tag_customer(
    wiring: Wiring, actor: str, ticket: TicketView, tags: tuple[str, ...], *, gone: bool
) -> Rendered:
    command = TagCustomer(ticket_id=ticket.id, actor=actor, tags=tags, gone=gone)
    done = await wiring.decide(tag_customer, command)
    if not done.changed:
        return answers.say(tr("The customer of #{number} is that already.", number=ticket.number))
    if not done.tags:
        return answers.say(
            tr("The customer of #{number} has no tag any more.", number=ticket.number)
        )
    return answers.say(
        tr(
            "The customer of #{number} is tagged {tags}. Rules look at it from their next question.",
            number=ticket.number,
            tags=one_line(", ".join(done.tags), 200),
        )
    )


def _tags(ticket: TicketView, change: ClassChange) -> frozenset[str] | None:
    if not change.added and not change.removed:
        return None
    # A platform may write a tag in capitals; people take it away in small letters.
    gone = {tag.casefold() for tag in change.removed}
    kept = [tag for tag in ticket.tags if tag.casefold() not in gone]
    return frozenset((*kept, *change.added))

"""Who has the next step, and what a ticket is: waits, their end, and changes of class."""

from zoneinfo import ZoneInfo

from bot.domain.card import TicketView, WaitView
from bot.slack.blocks import answers, moves
from bot.slack.blocks.rendered import Rendered
from bot.slack.class_words import ClassChange
from bot.slack.handlers.verbs import ticket_with_id
from bot.slack.handlers.wiring import Wiring
from bot.slack.when import When
from bot.usecases.reclassify import Reclassify, Unchanged, reclassify
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
    """Say what the ticket really is; its clocks follow."""
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
        return answers.say(f"#{ticket.number} is all that already.")
    return moves.class_changed(ticket, done, wiring.desk())


def _tags(ticket: TicketView, change: ClassChange) -> frozenset[str] | None:
    if not change.added and not change.removed:
        return None
    # A platform may write a tag in capitals; people take it away in small letters.
    gone = {tag.casefold() for tag in change.removed}
    kept = [tag for tag in ticket.tags if tag.casefold() not in gone]
    return frozenset((*kept, *change.added))

"""Tickets that need another owner, in their channel: somebody went away, or a shift ends before them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.card import QueueRow
from bot.domain.desk import Desk
from bot.slack.blocks import kit
from bot.slack.blocks.actions import ActionId, joined
from bot.slack.blocks.listing import queue_line
from bot.slack.blocks.parts import Part, as_text, elements
from bot.slack.blocks.rendered import Block, Rendered
from bot.slack.text import one_line, spoken


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What is offered. `who` went away; else the last of a shift leaves at `ends_at`.

    `next_who` is on shift again from `next_at`; `of` is how many tickets there are in all.
    """

    rows: Sequence[QueueRow]
    of: int
    who: str | None = None
    ends_at: datetime | None = None
    next_who: str | None = None
    next_at: datetime | None = None


def render_offer(offer: Offer, desk: Desk, now: datetime) -> Rendered:
    """The list, each ticket with its buttons. It mentions nobody: the deadlines do that in time."""
    head = _away(offer, desk) if offer.who is not None else _ending(offer, desk)
    blocks: list[Block] = [kit.rich(kit.line(*elements(head, desk)))]
    for row in offer.rows:
        blocks.append(kit.rich(kit.line(*queue_line(row, desk, now))))
        blocks.append(kit.actions(*_buttons(row, offer, desk)))
    more = offer.of - len(offer.rows)
    if more > 0:
        blocks.append(kit.context(f"And {more} more: /ticket queue all lists them."))
    if offer.who is not None:
        give = kit.button(ActionId.HAND_OVER, "Give all to the next", offer.who, style="primary")
        blocks.append(kit.actions(give))
    numbers = ", ".join(f"#{row.number}" for row in offer.rows)
    return Rendered(text=spoken(f"{as_text(head, desk)} {numbers}", 600), blocks=blocks)


def _away(offer: Offer, desk: Desk) -> Sequence[Part]:
    name = one_line(desk.roster.name(offer.who or ""), 60)
    waits = "1 ticket waits" if offer.of == 1 else f"{offer.of} tickets wait"
    return [f"{name} is away, and {waits} for an answer from them. Take over, or hand over:"]


def _ending(offer: Offer, desk: Desk) -> Sequence[Part]:
    what = "1 ticket is" if offer.of == 1 else f"{offer.of} tickets are"
    head: list[Part] = ["The last shift here ends at ", offer.ends_at or "", f", and {what} due "]
    if offer.next_who is None or offer.next_at is None:
        return [*head, "with nobody on shift after it. Answer now, or hand over:"]
    name = one_line(desk.roster.name(offer.next_who), 60)
    return [*head, f"before {name} starts at ", offer.next_at, ". Answer now, or hand over:"]


def _buttons(row: QueueRow, offer: Offer, desk: Desk) -> Sequence[Block]:
    value = str(row.id)
    buttons = [
        kit.button(ActionId.REPLY, "Reply", value),
        kit.button(ActionId.TAKE_OVER, "Take it", joined(row.id, row.assignee or "")),
    ]
    if offer.who is not None:
        buttons.append(kit.button(ActionId.ASSIGN_NEXT, "To the next", value))
    elif offer.next_who is not None:
        # Whoever is there now leaves too: it is theirs who come.
        name = one_line(desk.roster.name(offer.next_who), 30)
        given = joined(row.id, offer.next_who)
        buttons.append(kit.button(ActionId.HAND_OVER_TO, f"Hand over to {name}", given))
    return buttons

"""Tickets that need another owner, in their channel: somebody went away, or a shift ends before them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.card import QueueRow
from bot.domain.desk import Desk
from bot.domain.forecast import Forecast
from bot.language import tr_as, tr_many, tr_many_parts
from bot.slack.blocks import kit
from bot.slack.blocks.actions import ActionId, joined
from bot.slack.blocks.call_choices import calls_button
from bot.slack.blocks.listing import queue_line
from bot.slack.blocks.parts import Part, as_text, elements
from bot.slack.blocks.rendered import Block, Rendered
from bot.slack.request import COMMANDS
from bot.slack.text import one_line, spoken


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What is offered. `who` went away; else the last of a shift leaves at `ends_at`.

    `next_who` is on shift again from `next_at`; `of` is how many tickets there are in all.
    `foreseen` are those that are forecast to be missed, by ticket id.
    """

    rows: Sequence[QueueRow]
    of: int
    who: str | None = None
    ends_at: datetime | None = None
    next_who: str | None = None
    next_at: datetime | None = None
    foreseen: Mapping[int, Forecast] = field(default_factory=dict)


def render_offer(offer: Offer, desk: Desk, now: datetime) -> Rendered:
    """The list, each ticket with its buttons. It mentions nobody: the deadlines do that in time."""
    head = _away(offer, desk) if offer.who is not None else _ending(offer, desk)
    blocks: list[Block] = [kit.rich(kit.line(*elements(head, desk)))]
    for row in offer.rows:
        blocks.append(kit.rich(kit.line(*queue_line(row, desk, now))))
        blocks.append(kit.actions(*_buttons(row, offer, desk)))
    more = offer.of - len(offer.rows)
    if more > 0:
        blocks.append(kit.context(_more(more)))
    if offer.foreseen:
        blocks.append(kit.context(_foreseen(len(offer.foreseen))))
    last = [calls_button()]
    if offer.who is not None:
        label = tr_as("button", "Give all to the next")
        last.insert(0, kit.button(ActionId.HAND_OVER, label, offer.who, style="primary"))
    blocks.append(kit.actions(*last))
    numbers = ", ".join(f"#{row.number}" for row in offer.rows)
    return Rendered(text=spoken(f"{as_text(head, desk)} {numbers}", 600), blocks=blocks)


def _more(count: int) -> str:
    return tr_many(
        "And {count} more: /ticket queue all lists them.",
        "And {count} more: /ticket queue all lists them.",
        count,
    )


def _foreseen(count: int) -> str:
    return tr_many(
        "By the forecast, {count} of these tickets will probably be missed. "
        "It is a guess: {command} says why, and how often it is right.",
        "By the forecast, {count} of these tickets will probably be missed. "
        "It is a guess: {command} says why, and how often it is right.",
        count,
        command=f"{COMMANDS.sla} forecast",
    )


def _away(offer: Offer, desk: Desk) -> Sequence[Part]:
    said = tr_many(
        "{who} is away, and {count} ticket waits for an answer from them. Take over, or hand over:",
        "{who} is away, and {count} tickets wait for an answer from them. Take over, or hand over:",
        offer.of,
        who=one_line(desk.roster.name(offer.who or ""), 60),
    )
    return [said]


def _ending(offer: Offer, desk: Desk) -> Sequence[Part]:
    end: Part = offer.ends_at or ""
    if offer.next_who is None or offer.next_at is None:
        return tr_many_parts(
            "The last shift here ends at {end}, and {count} ticket is due with nobody on shift "
            "after it. Answer now, or hand over:",
            "The last shift here ends at {end}, and {count} tickets are due with nobody on shift "
            "after it. Answer now, or hand over:",
            offer.of,
            end=end,
        )
    who: Part = one_line(desk.roster.name(offer.next_who), 60)
    return tr_many_parts(
        "The last shift here ends at {end}, and {count} ticket is due before {who} starts at "
        "{start}. Answer now, or hand over:",
        "The last shift here ends at {end}, and {count} tickets are due before {who} starts at "
        "{start}. Answer now, or hand over:",
        offer.of,
        end=end,
        who=who,
        start=offer.next_at,
    )


def _buttons(row: QueueRow, offer: Offer, desk: Desk) -> Sequence[Block]:
    value = str(row.id)
    buttons = [
        kit.button(ActionId.REPLY, tr_as("button", "Reply"), value),
        kit.button(
            ActionId.TAKE_OVER, tr_as("button", "Take it"), joined(row.id, row.assignee or "")
        ),
    ]
    if offer.who is not None:
        buttons.append(kit.button(ActionId.ASSIGN_NEXT, tr_as("button", "To the next"), value))
    elif offer.next_who is not None:
        # Whoever is there now leaves too: it is theirs who come.
        name = one_line(desk.roster.name(offer.next_who), 30)
        given = joined(row.id, offer.next_who)
        label = tr_as("button", "Hand over to {who}", who=name)
        buttons.append(kit.button(ActionId.HAND_OVER_TO, label, given))
    return buttons

"""Why each deadline of a ticket is when it is: a step a line, times in each reader's own zone."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain.card import EventView, TicketView
from bot.domain.desk import Desk
from bot.domain.said import said
from bot.language import tr, tr_parts
from bot.language.forms import led
from bot.slack.blocks import kit
from bot.slack.blocks.parts import Part, as_text, elements
from bot.slack.blocks.rendered import Block, Rendered
from bot.slack.blocks.routed import routed_parts
from bot.slack.blocks.wording import moment
from bot.slack.text import one_line, spoken
from bot.usecases.route import routing_told
from bot.usecases.why import ClockWhy
from sla_rules.explain import Row


def render_why(
    ticket: TicketView,
    walks: Sequence[ClockWhy],
    desk: Desk,
    routed: EventView | None = None,
) -> Rendered:
    """Every clock of the ticket with its steps, and how it came to its owner by the routes."""
    parts: list[Part] = []
    if routed is not None:
        parts = [tr("Routed:"), " ", *routed_parts(routing_told(routed.data), desk)]
    owner = [kit.rich(kit.line(*elements(parts, desk)))] if parts else []
    if not walks:
        none = tr(
            "#{number} has no deadline: no clock runs for this kind of ticket.",
            number=ticket.number,
        )
        return Rendered(text=none, blocks=[kit.rich(kit.line(kit.words(none))), *owner])
    promises = [f"{said(each.explanation.promise)}." for each in walks]
    told = spoken(" ".join([*promises, as_text(parts, desk)]), 600)
    return Rendered(
        text=tr("Why #{number}: {promises}", number=ticket.number, promises=told).rstrip(),
        blocks=[*(why_block(each, desk) for each in walks), *owner],
    )


def why_block(each: ClockWhy, desk: Desk) -> Block:
    """One clock: its promise, then a step a line."""
    steps = [kit.line(*_step(row, desk)) for row in each.explanation.rows]
    return kit.rich(
        kit.line(kit.words(one_line(said(each.explanation.promise), 300), bold=True)),
        {"type": "rich_text_list", "style": "bullet", "elements": steps},
    )


def _step(row: Row, desk: Desk) -> Iterator[Block]:
    yield kit.words(one_line(said(row.what), 60), bold=row.what == "due")
    if row.start is not None:
        yield from _when(row.start, row.end, desk)
    if row.note:
        yield kit.words(led("") + one_line(said(row.note), 400))


def _when(start: datetime, end: datetime | None, desk: Desk) -> Iterator[Block]:
    yield kit.words(" ")
    begin = kit.date(start, kit.DUE_FORMAT, fallback=moment(start, desk))
    if end is None:
        yield begin
    else:
        zone = ZoneInfo(desk.timezone)
        same_day = start.astimezone(zone).date() == end.astimezone(zone).date()
        form = "{time}" if same_day else kit.DUE_FORMAT
        ends = kit.date(end, form, fallback=moment(end, desk))
        # For translators: from when to when a clock ran or stood still.
        yield from kit.pieces(tr_parts("{begin} to {end}", begin=begin, end=ends))

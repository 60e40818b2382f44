"""Why each deadline of a ticket is when it is: a step a line, times in each reader's own zone."""

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from bot.domain.card import EventView, TicketView
from bot.domain.desk import Desk
from bot.slack.blocks import kit
from bot.slack.blocks.parts import as_text, elements
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
    parts = ["Routed: ", *routed_parts(routing_told(routed.data), desk)] if routed else []
    owner = [kit.rich(kit.line(*elements(parts, desk)))] if parts else []
    if not walks:
        none = f"#{ticket.number} has no deadline: no clock runs for this kind of ticket."
        return Rendered(text=none, blocks=[kit.rich(kit.line(kit.words(none))), *owner])
    said = " ".join([*(f"{each.explanation.promise}." for each in walks), as_text(parts, desk)])
    return Rendered(
        text=f"Why #{ticket.number}: {spoken(said, 600)}".rstrip(),
        blocks=[*(why_block(each, desk) for each in walks), *owner],
    )


def why_block(each: ClockWhy, desk: Desk) -> Block:
    """One clock: its promise, then a step a line."""
    steps = [kit.line(*_step(row, desk)) for row in each.explanation.rows]
    return kit.rich(
        kit.line(kit.words(one_line(each.explanation.promise, 300), bold=True)),
        {"type": "rich_text_list", "style": "bullet", "elements": steps},
    )


def _step(row: Row, desk: Desk) -> Iterator[Block]:
    yield kit.words(one_line(row.what, 60), bold=row.what == "due")
    if row.start is not None:
        yield kit.words(" ")
        yield kit.date(row.start, kit.DUE_FORMAT, fallback=moment(row.start, desk))
    if row.start is not None and row.end is not None:
        yield kit.words(" to ")
        zone = ZoneInfo(desk.timezone)
        same_day = row.start.astimezone(zone).date() == row.end.astimezone(zone).date()
        form = "{time}" if same_day else kit.DUE_FORMAT
        yield kit.date(row.end, form, fallback=moment(row.end, desk))
    if row.note:
        yield kit.words(f": {one_line(row.note, 400)}")

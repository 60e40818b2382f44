"""A storm in words: that it began, what is at risk, that it is over, and who decides about it."""

from collections.abc import Sequence
from datetime import datetime

from bot.domain.card import QueueRow
from bot.domain.desk import Desk
from bot.domain.surge import Mode
from bot.slack.blocks import kit
from bot.slack.blocks.listing import queue_line
from bot.slack.blocks.rendered import Rendered
from bot.slack.blocks.wording import moment, span
from bot.slack.request import COMMANDS
from bot.slack.text import spoken
from bot.usecases.surge import SurgeNow

_BEGUN = (
    "A lot is coming in. Until it calms down, new tickets and misses go first, pings come as one "
    "list a minute, and card colours and notes may be late."
)
_MODES = {
    Mode.AUTO: "The desk begins and ends it by itself.",
    Mode.ON: "A lead turned it on for every channel.",
    Mode.OFF: "A lead turned it off for every channel.",
}


def render_board(rows: Sequence[QueueRow], more: int, desk: Desk, now: datetime) -> Rendered:
    """What is at risk in a channel now, the most urgent first; the same message for a whole storm."""
    head = "At risk now" if rows else "Nothing is at risk now"
    as_of = kit.line(
        kit.words(f"{head}, as of ", bold=True),
        kit.date(now, "{time}", fallback=moment(now, desk)),
    )
    lines = [kit.line(*queue_line(row, desk, now)) for row in rows]
    listed = [{"type": "rich_text_list", "style": "bullet", "elements": lines}] if lines else []
    blocks = [kit.rich(kit.line(kit.words(f"🌊 {_BEGUN}"))), kit.rich(as_of, *listed)]
    if more:
        blocks.append(kit.context(f"And {more} more: {COMMANDS.ticket} queue all."))
    first = "; ".join(f"#{row.number} {spoken(row.subject, 60)}" for row in rows[:5])
    return Rendered(text=f"🌊 {_BEGUN} {head}. {first}".strip(), blocks=blocks)


def render_over(began: datetime, desk: Desk, now: datetime) -> Rendered:
    """That pings are where they usually are again."""
    said = (
        f"It has calmed down after {span(now - began)} (since {moment(began, desk)}). Pings are "
        "below their cards again."
    )
    return Rendered(text=said, blocks=[kit.rich(kit.line(kit.words(said)))])


def render_surge(found: SurgeNow) -> Rendered:
    """For whoever asked, or decided."""
    count = len(found.channels)
    where = "no channel" if not count else f"{count} {'channel' if count == 1 else 'channels'}"
    said = f"Surge mode is on in {where}. {_MODES[found.mode]}"
    how = f"Leads decide with {COMMANDS.sla} surge on, off or auto."
    return Rendered(
        text=f"{said} {how}", blocks=[kit.rich(kit.line(kit.words(said))), kit.context(how)]
    )

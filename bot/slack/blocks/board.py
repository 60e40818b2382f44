"""A storm in words: that it began, what is at risk, that it is over, and who decides about it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from bot.domain.card import QueueRow
from bot.domain.desk import Desk
from bot.domain.surge import Mode
from bot.language import marked, tr, tr_many, tr_parts
from bot.language.forms import joined
from bot.slack.blocks import kit
from bot.slack.blocks.listing import more_in_queue, queue_line
from bot.slack.blocks.rendered import Rendered
from bot.slack.blocks.wording import moment, span
from bot.slack.request import COMMANDS
from bot.slack.text import spoken
from bot.usecases.surge import SurgeNow

_BEGUN: Final = marked(
    "🌊 A lot is coming in. Until it calms down, the most urgent tickets and misses go first, "
    "pings come as one list a minute, and card colours and notes may be late."
)
_MODES: Final[Mapping[Mode, str]] = {
    Mode.AUTO: marked("The desk begins and ends it by itself."),
    Mode.ON: marked("A lead turned it on for every channel."),
    Mode.OFF: marked("A lead turned it off for every channel."),
}


def render_board(rows: Sequence[QueueRow], more: int, desk: Desk, now: datetime) -> Rendered:
    """What is at risk in a channel now, the most urgent first; the same message for a whole storm."""
    at = kit.date(now, "{time}", fallback=moment(now, desk))
    as_of = (
        tr_parts("At risk now, as of {time}", time=at)
        if rows
        else tr_parts("Nothing is at risk now, as of {time}", time=at)
    )
    head = tr("At risk now") if rows else tr("Nothing is at risk now")
    begun = tr(_BEGUN)
    lines = [kit.line(*queue_line(row, desk, now)) for row in rows]
    listed = [{"type": "rich_text_list", "style": "bullet", "elements": lines}] if lines else []
    blocks = [
        kit.rich(kit.line(kit.words(begun))),
        kit.rich(kit.line(*kit.pieces(as_of, bold=True)), *listed),
    ]
    if more:
        blocks.append(kit.context(more_in_queue(more)))
    first = joined(f"#{row.number} {spoken(row.subject, 60)}" for row in rows[:5])
    return Rendered(text=f"{begun} {head}. {first}".strip(), blocks=blocks)


def render_over(began: datetime, desk: Desk, now: datetime) -> Rendered:
    """That pings are where they usually are again."""
    said = tr(
        "It has calmed down after {length} (since {began}). Pings are below their cards again.",
        length=span(now - began),
        began=moment(began, desk),
    )
    return Rendered(text=said, blocks=[kit.rich(kit.line(kit.words(said)))])


def render_surge(found: SurgeNow) -> Rendered:
    """For whoever asked, or decided."""
    count = len(found.channels)
    where = (
        tr_many(
            "Surge mode is on in {count} channel.", "Surge mode is on in {count} channels.", count
        )
        if count
        else tr("Surge mode is on in no channel.")
    )
    said = f"{where} {tr(_MODES[found.mode])}"
    how = tr("Leads decide with {command} surge on, off or auto.", command=COMMANDS.sla)
    return Rendered(
        text=f"{said} {how}", blocks=[kit.rich(kit.line(kit.words(said))), kit.context(how)]
    )

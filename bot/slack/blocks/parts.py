"""Sentences with instants in them: for blocks in each reader's zone, for plain text in the desk's."""

from collections.abc import Sequence
from datetime import datetime

from bot.domain.desk import Desk
from bot.slack.blocks import kit
from bot.slack.blocks.clock_lines import due
from bot.slack.blocks.rendered import Block, Rendered
from bot.slack.blocks.wording import moment
from bot.slack.text import spoken

Part = str | datetime


def elements(parts: Sequence[Part], desk: Desk) -> list[Block]:
    """The elements of one line."""
    return kit.pieces([part if isinstance(part, str) else due(part, desk) for part in parts])


def as_text(parts: Sequence[Part], desk: Desk) -> str:
    """The same line as words alone."""
    return "".join(part if isinstance(part, str) else moment(part, desk) for part in parts)


def told(lead: str, lines: Sequence[Sequence[Part]], desk: Desk, *buttons: Block) -> Rendered:
    """A private answer: a sentence, and what follows from it, a line each."""
    parts = [kit.line(kit.words(lead))]
    if lines:
        bullets = [kit.line(*elements(line, desk)) for line in lines]
        parts.append({"type": "rich_text_list", "style": "bullet", "elements": bullets})
    said = " ".join([lead, *(f"{as_text(line, desk)}." for line in lines)])
    blocks = [kit.rich(*parts), *([kit.actions(*buttons)] if buttons else [])]
    return Rendered(text=spoken(said, 600), blocks=blocks)

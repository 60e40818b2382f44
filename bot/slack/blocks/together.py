"""Pings of many tickets in one message: how many, which, the most urgent first."""

from collections.abc import Sequence
from datetime import datetime

from bot.domain.card import QueueRow
from bot.domain.desk import Desk
from bot.slack.blocks import kit
from bot.slack.blocks.listing import queue_line
from bot.slack.blocks.rendered import Rendered
from bot.slack.request import COMMANDS
from bot.slack.text import spoken

MOST_LISTED = 25
"""More lines than that nobody reads in a message; what follows is counted."""


def render_together(
    rows: Sequence[QueueRow],
    missed: int,
    desk: Desk,
    now: datetime,
    mention: Sequence[str],
    *,
    called: str = "",
) -> Rendered:
    """`rows` are most urgent first, `missed` of them with a deadline that has passed."""
    head = together_words(len(rows), missed)
    listed = rows[:MOST_LISTED]
    lines = [kit.line(*queue_line(row, desk, now)) for row in listed]
    more = len(rows) - len(listed)
    below = " ".join(
        said
        for said in (
            f"And {more} more: {COMMANDS.ticket} queue all." if more else "",
            "Press Claim or Reply on a ticket's card.",
            called,
        )
        if said
    )
    names = [element for one in mention for element in (kit.person(one), kit.words(" "))]
    blocks = [
        kit.rich(
            kit.line(*names, kit.words(head, bold=True)),
            {"type": "rich_text_list", "style": "bullet", "elements": lines},
        ),
        kit.context(below),
    ]
    first = "; ".join(f"#{row.number} {spoken(row.subject, 60)}" for row in rows[:5])
    spelt = " ".join(kit.called(one) for one in mention)
    return Rendered(text=f"{spelt} {head} {first}. {spoken(called, 250)}".strip(), blocks=blocks)


def together_words(tickets: int, missed: int) -> str:
    """How many of what, as a heading."""
    due = tickets - missed
    soon = f"{due} {'ticket is' if due == 1 else 'tickets are'} due soon"
    if not missed:
        return f"🟠 {soon}, most urgent first:"
    late = f"{missed} {'ticket has' if missed == 1 else 'tickets have'} missed a deadline"
    return f"🔴 {late}{f', {soon}' if due else ''}, most urgent first:"

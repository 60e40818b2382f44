"""Pings of many tickets in one message: how many, which, the most urgent first."""

from collections.abc import Sequence
from datetime import datetime

from bot.domain.card import QueueRow
from bot.domain.desk import Desk
from bot.domain.inbound import said_subject
from bot.language import tr, tr_as, tr_many
from bot.language.forms import joined
from bot.slack.blocks import kit
from bot.slack.blocks.call_choices import calls_line
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
    press = tr(
        "Press {claim} or {reply} on a ticket's card.",
        claim=tr_as("button", "Claim"),
        reply=tr_as("button", "Reply"),
    )
    below = [press, called]
    if more:
        below.insert(0, _more(more))
    names = [element for one in mention for element in (kit.person(one), kit.words(" "))]
    blocks = [
        kit.rich(
            kit.line(*names, kit.words(head, bold=True)),
            {"type": "rich_text_list", "style": "bullet", "elements": lines},
        ),
        kit.context(" ".join(said for said in below if said)),
        calls_line(),
    ]
    first = joined(f"#{row.number} {spoken(said_subject(row.subject), 60)}" for row in rows[:5])
    spelt = " ".join(kit.called(one) for one in mention)
    return Rendered(text=f"{spelt} {head} {first}. {spoken(called, 250)}".strip(), blocks=blocks)


def together_words(tickets: int, missed: int) -> str:
    """How many of what, as a heading."""
    due = tickets - missed
    if not missed:
        return tr_many(
            "🟠 {count} ticket is due soon, most urgent first:",
            "🟠 {count} tickets are due soon, most urgent first:",
            due,
        )
    if not due:
        return tr_many(
            "🔴 {count} ticket has missed a deadline, most urgent first:",
            "🔴 {count} tickets have missed a deadline, most urgent first:",
            missed,
        )
    return tr(
        "🔴 {missed}, {due}, most urgent first:",
        missed=tr_many(
            "{count} ticket has missed a deadline", "{count} tickets have missed a deadline", missed
        ),
        due=tr_many("{count} ticket is due soon", "{count} tickets are due soon", due),
    )


def _more(count: int) -> str:
    return tr_many(
        "And {count} more: {command}.",
        "And {count} more: {command}.",
        count,
        command=f"{COMMANDS.ticket} queue all",
    )

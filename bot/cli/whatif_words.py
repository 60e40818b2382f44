"""The answer of `threadline whatif` on a terminal."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from bot.cli.console import good, say
from bot.domain.whatif_summary import (
    TicketLink,
    WhatIfSummary,
    clock_words,
    outside_words,
    share_words,
    verdict_words,
)
from sla_rules.durations import in_words
from sla_rules.whatif import Flip, Group, Tally

_BAR: Final = 40
_MOMENT: Final = "%a %d %b %H:%M"


def show(summary: WhatIfSummary, links: Mapping[int, TicketLink], zone: ZoneInfo) -> None:
    """Print counts with bars, and the gravest tickets that change sides."""
    since = f"{summary.since.astimezone(zone):%d %b %Y}"
    say(f"{summary.proposal}, tickets opened since {since}: {summary.tickets:,}", style="bold")
    if not summary.tickets:
        good(f"There is no history in that time: no ticket was opened since {since}.")
        return
    say("")
    most = max((max(t.breaches_before, t.breaches_after) for _, t in summary.rows), default=0)
    for group, tally in summary.rows:
        _show_group(group, tally, most)
    say("")
    if outside := outside_words(summary.answers, summary.outside):
        say(outside)
    verdict = verdict_words(summary.newly_late, summary.no_longer_late)
    if not summary.flips:
        good(verdict)
        return
    say(verdict)
    for flip in summary.flips:
        say(f"  {_flip(flip, links.get(flip.ticket), zone)}")
    rest = summary.newly_late + summary.no_longer_late - len(summary.flips)
    if rest:
        say(f"  … and {rest:,} more.")


def _show_group(group: Group, tally: Tally, most: int) -> None:
    say(f"{group.channel}: {clock_words(group)}")
    for word, breaches, deadlines in (
        ("now", tally.breaches_before, tally.deadlines_before),
        ("new", tally.breaches_after, tally.deadlines_after),
    ):
        bar = "█" * round(_BAR * breaches / most) if most else ""
        share = share_words(breaches, deadlines)
        say(f"  {word}  {breaches:>7} late of {deadlines:<7} {share:>13}  {bar}".rstrip())


def _flip(flip: Flip, link: TicketLink | None, zone: ZoneInfo) -> str:
    number = f"#{link.number}" if link else "a ticket"
    where = f"  {link.permalink}" if link and link.permalink else ""
    verdict = "no longer late" if flip.late_before else "late"
    late = f"{verdict}, by {in_words(flip.late_by)}"
    group = f"{flip.group.channel} {clock_words(flip.group)}"
    return f"{number}  {group}: {_moved(flip, zone)}, {late}{where}"


def _moved(flip: Flip, zone: ZoneInfo) -> str:
    """What moved: the answer under another roster, else the deadline."""
    if flip.due_before == flip.due_after:
        before, after = (_at(at, zone, "not yet") for at in (flip.ended_before, flip.ended_after))
        return f"due {_at(flip.due_after, zone, 'never')}, answered {before} → {after}"
    before, after = (_at(at, zone, "no clock") for at in (flip.due_before, flip.due_after))
    return f"due {before} → {after}"


def _at(at: datetime | None, zone: ZoneInfo, without: str) -> str:
    return f"{at.astimezone(zone):{_MOMENT}}" if at else without

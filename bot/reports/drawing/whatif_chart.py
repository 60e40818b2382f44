"""The chart of a what-if: breaches for each channel and clock, as they were and as they would be."""

from zoneinfo import ZoneInfo

from bot.domain.whatif_summary import WhatIfSummary, clock_words, share_words
from bot.reports.drawing.bars import BarChart, Pair
from sla_rules.whatif import Group, Tally


def whatif_chart(summary: WhatIfSummary, zone: ZoneInfo) -> BarChart:
    """The chart, with dates in `zone`."""
    since, at = (f"{day.astimezone(zone):%d %b %Y}" for day in (summary.since, summary.at))
    return BarChart(
        title=f"What if: {summary.proposal}",
        unit="Deadlines missed",
        sample=f"{summary.tickets:,} tickets opened from {since} to {at}",
        pairs=[_pair(group, tally) for group, tally in summary.rows],
    )


def _pair(group: Group, tally: Tally) -> Pair:
    return Pair(
        label=f"{group.channel}: {clock_words(group)}",
        old=tally.breaches_before,
        new=tally.breaches_after,
        old_words=_words(tally.breaches_before, tally.deadlines_before),
        new_words=_words(tally.breaches_after, tally.deadlines_after),
    )


def _words(breaches: int, deadlines: int) -> str:
    if not deadlines:
        return share_words(breaches, deadlines)
    return f"{breaches:,} of {deadlines:,} ({share_words(breaches, deadlines)})"

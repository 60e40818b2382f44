"""The last what-if as managers see it: the counts, and the gravest tickets with their links."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from bot.domain.whatif_summary import (
    TicketLink,
    WhatIfSummary,
    clock_words,
    outside_words,
    share_words,
    verdict_words,
)
from bot.slack.blocks import kit
from bot.slack.blocks.rendered import Block, Rendered
from bot.slack.blocks.wording import platform, span
from bot.slack.text import one_line, spoken
from sla_rules.whatif import Flip, Group, Tally

LISTED = 10
"""Tickets named in a message; the command line names more."""

GROUPS = 30
"""Lines of counts; Slack takes about so many before a message is cut."""

_DAY = "{date_short_pretty}"


def render_whatif(
    summary: WhatIfSummary, links: Mapping[int, TicketLink], now: datetime
) -> Rendered:
    """A kept run, with how long ago it was made."""
    title = f"What if: {one_line(summary.proposal, 200)}"
    verdict = verdict_words(summary.newly_late, summary.no_longer_late)
    parts = [kit.line(*_head(summary, title))]
    if summary.rows:
        parts.append(_list(*_groups(summary)))
    parts.append(kit.line(*_below(summary, verdict)))
    if summary.flips:
        parts.append(_list(*(_flip(flip, links) for flip in summary.flips[:LISTED])))
    age = f"Made {span(now - summary.at)} ago on the command line. It changed nothing."
    return Rendered(
        text=spoken(f"{title}, {summary.tickets:,} tickets. {verdict}", 600),
        blocks=[kit.rich(*parts), kit.context(age)],
    )


def render_no_run() -> Rendered:
    """There is nothing to show, and how there will be."""
    said = (
        "No what-if was shared yet. On the desk's machine run for example: "
        "threadline whatif --policy new.toml --last 90d --share"
    )
    return Rendered(text=said, blocks=[kit.rich(kit.line(kit.words(said)))])


def _head(summary: WhatIfSummary, title: str) -> Iterator[Block]:
    yield kit.words(f"{title}\n", bold=True)
    yield kit.words(f"{summary.tickets:,} tickets opened from ")
    yield kit.date(summary.since, _DAY, fallback=f"{summary.since:%d %b %Y}")
    yield kit.words(" to ")
    yield kit.date(summary.at, _DAY, fallback=f"{summary.at:%d %b %Y}")


def _groups(summary: WhatIfSummary) -> Iterator[list[Block]]:
    for group, tally in summary.rows[:GROUPS]:
        yield [kit.words(f"{_name(group)}: ", bold=True), kit.words(_counts(tally))]
    rest = len(summary.rows) - GROUPS
    if rest > 0:
        yield [kit.words(f"… and {rest} more clocks")]


def _counts(tally: Tally) -> str:
    before, after = (
        f"{breaches:,} of {deadlines:,} late ({share_words(breaches, deadlines)})"
        if deadlines
        else share_words(breaches, deadlines)
        for breaches, deadlines in (
            (tally.breaches_before, tally.deadlines_before),
            (tally.breaches_after, tally.deadlines_after),
        )
    )
    return f"now {before}, new {after}"


def _below(summary: WhatIfSummary, verdict: str) -> Iterator[Block]:
    if outside := outside_words(summary.answers, summary.outside):
        yield kit.words(f"{outside}\n")
    yield kit.words(verdict, bold=True)


def _flip(flip: Flip, links: Mapping[int, TicketLink]) -> list[Block]:
    side = "no longer late" if flip.late_before else "newly late"
    return [
        _number(links.get(flip.ticket)),
        kit.words(f" {_name(flip.group)}: {side}, by {span(flip.late_by)}"),
    ]


def _number(link: TicketLink | None) -> Block:
    if link is None:
        return kit.words("a ticket", bold=True)
    number = f"#{link.number}"
    return kit.link(link.permalink, number) if link.permalink else kit.words(number, bold=True)


def _name(group: Group) -> str:
    return f"{one_line(platform(group.channel), 40)}, {clock_words(group)}"


def _list(*items: list[Block]) -> Block:
    lines = [kit.line(*item) for item in items]
    return {"type": "rich_text_list", "style": "bullet", "elements": lines}

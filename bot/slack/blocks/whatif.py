"""The last what-if as managers see it: the counts, and the gravest tickets with their links."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from bot.domain.platforms import platform
from bot.domain.whatif_summary import (
    TicketLink,
    WhatIfSummary,
    clock_words,
    outside_words,
    share_words,
    verdict_words,
)
from bot.language import marked, spoken_now, tr, tr_many, tr_many_parts
from bot.language.forms import date_in, led, number
from bot.slack.blocks import kit
from bot.slack.blocks.rendered import Block, Rendered
from bot.slack.blocks.wording import span
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
    title = tr("What if: {proposal}", proposal=one_line(summary.proposal, 200))
    verdict = verdict_words(summary.newly_late, summary.no_longer_late)
    parts = [kit.line(*_head(summary, title))]
    if summary.rows:
        parts.append(_list(*_groups(summary)))
    parts.append(kit.line(*_below(summary, verdict)))
    if summary.flips:
        parts.append(_list(*(_flip(flip, links) for flip in summary.flips[:LISTED])))
    age = tr(
        "Made {length} ago on the command line. It changed nothing.", length=span(now - summary.at)
    )
    told = tr_many(
        "{title}, {figure} ticket. {verdict}",
        "{title}, {figure} tickets. {verdict}",
        summary.tickets,
        title=title,
        figure=number(summary.tickets),
        verdict=verdict,
    )
    return Rendered(
        text=spoken(told, 600),
        blocks=[kit.rich(*parts), kit.context(age)],
    )


def render_no_run() -> Rendered:
    """There is nothing to show, and how there will be."""
    said = tr(
        "No what-if was shared yet. On the desk's machine run for example: {command}",
        command="threadline whatif --policy new.toml --last 90d --share",
    )
    return Rendered(text=said, blocks=[kit.rich(kit.line(kit.words(said)))])


def _head(summary: WhatIfSummary, title: str) -> Iterator[Block]:
    yield kit.words(f"{title}\n", bold=True)
    values: Mapping[str, str | Block] = {
        "figure": number(summary.tickets),
        "first": kit.date(
            summary.since, _DAY, fallback=date_in(spoken_now(), summary.since.date())
        ),
        "last": kit.date(summary.at, _DAY, fallback=date_in(spoken_now(), summary.at.date())),
    }
    yield from kit.pieces(
        tr_many_parts(
            "{figure} ticket opened from {first} to {last}",
            "{figure} tickets opened from {first} to {last}",
            summary.tickets,
            **values,
        )
    )


def _groups(summary: WhatIfSummary) -> Iterator[list[Block]]:
    for group, tally in summary.rows[:GROUPS]:
        yield [kit.words(led(_name(group)), bold=True), kit.words(_counts(tally))]
    rest = len(summary.rows) - GROUPS
    if rest > 0:
        more = tr_many("… and {count} more clock", "… and {count} more clocks", rest)
        yield [kit.words(more)]


def _counts(tally: Tally) -> str:
    # For translators: under today's rules and under the new ones; counts follow each.
    return tr(
        "now {before}, new {after}",
        before=_late(tally.breaches_before, tally.deadlines_before),
        after=_late(tally.breaches_after, tally.deadlines_after),
    )


def _late(breaches: int, deadlines: int) -> str:
    share = share_words(breaches, deadlines)
    if not deadlines:
        return share
    return tr(
        "{late} of {count} late ({share})",
        late=number(breaches),
        count=number(deadlines),
        share=share,
    )


def _below(summary: WhatIfSummary, verdict: str) -> Iterator[Block]:
    if outside := outside_words(summary.answers, summary.outside):
        yield kit.words(f"{outside}\n")
    yield kit.words(verdict, bold=True)


def _flip(flip: Flip, links: Mapping[int, TicketLink]) -> list[Block]:
    text = _NO_LONGER if flip.late_before else _NEWLY
    said = tr(text, clock=_name(flip.group), length=span(flip.late_by))
    return [_number(links.get(flip.ticket)), kit.words(f" {said}")]


_NO_LONGER = marked("{clock}: no longer late, by {length}")
_NEWLY = marked("{clock}: newly late, by {length}")


def _number(link: TicketLink | None) -> Block:
    if link is None:
        return kit.words(tr("a ticket"), bold=True)
    name = f"#{link.number}"
    return kit.link(link.permalink, name) if link.permalink else kit.words(name, bold=True)


def _name(group: Group) -> str:
    return f"{one_line(platform(group.channel), 40)}, {clock_words(group)}"


def _list(*items: list[Block]) -> Block:
    lines = [kit.line(*item) for item in items]
    return {"type": "rich_text_list", "style": "bullet", "elements": lines}

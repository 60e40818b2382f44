"""The morning's digest of a channel, and the week's for the managers."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from bot.domain.desk import Desk
from bot.domain.digests import Counts, Digest, DigestKind
from bot.domain.shifts import on_shift
from bot.language import marked, tr, tr_many
from bot.reports.report import Report
from bot.slack.blocks import kit
from bot.slack.blocks.call_choices import calls_line
from bot.slack.blocks.listing import more_in_queue, queue_line
from bot.slack.blocks.rendered import Block, Rendered
from bot.slack.blocks.report import headline_lines, headlines_said, miss_lines
from bot.slack.blocks.wording import stopped
from bot.slack.request import COMMANDS
from bot.slack.text import one_line, spoken

_HEADS: Final[Mapping[DigestKind, str]] = {
    DigestKind.DAILY: marked("☀️ Good morning. Since yesterday at this time:"),
    DigestKind.WEEKLY: marked("📅 The last seven days:"),
}


WEEK_FIGURES: Final = (
    "received",
    "limit_attained",
    "target_attained",
    "first_response.median",
    "backlog",
)
WEEK_MISSES: Final = 3


def render_digest(
    digest: Digest, desk: Desk, now: datetime, *, week: Report | None = None, advice: str = ""
) -> Rendered:
    """Nobody is mentioned: what is urgent has its pings. A `week` has its figures and `advice`."""
    head = tr(_HEADS[digest.kind])
    lines = [_counts_line(each, digest.kind, desk) for each in digest.counts if each.any]
    if not lines:
        lines = [tr("Nothing came in and nothing was missed.")]
    blocks: list[Block] = [
        kit.rich(
            kit.line(kit.words(head, bold=True)),
            _bullets([kit.line(kit.words(line)) for line in lines]),
        )
    ]
    risk = _risk_words(digest)
    if digest.kind is DigestKind.DAILY:
        listed = [kit.line(*queue_line(row, desk, now)) for row in digest.at_risk]
        blocks.append(
            kit.rich(kit.line(kit.words(risk, bold=True)), *([_bullets(listed)] if listed else []))
        )
        below = " ".join(_below(digest, desk, now))
        if below:
            blocks.append(kit.context(below))
    figures = ""
    if week is not None and not week.is_empty:
        blocks += _week(week, desk, advice)
        figures = headlines_said(week, WEEK_FIGURES)
    blocks.append(calls_line())
    text = " ".join([head, *(stopped(line) for line in lines), risk, figures])
    return Rendered(text=spoken(text, 900), blocks=blocks)


def _week(week: Report, desk: Desk, advice: str) -> list[Block]:
    parts = [
        kit.line(kit.words(tr("Against the week before:"), bold=True)),
        _bullets([kit.line(*each) for each in headline_lines(week, WEEK_FIGURES)]),
    ]
    gravest = [kit.line(*each) for each in miss_lines(week, desk, WEEK_MISSES)]
    if gravest:
        parts += [kit.line(kit.words(tr("The gravest misses:"), bold=True)), _bullets(gravest)]
    if advice:
        parts.append(kit.line(kit.words(f"💡 {one_line(advice, 600)}")))
    # For translators: the command is typed as it stands.
    more = tr("With charts and every figure: {command}", command=f"{COMMANDS.sla} report 7d")
    return [kit.rich(*parts), kit.context(more)]


def _counts_line(counts: Counts, kind: DigestKind, desk: Desk) -> str:
    route = desk.inboxes.get(counts.inbox)
    name = one_line((route.label if route else "") or counts.inbox, 60)
    received = (
        tr_many("{count} new message", "{count} new messages", counts.received)
        if kind is DigestKind.DAILY
        else tr_many("{count} message", "{count} messages", counts.received)
    )
    # For translators: each part comes with its count, such as “3 new messages”.
    return tr(
        "{inbox}: {received}, {answered}, {missed}",
        inbox=name,
        received=received,
        answered=tr_many("{count} answer sent", "{count} answers sent", counts.answered),
        missed=tr_many(
            "{count} ticket missed a deadline", "{count} tickets missed a deadline", counts.missed
        ),
    )


def _risk_words(digest: Digest) -> str:
    if digest.kind is DigestKind.WEEKLY:
        return ""
    count = len(digest.at_risk) + digest.more
    if not count:
        return tr("Nothing is at risk now.")
    return tr_many("At risk now: {count} ticket", "At risk now: {count} tickets", count)


def _below(digest: Digest, desk: Desk, now: datetime) -> Iterator[str]:
    if digest.more:
        yield more_in_queue(digest.more)
    if not desk.roster.shifts:
        return
    inboxes = [each.inbox for each in digest.counts]
    on = {who for inbox in inboxes for who in on_shift(desk.roster, now, inbox)}
    here = [desk.roster.name(who) for who in desk.roster.agents if who in on]
    present = [one_line(name, 60) for name in here]
    yield (
        tr("On shift now: {names}.", names=", ".join(present))
        if present
        else tr("Nobody is on shift now.")
    )


def _bullets(lines: list[Block]) -> Block:
    return {"type": "rich_text_list", "style": "bullet", "elements": lines}

"""The morning's digest of a channel, and the week's for the managers."""

from collections.abc import Iterator
from datetime import datetime

from bot.domain.desk import Desk
from bot.domain.digests import Counts, Digest, DigestKind
from bot.domain.shifts import on_shift
from bot.slack.blocks import kit
from bot.slack.blocks.listing import queue_line
from bot.slack.blocks.rendered import Block, Rendered
from bot.slack.blocks.wording import stopped
from bot.slack.request import COMMANDS
from bot.slack.text import one_line, spoken

_HEADS = {
    DigestKind.DAILY: "☀️ Good morning. Since yesterday at this time:",
    DigestKind.WEEKLY: "📅 The last seven days:",
}


def render_digest(digest: Digest, desk: Desk, now: datetime) -> Rendered:
    """Nobody is mentioned: what is urgent has its pings."""
    head = _HEADS[digest.kind]
    lines = [_counts_line(each, digest.kind, desk) for each in digest.counts if each.any]
    if not lines:
        lines = ["Nothing came in and nothing was missed."]
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
    text = " ".join([head, *(stopped(line) for line in lines), risk])
    return Rendered(text=spoken(text, 900), blocks=blocks)


def _counts_line(counts: Counts, kind: DigestKind, desk: Desk) -> str:
    route = desk.inboxes.get(counts.inbox)
    name = one_line((route.label if route else "") or counts.inbox, 60)
    new = "new " if kind is DigestKind.DAILY else ""
    return (
        f"{name}: {_many(counts.received, f'{new}message')}, {_many(counts.answered, 'answer')} "
        f"sent, {_many(counts.missed, 'ticket')} missed a deadline"
    )


def _risk_words(digest: Digest) -> str:
    if digest.kind is DigestKind.WEEKLY:
        return ""
    count = len(digest.at_risk) + digest.more
    return f"At risk now: {_many(count, 'ticket')}" if count else "Nothing is at risk now."


def _below(digest: Digest, desk: Desk, now: datetime) -> Iterator[str]:
    if digest.more:
        yield f"And {digest.more} more: {COMMANDS.ticket} queue all."
    if not desk.roster.shifts:
        return
    inboxes = [each.inbox for each in digest.counts]
    on = {who for inbox in inboxes for who in on_shift(desk.roster, now, inbox)}
    here = [desk.roster.name(who) for who in desk.roster.agents if who in on]
    present = [one_line(name, 60) for name in here]
    yield f"On shift now: {', '.join(present)}." if present else "Nobody is on shift now."


def _bullets(lines: list[Block]) -> Block:
    return {"type": "rich_text_list", "style": "bullet", "elements": lines}


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"

"""Listings: a queue, one ticket's status with its history, the walk of its clocks, the desk."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from bot.domain.card import CardStage, EventView, QueueRow, TicketView
from bot.domain.desk import Desk
from bot.domain.status import InboxStatus, SlaStatus
from bot.slack.blocks import kit
from bot.slack.blocks.clock_lines import ago, clock_line, due, wait_words
from bot.slack.blocks.clock_words import clock_name, in_order, running
from bot.slack.blocks.log import log_line
from bot.slack.blocks.orders import order_blocks
from bot.slack.blocks.reads_as import reads_as
from bot.slack.blocks.related import escalated_words, merged_words, related_words
from bot.slack.blocks.rendered import Block, Rendered
from bot.slack.blocks.why import why_block
from bot.slack.blocks.wording import STAGE_WORDS, moment, platform, sentence, stopped, title
from bot.slack.text import one_line, spoken
from bot.usecases.why import ClockWhy
from sla_rules.vocabulary import Scope

HISTORY_SHOWN = 12

_DUE_NAMES = {
    Scope.MARKETPLACE: "limit",
    Scope.INTERNAL: "target",
    Scope.WINDOW: "last moment to answer",
}
_QUEUE_NAMES = {"mine": "open ticket", "unclaimed": "unclaimed ticket", "all": "open ticket"}


def render_queue(rows: Sequence[QueueRow], which: str, desk: Desk, now: datetime) -> Rendered:
    """A queue, most urgent first: one line a ticket."""
    name = _QUEUE_NAMES[which]
    yours = "You have " if which == "mine" else ""
    if not rows:
        nothing = f"{yours}no {name}s."
        return Rendered(
            text=sentence(nothing), blocks=[kit.rich(kit.line(kit.words(sentence(nothing))))]
        )
    head = f"{yours}{len(rows)} {name}{'' if len(rows) == 1 else 's, most urgent first'}"
    lines = [kit.line(*queue_line(row, desk, now)) for row in rows]
    return Rendered(
        text=f"{head}: " + "; ".join(_spoken_row(row, desk) for row in rows[:5]),
        blocks=[
            kit.rich(
                kit.line(kit.words(sentence(head), bold=True)),
                {"type": "rich_text_list", "style": "bullet", "elements": lines},
            )
        ],
    )


def render_found(rows: Sequence[QueueRow], words: str, desk: Desk, now: datetime) -> Rendered:
    """Tickets somebody looked for, the resolved ones too."""
    what = one_line(words, 80)
    if not rows:
        nothing = (
            f"No ticket has “{what}”. Give an order number, a name, or one word of what was said."
        )
        return Rendered(text=spoken(nothing, 200), blocks=[kit.rich(kit.line(kit.words(nothing)))])
    head = f"“{what}”: {len(rows)} ticket{'' if len(rows) == 1 else 's, newest first'}"
    lines = [kit.line(*queue_line(row, desk, now)) for row in rows]
    return Rendered(
        text=f"{spoken(head, 120)}: " + "; ".join(_spoken_row(row, desk) for row in rows[:5]),
        blocks=[
            kit.rich(
                kit.line(kit.words(head, bold=True)),
                {"type": "rich_text_list", "style": "bullet", "elements": lines},
            )
        ],
    )


def queue_line(row: QueueRow, desk: Desk, now: datetime) -> Iterator[Block]:
    """One ticket of a queue: state, number, subject, deadline, owner."""
    colour = STAGE_WORDS[row.card_stage].partition(" ")[0]
    number = f"#{row.number}"
    yield kit.words(f"{colour} ")
    yield kit.link(row.permalink, number) if row.permalink else kit.words(number, bold=True)
    who = one_line(row.customer_name, 40)
    route = desk.inboxes.get(row.inbox)
    place = (route.label if route else "") or row.inbox
    subject = one_line(row.subject, 70) or "(no subject)"
    yield kit.words(f" {place} · {subject}{f' · {who}' if who else ''} · ")
    yield from _queue_due(row, desk, now)
    owner = one_line(desk.roster.name(row.assignee), 40) if row.assignee else "unclaimed"
    yield kit.words(f" · {owner}")


def _queue_due(row: QueueRow, desk: Desk, now: datetime) -> Iterator[Block]:
    if row.next_due_at is None and row.paused_at is not None:
        yield kit.words("stands still since ")
        yield due(row.paused_at, desk)
        return
    if row.next_due_at is None:
        settled = row.card_stage in {CardStage.ANSWERED, CardStage.RESOLVED}
        yield kit.words(str(row.card_stage) if settled else "no deadline")
        return
    name = _DUE_NAMES[row.next_scope or Scope.INTERNAL]
    if row.next_due_at > now:
        yield kit.words(f"{name} ")
        yield due(row.next_due_at, desk)
        return
    yield kit.words(f"{name} missed ", bold=True)
    yield ago(row.next_due_at, desk)


def _spoken_row(row: QueueRow, desk: Desk) -> str:
    when = f" due {moment(row.next_due_at, desk)}" if row.next_due_at else ""
    return f"#{row.number} {spoken(row.subject, 60)}{when}"


def render_status(
    ticket: TicketView,
    events: Sequence[EventView],
    walks: Sequence[ClockWhy],
    desk: Desk,
    now: datetime,
) -> Rendered:
    """One ticket: state, clocks, the customer's last words, history, and why it is due when it is."""
    owner = one_line(desk.roster.name(ticket.assignee), 60) if ticket.assignee else "unclaimed"
    head = title(ticket, desk)
    owned = kit.words(f"\nOwner: {owner}")
    parts = [kit.line(kit.words(head, bold=True), owned, *wait_words(ticket, desk, now))]
    parts += [kit.line(*clock_line(clock, ticket, desk, now)) for clock in in_order(ticket.clocks)]
    others = [*merged_words(ticket), *escalated_words(ticket, desk), *related_words(ticket)]
    if others:
        parts.append(kit.line(*others))
    if ticket.last_customer_message is not None:
        parts.append(kit.quote(ticket.last_customer_message.body, 1500))
    if read := reads_as(ticket, desk):
        parts.append(kit.line(kit.words(read)))
    blocks = [kit.rich(*parts)]
    blocks += order_blocks(ticket, desk)
    if events:
        blocks.append(kit.rich(*_history(ticket, events, desk)))
    blocks += [why_block(each, desk) for each in walks]
    blocks += _ways_there(ticket)
    clocks = "; ".join(
        f"{clock_name(clock, ticket)} {moment(clock.due_at, desk)}"
        for clock in running(ticket.clocks)
    )
    return Rendered(
        text=f"{stopped(spoken(head, 300))} Owner: {spoken(owner, 60)}. {clocks}", blocks=blocks
    )


def _ways_there(ticket: TicketView) -> list[Block]:
    message = ticket.last_customer_message
    links = message.links if message else {}
    usable = [url for name in ("case", "console") if kit.is_usable(url := links.get(name, ""))]
    if not usable:
        return []
    return [kit.actions(kit.link_button(f"Open in {platform(ticket.connector)}", usable[0]))]


def _history(ticket: TicketView, events: Sequence[EventView], desk: Desk) -> Iterator[Block]:
    yield kit.line(kit.words("History", bold=True))
    for event in events[-HISTORY_SHOWN:]:
        yield kit.line(
            kit.date(event.at, "{date_short_pretty} {time}", fallback=moment(event.at, desk)),
            kit.words(f"  {one_line(log_line(ticket, event, desk), 300)}"),
        )


def render_sla_status(status: SlaStatus, desk: Desk, now: datetime) -> Rendered:
    """The desk inbox by inbox, with an alarm for one that is not being read."""
    head = f"{status.open} open, {status.due_soon} due within 2 h, {status.missed} missed"
    parts = [kit.line(kit.words(head, bold=True))]
    parts += [kit.line(*_inbox_line(each, desk, now)) for each in status.inboxes]
    alarms = " ".join(_spoken_alarm(each, now) for each in status.inboxes)
    return Rendered(text=f"{head}. {spoken(alarms, 300)}".strip(), blocks=[kit.rich(*parts)])


def _inbox_line(inbox: InboxStatus, desk: Desk, now: datetime) -> Iterator[Block]:
    route = desk.inboxes.get(inbox.name)
    name = (route.label if route else "") or inbox.name
    counts = (
        f"{inbox.open} open, {inbox.unclaimed} unclaimed, {inbox.due_soon} due within 2 h, "
        f"{inbox.missed} missed"
    )
    yield kit.words(f"{one_line(name, 60)}: ", bold=True)
    yield kit.words(counts)
    if inbox.oldest_waiting is not None:
        yield kit.words(" · oldest unanswered one ")
        yield ago(inbox.oldest_waiting, desk)
    if inbox.unread:
        yield kit.words(f" · {inbox.unread} stored, not yet understood")
    if alarm := _alarm(inbox, now):
        yield kit.words(f"\n⚠️ {alarm}", bold=True)


_SILENT_AFTER = timedelta(minutes=15)
"""An inbox is polled every minute or so; this long without a good read is worth a warning."""


def _alarm(inbox: InboxStatus, now: datetime) -> str:
    if inbox.paused_reason:
        return f"Not being read: {one_line(inbox.paused_reason, 200)}"
    if inbox.last_ok_at is None:
        return "Never read yet"
    if now - inbox.last_ok_at > _SILENT_AFTER:
        reason = one_line(inbox.last_error or "", 200)
        return f"Not read for a while{f': {reason}' if reason else ''}"
    return ""


def _spoken_alarm(inbox: InboxStatus, now: datetime) -> str:
    alarm = _alarm(inbox, now)
    return f"{inbox.name}: {alarm}." if alarm else ""

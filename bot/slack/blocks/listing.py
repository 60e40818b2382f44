"""Listings: a queue, one ticket's status with its history, the walk of its clocks, the desk."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from bot.domain.card import CardStage, EventView, QueueRow, TicketView
from bot.domain.desk import Desk
from bot.domain.platforms import platform
from bot.domain.status import DUE_SOON, InboxStatus, SlaStatus
from bot.language import marked, tr, tr_as, tr_many, tr_parts
from bot.language.forms import joined, led
from bot.slack.blocks import kit
from bot.slack.blocks.clock_lines import ago, clock_line, due, wait_words
from bot.slack.blocks.clock_words import clock_name, in_order, running
from bot.slack.blocks.log import log_line
from bot.slack.blocks.orders import order_blocks
from bot.slack.blocks.reads_as import reads_as
from bot.slack.blocks.related import escalated_words, merged_words, related_words
from bot.slack.blocks.rendered import Block, Rendered
from bot.slack.blocks.why import why_block
from bot.slack.blocks.wording import STAGE_COLOURS, moment, span, stopped, subject_words, title
from bot.slack.request import COMMANDS
from bot.slack.text import one_line, spoken
from bot.usecases.why import ClockWhy
from sla_rules.vocabulary import Scope

HISTORY_SHOWN = 12

_DUE: Final[Mapping[Scope, str]] = {
    # For translators: a deadline, then its time, such as “limit today at 14:00”.
    Scope.MARKETPLACE: marked("limit {when}"),
    Scope.INTERNAL: marked("target {when}"),
    Scope.WINDOW: marked("last moment to answer {when}"),
}
_MISSED: Final[Mapping[Scope, str]] = {
    # For translators: Slack puts in how long ago, such as “limit missed 2 hours ago”.
    Scope.MARKETPLACE: marked("limit missed {when}"),
    Scope.INTERNAL: marked("target missed {when}"),
    Scope.WINDOW: marked("last moment to answer missed {when}"),
}
_NO_TICKETS: Final[Mapping[str, str]] = {
    "mine": marked("You have no open tickets."),
    "unclaimed": marked("No unclaimed tickets."),
    "all": marked("No open tickets."),
}
_TICKETS: Final[Mapping[str, Callable[[int], str]]] = {
    "mine": lambda count: tr_many(
        "You have {count} open ticket", "You have {count} open tickets, most urgent first", count
    ),
    "unclaimed": lambda count: tr_many(
        "{count} unclaimed ticket", "{count} unclaimed tickets, most urgent first", count
    ),
    "all": lambda count: tr_many(
        "{count} open ticket", "{count} open tickets, most urgent first", count
    ),
}


def render_queue(rows: Sequence[QueueRow], which: str, desk: Desk, now: datetime) -> Rendered:
    """A queue, most urgent first: one line a ticket."""
    if not rows:
        nothing = tr(_NO_TICKETS[which])
        return Rendered(text=nothing, blocks=[kit.rich(kit.line(kit.words(nothing)))])
    head = _TICKETS[which](len(rows))
    lines = [kit.line(*queue_line(row, desk, now)) for row in rows]
    return Rendered(
        text=led(head) + joined(_spoken_row(row, desk) for row in rows[:5]),
        blocks=[
            kit.rich(
                kit.line(kit.words(head, bold=True)),
                {"type": "rich_text_list", "style": "bullet", "elements": lines},
            )
        ],
    )


def render_found(rows: Sequence[QueueRow], words: str, desk: Desk, now: datetime) -> Rendered:
    """Tickets somebody looked for, the resolved ones too."""
    what = one_line(words, 80)
    if not rows:
        nothing = tr(
            "No ticket has “{words}”. Give an order number, a name, or one word of what was said.",
            words=what,
        )
        return Rendered(text=spoken(nothing, 200), blocks=[kit.rich(kit.line(kit.words(nothing)))])
    head = tr_many(
        "“{words}”: {count} ticket",
        "“{words}”: {count} tickets, newest first",
        len(rows),
        words=what,
    )
    lines = [kit.line(*queue_line(row, desk, now)) for row in rows]
    return Rendered(
        text=led(spoken(head, 120)) + joined(_spoken_row(row, desk) for row in rows[:5]),
        blocks=[
            kit.rich(
                kit.line(kit.words(head, bold=True)),
                {"type": "rich_text_list", "style": "bullet", "elements": lines},
            )
        ],
    )


def queue_line(row: QueueRow, desk: Desk, now: datetime) -> Iterator[Block]:
    """One ticket of a queue: state, number, subject, deadline, owner."""
    number = f"#{row.number}"
    yield kit.words(f"{STAGE_COLOURS[row.card_stage]} ")
    yield kit.link(row.permalink, number) if row.permalink else kit.words(number, bold=True)
    who = one_line(row.customer_name, 40)
    route = desk.inboxes.get(row.inbox)
    place = (route.label if route else "") or row.inbox
    subject = subject_words(row.subject, 70)
    yield kit.words(f" {place} · {subject}{f' · {who}' if who else ''} · ")
    yield from _queue_due(row, desk, now)
    owner = one_line(desk.roster.name(row.assignee), 40) if row.assignee else tr("unclaimed")
    yield kit.words(f" · {owner}")


def _queue_due(row: QueueRow, desk: Desk, now: datetime) -> Iterator[Block]:
    if row.next_due_at is None and row.paused_at is not None:
        yield from kit.pieces(tr_parts("stands still since {when}", when=due(row.paused_at, desk)))
        return
    if row.next_due_at is None:
        yield kit.words(_settled(row.card_stage))
        return
    scope = row.next_scope or Scope.INTERNAL
    if row.next_due_at > now:
        yield from kit.pieces(tr_parts(_DUE[scope], when=due(row.next_due_at, desk)))
        return
    missed = tr_parts(_MISSED[scope], when=ago(row.next_due_at, desk))
    yield from kit.pieces(missed, bold=True)


def _settled(stage: CardStage) -> str:
    match stage:
        case CardStage.ANSWERED:
            return tr_as("ticket", "answered")
        case CardStage.RESOLVED:
            return tr_as("ticket", "resolved")
        case _:
            return tr_as("ticket", "no deadline")


def _spoken_row(row: QueueRow, desk: Desk) -> str:
    ticket = f"#{row.number} {spoken(row.subject, 60)}"
    if row.next_due_at is None:
        return ticket
    # For translators: {ticket} is its number and subject, such as “#17 Where is my lamp?”.
    return tr("{ticket} due {deadline}", ticket=ticket, deadline=moment(row.next_due_at, desk))


def more_in_queue(count: int) -> str:
    """That a list goes on, and how to see all of it."""
    # For translators: {command} is typed; how many tickets are not listed.
    return tr_many(
        "And {count} more: {command}.",
        "And {count} more: {command}.",
        count,
        command=f"{COMMANDS.ticket} queue all",
    )


def render_status(
    ticket: TicketView,
    events: Sequence[EventView],
    walks: Sequence[ClockWhy],
    desk: Desk,
    now: datetime,
) -> Rendered:
    """One ticket: state, clocks, the customer's last words, history, and why it is due when it is."""
    owner = one_line(desk.roster.name(ticket.assignee), 60) if ticket.assignee else tr("unclaimed")
    head = title(ticket, desk)
    owned = kit.words("\n" + tr("Owner: {name}", name=owner))
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
    clocks = joined(
        f"{clock_name(clock, ticket)} {moment(clock.due_at, desk)}"
        for clock in running(ticket.clocks)
    )
    whose = tr("Owner: {name}", name=spoken(owner, 60))
    return Rendered(text=f"{stopped(spoken(head, 300))} {whose}. {clocks}", blocks=blocks)


def _ways_there(ticket: TicketView) -> list[Block]:
    message = ticket.last_customer_message
    links = message.links if message else {}
    usable = [url for name in ("case", "console") if kit.is_usable(url := links.get(name, ""))]
    if not usable:
        return []
    text = tr("Open in {marketplace}", marketplace=platform(ticket.connector))
    return [kit.actions(kit.link_button(text, usable[0]))]


def _history(ticket: TicketView, events: Sequence[EventView], desk: Desk) -> Iterator[Block]:
    yield kit.line(kit.words(tr("History"), bold=True))
    for event in events[-HISTORY_SHOWN:]:
        yield kit.line(
            kit.date(
                event.at, "{date_short_pretty} {time}", fallback=moment(event.at, desk), opens=True
            ),
            kit.words(f"  {one_line(log_line(ticket, event, desk), 300)}"),
        )


def render_sla_status(status: SlaStatus, desk: Desk, now: datetime) -> Rendered:
    """The desk inbox by inbox, with an alarm for one that is not being read."""
    head = ", ".join(
        [open_words(status.open), _due_soon(status.due_soon), missed_words(status.missed)]
    )
    parts = [kit.line(kit.words(head, bold=True))]
    parts += [kit.line(*_inbox_line(each, desk, now)) for each in status.inboxes]
    alarms = " ".join(_spoken_alarm(each, now) for each in status.inboxes)
    return Rendered(text=f"{head}. {spoken(alarms, 300)}".strip(), blocks=[kit.rich(*parts)])


def _inbox_line(inbox: InboxStatus, desk: Desk, now: datetime) -> Iterator[Block]:
    route = desk.inboxes.get(inbox.name)
    name = (route.label if route else "") or inbox.name
    counts = [
        open_words(inbox.open),
        tr_many("{count} unclaimed", "{count} unclaimed", inbox.unclaimed),
        _due_soon(inbox.due_soon),
        missed_words(inbox.missed),
    ]
    yield kit.words(led(one_line(name, 60)), bold=True)
    yield kit.words(", ".join(counts))
    if inbox.oldest_waiting is not None:
        # For translators: a message, and how long ago it was written, such as “2 hours ago”.
        oldest = tr_parts("oldest unanswered one {when}", when=ago(inbox.oldest_waiting, desk))
        yield from kit.pieces(oldest, lead=" · ")
    if inbox.unread:
        # For translators: messages.
        stored = tr_many(
            "{count} stored, not yet understood",
            "{count} stored, not yet understood",
            inbox.unread,
        )
        yield kit.words(f" · {stored}")
    if alarm := _alarm(inbox, now):
        yield kit.words(f"\n⚠️ {alarm}", bold=True)


def open_words(count: int) -> str:
    """So many tickets are open."""
    # For translators: tickets.
    return tr_many("{count} open", "{count} open", count)


def missed_words(count: int) -> str:
    """So many tickets have missed a deadline."""
    # For translators: tickets.
    return tr_many("{count} missed", "{count} missed", count)


def _due_soon(count: int) -> str:
    # For translators: tickets.
    return tr_many(
        "{count} due within {length}",
        "{count} due within {length}",
        count,
        length=span(DUE_SOON),
    )


_SILENT_AFTER = timedelta(minutes=15)
"""An inbox is polled every minute or so; this long without a good read is worth a warning."""


def _alarm(inbox: InboxStatus, now: datetime) -> str:
    if inbox.paused_reason:
        return tr("Not being read: {reason}", reason=one_line(inbox.paused_reason, 200))
    if inbox.last_ok_at is None:
        return tr("Never read yet")
    if now - inbox.last_ok_at > _SILENT_AFTER:
        reason = one_line(inbox.last_error or "", 200)
        if reason:
            return tr("Not read for a while: {reason}", reason=reason)
        return tr("Not read for a while")
    return ""


def _spoken_alarm(inbox: InboxStatus, now: datetime) -> str:
    alarm = _alarm(inbox, now)
    return f"{led(inbox.name)}{alarm}." if alarm else ""

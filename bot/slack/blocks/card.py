"""The root card of a ticket: five blocks, the same types in the same order for its whole life.

Slack refuses an edit that changes the kind of a block (`block_mismatch`), so every stage fills the
same five: header, state, the customer's words, facts, buttons. Times are date tokens: the card
stays true while nobody edits it.
"""

from collections.abc import Iterator
from datetime import datetime

from bot.domain.card import CardStage, ClockView, MessageView, TicketView
from bot.domain.desk import Desk
from bot.slack.blocks import kit
from bot.slack.blocks.actions import ActionId, MenuChoice, joined
from bot.slack.blocks.rendered import Block, Rendered
from bot.slack.blocks.wording import (
    clock_name,
    file_size,
    in_order,
    inbox_label,
    kind_words,
    moment,
    running,
    span,
    stage_words,
    stopped,
    target_words,
    title,
)
from bot.slack.text import cut, inert, one_line, spoken
from sla_rules.vocabulary import ClockState, Risk, Stage

WORDS_SHOWN = 600
"""How much of the first message a card quotes; the rest is behind Status."""


def render_card(ticket: TicketView, desk: Desk, now: datetime) -> Rendered:
    """The card as it should look at `now`."""
    return Rendered(
        text=_sentence(ticket, desk, now),
        blocks=[
            kit.header(title(ticket, desk)),
            kit.rich(kit.line(*_state(ticket, desk, now))),
            kit.rich(kit.quote(_customer_words(ticket))),
            kit.context(" · ".join(_facts(ticket))),
            kit.actions(*_buttons(ticket)),
        ],
    )


def due(at: datetime, desk: Desk) -> Block:
    """A deadline as an absolute time in each reader's zone."""
    return kit.date(at, kit.DUE_FORMAT, fallback=moment(at, desk))


def ago(at: datetime, desk: Desk) -> Block:
    """A past instant that ages by itself."""
    return kit.date(at, kit.AGO_FORMAT, fallback=moment(at, desk))


def _state(ticket: TicketView, desk: Desk, now: datetime) -> Iterator[Block]:
    yield from _owner(ticket)
    yield from _waiting(ticket, desk, now)
    for clock in in_order(ticket.clocks):
        yield kit.words("\n")
        yield from clock_line(clock, ticket, desk, now)
    if not ticket.clocks and ticket.state == "open":
        yield kit.words("\nNo deadline")


def _owner(ticket: TicketView) -> Iterator[Block]:
    if ticket.assignee is None:
        yield kit.words("Unclaimed", bold=True)
        return
    yield kit.words("Owner: ")
    yield kit.person(ticket.assignee)


def _waiting(ticket: TicketView, desk: Desk, now: datetime) -> Iterator[Block]:
    if ticket.card_stage is CardStage.RESOLVED:
        yield kit.words(" · resolved")
    elif ticket.waiting_since is not None:
        yield kit.words(" · customer wrote ")
        yield ago(ticket.waiting_since, desk)
    if ticket.snoozed_until is not None and ticket.snoozed_until > now:
        yield kit.words(" · snoozed until ")
        yield due(ticket.snoozed_until, desk)


def clock_line(clock: ClockView, ticket: TicketView, desk: Desk, now: datetime) -> Iterator[Block]:
    """One deadline: whose, how long, and when; after its end, how it ended."""
    yield kit.words(f"{clock_name(clock, ticket)} ({target_words(clock)}): ")
    match clock.state:
        case ClockState.RUNNING if clock.due_at > now:
            yield due(clock.due_at, desk)
        case ClockState.RUNNING:
            yield due(clock.due_at, desk)
            yield kit.words(" · missed ", bold=True)
            yield ago(clock.due_at, desk)
        case ClockState.PAUSED:
            yield kit.words("paused")
        case ClockState.MET:
            yield kit.words("met")
        case ClockState.LATE:
            yield kit.words(_how_late(clock))
        case ClockState.CANCELLED:
            yield kit.words("no longer needed")


def _how_late(clock: ClockView) -> str:
    if clock.stopped_at is None or clock.stopped_at <= clock.due_at:
        return "missed"
    return f"missed by {span(clock.stopped_at - clock.due_at)}"


def _customer_words(ticket: TicketView) -> str:
    message = ticket.first_message
    body = inert(message.body).strip() if message else ""
    return cut(body, WORDS_SHOWN) or "(no text)"


def _facts(ticket: TicketView) -> Iterator[str]:
    yield f"From {one_line(ticket.customer_name or ticket.customer_handle, 80) or 'unknown'}"
    if ticket.order_id:
        yield f"order {one_line(ticket.order_id, 60)}"
    if ticket.stage is not Stage.UNKNOWN:
        yield "before buying" if ticket.stage is Stage.PRE_SALE else "after buying"
    if ticket.risk is not Risk.NORMAL:
        yield f"{ticket.risk} risk"
    if ticket.vip:
        yield "VIP"
    if ticket.language:
        yield one_line(ticket.language.upper(), 8)
    yield from _worth(ticket)
    if ticket.first_message is not None:
        yield from attachment_words(ticket.first_message)
    yield from _safety_margin(ticket)


def _worth(ticket: TicketView) -> Iterator[str]:
    if ticket.lifetime_value is not None:
        money = f"{ticket.lifetime_value:,.2f} {ticket.currency or ''}".strip()
        yield f"spent {money} so far"
    if ticket.orders:
        yield f"{ticket.orders} order{'' if ticket.orders == 1 else 's'}"


def _safety_margin(ticket: TicketView) -> Iterator[str]:
    for clock in running(ticket.clocks):
        if clock.clamped:
            yield f"target shortened: {one_line(clock.clamped, 120)}"


def attachment_words(message: MessageView) -> Iterator[str]:
    """The attached files by name and size, three of them at most."""
    files = list(message.attachments)
    if not files:
        return
    shown = [
        f"{one_line(str(file.get('name', '')), 60) or 'file'} ({file_size(int(file.get('size', 0)))})"
        for file in files[:3]
    ]
    more = f" and {len(files) - 3} more" if len(files) > len(shown) else ""
    yield f"attached: {', '.join(shown)}{more}"


def _buttons(ticket: TicketView) -> Iterator[Block]:
    value = str(ticket.id)
    if ticket.state == "resolved":
        yield kit.button(ActionId.REOPEN, "Reopen", value)
        yield _menu(ticket)
        return
    if ticket.assignee is None:
        yield kit.button(ActionId.CLAIM, "Claim", value, style="primary")
        yield kit.button(ActionId.REPLY, "Reply", value)
    else:
        yield kit.button(ActionId.REPLY, "Reply", value, style="primary")
    if ticket.waiting_since is not None:
        yield kit.button(ActionId.NO_ANSWER, "No answer needed", value)
    yield kit.button(ActionId.RESOLVE, "Resolve", value)
    yield _menu(ticket)


def _menu(ticket: TicketView) -> Block:
    choices = {
        MenuChoice.SNOOZE_HOUR: "Snooze 1 h",
        MenuChoice.SNOOZE_TOMORROW: "Snooze until tomorrow 9:00",
        MenuChoice.ASSIGN: "Assign or release…",
        MenuChoice.NOTE: "Note…",
        MenuChoice.STATUS: "Status and why",
    }
    if ticket.state == "resolved":
        choices = {key: choices[key] for key in (MenuChoice.NOTE, MenuChoice.STATUS)}
    options = [(text, joined(choice, ticket.id)) for choice, text in choices.items()]
    return kit.overflow(ActionId.MORE, options)


def _sentence(ticket: TicketView, desk: Desk, now: datetime) -> str:
    """The card in one spoken sentence."""
    who = spoken(ticket.customer_name or ticket.customer_handle, 60) or "unknown"
    what = f"{spoken(inbox_label(ticket, desk), 60)} {kind_words(ticket.kind)} #{ticket.number}"
    subject = spoken(ticket.subject, 100) or "(no subject)"
    word = stage_words(ticket).partition(" ")[2]
    clocks = "".join(
        f" {clock_name(clock, ticket)} {'was' if clock.due_at <= now else 'is'} {moment(clock.due_at, desk)}."
        for clock in running(ticket.clocks)
    )
    owner = (
        "Unclaimed"
        if ticket.assignee is None
        else f"With {spoken(desk.roster.name(ticket.assignee), 60)}"
    )
    return f"{word}: {what} from {who}: {stopped(subject)} {owner}.{clocks}"

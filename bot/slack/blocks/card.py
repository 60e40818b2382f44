"""The root card of a ticket: five blocks, the same types in the same order for its whole life.

Slack refuses an edit that changes the kind of a block (`block_mismatch`), so every stage fills the
same five: header, state, the customer's words, facts, buttons. Times are date tokens: the card
stays true while nobody edits it.
"""

from collections.abc import Iterator
from datetime import datetime

from bot.domain.card import CardStage, ClockView, TicketView
from bot.domain.desk import Desk
from bot.domain.veil import body_rule
from bot.slack.blocks import kit
from bot.slack.blocks.actions import ActionId, MenuChoice, joined
from bot.slack.blocks.attached import attachment_words
from bot.slack.blocks.clock_lines import ago, clock_line, due, wait_words
from bot.slack.blocks.clock_words import (
    cause_words,
    clock_name,
    on_card,
    paused,
    running,
    topic_words,
    waited_for,
)
from bot.slack.blocks.orders import counted, order_facts
from bot.slack.blocks.reads_as import stands_out
from bot.slack.blocks.related import (
    escalated_words,
    merged_words,
    related_words,
    spoken_relations,
)
from bot.slack.blocks.rendered import Block, Rendered
from bot.slack.blocks.wording import (
    inbox_label,
    kind_words,
    moment,
    stage_words,
    stopped,
    title,
)
from bot.slack.text import cut, inert, one_line, spoken
from sla_rules.topics import Topic
from sla_rules.vocabulary import Risk, Scope, Stage

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
            kit.context(" · ".join(_facts(ticket, desk))),
            kit.actions(*_buttons(ticket, desk, now)),
        ],
    )


def _state(ticket: TicketView, desk: Desk, now: datetime) -> Iterator[Block]:
    yield from _owner(ticket)
    yield from merged_words(ticket)
    yield from _waiting(ticket, desk, now)
    for clock in on_card(ticket.clocks):
        yield kit.words("\n")
        yield from clock_line(clock, ticket, desk, now)
    if not ticket.clocks and ticket.state == "open":
        yield kit.words("\nNo deadline")
    yield from escalated_words(ticket, desk)
    yield from related_words(ticket)


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
    yield from wait_words(ticket, desk, now)
    if ticket.snoozed_until is not None and ticket.snoozed_until > now:
        yield kit.words(" · snoozed until ")
        yield due(ticket.snoozed_until, desk)


def _customer_words(ticket: TicketView) -> str:
    message = ticket.first_message
    body = inert(message.body).strip() if message else ""
    return cut(body, WORDS_SHOWN) or "(no text)"


def _facts(ticket: TicketView, desk: Desk) -> Iterator[str]:
    if _answers_in_portal(ticket, desk):
        yield "answer in the marketplace itself"
    yield f"From {one_line(ticket.customer_name or ticket.customer_handle, 80) or 'unknown'}"
    if ticket.order_id:
        yield f"order {one_line(ticket.order_id, 60)}"
    yield from _class(ticket)
    yield from stands_out(ticket, desk)
    if ticket.language:
        yield one_line(ticket.language.upper(), 8)
    yield from order_facts(ticket)
    yield from _worth(ticket)
    if ticket.first_message is not None:
        yield from attachment_words(ticket.first_message, ticket, desk)
    yield from _moved(ticket)


def _class(ticket: TicketView) -> Iterator[str]:
    """What rules tell tickets apart by."""
    if ticket.stage is not Stage.UNKNOWN:
        yield "before buying" if ticket.stage is Stage.PRE_SALE else "after buying"
    if ticket.topic is not Topic.OTHER:
        yield topic_words(ticket.topic)
    if ticket.risk is not Risk.NORMAL:
        yield f"{ticket.risk} risk"
    if ticket.vip:
        yield "VIP"
    if ticket.tags:
        yield f"tagged {one_line(', '.join(ticket.tags), 80)}"


def _worth(ticket: TicketView) -> Iterator[str]:
    if ticket.lifetime_value is not None:
        money = f"{ticket.lifetime_value:,.2f} {ticket.currency or ''}".strip()
        yield f"spent {money} so far"
    if ticket.orders:
        yield counted(ticket.orders, "order")
    if ticket.earlier_tickets:
        yield counted(ticket.earlier_tickets, "earlier ticket")


def _moved(ticket: TicketView) -> Iterator[str]:
    for clock in running(ticket.clocks):
        if clock.clamped:
            yield f"target shortened: {one_line(clock.clamped, 120)}"
        if clock.cause:
            yield f"more time: {one_line(cause_words(clock.cause), 160)}"


def words_are_veiled(ticket: TicketView, desk: Desk) -> bool:
    """Whether less than all of the customer's words is posted."""
    return body_rule(desk, ticket.inbox) != "full"


def _answers_in_portal(ticket: TicketView, desk: Desk) -> bool:
    """Whether nothing goes out through the ticket's inbox."""
    route = desk.inboxes.get(ticket.inbox)
    return route is not None and (route.observe or route.replies_in_portal)


def _buttons(ticket: TicketView, desk: Desk, now: datetime) -> Iterator[Block]:
    value = str(ticket.id)
    if ticket.relations.merged_into is not None:
        yield kit.button(ActionId.UNMERGE, "Unmerge", value)
        yield _menu(ticket, now)
        return
    if ticket.state == "resolved":
        yield kit.button(ActionId.REOPEN, "Reopen", value)
        yield _menu(ticket, now)
        return
    if ticket.assignee is None:
        yield kit.button(ActionId.CLAIM, "Claim", value, style="primary")
    main = None if ticket.assignee is None else "primary"
    if not _answers_in_portal(ticket, desk):
        yield kit.button(ActionId.REPLY, "Reply", value, style=main)
    elif ticket.waiting_since is not None:
        yield kit.button(ActionId.ANSWERED, "Answered in the marketplace", value, style=main)
    if ticket.waiting_since is not None:
        yield kit.button(ActionId.NO_ANSWER, "No answer needed", value)
    if words_are_veiled(ticket, desk):
        yield kit.button(ActionId.SHOW_WORDS, "Show the words", value)
    yield kit.button(ActionId.RESOLVE, "Resolve", value)
    yield _menu(ticket, now)


def _menu(ticket: TicketView, now: datetime) -> Block:
    """Five choices at most: that is all Slack takes."""
    # Who waits already is asked one thing only; another wait is `/ticket wait` away.
    waits = waited_for(ticket, now) is not None
    choices = {
        MenuChoice.GO_ON if waits else MenuChoice.WAIT: (
            "Continue: the wait is over" if waits else "Wait or snooze…"
        ),
        MenuChoice.CLASS: "Class: risk, topic, VIP…",
        MenuChoice.ASSIGN: "Assign or release…",
        MenuChoice.STATUS: "Status and why",
        MenuChoice.EVERYTHING: "Everything else…",
    }
    if ticket.state == "resolved":
        choices = {key: choices[key] for key in (MenuChoice.STATUS, MenuChoice.EVERYTHING)}
    options = [(text, joined(choice, ticket.id)) for choice, text in choices.items()]
    return kit.overflow(ActionId.MORE, options)


def _sentence(ticket: TicketView, desk: Desk, now: datetime) -> str:
    """The card in one spoken sentence."""
    who = spoken(ticket.customer_name or ticket.customer_handle, 60) or "unknown"
    what = f"{spoken(inbox_label(ticket, desk), 60)} {kind_words(ticket.kind)} #{ticket.number}"
    subject = spoken(ticket.subject, 100) or "(no subject)"
    word = stage_words(ticket).partition(" ")[2]
    clocks = "".join(
        f" {clock_name(clock, ticket)} {_verb(clock, now)} {moment(clock.due_at, desk)}."
        for clock in running(on_card(ticket.clocks))
    )
    still = "".join(
        f" {clock_name(clock, ticket)} stands still." for clock in paused(on_card(ticket.clocks))
    )
    owner = (
        "Unclaimed"
        if ticket.assignee is None
        else f"With {spoken(desk.roster.name(ticket.assignee), 60)}"
    )
    others = spoken_relations(ticket)
    return f"{word}: {what} from {who}: {stopped(subject)} {owner}.{others}{clocks}{still}"


def _verb(clock: ClockView, now: datetime) -> str:
    past = clock.due_at <= now
    if clock.scope is Scope.WINDOW:
        return "closed" if past else "closes"
    return "was" if past else "is"

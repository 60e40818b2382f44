"""The root card of a ticket: five blocks, the same types in the same order for its whole life.

Slack refuses an edit that changes the kind of a block (`block_mismatch`), so every stage fills the
same five: header, state, the customer's words, facts, buttons. Times are date tokens: the card
stays true while nobody edits it.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from bot.domain.card import CardStage, ClockView, TicketView
from bot.domain.desk import Desk
from bot.domain.inbound import said_body
from bot.domain.said import said_clamp
from bot.domain.topic_names import topic_words
from bot.domain.veil import body_rule
from bot.language import forms, marked, tr, tr_as, tr_many, tr_parts
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
    waited_for,
)
from bot.slack.blocks.orders import order_facts
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
    moment,
    stage_name,
    stopped,
    subject_words,
    title,
)
from bot.slack.text import cut, inert, one_line, spoken
from sla_rules.topics import Topic
from sla_rules.vocabulary import Kind, Risk, Scope, Stage

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
        yield kit.words("\n" + tr("No deadline"))
    yield from escalated_words(ticket, desk)
    yield from related_words(ticket)


def _owner(ticket: TicketView) -> Iterator[Block]:
    if ticket.assignee is None:
        yield kit.words(tr("Unclaimed"), bold=True)
        return
    yield from kit.pieces(tr_parts("Owner: {name}", name=kit.person(ticket.assignee)))


def _waiting(ticket: TicketView, desk: Desk, now: datetime) -> Iterator[Block]:
    if ticket.card_stage is CardStage.RESOLVED:
        yield kit.words(" · " + tr_as("ticket", "resolved"))
    elif ticket.waiting_since is not None:
        # For translators: Slack puts in how long ago: “customer wrote 2 hours ago”.
        wrote = tr_parts("customer wrote {when}", when=ago(ticket.waiting_since, desk))
        yield from kit.pieces(wrote, lead=" · ")
    yield from wait_words(ticket, desk, now)
    if ticket.snoozed_until is not None and ticket.snoozed_until > now:
        snoozed = tr_parts("snoozed until {when}", when=due(ticket.snoozed_until, desk))
        yield from kit.pieces(snoozed, lead=" · ")


def _customer_words(ticket: TicketView) -> str:
    message = ticket.first_message
    body = inert(said_body(message.body)).strip() if message else ""
    return cut(body, WORDS_SHOWN) or tr("(no text)")


def _facts(ticket: TicketView, desk: Desk) -> Iterator[str]:
    if _answers_in_portal(ticket, desk):
        yield tr("answer in the marketplace itself")
    who = one_line(ticket.customer_name or ticket.customer_handle, 80)
    yield tr("From {customer}", customer=who) if who else tr("From unknown")
    if ticket.order_id:
        yield tr("order {number}", number=one_line(ticket.order_id, 60))
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
        before = ticket.stage is Stage.PRE_SALE
        yield tr("before buying") if before else tr("after buying")
    if ticket.topic is not Topic.OTHER:
        yield topic_words(ticket.topic)
    if ticket.risk is not Risk.NORMAL:
        yield tr("critical risk") if ticket.risk is Risk.CRITICAL else tr("elevated risk")
    if ticket.vip:
        yield tr("VIP")
    if ticket.tags:
        yield tr("tagged {tags}", tags=one_line(", ".join(ticket.tags), 80))
    if ticket.customer_tags:
        tags = one_line(", ".join(ticket.customer_tags), 80)
        # For translators: tags that belong to the customer, on each of their tickets.
        yield tr("customer tagged {tags}", tags=tags)


def _worth(ticket: TicketView) -> Iterator[str]:
    if ticket.lifetime_value is not None:
        money = forms.amount(ticket.lifetime_value, ticket.currency or "")
        yield tr("spent {amount} so far", amount=money)
    if ticket.orders:
        yield tr_many("{count} order", "{count} orders", ticket.orders)
    if ticket.earlier_tickets:
        yield tr_many("{count} earlier ticket", "{count} earlier tickets", ticket.earlier_tickets)


def _moved(ticket: TicketView) -> Iterator[str]:
    for clock in running(ticket.clocks):
        if clock.clamped:
            # For translators: a target is due earlier than it says; {why} is a few words.
            yield tr("target shortened: {why}", why=one_line(said_clamp(clock.clamped), 120))
        if clock.cause:
            # For translators: a clock got more time; {why} is a few words.
            yield tr("more time: {why}", why=one_line(cause_words(clock.cause), 160))


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
        yield kit.button(ActionId.UNMERGE, tr_as("button", "Unmerge"), value)
        yield _menu(ticket, now)
        return
    if ticket.state == "resolved":
        yield kit.button(ActionId.REOPEN, tr_as("button", "Reopen"), value)
        yield _menu(ticket, now)
        return
    if ticket.assignee is None:
        yield kit.button(ActionId.CLAIM, tr_as("button", "Claim"), value, style="primary")
    main = None if ticket.assignee is None else "primary"
    if not _answers_in_portal(ticket, desk):
        yield kit.button(ActionId.REPLY, tr_as("button", "Reply"), value, style=main)
    elif ticket.waiting_since is not None:
        yield kit.button(
            ActionId.ANSWERED, tr_as("button", "Answered in the marketplace"), value, style=main
        )
    if ticket.waiting_since is not None:
        yield kit.button(ActionId.NO_ANSWER, tr_as("button", "No answer needed"), value)
    if words_are_veiled(ticket, desk):
        yield kit.button(ActionId.SHOW_WORDS, tr_as("button", "Show the words"), value)
    yield kit.button(ActionId.RESOLVE, tr_as("button", "Resolve"), value)
    yield _menu(ticket, now)


def _menu(ticket: TicketView, now: datetime) -> Block:
    """Five choices at most: that is all Slack takes."""
    # Who waits already is asked one thing only; another wait is `/ticket wait` away.
    waits = waited_for(ticket, now) is not None
    choices = {
        MenuChoice.GO_ON if waits else MenuChoice.WAIT: (
            tr("Continue: the wait is over") if waits else tr("Wait or snooze…")
        ),
        MenuChoice.CLASS: tr("Class: risk, topic, VIP…"),
        MenuChoice.ASSIGN: tr("Assign or release…"),
        MenuChoice.STATUS: tr("Status and why"),
        MenuChoice.EVERYTHING: tr("Everything else…"),
    }
    if ticket.state == "resolved":
        choices = {key: choices[key] for key in (MenuChoice.STATUS, MenuChoice.EVERYTHING)}
    options = [(text, joined(choice, ticket.id)) for choice, text in choices.items()]
    return kit.overflow(ActionId.MORE, options)


def _sentence(ticket: TicketView, desk: Desk, now: datetime) -> str:
    """The card in a few spoken sentences."""
    who = spoken(ticket.customer_name or ticket.customer_handle, 60)
    what = tr(
        _SPOKEN[ticket.kind],
        stage=stage_name(ticket),
        inbox=spoken(inbox_label(ticket, desk), 60),
        number=ticket.number,
        customer=who or tr_as("customer", "unknown"),
        subject=stopped(spoken(subject_words(ticket.subject, 100), 100)),
    )
    owner = (
        tr("Unclaimed.")
        if ticket.assignee is None
        else tr("With {name}.", name=spoken(desk.roster.name(ticket.assignee), 60))
    )
    clocks = on_card(ticket.clocks)
    said = [
        what,
        owner,
        spoken_relations(ticket).strip(),
        *(_spoken_clock(clock, ticket, desk, now) for clock in running(clocks)),
        *(
            tr("{promise} stands still.", promise=clock_name(clock, ticket))
            for clock in paused(clocks)
        ),
    ]
    return " ".join(filter(None, said))


_SPOKEN: Final[Mapping[Kind, str]] = {
    # For translators: as in “Soon: Amazon message #17 from Maria Rossi: Where is my lamp?”
    Kind.MESSAGE: marked("{stage}: {inbox} message #{number} from {customer}: {subject}"),
    Kind.CLAIM: marked("{stage}: {inbox} claim #{number} from {customer}: {subject}"),
    Kind.RETURN_REQUEST: marked(
        "{stage}: {inbox} return request #{number} from {customer}: {subject}"
    ),
    Kind.CANCEL_REQUEST: marked(
        "{stage}: {inbox} cancellation request #{number} from {customer}: {subject}"
    ),
    Kind.NOTICE: marked("{stage}: {inbox} platform notice #{number} from {customer}: {subject}"),
    Kind.SUSPECT: marked("{stage}: {inbox} suspicious mail #{number} from {customer}: {subject}"),
}


def _spoken_clock(clock: ClockView, ticket: TicketView, desk: Desk, now: datetime) -> str:
    past = clock.due_at <= now
    if clock.scope is Scope.WINDOW:
        text = _WINDOW_CLOSED if past else _WINDOW_CLOSES
    else:
        text = _WAS_DUE if past else _IS_DUE
    return tr(text, promise=clock_name(clock, ticket), deadline=moment(clock.due_at, desk))


# For translators: {promise} is such as “Amazon limit” or “Our target”.
_IS_DUE: Final = marked("{promise} is {deadline}.")
_WAS_DUE: Final = marked("{promise} was {deadline}.")
# For translators: {promise} is such as “Amazon answering window”.
_WINDOW_CLOSES: Final = marked("{promise} closes {deadline}.")
_WINDOW_CLOSED: Final = marked("{promise} closed {deadline}.")

"""What is posted below a card: later messages, pings, and one compact line per noteworthy event.

Only a ping, or an answer that did not arrive, mentions anybody; everyone else is named in plain words, so that a thread is quiet
until somebody has to act.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from bot.domain.card import MessageView, PingView, TicketView
from bot.domain.desk import Desk
from bot.slack.blocks import kit
from bot.slack.blocks.actions import ActionId
from bot.slack.blocks.card import attachment_words
from bot.slack.blocks.clock_words import cause_words, clock_phrase, on_card, running
from bot.slack.blocks.log import render_log
from bot.slack.blocks.rendered import Block, Rendered
from bot.slack.blocks.wording import inbox_label, moment, platform, sentence, span, stopped
from bot.slack.text import inert, one_line, spoken
from sla_rules.vocabulary import Author

__all__ = ["render_log", "render_message", "render_ops", "render_ping"]

LATE_AFTER = timedelta(minutes=5)
"""From here on a ping owns up to being late; less is the ordinary pace of polling and Slack."""

_STEP_WORDS = {
    "warn50": "🟡 Half time",
    "warn20": "🟠 Due soon",
    "breach": "🔴 Missed",
    "breach2": "🔴 Still missed, 2nd ping of 3",
    "breach3": "🔴 Still missed, last ping",
}


def render_message(ticket: TicketView, message: MessageView, desk: Desk) -> Rendered:
    """A later message of the conversation: the customer's, or an answer given elsewhere."""
    who = _writer(ticket, message, desk)
    head = kit.line(
        kit.words(f"{who} "),
        kit.date(message.sent_at, kit.DUE_FORMAT, fallback=moment(message.sent_at, desk)),
    )
    blocks = [kit.rich(head, kit.quote(message.body))]
    files = " · ".join(attachment_words(message))
    if files:
        blocks.append(kit.context(files))
    if message.author == Author.CUSTOMER:
        blocks.append(
            kit.actions(
                kit.button(ActionId.REPLY, "Reply", str(ticket.id)),
                kit.button(ActionId.NO_ANSWER, "No answer needed", str(ticket.id)),
            )
        )
    text = f"#{ticket.number}: {spoken(who, 100)}: {spoken(message.body, 200) or '(no text)'}"
    return Rendered(text=text, blocks=blocks)


def _writer(ticket: TicketView, message: MessageView, desk: Desk) -> str:
    name = one_line(message.sender_name or ticket.customer_name, 60)
    match message.author:
        case Author.CUSTOMER:
            return f"{name or 'The customer'} wrote again"
        case Author.AGENT if message.agent is not None:
            return f"{one_line(desk.roster.name(message.agent), 60)} answered"
        case Author.AGENT:
            return f"Answered in {platform(ticket.connector)} itself"
        case _:
            return f"{platform(ticket.connector)} wrote"


def render_ping(
    ticket: TicketView,
    pings: Sequence[PingView],
    desk: Desk,
    now: datetime,
    mention: Sequence[str],
    *,
    late_after: timedelta = LATE_AFTER,
) -> Rendered:
    """Why somebody is called: which promise, how long is left or how late, and what to press.

    `pings` are the steps that came due together, gravest first; `mention` is exactly who is called.
    """
    gravest = pings[0]
    why = _why(ticket, gravest, now)
    owner = _owner(ticket, desk, mention)
    told = _first_told(pings)
    late = _lateness(told, ticket, now, late_after)
    cause = gravest.clock.cause
    more = f"New class: {one_line(cause_words(cause), 200)}." if cause else ""
    head = [element for one in mention for element in (kit.person(one), kit.words(" "))]
    # A first miss is told as one; among repeats it matters whether another one follows.
    named = told if told.step == "breach" else gravest
    step = _STEP_WORDS.get(named.step, "🟠 Due soon")
    what = f"{inbox_label(ticket, desk)} #{ticket.number} · {one_line(ticket.subject, 100)}"
    blocks = [
        kit.rich(
            kit.line(
                *head,
                kit.words(f"{step}. ", bold=True),
                kit.words(f"{why}.{owner}"),
                kit.words(f"\n{what}"),
                *(kit.words(f"\n{said}") for said in (more, late) if said),
            )
        ),
        kit.actions(*_ping_buttons(ticket)),
    ]
    called = " ".join(kit.called(one) for one in mention)
    said = f"{stopped(spoken(what, 160))} {why}. {spoken(owner, 80)} {spoken(more, 220)} {late}"
    text = " ".join(f"{called} {step}: {said}".split())
    return Rendered(text=text, blocks=blocks)


def _first_told(pings: Sequence[PingView]) -> PingView:
    """What the readers have not heard yet: a miss and its repeats in one post are a first miss."""
    clock = pings[0].clock
    misses = [p for p in pings if p.clock == clock and p.step.startswith("breach")]
    return min(misses, key=lambda p: p.fire_at, default=pings[0])


def _owner(ticket: TicketView, desk: Desk, mention: Sequence[str]) -> str:
    if ticket.assignee is None:
        return " Nobody has claimed it."
    if ticket.assignee in mention:
        return ""
    return f" With {one_line(desk.roster.name(ticket.assignee), 60)}."


def _why(ticket: TicketView, gravest: PingView, now: datetime) -> str:
    first = gravest.clock
    key = (first.metric, first.scope, first.instance)
    rest = [
        one
        for one in running(on_card(ticket.clocks))
        if (one.metric, one.scope, one.instance) != key
    ]
    return sentence("; ".join(clock_phrase(clock, ticket, now) for clock in [first, *rest]))


def _lateness(ping: PingView, ticket: TicketView, now: datetime, late_after: timedelta) -> str:
    late = now - ping.fire_at
    if late < late_after:
        return ""
    if ticket.opened_at > ping.fire_at:
        return (
            f"This warning is {span(late)} late: the message reached Threadline after it was due."
        )
    return f"This warning is {span(late)} late, Threadline was not running or could not post."


def _ping_buttons(ticket: TicketView) -> Iterator[Block]:
    value = str(ticket.id)
    claim_style = "primary" if ticket.assignee is None else None
    yield kit.button(ActionId.CLAIM, "Claim", value, style=claim_style)
    yield kit.button(ActionId.REPLY, "Reply", value, style=None if claim_style else "primary")
    yield kit.button(ActionId.ACKNOWLEDGE, "On it", value)


def render_ops(text: str) -> Rendered:
    """A line for the people who run the desk. Without a customer's words."""
    shown = inert(text).strip() or "-"
    return Rendered(
        text=spoken(shown, 600), blocks=[kit.rich(kit.line(kit.words(shown[: kit.RICH_LIMIT])))]
    )

"""What is posted below a card: later messages, pings, and one compact line per noteworthy event.

Only a ping, or an answer that did not arrive, mentions anybody; everyone else is named in plain words, so that a thread is quiet
until somebody has to act.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from bot.domain.card import MessageView, PingView, TicketView
from bot.domain.desk import Desk
from bot.domain.inbound import said_body, said_subject
from bot.domain.pings import BREACH, ON_IT
from bot.domain.platforms import platform
from bot.language import SOURCE, marked, spoken_now, tr, tr_as, tr_parts
from bot.language.forms import joined, led
from bot.slack.blocks import kit
from bot.slack.blocks.actions import ActionId
from bot.slack.blocks.attached import attachment_words
from bot.slack.blocks.call_choices import calls_button
from bot.slack.blocks.card import words_are_veiled
from bot.slack.blocks.clock_lines import due
from bot.slack.blocks.clock_words import cause_words, clock_phrase, on_card, running
from bot.slack.blocks.log import render_log
from bot.slack.blocks.rendered import Block, Rendered
from bot.slack.blocks.wording import inbox_label, sentence, span, stopped
from bot.slack.text import inert, one_line, spoken
from sla_rules.vocabulary import Author

__all__ = ["render_log", "render_message", "render_ops", "render_ping"]

LATE_AFTER = timedelta(minutes=5)
"""From here on a ping owns up to being late; less is the ordinary pace of polling and Slack."""

_STEP_WORDS = {
    "warn50": marked("🟡 Half time"),
    "warn20": marked("🟠 Due soon"),
    "breach": marked("🔴 Missed"),
}
_SOON = marked("🟠 Due soon")
_ORDINALS = {1: "st", 2: "nd", 3: "rd"}
_TEENS = range(11, 14)


def render_message(ticket: TicketView, message: MessageView, desk: Desk) -> Rendered:
    """A later message of the conversation: the customer's, or an answer given elsewhere."""
    with_time, said, name = _writer(ticket, message, desk)
    place = platform(ticket.connector)
    sent: str | Block = due(message.sent_at, desk)
    head = tr_parts(with_time, name=name, place=place, time=sent)
    blocks = [kit.rich(kit.line(*kit.pieces(head)), kit.quote(said_body(message.body)))]
    files = " · ".join(attachment_words(message, ticket, desk, most=5))
    if files:
        blocks.append(kit.context(files))
    if message.author == Author.CUSTOMER:
        blocks.append(kit.actions(*_message_buttons(ticket, desk)))
    told = tr(
        "#{number}: {what}: {words}",
        number=ticket.number,
        what=spoken(tr(said, name=name, place=place), 100),
        words=spoken(said_body(message.body), 200) or tr("(no text)"),
    )
    return Rendered(text=told, blocks=blocks)


def _message_buttons(ticket: TicketView, desk: Desk) -> Iterator[Block]:
    value = str(ticket.id)
    yield kit.button(ActionId.REPLY, tr_as("button", "Reply"), value)
    yield kit.button(ActionId.NO_ANSWER, tr_as("button", "No answer needed"), value)
    if words_are_veiled(ticket, desk):
        yield kit.button(ActionId.SHOW_WORDS, tr_as("button", "Show the words"), value)


def _writer(ticket: TicketView, message: MessageView, desk: Desk) -> tuple[str, str, str]:
    """The sentence that says who wrote and when, the one without the time, and the name in both."""
    name = one_line(message.sender_name or ticket.customer_name, 60)
    match message.author:
        case Author.CUSTOMER if name:
            return marked("{name} wrote again {time}"), marked("{name} wrote again"), name
        case Author.CUSTOMER:
            return marked("The customer wrote again {time}"), marked("The customer wrote again"), ""
        case Author.AGENT if message.agent is not None:
            agent = one_line(desk.roster.name(message.agent), 60)
            return marked("{name} answered {time}"), marked("{name} answered"), agent
        case Author.AGENT:
            elsewhere = marked("Answered in {place} itself {time}")
            return elsewhere, marked("Answered in {place} itself"), ""
        case _:
            return marked("{place} wrote {time}"), marked("{place} wrote"), ""


def render_ping(
    ticket: TicketView,
    pings: Sequence[PingView],
    desk: Desk,
    now: datetime,
    mention: Sequence[str],
    *,
    late_after: timedelta = LATE_AFTER,
    called: str = "",
    direct: bool = False,
) -> Rendered:
    """Why somebody is called: which promise, how long is left or how late, and what to press.

    `pings` are the steps that came due together, gravest first; `mention` is exactly who is called,
    `called` a sentence about who is not. With `direct` it stands alone and links to the card.
    """
    gravest = pings[0]
    owner = _owner(ticket, desk, mention)
    told = _first_told(pings)
    late = _lateness(told, ticket, now, late_after)
    more = _more(ticket, gravest, desk)
    head = [element for one in mention for element in (kit.person(one), kit.words(" "))]
    # A first miss is told as one; among repeats it matters whether another one follows.
    named = told if told.step == "breach" else gravest
    step = _step_words(named)
    why = f"{_why(ticket, gravest, now)}."
    what = f"{inbox_label(ticket, desk)} #{ticket.number} · {one_line(said_subject(ticket.subject), 100)}"
    blocks = [
        kit.rich(
            kit.line(
                *head,
                kit.words(f"{step}. ", bold=True),
                kit.words(f"{why} {owner}".rstrip()),
                kit.words(f"\n{what}"),
                *(kit.words(f"\n{said}") for said in (called, more, late) if said),
            )
        ),
        kit.actions(*_ping_buttons(ticket, missed=gravest.is_miss, direct=direct)),
    ]
    names = " ".join(kit.called(one) for one in mention)
    said = f"{stopped(spoken(what, 160))} {why} {spoken(owner, 80)} {spoken(called, 250)}"
    text = f"{names} {led(step)}{said} {spoken(more, 220)} {late}"
    # Not split at every white space: in French some of it must not break.
    text = " ".join(part for part in text.split(" ") if part)
    return Rendered(text=text, blocks=blocks)


def _more(ticket: TicketView, gravest: PingView, desk: Desk) -> str:
    cause = gravest.clock.cause
    said = []
    if gravest.step == ON_IT and ticket.acknowledged_by is not None:
        was = one_line(desk.roster.name(ticket.acknowledged_by), 60)
        said.append(tr("{who} was on it; nothing has been sent since.", who=was))
    if cause:
        said.append(tr("New class: {cause}.", cause=one_line(cause_words(cause), 200)))
    return " ".join(said)


def _step_words(ping: PingView) -> str:
    if ping.step == ON_IT:
        return tr("🔴 Still missed")
    again = ping.step.removeprefix("breach")
    if again == ping.step or not again:
        return tr(_STEP_WORDS.get(ping.step, _SOON))
    count = int(again)
    if count >= ping.misses:
        return tr("🔴 Still missed, last ping")
    # For translators: {ordinal} is “2nd” or “3rd” in English, the bare figure in your language.
    return tr(
        "🔴 Still missed, {ordinal} ping of {misses}", ordinal=_nth(count), misses=ping.misses
    )


def _nth(count: int) -> str:
    if spoken_now() is not SOURCE:
        return str(count)
    ending = "th" if count % 100 in _TEENS else _ORDINALS.get(count % 10, "th")
    return f"{count}{ending}"


def _first_told(pings: Sequence[PingView]) -> PingView:
    """What the readers have not heard yet: a miss and its repeats in one post are a first miss."""
    clock = pings[0].clock
    misses = [p for p in pings if p.clock == clock and p.step.startswith(BREACH)]
    return min(misses, key=lambda p: p.fire_at, default=pings[0])


def _owner(ticket: TicketView, desk: Desk, mention: Sequence[str]) -> str:
    if ticket.assignee is None:
        return tr("Nobody has claimed it.")
    if ticket.assignee in mention:
        return ""
    # For translators: whose ticket it is.
    return tr("With {who}.", who=one_line(desk.roster.name(ticket.assignee), 60))


def _why(ticket: TicketView, gravest: PingView, now: datetime) -> str:
    first = gravest.clock
    key = (first.metric, first.scope, first.instance)
    rest = [
        one
        for one in running(on_card(ticket.clocks))
        if (one.metric, one.scope, one.instance) != key
    ]
    return sentence(joined(clock_phrase(clock, ticket, now) for clock in [first, *rest]))


def _lateness(ping: PingView, ticket: TicketView, now: datetime, late_after: timedelta) -> str:
    late = now - ping.fire_at
    if late < late_after:
        return ""
    if ticket.opened_at > ping.fire_at:
        return tr(
            "This warning is {length} late: the message reached Threadline after it was due.",
            length=span(late),
        )
    return tr(
        "This warning is {length} late, Threadline was not running or could not post.",
        length=span(late),
    )


def _ping_buttons(ticket: TicketView, *, missed: bool, direct: bool) -> Iterator[Block]:
    value = str(ticket.id)
    claim_style = "primary" if ticket.assignee is None else None
    # A warning calls the owner, who has claimed already; a miss calls others.
    if missed or ticket.assignee is None:
        yield kit.button(ActionId.CLAIM, tr_as("button", "Claim"), value, style=claim_style)
    reply = tr_as("button", "Reply")
    yield kit.button(ActionId.REPLY, reply, value, style=None if claim_style else "primary")
    yield kit.button(ActionId.ACKNOWLEDGE, tr_as("button", "On it"), value)
    if not missed:
        yield kit.button(ActionId.SNOOZE_QUARTER, tr_as("button", "Snooze 15 min"), value)
    if direct and kit.is_usable(ticket.permalink or ""):
        yield kit.link_button(tr_as("button", "Open the thread"), ticket.permalink or "")
    yield calls_button()


def render_ops(text: str) -> Rendered:
    """A line for the people who run the desk. Without a customer's words."""
    shown = inert(text).strip() or "-"
    return Rendered(
        text=spoken(shown, 600), blocks=[kit.rich(kit.line(kit.words(shown[: kit.RICH_LIMIT])))]
    )

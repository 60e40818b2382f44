"""What is said of other tickets, of a lead's attention, and of colleagues who write as well."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from bot.domain.card import TicketRef, TicketView
from bot.domain.desk import Desk
from bot.slack.blocks import kit
from bot.slack.blocks.rendered import Block
from bot.slack.blocks.wording import span, stopped
from bot.slack.text import one_line, spoken
from bot.usecases.composing import Composing

_REASON_SHOWN = 300
_SHOWN = 8
"""Tickets named one by one; of more, how many there are."""


def merged_words(ticket: TicketView) -> Iterator[Block]:
    """Where the conversation goes on."""
    if ticket.relations.merged_into is not None:
        yield kit.words(" · merged into ", bold=True)
        yield _ref(ticket.relations.merged_into)


def escalated_words(ticket: TicketView, desk: Desk) -> Iterator[Block]:
    """Who wants a lead to look at it, and why."""
    found = ticket.escalation
    if found is not None:
        name = one_line(desk.roster.name(found.by), 60)
        yield kit.words(f"\n🚨 Escalated by {name}: ", bold=True)
        yield kit.words(one_line(found.reason, _REASON_SHOWN))


def related_words(ticket: TicketView) -> Iterator[Block]:
    """What goes on in this ticket, and what it is linked with."""
    yield from _listed("\nGoes on here: ", ticket.relations.merged)
    yield from _listed("\nLinked with ", ticket.relations.linked)


def spoken_relations(ticket: TicketView) -> str:
    """Where it goes on and whether a lead is wanted, as a part of the card's one sentence."""
    into = ticket.relations.merged_into
    merged = f" Merged into #{into.number}." if into else ""
    found = ticket.escalation
    return merged + (f" Escalated: {stopped(spoken(found.reason, 160))}" if found else "")


def composing_words(others: Sequence[Composing], desk: Desk, now: datetime) -> str:
    """Who else is writing an answer; empty where nobody is."""
    said = [
        f"{one_line(desk.roster.name(each.agent), 60)} began an answer {_ago(now - each.since)}."
        for each in others
    ]
    return " ".join(said)


def _ago(length: timedelta) -> str:
    return "just now" if length < timedelta(minutes=1) else f"{span(length)} ago"


def _listed(lead: str, refs: Sequence[TicketRef]) -> Iterator[Block]:
    if not refs:
        return
    yield kit.words(lead)
    for at, ref in enumerate(refs[:_SHOWN]):
        if at:
            yield kit.words(", ")
        yield _ref(ref)
    if len(refs) > _SHOWN:
        yield kit.words(f" and {len(refs) - _SHOWN} more")


def _ref(ref: TicketRef) -> Block:
    number = f"#{ref.number}"
    return kit.link(ref.permalink, number) if ref.permalink else kit.words(number)

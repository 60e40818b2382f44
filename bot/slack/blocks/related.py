"""What is said of other tickets, of a lead's attention, and of colleagues who write as well."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from bot.domain.card import TicketRef, TicketView
from bot.domain.desk import Desk
from bot.language import tr, tr_many_parts, tr_parts
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
        into = _ref(ticket.relations.merged_into)
        yield from kit.pieces(tr_parts("merged into {ticket}", ticket=into), lead=" · ", bold=True)


def escalated_words(ticket: TicketView, desk: Desk) -> Iterator[Block]:
    """Who wants a lead to look at it, and why."""
    found = ticket.escalation
    if found is not None:
        name = one_line(desk.roster.name(found.by), 60)
        # For translators: the reason follows.
        said = tr("🚨 Escalated by {who}:", who=name)
        yield kit.words(f"\n{said} ", bold=True)
        yield kit.words(one_line(found.reason, _REASON_SHOWN))


def related_words(ticket: TicketView) -> Iterator[Block]:
    """What goes on in this ticket, and what it is linked with."""
    if merged := _listed(ticket.relations.merged):
        yield from kit.pieces(_flat(tr_parts("Goes on here: {tickets}", tickets=merged)), lead="\n")
    if linked := _listed(ticket.relations.linked):
        yield from kit.pieces(_flat(tr_parts("Linked with {tickets}", tickets=linked)), lead="\n")


def spoken_relations(ticket: TicketView) -> str:
    """Where it goes on and whether a lead is wanted, as a part of the card's one sentence."""
    into, found = ticket.relations.merged_into, ticket.escalation
    said = []
    if into is not None:
        said.append(tr("Merged into #{number}.", number=into.number))
    if found is not None:
        said.append(tr("Escalated: {reason}", reason=stopped(spoken(found.reason, 160))))
    return "".join(f" {each}" for each in said)


def composing_words(others: Sequence[Composing], desk: Desk, now: datetime) -> str:
    """Who else is writing an answer; empty where nobody is."""
    return " ".join(_composing(each, desk, now - each.since) for each in others)


def _composing(each: Composing, desk: Desk, length: timedelta) -> str:
    who = one_line(desk.roster.name(each.agent), 60)
    if length < timedelta(minutes=1):
        return tr("{who} began an answer just now.", who=who)
    return tr("{who} began an answer {length} ago.", who=who, length=span(length))


def _listed(refs: Sequence[TicketRef]) -> list[str | Block]:
    shown: list[str | Block] = []
    for ref in refs[:_SHOWN]:
        shown += [", "] if shown else []
        shown.append(_ref(ref))
    more = len(refs) - _SHOWN
    if more <= 0:
        return shown
    return _flat(
        tr_many_parts(
            "{tickets} and {count} more", "{tickets} and {count} more", more, tickets=shown
        )
    )


def _flat(parts: Iterable[str | list[str | Block]]) -> list[str | Block]:
    return [one for part in parts for one in ([part] if isinstance(part, str) else part)]


def _ref(ref: TicketRef) -> Block:
    number = f"#{ref.number}"
    return kit.link(ref.permalink, number) if ref.permalink else kit.words(number)

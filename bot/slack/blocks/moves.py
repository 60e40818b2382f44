"""What moved: the clocks of a ticket that a wait, a new class or new rules made due at another time."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.domain.card import ClockView, TicketView, WaitView
from bot.domain.class_change import Reclassification, moves_told
from bot.domain.desk import Desk
from bot.domain.recomputation import Move
from bot.domain.said import said_changes
from bot.language import marked, tr, tr_parts
from bot.slack.blocks.clock_words import (
    cause_words,
    clock_name,
    in_order,
    left_words,
    promise_name,
)
from bot.slack.blocks.parts import Part, told
from bot.slack.blocks.rendered import Rendered
from bot.slack.blocks.wording import sentence
from bot.slack.text import one_line
from sla_rules.vocabulary import LASTING, ClockState, Metric, Scope, Waiting

_WAITS: Mapping[Waiting, tuple[str, str]] = {
    Waiting.CUSTOMER: (
        marked("#{number} waits for the customer."),
        marked(
            "#{number} waits for the customer, but none of its clocks may stand still for that."
        ),
    ),
    Waiting.THIRD_PARTY: (
        marked("#{number} waits for a third party."),
        marked(
            "#{number} waits for a third party, but none of its clocks may stand still for that."
        ),
    ),
}
"""Where a clock stands still for it, and where none does."""


def waits(before: TicketView, after: TicketView, wait: WaitView, desk: Desk) -> Rendered:
    """Whom the ticket waits for, which clocks stand still for it, and which run on."""
    lines = list(_lines(before, after, desk))
    still = [line for line, moved in lines if moved]
    stands, none_stands = _WAITS[wait.on]
    lead = tr(stands if still else none_stands, number=after.number)
    if wait.until is not None:
        still = [tr_parts("It goes on by itself {time}", time=wait.until), *still]
    shown = [*still, *(line for line, moved in lines if not moved)]
    return told(lead, shown, desk)


def goes_on(before: TicketView, after: TicketView, desk: Desk) -> Rendered:
    """The wait is over; when everything is due now."""
    if before.wait is None:
        return told(tr("#{number} waited for nobody.", number=after.number), (), desk)
    lines = [line for line, _ in _lines(before, after, desk)]
    return told(tr("#{number} goes on.", number=after.number), lines, desk)


def _lines(
    before: TicketView, after: TicketView, desk: Desk
) -> Iterator[tuple[Sequence[Part], bool]]:
    """Each clock that lasts, and whether it moved or stands still."""
    was = {(c.metric, c.scope, c.instance): c for c in before.clocks}
    for clock in in_order([c for c in after.clocks if c.state in LASTING]):
        old = was.get((clock.metric, clock.scope, clock.instance), clock)
        yield _line(old, clock, after, desk)


def _line(
    old: ClockView, clock: ClockView, ticket: TicketView, desk: Desk
) -> tuple[Sequence[Part], bool]:
    name: Part = clock_name(clock, ticket)
    if clock.state is ClockState.PAUSED:
        left = left_words(clock, ticket, desk)
        return [tr("{clock} stands still with {length} left", clock=name, length=left)], True
    if old.state is ClockState.PAUSED:
        return tr_parts("{clock} runs again: due {time}", clock=name, time=clock.due_at), True
    if old.due_at != clock.due_at:
        due: Mapping[str, Part] = {"before": old.due_at, "after": clock.due_at}
        return tr_parts("{clock}: {before} → {after}", clock=name, **due), True
    return tr_parts("{clock} runs on: due {time}", clock=name, time=clock.due_at), False


def class_changed(ticket: TicketView, change: Reclassification, desk: Desk) -> Rendered:
    """What the ticket is now, and what is due when because of it."""
    lines = [_move(move, ticket) for move in change.moves]
    if change.cause:
        lines.append([sentence(one_line(cause_words(change.cause, change.what), 300))])
    what = one_line(said_changes(change.what), 300)
    if lines:
        lead = tr("#{number}: {what}.", number=ticket.number, what=what)
    else:
        lead = tr("#{number}: {what}. No deadline moves.", number=ticket.number, what=what)
    return told(lead, lines, desk)


def moves_line(ticket: TicketView, data: Mapping[str, Any]) -> list[Part]:
    """The moves of an event in one compact line, empty where nothing moved."""
    parts: list[Part] = []
    for move in moves_told(data):
        parts += [*([" · "] if parts else []), *_move(move, ticket)]
    return parts


def _move(move: Move, ticket: TicketView) -> list[Part]:
    named: Mapping[str, Part] = {
        "clock": promise_name(Metric(move.metric), Scope(move.scope), ticket),
        "policy": one_line(move.policy, 80),
    }
    match move.before, move.after:
        case datetime() as before, datetime() as after:
            return tr_parts(
                "{clock}: {before} → {after} (policy “{policy}”)",
                before=before,
                after=after,
                **named,
            )
        case None, datetime() as after:
            return tr_parts("{clock}: new, due {time} (policy “{policy}”)", time=after, **named)
        case _:
            return tr_parts("{clock}: no longer", **named)

"""What moved: the clocks of a ticket that a wait, a new class or new rules made due at another time."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.domain.card import ClockView, TicketView, WaitView
from bot.domain.class_change import Reclassification, moves_told
from bot.domain.desk import Desk
from bot.domain.recomputation import Move
from bot.slack.blocks.clock_words import (
    WAITS,
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
from sla_rules.vocabulary import LASTING, ClockState, Metric, Scope


def waits(before: TicketView, after: TicketView, wait: WaitView, desk: Desk) -> Rendered:
    """Whom the ticket waits for, which clocks stand still for it, and which run on."""
    lines = list(_lines(before, after, desk))
    still = [line for line, moved in lines if moved]
    lead = f"#{after.number} waits for {WAITS[wait.on]}"
    if wait.until is not None:
        still = [["It goes on by itself ", wait.until], *still]
    if not any(moved for _, moved in lines):
        lead += ", but none of its clocks may stand still for that"
    shown = [*still, *(line for line, moved in lines if not moved)]
    return told(f"{lead}.", shown, desk)


def goes_on(before: TicketView, after: TicketView, desk: Desk) -> Rendered:
    """The wait is over; when everything is due now."""
    if before.wait is None:
        return told(f"#{after.number} waited for nobody.", (), desk)
    lines = [line for line, _ in _lines(before, after, desk)]
    return told(f"#{after.number} goes on.", lines, desk)


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
    name = clock_name(clock, ticket)
    if clock.state is ClockState.PAUSED:
        return [f"{name} stands still with {left_words(clock, ticket, desk)} left"], True
    if old.state is ClockState.PAUSED:
        return [f"{name} runs again: due ", clock.due_at], True
    if old.due_at != clock.due_at:
        return [f"{name}: ", old.due_at, " → ", clock.due_at], True
    return [f"{name} runs on: due ", clock.due_at], False


def class_changed(ticket: TicketView, change: Reclassification, desk: Desk) -> Rendered:
    """What the ticket is now, and what is due when because of it."""
    lines = [_move(move, ticket) for move in change.moves]
    if change.cause:
        lines.append([sentence(one_line(cause_words(change.cause, change.what), 300))])
    same = "" if lines else " No deadline moves."
    return told(f"#{ticket.number}: {one_line(change.what, 300)}.{same}", lines, desk)


def moves_line(ticket: TicketView, data: Mapping[str, Any]) -> list[Part]:
    """The moves of an event in one compact line, empty where nothing moved."""
    parts: list[Part] = []
    for move in moves_told(data):
        parts += [*([" · "] if parts else []), *_move(move, ticket)]
    return parts


def _move(move: Move, ticket: TicketView) -> list[Part]:
    name = promise_name(Metric(move.metric), Scope(move.scope), ticket)
    by = f" (policy “{one_line(move.policy, 80)}”)"
    match move.before, move.after:
        case datetime() as before, datetime() as after:
            return [f"{name}: ", before, " → ", after, by]
        case None, datetime() as after:
            return [f"{name}: new, due ", after, by]
        case _:
            return [f"{name}: no longer"]

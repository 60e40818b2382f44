"""A clock as a line of a card or a status: its deadline as a time in each reader's own zone."""

from collections.abc import Iterator
from datetime import datetime

from bot.domain.card import ClockView, TicketView
from bot.domain.desk import Desk
from bot.slack.blocks import kit
from bot.slack.blocks.clock_words import WAITS, clock_name, left_words, target_words, waited_for
from bot.slack.blocks.rendered import Block
from bot.slack.blocks.wording import moment, platform, span
from sla_rules.vocabulary import ClockState, Scope


def due(at: datetime, desk: Desk) -> Block:
    """A deadline as an absolute time in each reader's zone."""
    return kit.date(at, kit.DUE_FORMAT, fallback=moment(at, desk))


def ago(at: datetime, desk: Desk) -> Block:
    """A past instant that ages by itself."""
    return kit.date(at, kit.AGO_FORMAT, fallback=moment(at, desk))


def clock_line(clock: ClockView, ticket: TicketView, desk: Desk, now: datetime) -> Iterator[Block]:
    """One deadline: whose, how long, and when; after its end, how it ended."""
    if clock.scope is Scope.WINDOW:
        yield from _window_line(clock, ticket, desk, now)
        return
    yield kit.words(f"{clock_name(clock, ticket)} ({target_words(clock)}): ")
    match clock.state:
        case ClockState.RUNNING if clock.due_at > now:
            yield due(clock.due_at, desk)
        case ClockState.RUNNING:
            yield due(clock.due_at, desk)
            yield kit.words(" · missed ", bold=True)
            yield ago(clock.due_at, desk)
        case ClockState.PAUSED:
            yield from _paused(clock, ticket, desk)
        case ClockState.MET:
            yield kit.words("met")
        case ClockState.LATE:
            yield kit.words(_how_late(clock))
        case ClockState.CANCELLED:
            yield kit.words("no longer needed")


def _window_line(
    clock: ClockView, ticket: TicketView, desk: Desk, now: datetime
) -> Iterator[Block]:
    """A platform's last moment is not kept or missed: answers are possible until then."""
    place = platform(ticket.connector)
    if clock.state is ClockState.RUNNING and clock.due_at > now:
        yield kit.words(f"{place} takes an answer until: ")
        yield due(clock.due_at, desk)
    elif clock.state is ClockState.RUNNING:
        yield kit.words(f"{place} takes no answer any more", bold=True)
        yield kit.words(" · closed ")
        yield ago(clock.due_at, desk)
    else:
        yield kit.words(f"{clock_name(clock, ticket)}: no longer needed")


def _paused(clock: ClockView, ticket: TicketView, desk: Desk) -> Iterator[Block]:
    yield kit.words("stands still since ")
    yield due(clock.paused_at or clock.started_at, desk)
    yield kit.words(f" · {left_words(clock, ticket, desk)} left")


def _how_late(clock: ClockView) -> str:
    if clock.stopped_at is None or clock.stopped_at <= clock.due_at:
        return "missed"
    return f"missed by {span(clock.stopped_at - clock.due_at)}"


def wait_words(ticket: TicketView, desk: Desk, now: datetime) -> Iterator[Block]:
    """For whom the ticket waits, to follow its owner; nothing where the desk has the next step."""
    wait = waited_for(ticket, now)
    if wait is None:
        return
    yield kit.words(f" · waiting for {WAITS[wait.on]}")
    if wait.until is not None:
        yield kit.words(" until ")
        yield due(wait.until, desk)

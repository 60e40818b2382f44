"""A clock as a line of a card or a status: its deadline as a time in each reader's own zone."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from bot.domain.card import ClockView, TicketView, WaitView
from bot.domain.desk import Desk
from bot.domain.platforms import platform
from bot.language import marked, tr, tr_as, tr_parts
from bot.language.forms import led
from bot.slack.blocks import kit
from bot.slack.blocks.clock_words import clock_name, left_words, target_words, waited_for
from bot.slack.blocks.rendered import Block
from bot.slack.blocks.wording import moment, span
from sla_rules.vocabulary import ClockState, Scope, Waiting


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
    yield kit.words(led(f"{clock_name(clock, ticket)} ({target_words(clock)})"))
    match clock.state:
        case ClockState.RUNNING:
            yield due(clock.due_at, desk)
            yield from missed(clock, desk, now)
        case ClockState.PAUSED:
            yield from kit.pieces(_paused(clock, ticket, desk))
        case ClockState.MET:
            yield kit.words(tr_as("target", "met"))
        case ClockState.LATE:
            yield kit.words(_how_late(clock))
        case ClockState.CANCELLED:
            yield kit.words(tr("no longer needed"))


def missed(clock: ClockView, desk: Desk, now: datetime) -> Iterator[Block]:
    """How long ago a running deadline passed, to follow its time; nothing before that."""
    if clock.due_at <= now and clock.scope is not Scope.WINDOW:
        # For translators: of a deadline; Slack puts in how long ago: “missed 2 hours ago”.
        words = tr_parts("missed {when}", when=ago(clock.due_at, desk))
        yield from kit.pieces(words, lead=" · ", bold=True)


def _window_line(
    clock: ClockView, ticket: TicketView, desk: Desk, now: datetime
) -> Iterator[Block]:
    """A platform's last moment is not kept or missed: answers are possible until then."""
    place = platform(ticket.connector)
    if clock.state is ClockState.RUNNING and clock.due_at > now:
        yield from kit.pieces(
            tr_parts(
                "{marketplace} takes an answer until: {deadline}",
                marketplace=place,
                deadline=due(clock.due_at, desk),
            )
        )
    elif clock.state is ClockState.RUNNING:
        yield kit.words(tr("{marketplace} takes no answer any more", marketplace=place), bold=True)
        # For translators: of the time for answers; Slack puts in how long ago: “2 hours ago”.
        closed = tr_parts("closed {when}", when=ago(clock.due_at, desk))
        yield from kit.pieces(closed, lead=" · ")
    else:
        yield kit.words(led(clock_name(clock, ticket)) + tr("no longer needed"))


def _paused(clock: ClockView, ticket: TicketView, desk: Desk) -> list[str | Block]:
    # For translators: of a clock, such as “stands still since today at 9:00 · 5 h 10 min left”.
    return tr_parts(
        "stands still since {when} · {length} left",
        when=due(clock.paused_at or clock.started_at, desk),
        length=left_words(clock, ticket, desk),
    )


def _how_late(clock: ClockView) -> str:
    if clock.stopped_at is None or clock.stopped_at <= clock.due_at:
        return tr_as("target", "missed")
    return tr("missed by {length}", length=span(clock.stopped_at - clock.due_at))


def wait_words(ticket: TicketView, desk: Desk, now: datetime) -> Iterator[Block]:
    """For whom the ticket waits, to follow its owner; nothing where the desk has the next step."""
    wait = waited_for(ticket, now)
    if wait is not None:
        yield from kit.pieces(waiting(wait, desk), lead=" · ")


def waiting(wait: WaitView, desk: Desk) -> list[str | Block]:
    """For whom something waits, and until when if that is known, in pieces."""
    if wait.until is None:
        return [tr(_WAITING[wait.on])]
    return tr_parts(_WAITING_UNTIL[wait.on], when=due(wait.until, desk))


_WAITING: Final[Mapping[Waiting, str]] = {
    # For translators: who waits is the ticket: “Owner: Giulia Conti · waiting for the customer”.
    Waiting.CUSTOMER: marked("waiting for the customer"),
    Waiting.THIRD_PARTY: marked("waiting for a third party"),
}
_WAITING_UNTIL: Final[Mapping[Waiting, str]] = {
    Waiting.CUSTOMER: marked("waiting for the customer until {when}"),
    Waiting.THIRD_PARTY: marked("waiting for a third party until {when}"),
}

"""The words for clocks: whose promise, how much is left of it, and which of them a card shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.domain.card import ClockView, TicketView, WaitView
from bot.domain.desk import Desk
from bot.domain.platforms import platform
from bot.domain.routing import calendars_of
from bot.domain.said import said_cause
from bot.language import marked, tr, tr_many
from bot.slack.blocks.wording import span
from sla_rules.calendar import ALWAYS
from sla_rules.vocabulary import LASTING, RESPONSES, ClockState, Metric, Scope

SHOWN = 3
"""Clocks on a card: the hard limit, our own target, and whatever else is due next."""

_HOUR: Final = 3600
_MINUTE: Final = 60

_ANSWER: Final = ""
"""What a clock measures, where that is a wait for an answer."""

_NAMES: Final[Mapping[tuple[Scope, str], str]] = {
    (Scope.MARKETPLACE, _ANSWER): marked("{marketplace} limit"),
    (Scope.MARKETPLACE, Metric.RESOLUTION): marked("{marketplace} resolution limit"),
    (Scope.MARKETPLACE, Metric.UPDATE): marked("{marketplace} update limit"),
    (Scope.INTERNAL, _ANSWER): marked("Our target"),
    (Scope.INTERNAL, Metric.RESOLUTION): marked("Our resolution target"),
    (Scope.INTERNAL, Metric.UPDATE): marked("Our update to the customer"),
}
_WINDOW: Final = marked("{marketplace} answering window")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Phrases:
    """What is said of one kind of promise before its end, just after it, and later."""

    ahead: str
    just_missed: str
    missed: str


_PHRASES: Final[Mapping[tuple[Scope, str], _Phrases]] = {
    (Scope.MARKETPLACE, _ANSWER): _Phrases(
        # For translators: {promised} is the time allowed, such as “24 h” or “2 business hours”;
        # {length} is what is left of it, or how late it is, such as “2 h 30 min”.
        ahead=marked("{marketplace}'s {promised} limit in {length}"),
        just_missed=marked("{marketplace}'s {promised} limit missed just now"),
        missed=marked("{marketplace}'s {promised} limit missed {length} ago"),
    ),
    (Scope.MARKETPLACE, Metric.RESOLUTION): _Phrases(
        ahead=marked("{marketplace}'s {promised} resolution limit in {length}"),
        just_missed=marked("{marketplace}'s {promised} resolution limit missed just now"),
        missed=marked("{marketplace}'s {promised} resolution limit missed {length} ago"),
    ),
    (Scope.MARKETPLACE, Metric.UPDATE): _Phrases(
        ahead=marked("{marketplace}'s {promised} update limit in {length}"),
        just_missed=marked("{marketplace}'s {promised} update limit missed just now"),
        missed=marked("{marketplace}'s {promised} update limit missed {length} ago"),
    ),
    (Scope.INTERNAL, _ANSWER): _Phrases(
        # For translators: {promised} is the time allowed, such as “24 h” or “2 business hours”;
        # {length} is what is left of it, or how late it is, such as “2 h 30 min”.
        ahead=marked("our {promised} target in {length}"),
        just_missed=marked("our {promised} target missed just now"),
        missed=marked("our {promised} target missed {length} ago"),
    ),
    (Scope.INTERNAL, Metric.RESOLUTION): _Phrases(
        ahead=marked("our {promised} resolution target in {length}"),
        just_missed=marked("our {promised} resolution target missed just now"),
        missed=marked("our {promised} resolution target missed {length} ago"),
    ),
    (Scope.INTERNAL, Metric.UPDATE): _Phrases(
        ahead=marked("our {promised} update to the customer in {length}"),
        just_missed=marked("our {promised} update to the customer missed just now"),
        missed=marked("our {promised} update to the customer missed {length} ago"),
    ),
}
# No promise that is kept or missed: a door that shuts.
_DOOR: Final = _Phrases(
    ahead=marked("{marketplace}'s answering window closes in {length}"),
    just_missed=marked("{marketplace}'s answering window closed just now"),
    missed=marked("{marketplace}'s answering window closed {length} ago"),
)


def target_words(clock: ClockView) -> str:
    """The promise itself: `24 h`, or `2 business hours` where only opening hours count."""
    seconds = clock.target_seconds
    if clock.calendar == "always":
        return span(timedelta(seconds=seconds))
    if seconds % _HOUR:
        return tr_many("{count} business minute", "{count} business minutes", seconds // _MINUTE)
    return tr_many("{count} business hour", "{count} business hours", seconds // _HOUR)


def clock_name(clock: ClockView, ticket: TicketView) -> str:
    """Whose promise, and what for: `Amazon limit`, `Our target`, `Our resolution target`."""
    return promise_name(clock.metric, clock.scope, ticket)


def promise_name(metric: Metric, scope: Scope, ticket: TicketView) -> str:
    """The name of a clock that may be gone, by what it measured and whose promise it was."""
    name = _WINDOW if scope is Scope.WINDOW else _NAMES[scope, _measured(metric)]
    return tr(name, marketplace=platform(ticket.connector))


def clock_phrase(clock: ClockView, ticket: TicketView, now: datetime) -> str:
    """One clock in a sentence: `Amazon's 24 h limit in 2 h`, `our 12 h target missed 10 h ago`."""
    scope = clock.scope
    phrases = _DOOR if scope is Scope.WINDOW else _PHRASES[scope, _measured(clock.metric)]
    late = now - clock.due_at
    if late < timedelta(0):
        text = phrases.ahead
    else:
        text = phrases.just_missed if late < timedelta(minutes=1) else phrases.missed
    return tr(
        text,
        marketplace=platform(ticket.connector),
        promised=target_words(clock),
        length=span(late),
    )


def _measured(metric: Metric) -> str:
    return _ANSWER if metric in RESPONSES else metric


def left_words(clock: ClockView, ticket: TicketView, desk: Desk) -> str:
    """How much a clock that stands still had left: `5 h 10 min`, in its own calendar's time.

    By the hours it was planned with, where this process has met them, else by those of now.
    """
    now = calendars_of(desk, ticket.inbox).get(clock.calendar, ALWAYS)
    calendar = desk.known.calendars.get(clock.calendar_version, now)
    left = calendar.elapsed(clock.paused_at or clock.started_at, clock.due_at)
    return span(max(left, timedelta(0)))


def cause_words(cause: str, what: str = "") -> str:
    """Why a clock got more time, without the word that reports group it by, and `what` if said."""
    return said_cause(cause, what)


def waited_for(ticket: TicketView, now: datetime) -> WaitView | None:
    """The wait that goes on at `now`; one whose end has come is over, whatever was drawn last."""
    wait = ticket.wait
    return None if wait is None or (wait.until is not None and wait.until <= now) else wait


def running(clocks: Sequence[ClockView]) -> list[ClockView]:
    """The clocks still running, the platform's first, then by what is due first."""
    live = [clock for clock in clocks if clock.state is ClockState.RUNNING]
    return sorted(live, key=_shown_first)


def paused(clocks: Sequence[ClockView]) -> list[ClockView]:
    """The clocks that stand still."""
    still = [clock for clock in clocks if clock.state is ClockState.PAUSED]
    return sorted(still, key=_shown_first)


def in_order(clocks: Sequence[ClockView]) -> list[ClockView]:
    """All clocks in the order a status lists them."""
    return sorted(clocks, key=_shown_first)


def on_card(clocks: Sequence[ClockView]) -> list[ClockView]:
    """The few clocks a card shows, in order.

    Of those that last: the hard limit of the answer, our own target for it, then what is due
    next. Room that is left shows how the finished ones ended.
    """
    lasting = sorted((c for c in clocks if c.state in LASTING), key=_due)
    responses = [clock for clock in lasting if clock.metric in RESPONSES]
    hard = [clock for clock in responses if clock.scope is not Scope.INTERNAL][:1]
    own = [clock for clock in responses if clock.scope is Scope.INTERNAL][:1]
    chosen = [*hard, *own]
    chosen += [clock for clock in lasting if clock not in chosen][: SHOWN - len(chosen)]
    ended = [clock for clock in in_order(clocks) if clock.state not in LASTING]
    return in_order([*chosen, *ended[: SHOWN - len(chosen)]])


def _due(clock: ClockView) -> tuple[bool, datetime]:
    return clock.state is ClockState.PAUSED, clock.due_at


def _shown_first(clock: ClockView) -> tuple[bool, bool, datetime]:
    return clock.metric not in RESPONSES, clock.scope is Scope.INTERNAL, clock.due_at

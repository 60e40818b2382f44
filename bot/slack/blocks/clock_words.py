"""The words for clocks: whose promise, how much is left of it, and which of them a card shows."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from bot.domain.card import ClockView, TicketView, WaitView
from bot.domain.desk import Desk
from bot.domain.routing import calendars_of
from bot.slack.blocks.wording import platform, span
from sla_rules.calendar import ALWAYS
from sla_rules.topics import Topic
from sla_rules.vocabulary import LASTING, RESPONSES, ClockState, Metric, Scope, Waiting

SHOWN = 3
"""Clocks on a card: the hard limit, our own target, and whatever else is due next."""

WAITS: Final[Mapping[Waiting, str]] = {
    Waiting.CUSTOMER: "the customer",
    Waiting.THIRD_PARTY: "a third party",
}

_HOUR: Final = 3600
_MINUTE: Final = 60
_WHAT: Final[Mapping[Metric, str]] = {
    Metric.FIRST_RESPONSE: "",
    Metric.NEXT_RESPONSE: "",
    Metric.RESOLUTION: "resolution ",
    Metric.UPDATE: "update ",
}


def target_words(clock: ClockView) -> str:
    """The promise itself: `24 h`, or `2 business hours` where only opening hours count."""
    length = span(timedelta(seconds=clock.target_seconds))
    if clock.calendar == "always":
        return length
    seconds = clock.target_seconds
    if seconds % _HOUR:
        return f"{seconds // _MINUTE} business minutes"
    return f"{seconds // _HOUR} business hour{'' if seconds == _HOUR else 's'}"


def clock_name(clock: ClockView, ticket: TicketView) -> str:
    """Whose promise, and what for: `Amazon limit`, `Our target`, `Our resolution target`."""
    return promise_name(clock.metric, clock.scope, ticket)


def promise_name(metric: Metric, scope: Scope, ticket: TicketView) -> str:
    """The name of a clock that may be gone, by what it measured and whose promise it was."""
    whose = "Our" if scope is Scope.INTERNAL else platform(ticket.connector)
    return f"{whose} {what_for(metric, scope)}"


def what_for(metric: Metric, scope: Scope) -> str:
    """The promise without its owner: `limit`, `target`, `resolution target`, `answering window`."""
    if scope is Scope.WINDOW:
        return "answering window"
    if metric is Metric.UPDATE and scope is Scope.INTERNAL:
        return "update to the customer"
    return f"{_WHAT[metric]}{'limit' if scope is Scope.MARKETPLACE else 'target'}"


def clock_phrase(clock: ClockView, ticket: TicketView, now: datetime) -> str:
    """One clock in a sentence: `Amazon's 24 h limit in 2 h`, `our 12 h target missed 10 h ago`."""
    place = platform(ticket.connector)
    if clock.scope is Scope.WINDOW:
        # No promise that is kept or missed: a door that shuts.
        shuts = f"{place}'s answering window"
        if clock.due_at > now:
            return f"{shuts} closes in {span(clock.due_at - now)}"
        return f"{shuts} closed {_ago(now - clock.due_at)}"
    whose = f"{place}'s" if clock.scope is Scope.MARKETPLACE else "our"
    name = f"{whose} {target_words(clock)} {what_for(clock.metric, clock.scope)}"
    if clock.due_at > now:
        return f"{name} in {span(clock.due_at - now)}"
    return f"{name} missed {_ago(now - clock.due_at)}"


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
    return cause.removeprefix("policy_change: ").removeprefix(f"{what}; ")


def topic_words(topic: Topic) -> str:
    """`where is my order`, `A-to-z`."""
    return "A-to-z" if topic is Topic.A_TO_Z else topic.replace("_", " ")


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


def _ago(late: timedelta) -> str:
    return "just now" if late < timedelta(minutes=1) else f"{span(late)} ago"

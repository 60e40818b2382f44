"""A ticket's events → the stretches of time in which its customer waits.

Times are floored to whole seconds: sources that know only minutes or seconds do the same, and a
start is then never later than the true one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from typing import Final

from sla_rules.errors import CalendarError
from sla_rules.timeline import (
    AutomaticAnswer,
    CustomerMessage,
    Event,
    HumanAnswer,
    NoAnswerNeeded,
    Resolved,
)
from sla_rules.vocabulary import Reopen

# At one and the same instant what was written comes before what was done about it. The order is
# total, so that the order in which events were stored decides nothing.
_ORDER: Final = {
    CustomerMessage: 0,
    HumanAnswer: 1,
    AutomaticAnswer: 2,
    NoAnswerNeeded: 3,
    Resolved: 4,
}

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Ending(Enum):
    """How a wait ended."""

    SATISFIED = auto()
    ABANDONED = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One wait. `ended_at` and `ending` are None while it lasts; `pauses` are taken out of it.

    `last_at` is the newest message of the wait, from which a platform's window is counted;
    `stated_due_at` the earliest instant that the platform named for an answer to any of them.
    `waited_since` is since when the platform counts the customer as waiting, where it says so, and
    `closes_at` when it stops taking an answer, as it said last.
    """

    started_at: datetime
    ended_at: datetime | None = None
    ending: Ending | None = None
    pauses: tuple[tuple[datetime, datetime], ...] = ()
    last_at: datetime | None = None
    stated_due_at: datetime | None = None
    waited_since: datetime | None = None
    closes_at: datetime | None = None


def response_runs(events: Sequence[Event], *, auto_satisfies: bool = False) -> list[Run]:
    """The runs of unanswered customer messages, oldest first; only the last one may still last.

    Automatic answers count where `auto_satisfies`, and otherwise are as if they were not there.

    Raises:
        CalendarError: for an event without a zone.
    """
    runs: list[Run] = []
    waiting: list[CustomerMessage] = []
    for event in in_order(events):
        if isinstance(event, CustomerMessage):
            waiting.append(event)
        elif auto_satisfies or not isinstance(event, AutomaticAnswer):
            unseen = _unknown(event, waiting)
            if len(unseen) < len(waiting):
                known = waiting[: len(waiting) - len(unseen)]
                ending = Ending.ABANDONED if isinstance(event, Resolved) else Ending.SATISFIED
                runs.append(_run(known, ended_at=whole_second(event.at), ending=ending))
                waiting = unseen
    if waiting:
        runs.append(_run(waiting))
    return runs


def _run(
    messages: Sequence[CustomerMessage],
    ended_at: datetime | None = None,
    ending: Ending | None = None,
) -> Run:
    stated = [whole_second(each.due_at) for each in messages if each.due_at is not None]
    since = [whole_second(each.waiting_since) for each in messages if each.waiting_since]
    closing = [whole_second(each.closes_at) for each in messages if each.closes_at]
    return Run(
        started_at=whole_second(written_at(messages[0])),
        ended_at=ended_at,
        ending=ending,
        last_at=whole_second(written_at(messages[-1])),
        stated_due_at=min(stated, default=None),
        waited_since=min(since, default=None),
        closes_at=closing[-1] if closing else None,
    )


def unknown_to(
    event: HumanAnswer | AutomaticAnswer | NoAnswerNeeded | Resolved, waiting: Sequence[datetime]
) -> list[datetime]:
    """Those of the waiting messages that whoever acted cannot have known: they wait on."""
    return [] if event.knew is None else [at for at in waiting if _utc(at) > _utc(event.knew)]


def _unknown(
    event: HumanAnswer | AutomaticAnswer | NoAnswerNeeded | Resolved,
    waiting: Sequence[CustomerMessage],
) -> list[CustomerMessage]:
    late = unknown_to(event, [written_at(each) for each in waiting])
    return list(waiting[len(waiting) - len(late) :])


def resolution_runs(events: Sequence[Event], reopen: Reopen = Reopen.RESUME) -> list[Run]:
    """The waits for a resolution: one, or with `restart` one more for every time it is reopened.

    With `resume` the time between resolution and reopening is a pause, with `ignore` the first
    resolution is the last word.
    """
    runs: list[Run] = []
    messages: list[datetime] = []
    for event in in_order(events):
        at = whole_second(written_at(event))
        if isinstance(event, CustomerMessage):
            messages.append(written_at(event))
            _wrote(runs, at, reopen)
        elif isinstance(event, Resolved) and runs and not unknown_to(event, messages):
            last = runs[-1]
            if last.ended_at is None:
                runs[-1] = _ended(last, at)
    return runs


def _wrote(runs: list[Run], at: datetime, reopen: Reopen) -> None:
    if not runs or (runs[-1].ended_at is not None and reopen is Reopen.RESTART):
        runs.append(Run(started_at=at))
    elif runs[-1].ended_at is not None and reopen is Reopen.RESUME:
        last = runs[-1]
        pauses = (*last.pauses, (runs[-1].ended_at, at))
        runs[-1] = Run(started_at=last.started_at, pauses=pauses)


def _ended(run: Run, at: datetime) -> Run:
    return Run(started_at=run.started_at, ended_at=at, ending=Ending.SATISFIED, pauses=run.pauses)


def update_runs(events: Sequence[Event]) -> list[Run]:
    """The waits for the next word to a customer who was answered: from each answer to the next.

    "Keep in the loop": a resolution, or a word that no answer is needed, ends the promise.
    """
    runs: list[Run] = []
    wrote = False
    since: datetime | None = None
    for event in in_order(events):
        at = whole_second(written_at(event))
        if isinstance(event, CustomerMessage):
            wrote = True
        elif isinstance(event, HumanAnswer):
            if since is not None:
                runs.append(Run(started_at=since, ended_at=at, ending=Ending.SATISFIED))
            since = at if wrote else None
        elif since is not None and not isinstance(event, AutomaticAnswer):
            runs.append(Run(started_at=since, ended_at=at, ending=Ending.ABANDONED))
            since = None
    if since is not None:
        runs.append(Run(started_at=since))
    return runs


def in_order(events: Sequence[Event]) -> list[Event]:
    """Events by time; at the same instant a message comes before the answer to it."""
    return sorted(events, key=_place)


def _place(event: Event) -> tuple[datetime, int, timedelta]:
    knew = None if isinstance(event, CustomerMessage) else event.knew
    less_known = timedelta.min if knew is None else _EPOCH - _utc(knew)
    # Who knew more comes first: the other has then nothing left to answer.
    return _utc(written_at(event)), _ORDER[type(event)], less_known


def written_at(event: Event) -> datetime:
    """When it happened: its own time, but never after the desk saw it."""
    if isinstance(event, CustomerMessage) and event.seen_at is not None:
        return min(_utc(event.at), _utc(event.seen_at))
    return event.at


def whole_second(at: datetime) -> datetime:
    """The second in which `at` lies, in UTC."""
    return _utc(at).replace(microsecond=0)


def _utc(at: datetime) -> datetime:
    if at.utcoffset() is None:
        raise CalendarError(f"{at!r} has no zone; give an aware instant")
    return at.astimezone(UTC)

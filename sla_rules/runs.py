"""A ticket's events → the stretches of time in which its customer waits.

Times are floored to whole seconds: sources that know only minutes or seconds do the same, and a
start is then never later than the true one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, auto
from typing import Final

from sla_rules.errors import CalendarError
from sla_rules.timeline import CustomerMessage, Event, HumanAnswer, NoAnswerNeeded, Resolved

# At one and the same instant what was written comes before what was done about it.
_ORDER: Final = {CustomerMessage: 0, HumanAnswer: 1, NoAnswerNeeded: 1, Resolved: 2}


class Ending(Enum):
    """How a wait ended."""

    SATISFIED = auto()
    ABANDONED = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One wait. `ended_at` and `ending` are None while it lasts; `pauses` are taken out of it."""

    started_at: datetime
    ended_at: datetime | None = None
    ending: Ending | None = None
    pauses: tuple[tuple[datetime, datetime], ...] = ()


def response_runs(events: Sequence[Event]) -> list[Run]:
    """The runs of unanswered customer messages, oldest first; only the last one may still last.

    Raises:
        CalendarError: for an event without a zone.
    """
    runs: list[Run] = []
    waiting: list[datetime] = []
    for event in in_order(events):
        if isinstance(event, CustomerMessage):
            waiting.append(event.at)
            continue
        unseen = unknown_to(event, waiting)
        if len(unseen) < len(waiting):
            ending = Ending.ABANDONED if isinstance(event, Resolved) else Ending.SATISFIED
            started_at, ended_at = whole_second(waiting[0]), whole_second(event.at)
            runs.append(Run(started_at=started_at, ended_at=ended_at, ending=ending))
            waiting = unseen
    if waiting:
        runs.append(Run(started_at=whole_second(waiting[0])))
    return runs


def unknown_to(
    event: HumanAnswer | NoAnswerNeeded | Resolved, waiting: Sequence[datetime]
) -> list[datetime]:
    """Those of the waiting messages that whoever acted cannot have known: they wait on."""
    return [] if event.knew is None else [at for at in waiting if _utc(at) > _utc(event.knew)]


def resolution_run(events: Sequence[Event]) -> Run | None:
    """From the first customer message to the last resolution; None without a customer message.

    A customer who writes again after a resolution reopens the wait, and the time in between was
    no waiting: it is a pause.
    """
    started_at: datetime | None = None
    resolved_at: datetime | None = None
    pauses: list[tuple[datetime, datetime]] = []
    messages: list[datetime] = []
    for event in in_order(events):
        at = whole_second(event.at)
        if isinstance(event, CustomerMessage):
            messages.append(event.at)
            if resolved_at is not None:
                pauses.append((resolved_at, at))
                resolved_at = None
            started_at = started_at or at
        elif isinstance(event, Resolved) and started_at is not None and resolved_at is None:
            resolved_at = None if unknown_to(event, messages) else at
    if started_at is None:
        return None
    return Run(
        started_at=started_at,
        ended_at=resolved_at,
        ending=Ending.SATISFIED if resolved_at is not None else None,
        pauses=tuple(pauses),
    )


def in_order(events: Sequence[Event]) -> list[Event]:
    """Events by time; at the same instant a message comes before the answer to it."""
    return sorted(events, key=lambda event: (_utc(event.at), _ORDER[type(event)]))


def whole_second(at: datetime) -> datetime:
    """The second in which `at` lies, in UTC."""
    return _utc(at).replace(microsecond=0)


def _utc(at: datetime) -> datetime:
    if at.utcoffset() is None:
        raise CalendarError(f"{at!r} has no zone; give an aware instant")
    return at.astimezone(UTC)

"""The answers of the past, given by another roster: the model behind `whatif --roster`.

What people did after a customer wrote took some person-hours of the roster of that time: those
between the message and the answer. The other roster finds the same work at other hours, and the
answer comes when it is done. A model, and a plain one:

- What customers wrote, automatic answers and pauses stay where they were.
- An answer given outside every shift keeps the delay it had: no roster explains it.
- An answer never comes before a message that it answered, nor before what was done before it, and
  answers the messages it answered then and no others. So every wait has its counterpart.
- What was never answered stays unanswered.
- Each ticket is looked at alone: people who are free sooner do not empty the queue of another.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from sla_rules.runs import in_order, unknown_to, written_at
from sla_rules.staffing import Capacity, Staffing
from sla_rules.timeline import (
    AutomaticAnswer,
    CustomerMessage,
    Event,
    HumanAnswer,
    NoAnswerNeeded,
    Resolved,
    Timeline,
)

Act = HumanAnswer | NoAnswerNeeded | Resolved
"""What a person did."""

_NEXT: Final = timedelta(microseconds=1)
_SECOND: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rosters:
    """The roster that gave the answers of the past, and the one that is asked about."""

    before: Staffing
    after: Staffing


@dataclass(frozen=True, slots=True, kw_only=True)
class Restaffed:
    """A ticket's past under another roster.

    `answers` counts what people did on it, `outside` what of that was done outside every shift.
    """

    timeline: Timeline
    answers: int
    outside: int


def restaffed(timeline: Timeline, rosters: Rosters, now: datetime) -> Restaffed:
    """What would have happened on the ticket under `rosters.after`.

    What would not have been done by `now` is done a second after it.

    Raises:
        CalendarError: for an event without a zone, or outside the years known.
    """
    inbox = timeline.facts.inbox
    move = _Move(rosters.before.of(inbox), rosters.after.of(inbox), now)
    events = tuple(move.events(timeline.events))
    return Restaffed(
        timeline=replace(timeline, events=events), answers=move.answers, outside=move.outside
    )


@dataclass(slots=True)
class _Move:
    before: Capacity
    after: Capacity
    now: datetime
    answers: int = 0
    outside: int = 0
    _waiting: list[datetime] = field(default_factory=list)
    _last: tuple[datetime, datetime] | None = None

    def events(self, events: Sequence[Event]) -> Iterator[Event]:
        for event in in_order(events):
            if isinstance(event, CustomerMessage):
                self._waiting.append(written_at(event))
                yield event
            elif isinstance(event, AutomaticAnswer):
                yield event
            else:
                yield self._moved(event)

    def _moved(self, act: Act) -> Act:
        unseen = unknown_to(act, self._waiting)
        answered = self._waiting[: len(self._waiting) - len(unseen)]
        self._waiting = unseen
        at = self._when(act, answered)
        self._last = (act.at, at)
        # It answers what it answered then, whatever was written by the time it comes now.
        return replace(act, at=at, knew=act.at if act.knew is None else act.knew)

    def _when(self, act: Act, answered: Sequence[datetime]) -> datetime:
        self.answers += 1
        # Work begins with the oldest message answered, or with what was done last before.
        then, now = (answered[0], answered[0]) if answered else self._last or (act.at, act.at)
        if self.before.is_staffed(act.at):
            at = self._found(act, then, now)
        else:
            self.outside += 1
            at = now + (act.at - then)
        floor = list(answered[-1:])
        if self._last is not None:
            done, done_now = self._last
            floor.append(done_now + _NEXT if done < act.at else done_now)
        return max([at, *floor])

    def _found(self, act: Act, then: datetime, now: datetime) -> datetime:
        until = max(self.now, act.at)
        found = self.after.reached(now, self.before.work(then, act.at), until)
        return max(until + _SECOND, now) if found is None else found

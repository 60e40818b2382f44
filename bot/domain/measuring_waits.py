"""The waits of one ticket's customer: when each began and ended, who ended it, and its clocks.

The waits are those that response clocks are planned from (`sla_rules.runs.response_runs`): an
automatic answer ends none of them. When a clock is due is never worked out here: its row says it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final

from bot.domain.class_change import moves_told
from bot.domain.clocks import StoredDeadline
from bot.domain.figures import End, MissCause, WaitFigure
from bot.domain.history import OUTGOING, MessageFact, Standing, events_of, standing
from bot.domain.measuring_rows import Owned, TicketRows, owned_from, owners
from bot.domain.ticket import EventType, MessageState
from sla_rules.calendar import ALWAYS, Calendar, CalendarError
from sla_rules.runs import Ending, Run, in_order, response_runs, whole_second, written_at
from sla_rules.timeline import CustomerMessage, Event, HumanAnswer, NoAnswerNeeded
from sla_rules.vocabulary import RESPONSES, ClockState, Metric, Scope

LATE_LEFT: Final = 4
"""Whoever comes to a ticket when less than a quarter of its time is left comes late."""

HANDED_OVER: Final = timedelta(minutes=5)
"""A platform that takes longer over an answer than this, undo window included, delays it."""

_REFUSED: Final = frozenset({MessageState.BOUNCED, MessageState.FAILED, MessageState.UNSURE})
_NO_TIME: Final = timedelta(0)


class Told:
    """A ticket's rows with what several figures need of them, each worked out once."""

    def __init__(self, rows: TicketRows, hours: Calendar) -> None:
        self.rows = rows
        self.hours = hours
        self.now = whole_second(rows.now)

    @cached_property
    def events(self) -> Sequence[Event]:
        """What starts and ends waits, in order."""
        return in_order(events_of(self.rows.ticket, self.rows.history))

    @cached_property
    def runs(self) -> Sequence[Run]:
        """The customer's waits, oldest first."""
        return response_runs(self.events)

    @cached_property
    def standing(self) -> Standing:
        """Whether somebody awaits an answer, and since when it is resolved."""
        return standing(self.rows.ticket, self.rows.history)

    @cached_property
    def owners(self) -> Sequence[Owned]:
        """Who owned the ticket."""
        return owners(self.rows.events)

    @cached_property
    def messages(self) -> dict[int, MessageFact]:
        """The ticket's messages by id."""
        return {each.id: each for each in self.rows.history.messages}

    @cached_property
    def answers(self) -> Sequence[MessageFact]:
        """What agents sent through the desk and did not take back, in the order they pressed Send."""
        sent = (
            each
            for each in self.rows.history.messages
            if not each.inbound
            and each.verdict == OUTGOING
            and each.state != MessageState.CANCELLED
        )
        return sorted(sent, key=lambda each: (each.seen_at, each.id))

    def worked(self, start: datetime, end: datetime) -> int:
        """Seconds of business time; every hour counts in years that no calendar knows."""
        return int(_elapsed(self.hours, start, end).total_seconds())


def waits(told: Told) -> list[WaitFigure]:
    """One figure a wait, oldest first."""
    return [_wait(told, index, run) for index, run in enumerate(told.runs)]


def _wait(told: Told, instance: int, run: Run) -> WaitFigure:
    ended = run.ended_at
    end, by = _end(told, run) if ended is not None else (None, "")
    seen_at = max(_seen_at(told, run), run.started_at)
    claimed = owned_from(told.owners, run.started_at)
    if claimed is not None and ended is not None and whole_second(claimed) > ended:
        claimed = None
    judged = _Judged(told=told, instance=instance, run=run, seen_at=seen_at, claimed_at=claimed)
    limit, target = judged.row(Scope.MARKETPLACE), judged.row(Scope.INTERNAL)
    return WaitFigure(
        ticket_id=told.rows.ticket.id,
        instance=instance,
        inbox_id=told.rows.ticket.inbox_id,
        began_at=run.started_at,
        seen_at=seen_at,
        claimed_at=claimed,
        ended_at=ended,
        end=end,
        answered_by=by,
        worked_seconds=None if ended is None else told.worked(run.started_at, ended),
        limit_due_at=limit.due_at if limit else None,
        limit_cause=judged.cause(limit) if limit else None,
        target_due_at=target.due_at if target else None,
        target_cause=judged.cause(target) if target else None,
    )


def _end(told: Told, run: Run) -> tuple[End, str]:
    """What ended the wait, and which person of the desk did where one answered."""
    if run.ending is Ending.ABANDONED:
        return End.SETTLED, ""
    for event in told.events:
        if whole_second(event.at) != run.ended_at:
            continue
        if isinstance(event, NoAnswerNeeded):
            return End.WAVED, ""
        if isinstance(event, HumanAnswer):
            message = told.messages.get(int(event.ref))
            if message is not None and message.verdict == OUTGOING:
                return End.ANSWERED, told.rows.agents.get(message.id, "")
            return End.ELSEWHERE, ""
    return End.SETTLED, ""


def _seen_at(told: Told, run: Run) -> datetime:
    """When the desk first knew of the message that began the wait."""
    for event in told.events:
        if isinstance(event, CustomerMessage) and whole_second(written_at(event)) == run.started_at:
            return event.seen_at or event.at
    return run.started_at


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """One wait, to be held against its clocks."""

    told: Told
    instance: int
    run: Run
    seen_at: datetime
    claimed_at: datetime | None

    def row(self, scope: Scope) -> StoredDeadline | None:
        """The clock of this wait that runs or was decided; None for one paused or taken away.

        Where a platform counts automatic answers, a clock that one of them met is nobody's.
        """
        found = [
            each.deadline
            for each in self.told.rows.clocks
            if each.deadline.scope == scope
            and each.deadline.metric in RESPONSES
            and each.deadline.state not in {ClockState.PAUSED, ClockState.CANCELLED}
            and each.deadline.stopped_at == self.run.ended_at
        ]
        return min(found, key=lambda row: (row.instance != self.instance, row.id), default=None)

    def cause(self, row: StoredDeadline) -> MissCause | None:
        """Why the clock was missed, by the rules of `MissCause`; None where it was not, or not yet.

        Late ingestion: when the desk first saw the first message, less than a quarter of the time
        from the wait's beginning to the due instant was left. Platform: an agent pressed Send in
        time, but that answer was refused, bounced, never confirmed, or taken over more than five
        minutes later. Policy change: a new class or new rules brought the due instant forward, to
        before the answer that the old one would have allowed, or into the past. Late claim:
        nobody owned the ticket until less than a quarter was left. Else it is a late answer.
        A target's quarter is one of business time, a marketplace's of plain hours.
        """
        if (self.run.ended_at or self.told.now) <= row.due_at:
            return None
        if self._is_late(self.seen_at, row):
            return MissCause.LATE_INGESTION
        if self._was_held_up(row.due_at):
            return MissCause.PLATFORM
        if self._was_moved(row):
            return MissCause.POLICY_CHANGE
        if self.claimed_at is None or self._is_late(self.claimed_at, row):
            return MissCause.LATE_CLAIM
        return MissCause.LATE_ANSWER

    def _is_late(self, at: datetime, row: StoredDeadline) -> bool:
        hours = self.told.hours if row.scope == Scope.INTERNAL else ALWAYS
        whole = _elapsed(hours, self.run.started_at, row.due_at)
        return _elapsed(hours, whole_second(at), row.due_at) * LATE_LEFT < whole

    def _was_held_up(self, due_at: datetime) -> bool:
        return any(
            self.run.started_at <= each.seen_at <= due_at
            and (each.state in _REFUSED or each.sent_at - each.seen_at > HANDED_OVER)
            for each in self.told.answers
            if self.run.ended_at is None or whole_second(each.seen_at) <= self.run.ended_at
        )

    def _was_moved(self, row: StoredDeadline) -> bool:
        ended = self.run.ended_at
        for event in self.told.rows.events:
            if event.type not in {EventType.RECLASSIFIED, EventType.RECOMPUTED}:
                continue
            if event.at < self.run.started_at or (ended is not None and event.at > ended):
                continue
            for move in moves_told(event.data):
                if (move.metric, move.scope) != (row.metric, row.scope):
                    continue
                if move.before is None or move.after is None or move.after >= move.before:
                    continue
                at_once = move.after <= event.at < move.before
                if at_once or (ended is not None and ended <= move.before):
                    return True
        return False


def _elapsed(hours: Calendar, start: datetime, end: datetime) -> timedelta:
    try:
        return max(hours.elapsed(start, end), _NO_TIME)
    except CalendarError:
        return max(end - start, _NO_TIME)


def resolution_due_at(told: Told) -> datetime | None:
    """When the newest wait for a resolution is or was due, by the earliest of its clocks."""
    rows = [
        each.deadline
        for each in told.rows.clocks
        if each.deadline.metric == Metric.RESOLUTION
        and each.deadline.scope != Scope.WINDOW
        and each.deadline.state not in {ClockState.PAUSED, ClockState.CANCELLED}
    ]
    newest = max((row.instance for row in rows), default=0)
    return min((row.due_at for row in rows if row.instance == newest), default=None)

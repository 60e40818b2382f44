"""The clocks, pings and standing of one conversation of the past, as time passes.

Every decision is the desk's own, from the same pure functions; only the locks, the effects and the
statements are left out.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from bot.db.ticket_rows import facts_that_differ
from bot.domain.class_change import due_before, missed, told, what_changed
from bot.domain.clocks import StoredClock, StoredDeadline, StoredPing, reconcile
from bot.domain.desk import Desk
from bot.domain.history import (
    MARKS,
    History,
    events_of,
    facts_of,
    standing,
)
from bot.domain.holds import Mark
from bot.domain.pings import DuePing, PingOutcome, Quiet, decide
from bot.domain.recomputation import moves
from bot.domain.routing import rule_channel_of, zone_of
from bot.domain.ticket import (
    DESK,
    EventType,
    Ticket,
    TicketState,
    card_stage,
    graver,
    stage_of_severity,
)
from bot.usecases.fire_due import HAND_OVER
from bot.usecases.planning import TicketPlan, plan_ticket
from sandbox.past.moments import PastIds
from sandbox.past.rows import fact_of
from sla_rules.vocabulary import (
    LASTING,
    RESPONSES,
    Audience,
    ClockState,
    Scope,
    Until,
)

_A_SECOND: Final = timedelta(seconds=1)


@dataclass(slots=True, kw_only=True)
class Clockwork:
    """What is known of a conversation at `now`, the instant of its newest act."""

    desk: Desk
    ids: PastIds
    ticket: Ticket
    thread: str
    now: datetime
    messages: dict[int, dict[str, Any]] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    clocks: dict[int, StoredDeadline] = field(default_factory=dict)
    pings: dict[int, StoredPing] = field(default_factory=dict)
    names: dict[str, datetime] = field(default_factory=dict)
    feedback: list[dict[str, Any]] = field(default_factory=list)
    acknowledged_by: str | None = None
    _sending_since: datetime | None = None
    _plan: TicketPlan | None = None

    # What is known.

    def due(self, *scopes: Scope) -> datetime | None:
        """When the response that is awaited is due first, by clocks of those scopes."""
        return min(
            (
                row.due_at
                for row in self.clocks.values()
                if row.scope in scopes and row.metric in RESPONSES and row.state == "running"
            ),
            default=None,
        )

    @property
    def is_ticking(self) -> bool:
        """Whether a clock lasts."""
        return any(row.state in LASTING for row in self.clocks.values())

    # How.

    def _go(self, at: datetime) -> datetime:
        """Let time pass until then; pings whose time comes fire on the way."""
        at = max(at, self.now + _A_SECOND) if self.messages else at
        while (moment := self._next_ping(at)) is not None:
            self._fire(moment)
        self.now = at
        return at

    def _next_ping(self, until: datetime) -> datetime | None:
        waiting = (
            each.fire_at
            for each in self.pings.values()
            if each.fired_at is None and each.cancelled_at is None
        )
        soonest = min(waiting, default=None)
        return None if soonest is None or soonest > until else max(soonest, self.now)

    def _fire(self, at: datetime) -> None:
        due = [
            self._due(each)
            for each in self.pings.values()
            if each.fired_at is None and each.cancelled_at is None and each.fire_at <= at
        ]
        verdicts = decide(due, self._quiet(at), at)
        self.now = at
        for ping, outcome in verdicts.silent:
            self.pings[ping.id] = replace(self.pings[ping.id], cancelled_at=at, outcome=outcome)
        self._raise_stage(due)
        for ping in verdicts.speaking:
            row = self.clocks[ping.deadline_id]
            if ping.is_breach and row.breached_at is None:
                self.clocks[row.id] = replace(row, breached_at=at)
                late = int((at - ping.due_at).total_seconds())
                self._record(
                    EventType.BREACH,
                    DESK,
                    deadline_id=row.id,
                    due_at=ping.due_at.isoformat(),
                    late_seconds=late,
                )
            outcome = PingOutcome.SENT if ping is verdicts.speaking[0] else PingOutcome.MERGED
            self.pings[ping.id] = replace(self.pings[ping.id], fired_at=at, outcome=outcome)
        if verdicts.speaking:
            loudest, count = verdicts.speaking[0], len(verdicts.speaking)
            self._record(EventType.PING, DESK, step=loudest.step, ping_id=loudest.id, of=count)

    def _due(self, ping: StoredPing) -> DuePing:
        row = self.clocks[ping.deadline_id]
        return DuePing(
            id=ping.id,
            ticket_id=ping.ticket_id,
            deadline_id=row.id,
            step=ping.step,
            severity=ping.severity,
            fire_at=ping.fire_at,
            due_at=row.due_at,
            clock=ClockState(row.state),
            breached_at=row.breached_at,
            audience=Audience(ping.audience),
            until=Until(ping.until),
        )

    def _quiet(self, at: datetime) -> Quiet:
        since = self._sending_since
        window = self.desk.undo_window + HAND_OVER
        return Quiet(
            snoozed_until=None,
            acknowledged_at=self.ticket.acknowledged_at,
            acknowledge_for=self.desk.acknowledge_for,
            answering=since is not None and at - since <= window,
        )

    def _raise_stage(self, due: list[DuePing]) -> None:
        if self.ticket.state is TicketState.OPEN:
            shown = [self.ticket.card_stage, *(stage_of_severity(each.severity) for each in due)]
            self.ticket = replace(self.ticket, card_stage=graver(shown))

    def _record(self, type_: EventType, actor: str, **data: Any) -> None:
        self.events.append(
            {
                "id": self.ids.make(self.now),
                "ticket_id": self.ticket.id,
                "type": type_,
                "actor": actor,
                "at": self.now,
                "data": data,
            }
        )

    def _touched(self) -> Ticket:
        return replace(self.ticket, version=self.ticket.version + 1, updated_at=self.now)

    def _history(self) -> History:
        return History(
            messages=[fact_of(row) for row in self.messages.values()],
            marks=[
                Mark(id=e["id"], type=e["type"], actor=e["actor"], at=e["at"], data=e["data"])
                for e in self.events
                if e["type"] in MARKS
            ],
        )

    def _stored(self) -> list[StoredClock]:
        return [
            StoredClock(
                deadline=row,
                pings=[each for each in self.pings.values() if each.deadline_id == row.id],
            )
            for row in self.clocks.values()
        ]

    def _replan(self, before: Ticket | None = None) -> None:
        """What `apply_plan` and `plan_classes` do."""
        stored = self._stored()
        event = self._reclassify(before, stored) if before is not None else None
        history = self._history()
        found = plan_ticket(self.desk, self.ticket, history, self.now, stored)
        change = reconcile(
            self.ticket.id,
            stored,
            found.planned,
            now=self.now,
            new_id=self._new_id,
            events=events_of(self.ticket, history),
        )
        if event is not None:
            moved, _ = moves([each.deadline for each in stored], found.planned, self.now)
            event["data"] |= {"moves": told(moved), "cause": None}
        self.clocks.update((row.id, row) for row in change.deadlines)
        self.pings.update((row.id, row) for row in change.pings)
        self._stand(history, found)

    def _new_id(self) -> int:
        return self.ids.make(self.now)

    def _stand(self, history: History, found: TicketPlan) -> None:
        stands, versions = standing(self.ticket, history), found.versions
        due = (
            ping.severity
            for each in found.planned
            if each.state is ClockState.RUNNING
            for ping in each.pings
            if ping.fire_at <= self.now
        )
        self.ticket = replace(
            self._touched(),
            state=stands.state,
            card_stage=card_stage(stands.state, due),
            waiting_since=stands.waiting_since,
            resolved_at=stands.resolved_at,
            policy=versions.policy if versions else None,
            policy_version=versions.policy_version if versions else None,
            calendar_versions=dict(versions.calendars) if versions else None,
        )

    def _reclassify(self, before: Ticket, stored: list[StoredClock]) -> dict[str, Any] | None:
        """Write down that the ticket comes under another policy, where somebody waits."""
        what = what_changed(before, self.ticket)
        old, new = self._policy_for(before), self._policy_for(self.ticket)
        due = due_before(stored, self.now) if what and old != new else None
        if due is None:
            return None
        self._record(
            EventType.RECLASSIFIED,
            DESK,
            what=what,
            policy_before=old,
            policy=new,
            due_before=due.isoformat(),
            missed=sorted(missed(stored, self.now)),
            was=facts_that_differ(before, self.ticket),
        )
        return self.events[-1]

    def _policy_for(self, ticket: Ticket) -> str | None:
        zone, channel = zone_of(self.desk, ticket.inbox), rule_channel_of(self.desk, ticket)
        found = self.desk.policies.select(facts_of(ticket, self._history(), zone, channel))
        return found.name if found else None

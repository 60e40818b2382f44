"""Which pings Slack took, when, for whom, and whether each was needed at that instant.

Nothing is taken from what the desk believes about its pings: the instant is when Slack took the
post, the addressees are those the post names, and whether anybody still waited is walked from
the ticket's history and from what the marketplaces got.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from bot.domain.effects import EffectKind
from bot.domain.ticket import EventType
from sandbox.day.plan import ANSWER_SECONDS
from sandbox.day.record import SlackCall
from sandbox.day.rows import DeadlineRow, PingRow, Rows, TicketRow
from sla_rules.calendar import BusinessCalendar

PINGS: Final = frozenset({EffectKind.POST_PING, EffectKind.POST_TOGETHER, EffectKind.POST_DIRECT})
ACKNOWLEDGED_FOR: Final = timedelta(hours=4)
JUST_CLOSED: Final = timedelta(minutes=5)
"""A ping that was due at closing time is on its way for a moment; nobody calls that the night."""

_WAITS: Final = frozenset(
    {
        EventType.OPENED,
        EventType.CUSTOMER_WROTE,
        EventType.REPLY_BOUNCED,
        EventType.REPLY_FAILED,
        EventType.REOPENED,
    }
)
_RESTS: Final = frozenset(
    {
        EventType.REPLY_SENT,
        EventType.ANSWERED_ELSEWHERE,
        EventType.NO_ANSWER_NEEDED,
        EventType.RESOLVED,
        EventType.CLAIM_CLOSED,
    }
)
_ENDS_SENDING: Final = frozenset(
    {
        EventType.REPLY_SENT,
        EventType.REPLY_UNDONE,
        EventType.REPLY_FAILED,
        EventType.REPLY_UNSURE,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One step of one clock, told in one post."""

    at: datetime
    ping: PingRow
    deadline: DeadlineRow
    ticket: TicketRow
    post: SlackCall
    kind: str

    @property
    def handed(self) -> datetime:
        """When the desk handed it to Slack: what happens while it is on its way, nobody can know."""
        return self.at - timedelta(seconds=ANSWER_SECONDS)

    @property
    def late(self) -> float:
        """Seconds after the instant it was planned for."""
        return (self.at - self.ping.fire_at).total_seconds()


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """Who works when. `shifts` and `away` are by Slack id, `groups` are members of a group."""

    shifts: Mapping[str, tuple[datetime, datetime]]
    away: Sequence[tuple[str, datetime, datetime]]
    groups: Mapping[str, Sequence[str]]
    calendars: Mapping[str, BusinessCalendar]

    def is_there(self, who: str, at: datetime) -> bool:
        """Whether somebody works at that instant. Who has no shift, as the manager, always does."""
        members = self.groups.get(who)
        if members is not None:
            return any(self.is_there(one, at) for one in members)
        begins, ends = self.shifts.get(who, (at, at))
        if not begins <= at <= ends:
            return False
        return not any(one == who and gone <= at < back for one, gone, back in self.away)


def told_in(calls: Sequence[SlackCall], rows: Rows) -> Iterator[Told]:
    """Every ping that Slack took, oldest first; a post for several tickets tells several."""
    for call in calls:
        effect = rows.effects.get(call.outbox or 0)
        if not call.taken or effect is None or effect.kind not in PINGS:
            continue
        for ping_id in effect.payload["ping_ids"]:
            ping = rows.pings[ping_id]
            if ping.outcome == "sent" and call.method == "chat.postMessage":
                yield Told(
                    at=datetime.fromtimestamp(call.at, UTC),
                    ping=ping,
                    deadline=rows.deadlines[ping.deadline_id],
                    ticket=rows.tickets[ping.ticket_id],
                    post=call,
                    kind=effect.kind,
                )


def needless(told: Told, presence: Presence) -> str | None:
    """Why this ping should not have been sent; None where it was needed."""
    if not waits(told.ticket, told.handed):
        return "answered"
    if _is_acknowledged(told):
        return "acknowledged"
    if told.post.called and not any(
        presence.is_there(who, told.handed) for who in told.post.called
    ):
        return "nobody there"
    calendar = presence.calendars.get(told.deadline.calendar)
    if calendar is not None and not calendar.elapsed(told.handed - JUST_CLOSED, told.handed):
        return "closed hours"
    return None


def waits(ticket: TicketRow, at: datetime) -> bool:
    """Whether a customer waited at that instant, walked from the ticket's history."""
    waiting = False
    for event in ticket.events:
        if event.at > at:
            break
        if event.type in _WAITS:
            waiting = True
        elif event.type in _RESTS:
            waiting = False
    return waiting


def is_on_its_way(told: Told) -> bool:
    """Whether somebody had pressed Send, and the answer could still be taken back."""
    sending = False
    for event in told.ticket.events:
        if event.at > told.handed:
            break
        if event.type == EventType.REPLY_QUEUED:
            sending = True
        elif event.type in _ENDS_SENDING:
            sending = False
    return sending


def _is_acknowledged(told: Told) -> bool:
    """Whether somebody said they were on this very miss, which had been told before."""
    missed = told.deadline.breached_at
    if missed is None or not told.ping.is_miss or told.ping.step in {"breach", "on_it"}:
        return False
    return any(
        event.type == EventType.ACKNOWLEDGED
        and missed <= event.at <= told.handed <= event.at + ACKNOWLEDGED_FOR
        for event in told.ticket.events
    )


def twice(told: Sequence[Told]) -> int:
    """Steps that were told more than once in a channel."""
    seen = Counter(
        (one.ping.deadline_id, one.ping.step) for one in told if one.kind != EffectKind.POST_DIRECT
    )
    return sum(count - 1 for count in seen.values())

"""From a play to its numbers. How each was counted stands beside it in the table (`table.py`)."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from bot.domain.effects import EffectKind
from sandbox.day.bound import SPACED, least_delays
from sandbox.day.play import Played
from sandbox.day.record import SlackCall
from sandbox.day.rows import PingRow, Rows
from sandbox.day.told import Presence, Told, is_on_its_way, needless, told_in, twice

URGENCIES: Final = ("claims", "at risk", "rest")
VIEWS: Final = ("views.open", "views.push", "views.update", "views.publish")
TOO_MANY: Final = 429  # RFC 6585
LAST_LOOK: Final = timedelta(seconds=90)
"""Whoever writes that late may be read after the play only."""

_MARK: Final = re.compile(r"\((\d+\.\w+\.\d+)\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How some delays are spread, in seconds: the median, the 99th percentile, the worst."""

    count: int
    half: float
    most: float
    worst: float

    @classmethod
    def of(cls, delays: Iterable[float]) -> "Spread":
        """Of any number of delays; all zero where there is none."""
        found = sorted(delays)
        if not found:
            return cls(count=0, half=0.0, most=0.0, worst=0.0)
        last = len(found) - 1
        return cls(
            count=len(found),
            half=found[last // 2],
            most=found[round(last * 0.99)],
            worst=found[-1],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """What went to Slack and to customers."""

    tickets: int
    messages_in: int
    stored: int
    quarantined: int
    answers: int
    posts: Mapping[str, int]
    edits: int
    private: int
    direct: int
    views: Mapping[str, int]
    refused: Mapping[str, int]
    failed: Mapping[str, int]
    busiest_minute: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pings:
    """Who was called, how often, and how often in vain."""

    told: int
    posts: int
    direct: int
    planned: int
    outcomes: Mapping[str, int]
    agent_hours: float
    by_name: int
    by_name_worst: int
    by_group: int
    needless: Mapping[str, int]
    examples: Sequence[str]
    on_the_way: int
    twice: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lateness:
    """Delays in seconds, by urgency and by whether it was the hour of the surge."""

    pings: Mapping[tuple[str, str], Spread]
    roots: Mapping[tuple[str, str], Spread]
    slack_alone: Spread
    least: Spread
    least_spaced: Spread
    longest_queue: int
    longest_channel: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Zeros:
    """What must not happen, and how often it did."""

    missed: int
    missed_unpinged: int
    two_roots: int
    rootless: int
    sent_twice: int
    lost: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """Everything the table shows of one play."""

    traffic: Traffic
    pings: Pings
    lateness: Lateness
    zeros: Zeros


def measure(
    played: Played, rows: Rows, presence: Presence, surge: tuple[datetime, datetime]
) -> Numbers:
    """Count. `surge` is from when to when eight times as many wrote."""
    told = list(told_in(played.calls, rows))
    roots = _roots(played.calls, rows)
    return Numbers(
        traffic=_traffic(played, rows),
        pings=_pings(told, played, rows, presence),
        lateness=_lateness(told, roots, played, rows, surge),
        zeros=_zeros(told, roots, played, rows),
    )


# Traffic.


def _traffic(played: Played, rows: Rows) -> Traffic:
    posted = list(_posted(played.calls))
    minutes = Counter(int(call.at // 60) for call in posted)
    return Traffic(
        tickets=len(rows.tickets),
        messages_in=sum(map(len, played.arrived.values())),
        stored=rows.inbound,
        quarantined=rows.quarantined,
        answers=sum(map(len, played.answers.values())),
        posts=Counter(_kind(call, rows) for call in posted),
        edits=_taken(played.calls, "chat.update"),
        private=played.private,
        direct=sum(call.is_direct for call in posted),
        views={name: _taken(played.calls, name) for name in VIEWS},
        refused=Counter(call.method for call in played.calls if call.status == TOO_MANY),
        failed=Counter(f"{call.method}: {call.error}" for call in played.calls if call.error),
        busiest_minute=max(minutes.values(), default=0),
    )


def _posted(calls: Sequence[SlackCall]) -> Iterator[SlackCall]:
    return (call for call in calls if call.method == "chat.postMessage" and call.taken)


def _taken(calls: Sequence[SlackCall], method: str) -> int:
    return sum(call.taken for call in calls if call.method == method)


def _kind(call: SlackCall, rows: Rows) -> str:
    effect = rows.effects.get(call.outbox or 0)
    return effect.kind if effect is not None else "none of the outbox"


# Pings.


def _pings(told: Sequence[Told], played: Played, rows: Rows, presence: Presence) -> Pings:
    wrong = [(one, why) for one in told if (why := _verdict(one, played, presence)) is not None]
    names, groups = _mentions(told, presence)
    shifts = presence.shifts.values()
    return Pings(
        told=sum(not one.post.is_direct for one in told),
        posts=len({one.post.ts for one in told if not one.post.is_direct}),
        direct=len({one.post.ts for one in told if one.post.is_direct}),
        planned=len(rows.pings),
        outcomes=Counter(ping.outcome or "not due" for ping in rows.pings.values()),
        agent_hours=sum((ends - begins).total_seconds() for begins, ends in shifts) / 3600,
        by_name=sum(names.values()),
        by_name_worst=max(names.values(), default=0),
        by_group=groups,
        needless=Counter(why for _, why in wrong),
        examples=[_example(one, why) for one, why in wrong[:20]],
        on_the_way=sum(map(is_on_its_way, told)),
        twice=twice(told),
    )


def _verdict(told: Told, played: Played, presence: Presence) -> str | None:
    """Why it was needless, by the desk's history or by what the marketplace had by then."""
    why = needless(told, presence)
    if why is None and _was_answered(told, played):
        return "answered, as the marketplace saw it"
    return why


def _was_answered(told: Told, played: Played) -> bool:
    arrived = played.arrived[told.ticket.inbox]
    ids = [one for found in told.ticket.customer_ids for one in found if one in arrived]
    came = [arrived[one] for one in ids if arrived[one][1] <= told.handed]
    if not came or told.ticket.kind != "message":
        return False
    thread, newest = max(came, key=lambda one: one[1])
    answers = played.answers[told.ticket.inbox]
    return any(one == thread and newest < at <= told.handed for one, at, _ in answers)


def _mentions(
    told: Sequence[Told], presence: Presence
) -> tuple[Mapping[tuple[str, int], int], int]:
    """By whom and hour how often somebody was called by name; and how often a group was."""
    names: Counter[tuple[str, int]] = Counter()
    groups = 0
    for post in {one.post.ts: one.post for one in told}.values():
        for who in post.called:
            if who in presence.groups:
                groups += 1
            else:
                names[who, int(post.at // 3600)] += 1
        if post.is_direct:
            names[post.channel, int(post.at // 3600)] += 1
    return names, groups


def _example(told: Told, why: str) -> str:
    ping = told.ping
    return f"#{told.ticket.number} {ping.step} at {told.at:%H:%M:%S} UTC, {told.kind}: {why}"


# Lateness.


def _lateness(
    told: Sequence[Told],
    roots: Mapping[int, SlackCall],
    played: Played,
    rows: Rows,
    surge: tuple[datetime, datetime],
) -> Lateness:
    pings: dict[tuple[str, str], list[float]] = defaultdict(list)
    for one in told:
        pings[one.ticket.urgency, _when(one.ping.fire_at, surge)].append(one.late)
    cards: dict[tuple[str, str], list[float]] = defaultdict(list)
    ready: list[tuple[float, str]] = []
    after_ready: list[float] = []
    made = {
        int(effect.payload["ticket_id"]): effect
        for effect in rows.effects.values()
        if effect.kind == EffectKind.POST_ROOT
    }
    for ticket_id, call in roots.items():
        ticket = rows.tickets[ticket_id]
        came = _came(ticket.customer_ids[:1], played.arrived[ticket.inbox])
        if came is not None:
            key = ticket.urgency, _when(came, surge)
            cards[key].append(call.at - came.timestamp())
        if surge[0] <= made[ticket_id].created_at < surge[1]:
            ready.append((made[ticket_id].created_at.timestamp(), made[ticket_id].lane_group))
            after_ready.append(call.at - ready[-1][0])
    whole, longest = _queues(rows)
    return Lateness(
        pings={key: Spread.of(found) for key, found in pings.items()},
        roots={key: Spread.of(found) for key, found in cards.items()},
        slack_alone=Spread.of(after_ready),
        least=Spread.of(least_delays(ready)),
        least_spaced=Spread.of(least_delays(ready, channel=SPACED)),
        longest_queue=whole,
        longest_channel=longest,
    )


def _when(at: datetime, surge: tuple[datetime, datetime]) -> str:
    return "surge" if surge[0] <= at < surge[1] else "else"


def _came(
    ids: Sequence[frozenset[str]], arrived: Mapping[str, tuple[str, datetime]]
) -> datetime | None:
    """When the first message of a ticket came into the marketplace's inbox."""
    return min((arrived[one][1] for found in ids for one in found if one in arrived), default=None)


def _queues(rows: Rows) -> tuple[int, int]:
    """The most effects that waited for Slack at one instant: in all, and for one channel."""
    changes: list[tuple[datetime, int, str]] = []
    for effect in rows.effects.values():
        if effect.lane_group.startswith("slack:"):
            ends = effect.settled_at or datetime.max.replace(tzinfo=UTC)
            begins = max(effect.created_at, effect.not_before)
            if ends > begins:
                changes += [(begins, 1, effect.lane_group), (ends, -1, effect.lane_group)]
    waiting: Counter[str] = Counter()
    whole = longest = 0
    for _, change, group in sorted(changes, key=lambda one: (one[0], one[1])):
        waiting[group] += change
        whole = max(whole, waiting.total())
        longest = max(longest, waiting[group])
    return whole, longest


# What must be zero.


def _zeros(
    told: Sequence[Told], roots: Mapping[int, SlackCall], played: Played, rows: Rows
) -> Zeros:
    missed = [
        deadline
        for deadline in rows.deadlines.values()
        if deadline.scope != "window"
        and deadline.due_at < played.plan.end
        and (deadline.stopped_at is None or deadline.stopped_at > deadline.due_at)
    ]
    pinged = {one.ping.deadline_id for one in told if one.ping.is_miss} | _merged(told, rows)
    twice_posted = Counter(
        int(rows.effects[call.outbox or 0].payload["ticket_id"])
        for call in _posted(played.calls)
        if _kind(call, rows) == EffectKind.POST_ROOT
    )
    last = played.plan.end + played.plan.after - LAST_LOOK
    arrived = {
        one for found in played.arrived.values() for one, (_, at) in found.items() if at < last
    }
    known = {one for ticket in rows.tickets.values() for ids in ticket.customer_ids for one in ids}
    return Zeros(
        missed=len(missed),
        missed_unpinged=sum(deadline.id not in pinged for deadline in missed),
        two_roots=sum(count > 1 for count in twice_posted.values()),
        rootless=len(rows.tickets) - len(roots),
        sent_twice=_sent_twice(played),
        lost=len(arrived - known),
    )


def _merged(told: Sequence[Told], rows: Rows) -> set[int]:
    """Clocks whose miss a graver ping of the same ticket and post spoke for."""
    spoken = {
        ping_id
        for one in told
        for ping_id in rows.effects[one.post.outbox or 0].payload["ping_ids"]
    }
    found: Iterator[PingRow] = (rows.pings[ping_id] for ping_id in spoken)
    return {ping.deadline_id for ping in found if ping.is_miss and ping.outcome == "merged"}


def _roots(calls: Sequence[SlackCall], rows: Rows) -> Mapping[int, SlackCall]:
    """The first card of each ticket, as Slack took it."""
    found: dict[int, SlackCall] = {}
    for call in _posted(calls):
        effect = rows.effects.get(call.outbox or 0)
        if effect is not None and effect.kind == EffectKind.POST_ROOT:
            found.setdefault(int(effect.payload["ticket_id"]), call)
    return found


def _sent_twice(played: Played) -> int:
    marks = Counter(
        mark[1]
        for found in played.answers.values()
        for _, _, text in found
        if (mark := _MARK.search(text))
    )
    return sum(count - 1 for count in marks.values())

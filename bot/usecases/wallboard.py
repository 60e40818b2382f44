"""What hangs on the wall: what is about to be missed, what is kept, and who is there. No customer.

Whoever walks past may read it, so it holds nothing of what customers say or are called.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection, func, select

from bot.db import tables
from bot.db.kept_rows import Counted, Decided, count_decided
from bot.db.queue_rows import urgencies
from bot.db.routing_rows import with_absences
from bot.db.types import literally
from bot.domain.card import CardStage
from bot.domain.desk import Desk, InboxRoute
from bot.domain.home import midnight
from bot.domain.priority import Band, Urgency, band_of
from bot.domain.roster import Roster
from bot.domain.shifts import next_on_shift, on_shift
from bot.domain.ticket import TicketState
from bot.usecases.promises import PromiseStanding, promises
from sla_rules.vocabulary import Scope

LISTED: Final = 60
"""Tickets that are sent to the wall; what a screen has no room for is counted by the screen."""

WEEK: Final = timedelta(days=7)

_T = tables.ticket.c
_I = tables.inbox.c


class WallClock(StrEnum):
    """Whose clock counts down: the marketplace's, or the shop's own."""

    LIMIT = "limit"
    TARGET = "target"


@dataclass(frozen=True, slots=True, kw_only=True)
class WallTicket:
    """One ticket on the wall. `owner` is a first name, empty for nobody's; `inbox` its name."""

    number: int
    inbox: str
    owner: str
    stage: CardStage
    due_at: datetime
    clock: WallClock


@dataclass(frozen=True, slots=True, kw_only=True)
class WallCounts:
    """Open tickets that wait for an answer: all, nobody's, at risk, and past a limit or target."""

    waiting: int
    unclaimed: int
    at_risk: int
    missed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WallInbox:
    """How an inbox keeps its clock: today, over seven days, and its platform's promise if any.

    `clock` is the marketplace's where it has one. `promise` is the one that stands worst.
    """

    inbox: str
    clock: WallClock
    today: Decided
    week: Decided
    promise: PromiseStanding | None = None

    @property
    def shown(self) -> Decided:
        """The promise's own count where there is one: by that the platform judges. Else the week."""
        if self.promise is None:
            return self.week
        standing = self.promise.standing
        return Decided(count=standing.awaited, missed=standing.awaited - standing.on_time)


@dataclass(frozen=True, slots=True, kw_only=True)
class WallShifts:
    """First names of who is on shift and here, and who comes next, and when.

    None as `now`: nobody works by shifts.
    """

    now: Sequence[str] | None
    next: str = ""
    next_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wallboard:
    """Everything the wall shows at `at`. `more` counts the tickets with a clock beyond those listed."""

    at: datetime
    tickets: Sequence[WallTicket]
    more: int
    counts: WallCounts
    inboxes: Sequence[WallInbox]
    shifts: WallShifts


@dataclass(frozen=True, slots=True, kw_only=True)
class _Counting:
    """A ticket whose clock runs, with the clock that counts down."""

    ticket_id: int
    due_at: datetime
    clock: WallClock
    band: Band

    def place(self, now: datetime) -> tuple[object, ...]:
        """What can still be saved first, then what is missed, then the rest; by countdown."""
        group = 1 if self.due_at <= now else 0 if self.band < Band.COUNTED else 2
        return group, self.due_at, self.ticket_id


def read_wallboard(
    conn: Connection, desk: Desk, now: datetime, standings: Sequence[WallInbox]
) -> Wallboard:
    """The wall at `now`. Four statements; `standings` change slowly and are read apart."""
    open_now = urgencies(conn, literally(_T.state, TicketState.OPEN))
    running = sorted(
        (found for each in open_now if (found := _counting(each, now))),
        key=lambda each: each.place(now),
    )
    listed = running[:LISTED]
    return Wallboard(
        at=now,
        tickets=_tickets(conn, desk.roster, listed, now),
        more=len(running) - len(listed),
        counts=_counts(conn, open_now, running, now),
        inboxes=standings,
        shifts=_shifts(with_absences(conn, desk, now).roster, now),
    )


def read_standings(conn: Connection, desk: Desk, now: datetime) -> Sequence[WallInbox]:
    """How each inbox keeps its clocks and promises; what stands worst is in front."""
    decided = count_decided(conn, (midnight(now, desk), now - WEEK), now)
    worst: dict[str, PromiseStanding] = {}
    for each in promises(conn, desk, now):
        known = worst.get(each.inbox)
        if known is None or _room(each) < _room(known):
            worst[each.inbox] = each
    found = [_inbox(route, decided, worst) for route in desk.inboxes.values()]
    return sorted(found, key=_by_standing)


def first_names(roster: Roster) -> Mapping[str, str]:
    """Short names by Slack id; those who share a first name have the rest's first letter too."""
    people = [each for each in roster.agents.values() if each.active]
    shared = Counter(_words(each.name)[0] for each in people)
    return {
        slack_id: _short(each.name, is_shared=shared[_words(each.name)[0]] > 1)
        for slack_id, each in roster.agents.items()
    }


def _words(name: str) -> Sequence[str]:
    return name.split() or [""]


def _short(name: str, *, is_shared: bool) -> str:
    first, *rest = _words(name)
    return f"{first} {rest[-1][0]}." if is_shared and rest else first


def _counting(ticket: Urgency, now: datetime) -> _Counting | None:
    """The clock of a ticket that counts down, or None where none runs."""
    due = {WallClock.LIMIT: ticket.limit_at, WallClock.TARGET: ticket.target_at}
    known = [(at, clock) for clock, at in due.items() if at is not None]
    if not known:
        return None
    # A limit that passed is worse than anything to come; a target that passed leaves the limit.
    lost = [each for each in known if each[1] is WallClock.LIMIT and each[0] <= now]
    ahead = [each for each in known if each[0] > now]
    due_at, clock = min(lost or ahead or known)
    return _Counting(
        ticket_id=ticket.ticket_id, due_at=due_at, clock=clock, band=band_of(ticket, now)
    )


def _tickets(
    conn: Connection, roster: Roster, listed: Sequence[_Counting], now: datetime
) -> Sequence[WallTicket]:
    rows = conn.execute(
        select(_T.id, _T.number, _T.assignee, _T.card_stage, _I.name.label("inbox"))
        .join_from(tables.ticket, tables.inbox)
        .where(_T.id.in_([each.ticket_id for each in listed]))
    )
    found, names = {row.id: row for row in rows}, first_names(roster)
    return [
        WallTicket(
            number=row.number,
            inbox=row.inbox,
            owner=names.get(row.assignee, "?") if row.assignee else "",
            stage=_stage(CardStage(row.card_stage), each.due_at, now),
            due_at=each.due_at,
            clock=each.clock,
        )
        for each in listed
        if (row := found.get(each.ticket_id))
    ]


def _stage(card: CardStage, due_at: datetime, now: datetime) -> CardStage:
    """The card's stage, but missed only where the clock that is shown is over."""
    if due_at <= now:
        return CardStage.MISSED
    return CardStage.CRITICAL if card is CardStage.MISSED else card


def _counts(
    conn: Connection, open_now: Sequence[Urgency], running: Sequence[_Counting], now: datetime
) -> WallCounts:
    nobodys = select(func.count()).where(
        literally(_T.state, TicketState.OPEN), _T.assignee.is_(None)
    )
    saved = [each for each in running if each.due_at > now and each.band < Band.COUNTED]
    return WallCounts(
        waiting=len(open_now),
        unclaimed=conn.scalar(nobodys) or 0,
        at_risk=len(saved),
        missed=sum(each.due_at <= now for each in running),
    )


def _inbox(route: InboxRoute, decided: Counted, worst: Mapping[str, PromiseStanding]) -> WallInbox:
    nothing = Decided(count=0, missed=0)
    limits = decided.get((route.name, Scope.MARKETPLACE))
    today, week = limits or decided.get((route.name, Scope.INTERNAL), (nothing, nothing))
    return WallInbox(
        inbox=route.name,
        clock=WallClock.LIMIT if limits else WallClock.TARGET,
        today=today,
        week=week,
        promise=worst.get(route.name),
    )


def _room(each: PromiseStanding) -> int:
    """How far a promise is from being lost, below 0 how far from being regained."""
    return each.standing.may_miss - each.standing.to_regain


def _by_standing(each: WallInbox) -> tuple[object, ...]:
    is_broken = each.promise is not None and not each.promise.standing.is_kept
    kept = each.shown.kept
    return not is_broken, kept is None, kept or 0.0, each.inbox


def _shifts(roster: Roster, now: datetime) -> WallShifts:
    if not any(shift.people for shift in roster.shifts):
        return WallShifts(now=None)
    names = first_names(roster)
    there = {who for who in on_shift(roster, now) if roster.is_here(who)}
    coming = next_on_shift(roster, now, [who for who in roster.agents if who not in there])
    return WallShifts(
        now=sorted(names[who] for who in there),
        next=names[coming.who] if coming else "",
        next_at=coming.at if coming else None,
    )

"""What a rebuilt past would have looked like with another target, and with one more evening shift."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from statistics import mean
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, Connection, func, select, type_coerce

from bot.db import tables
from bot.db.past_queries import past_tickets
from bot.domain.desk import Desk
from bot.domain.figures import End
from bot.domain.replaying import past_of, rules_of
from sla_rules.calendar import BusinessCalendar, Calendar
from sla_rules.clock_rule import ClockRule
from sla_rules.policy import Policy, PolicySet
from sla_rules.restaffing import Rosters
from sla_rules.staffing import Shift, Staffing
from sla_rules.vocabulary import RESPONSES, Metric, Scope
from sla_rules.whatif import Replay, WhatIf

TARGET: Final = timedelta(hours=12)
"""The target that is tried: half of the 24 hours that most marketplaces give."""

EVENING: Final = ("18:00", "22:00")
"""The shift that is tried, local time."""

FEWEST_ANSWERS: Final = 50
"""Below so many, the hours in which answers were given say nothing of who is at work."""

_STAFFED: Final = 0.2
_BUSIEST: Final = 10
"""An hour of the week counts as worked where at least a fifth as many answers were given in it as
in the ten busiest hours: whoever answers once on a Sunday is not on shift on Sundays."""

_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_ANSWERS: Final = (Metric.FIRST_RESPONSE, Metric.NEXT_RESPONSE)

_W = tables.wait_figure.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """Clocks of answers, and how many of them were missed."""

    clocks: int = 0
    missed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """The same clocks on both sides of a trial."""

    before: Missed = Missed()
    after: Missed = Missed()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trials:
    """Both trials. `week` is who is taken to have worked when: opening hours by day.

    `evening_*` are None where nobody knows. `answers` people gave, `outside` of them outside those
    hours, which no shift explains.
    """

    tickets: int
    target: Sides
    evening_limits: Sides | None = None
    evening_targets: Sides | None = None
    answers: int = 0
    outside: int = 0
    days: Sequence[str] = ()


def try_both(
    conn: Connection, desk: Desk, staffing: Staffing | None, since: datetime, now: datetime
) -> Trials:
    """Replay every ticket since under a target of 12 hours, and with somebody there in the evening.

    Raises:
        PolicyError, CalendarError: as planning does.
    """
    inboxes = list(desk.inboxes)
    today = rules_of(desk, inboxes)
    stricter = rules_of(replace(desk, policies=with_target(desk.policies, TARGET)), inboxes)
    by_target = Replay(today, stricter, now)
    rosters, days = _rosters(desk, staffing)
    by_shift = Replay(today, today, now, rosters) if rosters else None
    reached = 0
    while page := past_tickets(conn, since, reached):
        for ticket, history in page:
            past = past_of(desk, ticket, history)
            by_target.add(past)
            if by_shift is not None:
                by_shift.add(past)
        reached = page[-1][0].id
    found = by_target.result()
    trials = Trials(tickets=found.tickets, target=_sides(found, Scope.INTERNAL))
    if by_shift is None:
        return trials
    moved = by_shift.result()
    return replace(
        trials,
        evening_limits=_sides(moved, Scope.MARKETPLACE),
        evening_targets=_sides(moved, Scope.INTERNAL),
        answers=moved.answers,
        outside=moved.outside,
        days=days,
    )


def with_target(policies: PolicySet, target: timedelta) -> PolicySet:
    """The policies with this internal target for every answer, counted in all hours."""
    return PolicySet(policies=tuple(_with_target(each, target) for each in policies.policies))


def _with_target(policy: Policy, target: timedelta) -> Policy:
    if not any(clock.metric in RESPONSES for clock in policy.clocks):
        return policy
    kept = [
        clock
        for clock in policy.clocks
        if clock.metric not in RESPONSES or clock.scope is not Scope.INTERNAL
    ]
    tried = [ClockRule(metric=one, scope=Scope.INTERNAL, target=target) for one in _ANSWERS]
    hours = int(target.total_seconds() // 3600)
    return replace(policy, clocks=(*kept, *tried), version=f"{policy.version[:12]}+{hours}h")


def worked_hours(conn: Connection, zone: str) -> Calendar | None:
    """When somebody was at work, by the hours in which answers were given; None: too few."""
    answered = (End.ANSWERED, End.ELSEWHERE)
    ends = conn.scalars(select(_W.ended_at).where(_W.end.in_(answered))).all()
    return week_of((each for each in ends if each is not None), zone)


def week_of(answers: Iterable[datetime], zone: str) -> Calendar | None:
    """The hours of the week in which a fair share of the answers was given; None: too few."""
    local = ZoneInfo(zone)
    counts: Counter[tuple[int, int]] = Counter()
    for at in answers:
        here = at.astimezone(local)
        counts[here.weekday(), here.hour] += 1
    if counts.total() < FEWEST_ANSWERS:
        return None
    least = _STAFFED * mean(count for _, count in counts.most_common(_BUSIEST))
    hours: dict[int, list[int]] = defaultdict(list)
    for (day, hour), count in sorted(counts.items()):
        if count >= least:
            hours[day].append(hour)
    return BusinessCalendar(zone, {_DAYS[day]: list(_spans(each)) for day, each in hours.items()})


def _spans(hours: Sequence[int]) -> Iterator[tuple[str, str]]:
    begin = hours[0]
    for hour, following in zip(hours, [*hours[1:], -1], strict=True):
        if following != hour + 1:
            yield f"{begin:02}:00", f"{hour + 1:02}:00"
            begin = following


def _rosters(desk: Desk, staffing: Staffing | None) -> tuple[Rosters | None, Sequence[str]]:
    if staffing is None or not staffing.shifts:
        return None, ()
    days = [day for day in _DAYS if _works(staffing, day)] or list(_DAYS)
    evening = Shift(
        name="evening",
        calendar=BusinessCalendar(desk.timezone, {day: [EVENING] for day in days}),
        people=1,
    )
    return Rosters(before=staffing, after=Staffing([*staffing.shifts, evening])), days


def _works(staffing: Staffing, day: str) -> bool:
    """Whether anybody works on such a weekday, in any week."""
    calendars = (each.calendar for each in staffing.shifts)
    return any(
        not isinstance(each, BusinessCalendar) or _opens(each, _DAYS.index(day))
        for each in calendars
    )


def _opens(calendar: BusinessCalendar, weekday: int) -> bool:
    # The first days of a year that began on a Monday: four weeks, so that no holiday decides.
    first = datetime(2024, 1, 1, tzinfo=ZoneInfo("UTC")).date()
    days = (first + timedelta(days=weekday + 7 * week) for week in range(1, 5))
    return any(calendar.open_spans(day) for day in days)


def _sides(found: WhatIf, scope: Scope) -> Sides:
    tallies = [
        tally
        for group, tally in found.tallies.items()
        if group.scope is scope and group.metric in RESPONSES
    ]
    return Sides(
        before=Missed(
            clocks=sum(each.deadlines_before for each in tallies),
            missed=sum(each.breaches_before for each in tallies),
        ),
        after=Missed(
            clocks=sum(each.deadlines_after for each in tallies),
            missed=sum(each.breaches_after for each in tallies),
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LateAnswer:
    """An answer that came after its deadline: the marketplace's, or where it has none, the shop's."""

    ticket_id: int
    number: int
    by_marketplace: bool
    due_at: datetime
    answered_at: datetime


def late_answers(conn: Connection, most: int) -> Sequence[LateAnswer]:
    """The answers that came latest, the latest first."""
    f = tables.ticket_figure.c
    due = func.coalesce(_W.limit_due_at, _W.target_due_at)
    late = type_coerce(_W.ended_at, BigInteger) - type_coerce(due, BigInteger)
    rows = conn.execute(
        select(_W.ticket_id, f.number, _W.limit_due_at, _W.target_due_at, _W.ended_at)
        .join_from(tables.wait_figure, tables.ticket_figure, _W.ticket_id == f.ticket_id)
        .where(_W.end.in_((End.ANSWERED, End.ELSEWHERE)), late > 0)
        .order_by(late.desc(), _W.ticket_id)
        .limit(most)
    )
    return [
        LateAnswer(
            ticket_id=row.ticket_id,
            number=row.number,
            by_marketplace=row.limit_due_at is not None,
            due_at=row.limit_due_at or row.target_due_at,
            answered_at=row.ended_at,
        )
        for row in rows
    ]


def names_of(conn: Connection, tickets: Iterable[int]) -> Mapping[int, str]:
    """What a ticket is found by in the mailbox: its order, else its subject."""
    t = tables.ticket.c
    rows = conn.execute(select(t.id, t.order_id, t.subject).where(t.id.in_(list(tickets))))
    return {row.id: f"order {row.order_id}" if row.order_id else row.subject for row in rows}

"""Who is on shift, who is next, and when the last of a shift leaves. A shift's end is not in it."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.domain.roster import Roster, WorkShift
from sla_rules.calendar import BusinessCalendar, Calendar, CalendarError

_DAY: Final = timedelta(days=1)
_LONGEST: Final = 14
"""Days in a row without a break after which a shift counts as one that never ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """Who is on shift next, and from when. `at` is no later than asked where they are there."""

    who: str
    at: datetime


def on_shift(roster: Roster, at: datetime, inbox: str | None = None) -> frozenset[str]:
    """Whose hours it is at `at`, for an inbox or for any. Nothing is said of who is away."""
    people = (shift.people for shift in _working(roster, inbox) if is_open(shift.calendar, at))
    return frozenset(one for those in people for one in those if roster.is_active(one))


def has_hours(roster: Roster, who: str) -> bool:
    """Whether somebody works by shifts; whoever does not counts as always there."""
    return any(who in shift.people for shift in roster.shifts)


def next_on_shift(
    roster: Roster, at: datetime, wanted: Collection[str], inbox: str | None = None
) -> Coming | None:
    """The first of `wanted` to be on shift from `at` on, in the roster's order where several are.

    Somebody away counts from the end of that. None: nobody of them has hours, or says when.
    """
    order = {who: place for place, who in enumerate(roster.agents)}
    found = [
        (begins, order.get(who, len(order)), who)
        for shift in _working(roster, inbox)
        for who in shift.people.intersection(wanted)
        if roster.is_active(who)
        for begins in _from(roster, shift, who, at)
    ]
    if not found:
        return None
    begins, _, who = min(found)
    return Coming(who=who, at=begins)


def last_leaves(
    roster: Roster, at: datetime, inbox: str, within: timedelta
) -> tuple[datetime, Coming | None] | None:
    """When the inbox is left alone, if that is within so long, and who comes next.

    None: nobody is there now, or somebody stays. Who is away is neither there nor coming before
    they are back.
    """
    staffed = at
    while _is_staffed(roster, staffed, inbox):
        ends = [
            end
            for shift in _working(roster, inbox)
            if any(map(roster.is_here, shift.people)) and is_open(shift.calendar, staffed)
            for end in _end(shift.calendar, staffed)
        ]
        staffed = min(ends, default=at + within + _DAY)
        if staffed - at > within:
            return None
    if staffed == at:
        return None
    return staffed, next_on_shift(roster, staffed, roster.agents, inbox)


def _is_staffed(roster: Roster, at: datetime, inbox: str) -> bool:
    return any(map(roster.is_here, on_shift(roster, at, inbox)))


def is_open(calendar: Calendar, at: datetime) -> bool:
    """Whether the calendar is open at `at`; closed where its years have no hours left."""
    try:
        return calendar.next_open(at) == at
    except CalendarError:
        return False


def _working(roster: Roster, inbox: str | None) -> Iterator[WorkShift]:
    for shift in roster.shifts:
        if inbox is None or not shift.inboxes or inbox in shift.inboxes:
            yield shift


def _from(roster: Roster, shift: WorkShift, who: str, at: datetime) -> Iterator[datetime]:
    back = at
    if who in roster.away:
        until = roster.away[who]
        if until is None:
            return
        back = max(at, until)
    try:
        yield shift.calendar.next_open(back)
    except CalendarError:
        return  # a calendar that never opens again


def _end(calendar: Calendar, at: datetime) -> Iterator[datetime]:
    """The end of the open hours around `at`, spans that meet at midnight taken as one."""
    if not isinstance(calendar, BusinessCalendar):
        return
    end = at
    day = calendar.local(at).date() - _DAY
    for _ in range(_LONGEST):
        for opens, closes in calendar.open_spans(day):
            if opens <= end < closes:
                end = closes
        day += _DAY
    if not is_open(calendar, end):
        yield end

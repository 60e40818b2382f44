"""When who works on which inboxes from now on: shifts as spans of time, without absences."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from bot.domain.roster import Roster, Verb
from sla_rules.calendar import BusinessCalendar, Calendar

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """Somebody works from `begins` to `ends`; on every inbox where `inboxes` is empty.

    With `own`, on what they have already and on nothing new.
    """

    who: str
    begins: datetime
    ends: datetime
    inboxes: frozenset[str] = frozenset()
    own: bool = False

    def takes(self, inbox: str) -> bool:
        """Whether tickets of the inbox are worked on in it."""
        return not self.inboxes or inbox in self.inboxes


def presences(
    roster: Roster, usual: Calendar, now: datetime, until: datetime
) -> Sequence[Presence]:
    """The times of everybody who may work, by when they begin; nobody is there twice at once.

    Whoever is on no shift works the hours of `usual`: where others are on shifts, on what they have
    and on nothing new, so that nobody counts as there who is not expected. Somebody away counts from the end of that,
    or not at all where nobody knows it.
    """
    found = [
        each
        for who in roster.agents
        if roster.may(who, Verb.WORK)
        for each in _one_at_a_time(_of(roster, who, usual, now, until))
    ]
    return sorted(found, key=lambda each: each.begins)


def _of(
    roster: Roster, who: str, usual: Calendar, now: datetime, until: datetime
) -> Iterator[Presence]:
    first = now
    if who in roster.away:
        back = roster.away[who]
        if back is None:
            return
        first = max(now, back)
    shifts = [shift for shift in roster.shifts if who in shift.people]
    hours = [(shift.calendar, shift.inboxes) for shift in shifts] or [(usual, frozenset())]
    for calendar, inboxes in hours:
        for begins, ends in spans_of(calendar, first, until):
            own = bool(roster.shifts) and not shifts
            yield Presence(who=who, begins=begins, ends=ends, inboxes=inboxes, own=own)


def spans_of(
    calendar: Calendar, first: datetime, until: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """The open times of a calendar from `first` to `until`, cut there."""
    if first >= until:
        return
    if not isinstance(calendar, BusinessCalendar):
        yield first, until
        return
    # A night that began the day before is of that day.
    day, last = calendar.local(first).date() - _DAY, calendar.local(until).date()
    while day <= last:
        for opens, closes in calendar.open_spans(day):
            if opens < until and closes > first:
                yield max(opens, first), min(closes, until)
        day += _DAY


def _one_at_a_time(those: Iterator[Presence]) -> Iterator[Presence]:
    """Spans that overlap, cut so that the earlier one goes first; it takes the inboxes of both."""
    kept: Presence | None = None
    for each in sorted(those, key=lambda one: (one.begins, one.ends)):
        if kept is None:
            kept = each
        elif each.begins >= kept.ends:
            yield kept
            kept = each
        else:
            both = kept.inboxes and each.inboxes and kept.inboxes | each.inboxes
            inboxes = both or frozenset()
            kept = replace(kept, ends=max(kept.ends, each.ends), inboxes=inboxes)
    if kept is not None:
        yield kept

"""How many people the roster has on shift, as person-hours of its shifts."""

from collections.abc import Sequence

from bot.domain.roster import Roster
from sla_rules.staffing import Capacity, Shift, Staffing


def capacity_of(roster: Roster, inboxes: frozenset[str] | None) -> Capacity | None:
    """The shifts that work any of the inboxes, None standing for all; None: nobody has any.

    Whoever is away is counted all the same: absences of the past are not kept by the hour.
    """
    shifts = shifts_of(roster)
    working = [
        each
        for each in shifts
        if inboxes is None or not each.inboxes or not each.inboxes.isdisjoint(inboxes)
    ]
    return Staffing([_anywhere(each) for each in working]).of("") if shifts else None


def shifts_of(roster: Roster) -> Sequence[Shift]:
    """The shifts in which somebody works who is still of the desk."""
    counted = [
        (each, sum(map(roster.is_active, each.people))) for each in roster.shifts if each.people
    ]
    return [
        Shift(name=each.name, calendar=each.calendar, people=heads, inboxes=each.inboxes)
        for each, heads in counted
        if heads
    ]


def _anywhere(shift: Shift) -> Shift:
    return Shift(name=shift.name, calendar=shift.calendar, people=shift.people)

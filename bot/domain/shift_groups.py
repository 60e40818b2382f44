"""Slack user groups that are kept equal to who is on shift: who belongs into each at an instant."""

from collections.abc import Mapping
from datetime import datetime

from bot.domain.roster import Roster
from bot.domain.shifts import is_open


def wanted_groups(roster: Roster, at: datetime) -> Mapping[str, frozenset[str]]:
    """By handle: who is on a shift of the group and here. Nobody stands in it who is away or left."""
    found: dict[str, frozenset[str]] = {}
    for shift in roster.shifts:
        if shift.user_group is None:
            continue
        here = frozenset(filter(roster.is_here, shift.people))
        working = here if is_open(shift.calendar, at) else frozenset()
        found[shift.user_group] = found.get(shift.user_group, frozenset()) | working
    return found

"""Pauses of a clock as merged spans in UTC."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from sla_rules.errors import CalendarError
from sla_rules.local_days import utc

Pauses = Sequence[tuple[datetime, datetime]]
"""Half-open `[from, to)`, in any order; where they overlap, time is paused once."""


def merged_pauses(pauses: Pauses) -> list[tuple[datetime, datetime]]:
    """The same pauses in order and disjoint.

    Raises:
        CalendarError: for a pause that ends before it begins, or without a zone.
    """
    found: list[tuple[datetime, datetime]] = []
    for paused, resumed in sorted((utc(paused), utc(resumed)) for paused, resumed in pauses):
        if resumed < paused:
            raise CalendarError("a pause ends before it begins; give (from, to)")
        if found and paused <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], resumed))
        else:
            found.append((paused, resumed))
    return found


def clipped(pauses: Pauses, first: datetime, last: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The parts of the pauses that lie within `[first, last)`."""
    for paused, resumed in pauses:
        begins, ends = max(paused, first), min(resumed, last)
        if begins < ends:
            yield begins, ends


def after_pauses(
    at: datetime,
    left: timedelta,
    pauses: Pauses,
    between: Callable[[datetime, datetime], timedelta],
) -> tuple[datetime, timedelta]:
    """Where a walk of `left` open time from `at` stands after the last pause before its end.

    Returns the instant to go on from and what is left. `between` measures open time. A pause that
    begins after the walk's end moves nothing: a breach that happened cannot be paused away.
    """
    for paused, resumed in merged_pauses(pauses):
        if paused > at:
            worked = between(at, paused)
            if worked >= left:
                break
            left -= worked
        at = max(at, resumed)
    return at, left

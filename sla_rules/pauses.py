"""Pauses of a clock as merged spans of microseconds since 1970."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from sla_rules.errors import CalendarError
from sla_rules.local_days import micros

Pauses = Sequence[tuple[datetime, datetime]]
"""Half-open `[from, to)`, in any order; where they overlap, time is paused once."""


def merged_pauses(pauses: Pauses) -> list[tuple[int, int]]:
    """The same pauses in order and disjoint.

    Raises:
        CalendarError: for a pause that ends before it begins, or without a zone.
    """
    found: list[tuple[int, int]] = []
    for paused, resumed in sorted((micros(paused), micros(resumed)) for paused, resumed in pauses):
        if resumed < paused:
            raise CalendarError("a pause ends before it begins; give (from, to)")
        if found and paused <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], resumed))
        else:
            found.append((paused, resumed))
    return found


def clipped(pauses: Sequence[tuple[int, int]], first: int, last: int) -> Iterator[tuple[int, int]]:
    """The parts of the pauses that lie within `[first, last)`."""
    for paused, resumed in pauses:
        begins, ends = max(paused, first), min(resumed, last)
        if begins < ends:
            yield begins, ends


def after_pauses(
    at: int, left: int, pauses: Pauses, between: Callable[[int, int], int]
) -> tuple[int, int]:
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

"""An explanation as lines of text, its times in one zone."""

from collections.abc import Iterator
from datetime import datetime, tzinfo
from typing import Final

from sla_rules.explanation import Explanation, Row
from sla_rules.worded import MONTHS, WEEKDAYS

_SHORT: Final = 3


def lines(explanation: Explanation, zone: tzinfo) -> Iterator[str]:
    """The promise, then a line a step in three columns: what, when, and what there is to say."""
    yield explanation.promise
    shown = [(row.what, _when(row, zone), row.note) for row in explanation.rows]
    what = max(len(each[0]) for each in shown)
    when = max(len(each[1]) for each in shown)
    for name, at, note in shown:
        yield "  ".join((name.ljust(what), at.ljust(when), note)).rstrip()


def moment(at: datetime, zone: tzinfo) -> str:
    """`Fri 20 Nov 2026 17:30 CET`, with the seconds where there are any."""
    local = at.astimezone(zone)
    return f"{_day(local)} {local.year} {_clock(local)} {local.tzname()}"


def _when(row: Row, zone: tzinfo) -> str:
    if row.start is None:
        return ""
    if row.end is None:
        return moment(row.start, zone)
    start, end = row.start.astimezone(zone), row.end.astimezone(zone)
    # Across a change of the clocks the same time of day can come twice: the zone tells which.
    named = start.tzname() != end.tzname()
    first = f"{_day(start)} {_clock(start)}{f' {start.tzname()}' if named else ''}"
    last = _clock(end) if start.date() == end.date() else f"{_day(end)} {_clock(end)}"
    return f"{first} to {last}{f' {end.tzname()}' if named else ''}"


def _day(local: datetime) -> str:
    return f"{WEEKDAYS[local.weekday()][:_SHORT]} {local.day} {MONTHS[local.month - 1][:_SHORT]}"


def _clock(local: datetime) -> str:
    return f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"

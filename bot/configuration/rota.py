"""A roster with holes or overlaps: hours of an inbox with nobody on shift, and people on two shifts."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import combinations
from typing import Final
from zoneinfo import ZoneInfo

from bot.configuration.routes import CHANNEL, fits
from bot.settings import InboxSettings, Settings, ShiftSettings
from sla_rules.calendar import BusinessCalendar, Calendar

_WEEK: Final = 7
"""Days ahead that are looked at: the coming ones, with their holidays."""

Span = tuple[datetime, datetime]


def roster_warnings(
    settings: Settings, calendars: Mapping[str, Calendar], now: datetime
) -> tuple[str, ...]:
    """A sentence for every hole and overlap of the coming week, and for people nobody knows.

    An inbox is to be staffed while its calendar is open; without one, from the first shift of a
    day to the last. An inbox without any shift of its own is left to whoever claims.
    """
    zone = ZoneInfo(settings.desk.timezone)
    first = now.astimezone(zone).date()
    days = [first + timedelta(days=ahead) for ahead in range(_WEEK)]
    known = {agent.slack for agent in settings.agents}
    return (
        *_strangers(settings, known),
        *_closed(settings, calendars, days),
        *_never_there(settings),
        *_overlaps(settings, calendars, days, zone),
        *_holes(settings, calendars, days, zone),
    )


def _strangers(settings: Settings, known: set[str]) -> Iterator[str]:
    for name, table in settings.shifts.items():
        for one in table.agents:
            if one not in known:
                yield f'shifts "{name}" → agents: {one} is in no [[agents]] table: no ticket goes there.'


def _closed(
    settings: Settings, calendars: Mapping[str, Calendar], days: Sequence[date]
) -> Iterator[str]:
    for name, table in settings.shifts.items():
        calendar = calendars[table.calendar]
        closed = isinstance(calendar, BusinessCalendar) and not any(map(calendar.open_spans, days))
        if table.agents and closed:
            yield (
                f'shifts "{name}": its calendar "{table.calendar}" is closed all of the coming week: '
                "nobody is on that shift."
            )


def _never_there(settings: Settings) -> Iterator[str]:
    """Routes that wait for a shift which none of their people ever works."""
    for route in settings.routes:
        if route.by != "on_shift_only":
            continue
        meant = {agent.slack for agent in settings.agents if fits(agent, route.to)}
        wanted = {*route.match.inbox}
        there = any(
            meant & {*table.agents}
            and (not wanted or not table.inboxes or wanted & {*table.inboxes})
            for table in settings.shifts.values()
        )
        if not there:
            where = f" for {', '.join(sorted(wanted))}" if wanted else ""
            after = (
                "its tickets stay unclaimed"
                if route.fallback == CHANNEL
                else f'its tickets go to "{route.fallback}"'
            )
            yield (
                f'routes "{route.name}": it waits for people on shift (by = "on_shift_only"), and '
                f"none of its people is on a shift{where}: {after}."
            )


def _overlaps(
    settings: Settings, calendars: Mapping[str, Calendar], days: Sequence[date], zone: ZoneInfo
) -> Iterator[str]:
    names = {agent.slack: agent.name for agent in settings.agents}
    for (one, its), (other, others) in combinations(settings.shifts.items(), 2):
        both = [who for who in its.agents if who in others.agents]
        if not both:
            continue
        meeting = _common(_open(its, calendars, days), _open(others, calendars, days))
        if meeting:
            when = _said(meeting, zone)
            for who in both:
                name = names.get(who, who)
                yield f'shifts: {name} is on two shifts at once, "{one}" and "{other}": {when}.'


def _holes(
    settings: Settings, calendars: Mapping[str, Calendar], days: Sequence[date], zone: ZoneInfo
) -> Iterator[str]:
    for inbox in settings.inboxes:
        working = [
            spans
            for table in settings.shifts.values()
            if table.agents and (not table.inboxes or inbox.name in table.inboxes)
            for spans in _open(table, calendars, days)
        ]
        if not working:
            continue
        holes = _without(_wanted(inbox, calendars, working, days, zone), working)
        if holes:
            yield f"shifts: nobody is on shift {_said(holes, zone)} for {inbox.channel}."


def _wanted(
    inbox: InboxSettings,
    calendars: Mapping[str, Calendar],
    working: Sequence[Span],
    days: Sequence[date],
    zone: ZoneInfo,
) -> list[Span]:
    shop = calendars.get(inbox.calendar or "")
    if isinstance(shop, BusinessCalendar):
        return [span for day in days for span in shop.open_spans(day)]
    by_day: dict[date, list[Span]] = {}
    for span in working:
        day = span[0].astimezone(zone).date()
        if day in days:
            by_day.setdefault(day, []).append(span)
    return [(min(each)[0], max(end for _, end in each)) for each in by_day.values()]


def _open(
    table: ShiftSettings, calendars: Mapping[str, Calendar], days: Sequence[date]
) -> list[Span]:
    calendar = calendars[table.calendar]
    if not isinstance(calendar, BusinessCalendar):
        first, last = days[0] - timedelta(days=2), days[-1] + timedelta(days=2)
        zone = ZoneInfo("UTC")
        return [
            (
                datetime.combine(first, datetime.min.time(), zone),
                datetime.combine(last, datetime.min.time(), zone),
            )
        ]
    # A night that began the day before, and zones that are a day ahead or behind.
    around = [days[0] - timedelta(days=1), *days, days[-1] + timedelta(days=1)]
    return [span for day in around for span in calendar.open_spans(day)]


def _common(ones: Sequence[Span], others: Sequence[Span]) -> list[Span]:
    found = ((max(one[0], other[0]), min(one[1], other[1])) for one in ones for other in others)
    return sorted((begins, ends) for begins, ends in found if begins < ends)


def _without(wanted: Sequence[Span], working: Sequence[Span]) -> list[Span]:
    """The parts of `wanted` that no span of `working` covers."""
    left: list[Span] = []
    for begins, ends in wanted:
        at = begins
        for opens, closes in sorted(working):
            if closes <= at or opens >= ends:
                continue
            if opens > at:
                left.append((at, opens))
            at = max(at, closes)
        if at < ends:
            left.append((at, ends))
    return sorted(left)


def _said(spans: Sequence[Span], zone: ZoneInfo) -> str:
    """`Mon 13:00-14:00, Tue 13:00-14:00`, by the clocks of the desk."""
    local = [(begins.astimezone(zone), ends.astimezone(zone)) for begins, ends in spans]
    return ", ".join(f"{begins:%a %H:%M}-{ends:%H:%M}" for begins, ends in local)

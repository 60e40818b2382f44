"""Other libraries for business hours, compared with where they happen to be installed.

Nothing here is a dependency. Each function returns a way to reckon, or the reason why there is none.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from importlib import import_module
from typing import Final
from zoneinfo import ZoneInfo

Reckon = Callable[[datetime, timedelta], datetime]
Spans = Sequence[Sequence[tuple[time, time]]]
"""Open spans by weekday, Monday first."""

Make = Callable[[str, Spans, Sequence[date]], Reckon | str]


_HOUR: Final = timedelta(hours=1)


def _business_time_delta(zone: str, spans: Spans, holidays: Sequence[date]) -> Reckon | str:
    try:
        library, zones = import_module("businesstimedelta"), import_module("pytz")
    except ImportError:
        return "businesstimedelta is not installed"
    tz, days = zones.timezone(zone), _open_days(spans)
    (opens, noon), (afternoon, closes) = spans[0]
    rules = library.Rules(
        [
            library.WorkDayRule(start_time=opens, end_time=closes, working_days=days, tz=tz),
            library.LunchTimeRule(start_time=noon, end_time=afternoon, working_days=days, tz=tz),
            library.HolidayRule(list(holidays), tz=tz),
        ]
    )

    def reckon(start: datetime, target: timedelta) -> datetime:
        found: datetime = start + library.BusinessTimeDelta(rules, timedelta=target)
        return found

    return reckon


def _workclock(zone: str, spans: Spans, holidays: Sequence[date]) -> Reckon | str:
    try:
        library = import_module("workclock")
    except ImportError:
        return "workclock is not installed"
    (opens, noon), (afternoon, closes) = spans[0]
    rules = [
        library.WorkDay(opens, closes),
        library.Break(noon, afternoon),
        library.Holidays(list(holidays)),
    ]
    schedule = library.Schedule(rules, time_zone=ZoneInfo(zone))
    add: Reckon = schedule.add
    return add


def _django_bizcal(zone: str, spans: Spans, holidays: Sequence[date]) -> Reckon | str:
    try:
        library, providers = (
            import_module("django_bizcal"),
            import_module("django_bizcal.providers"),
        )
    except ImportError:
        return "django-bizcal is not installed"
    calendar = library.WorkingCalendar(
        tz=zone,
        weekly_schedule={
            day: [(f"{opens:%H:%M}", f"{closes:%H:%M}") for opens, closes in spans[day]]
            for day in _open_days(spans)
        },
        holiday_provider=providers.SetHolidayProvider(set(holidays)),
    )
    add = calendar.add_business_hours
    return lambda start, target: add(start, target / _HOUR)


PEERS: Final[Mapping[str, Make]] = {
    "workclock": _workclock,
    "django-bizcal": _django_bizcal,
    "businesstimedelta": _business_time_delta,
}


def _open_days(spans: Spans) -> list[int]:
    return [day for day, open_spans in enumerate(spans) if open_spans]

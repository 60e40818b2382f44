"""Random opening hours, instants and tickets, and a slow clock to hold ours against."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from sla_rules.calendar import BusinessCalendar
from sla_rules.hours import WEEKDAYS
from sla_rules.timeline import CustomerMessage, Event, HumanAnswer, NoAnswerNeeded, Resolved

ZONES = (
    "Europe/Rome",
    "America/New_York",
    "America/Santiago",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "Europe/Dublin",
    "UTC",
)
MINUTE = timedelta(minutes=1)

Spans = Sequence[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class Opening:
    """The arguments of a calendar, so that a test can vary one of them."""

    tz: str
    week: Mapping[str, Spans]
    holidays: frozenset[date] = frozenset()
    closures: Mapping[date, Spans] | None = None

    def calendar(self) -> BusinessCalendar:
        return BusinessCalendar(self.tz, self.week, self.holidays, self.closures or {})


def _clock(quarters: int) -> str:
    return f"{quarters // 4:02}:{quarters % 4 * 15:02}"


# Boundaries keep clear of the hours in which zones jump: there the slow clock below, which asks
# the wall at every minute, has no say; the oracle's disputed cases have.
_DAYTIME = st.integers(5 * 4, 23 * 4).map(_clock)
_SPAN = st.tuples(_DAYTIME, st.one_of(_DAYTIME, st.just("24:00")))
_DATES = st.dates(date(2026, 2, 20), date(2026, 12, 31))

openings = st.builds(
    Opening,
    tz=st.sampled_from(ZONES),
    week=st.dictionaries(
        st.sampled_from(WEEKDAYS), st.lists(_SPAN, min_size=1, max_size=2), min_size=1
    ),
    holidays=st.frozensets(_DATES, max_size=6),
    closures=st.dictionaries(_DATES, st.lists(_SPAN, min_size=1, max_size=1), max_size=4),
)
instants = st.datetimes(
    datetime(2026, 2, 20),  # noqa: DTZ001 - the strategy adds the zone
    datetime(2026, 12, 20),  # noqa: DTZ001
    timezones=st.just(UTC),
)
minutes = instants.map(lambda at: at.replace(second=0, microsecond=0))
targets = st.integers(1, 60 * 3600 * 1_000_000).map(lambda length: timedelta(microseconds=length))
zones = st.sampled_from(ZONES).map(ZoneInfo)
events: st.SearchStrategy[Event] = st.one_of(
    st.builds(CustomerMessage, ref=st.just("m"), at=instants),
    st.builds(HumanAnswer, ref=st.just("a"), at=instants),
    st.builds(NoAnswerNeeded, at=instants),
    st.builds(Resolved, at=instants),
)


class SlowClock:
    """Looks at the wall every minute. Shares no line with the calendar it judges."""

    def __init__(self, opening: Opening) -> None:
        self._zone = ZoneInfo(opening.tz)
        self._holidays = opening.holidays
        self._week = _by_minute(opening.week)
        self._closures = _by_minute(
            {day.isoformat(): spans for day, spans in (opening.closures or {}).items()}
        )

    def is_open(self, at: datetime) -> bool:
        local = at.astimezone(self._zone)
        today, minute = local.date(), local.hour * 60 + local.minute
        yesterday = today - timedelta(days=1)
        if today in self._holidays:
            return False
        return _hit(
            self._week, WEEKDAYS[today.weekday()], WEEKDAYS[yesterday.weekday()], minute
        ) and not _hit(self._closures, today.isoformat(), yesterday.isoformat(), minute)

    def deadline(self, start: datetime, target: timedelta, *, at_most: int) -> datetime | None:
        """The answer to the minute, None when it takes more than `at_most` minutes."""
        left = target // MINUTE
        for _ in range(at_most):
            left -= self.is_open(start)
            start += MINUTE
            if not left:
                return start
        return None

    def elapsed(self, start: datetime, end: datetime) -> timedelta:
        length = (end - start) // MINUTE
        return sum(self.is_open(start + index * MINUTE) for index in range(length)) * MINUTE


def _by_minute(spans: Mapping[str, Spans]) -> dict[str, list[tuple[int, int]]]:
    found: dict[str, list[tuple[int, int]]] = {}
    for key, written in spans.items():
        for opens, closes in written:
            begin, end = (int(text[:2]) * 60 + int(text[3:]) for text in (opens, closes))
            found.setdefault(key, []).append((begin, end if end > begin else end + 24 * 60))
    return found


def _hit(spans: Mapping[str, list[tuple[int, int]]], today: str, before: str, minute: int) -> bool:
    return any(begin <= minute < end for begin, end in spans.get(today, [])) or any(
        begin <= minute + 24 * 60 < end for begin, end in spans.get(before, [])
    )

"""Ids and hours of the past."""

import random
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.db.ids import first_id
from bot.domain.desk import Desk
from bot.domain.roster import Role, Verb
from bot.domain.shifts import on_shift
from sla_rules.calendar import Calendar, CalendarError

ROME: Final = ZoneInfo("Europe/Rome")

_PROCESS: Final = 1
_PER_MILLISECOND: Final = 1 << 8
_REST: Final = timedelta(hours=11)
"""Where nobody comes within so long, the owner looks in between."""


class PastIds:
    """Ids that have the time of their rows, whatever order those are made in.

    The live desk makes its own of later milliseconds, so the two never meet. Rows from before the
    time that ids begin with have the first of all, in the order in which they are made.
    """

    def __init__(self) -> None:
        self._used: dict[int, int] = {}

    def make(self, at: datetime) -> int:
        """A new id of that instant, larger than every other one of the same millisecond."""
        base = first_id(at)
        used = self._used[base] = self._used.get(base, 0) + 1
        if not base:
            return used
        if used >= _PER_MILLISECOND:
            return self.make(at + timedelta(milliseconds=1))
        return base | (_PROCESS << 8) | used


class Staff:
    """Who is there when. The manager looks in on weekends and in the evening."""

    def __init__(self, desk: Desk, rng: random.Random) -> None:
        self._roster = desk.roster
        self._calendars: list[Calendar] = [each.calendar for each in desk.roster.shifts]
        self._rng = rng
        people = desk.roster.agents.values()
        working = [each.slack_id for each in people if desk.roster.may(each.slack_id, Verb.WORK)]
        of_managers = (each.slack_id for each in people if each.role is Role.MANAGER)
        self.agents = working[:2]
        self.manager = next(of_managers, working[-1])

    def there(self, at: datetime) -> datetime:
        """The first instant from `at` on at which somebody can begin."""
        opens = [found for each in self._calendars if (found := _next_open(each, at))]
        soonest = min(opens, default=at)
        if soonest - at > _REST and self._rng.random() < 0.9:  # noqa: PLR2004 - the owner's zeal
            return awake(at + timedelta(hours=self._rng.uniform(0.5, 7)), self._rng)
        return soonest if soonest == at else soonest + self._settling_in()

    def who(self, at: datetime) -> str:
        """Somebody who is there then; outside every shift it is the manager."""
        present = sorted(on_shift(self._roster, at) & set(self.agents))
        return self._rng.choice(present) if present else self.manager

    def other(self, than: str) -> str:
        """An agent who is not that one."""
        return next(each for each in self.agents if each != than)

    def _settling_in(self) -> timedelta:
        return timedelta(minutes=min(self._rng.expovariate(1 / 25), 100))


def awake(at: datetime, rng: random.Random) -> datetime:
    """`at`, or the next morning where that is in the night."""
    local = at.astimezone(ROME)
    if local.hour >= 8 and local.hour < 23:  # noqa: PLR2004 - hours of the day
        return at
    day = local.date() + timedelta(days=local.hour >= 23)  # noqa: PLR2004 - as above
    return local_instant(day, 8 + rng.random())


def local_instant(day: date, hours: float) -> datetime:
    """So many hours after midnight of a day in Rome, by the clock on the wall."""
    seconds = int(hours * 3600)
    at = time(seconds // 3600, seconds // 60 % 60, seconds % 60)
    return datetime.combine(day, at, tzinfo=ROME).astimezone(UTC)


def _next_open(calendar: Calendar, at: datetime) -> datetime | None:
    try:
        return calendar.next_open(at)
    except CalendarError:
        return None

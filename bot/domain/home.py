"""What somebody's App Home shows: which tickets, in which sections, for whom. Frozen views and choices."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from bot.domain.card import QueueRow, WaitView
from bot.domain.desk import Desk
from bot.domain.forecast import Forecast
from bot.domain.roster import Agent
from bot.language import Language

BREACHES_WITHIN: Final = timedelta(hours=4)
"""How far leads see ahead: half a shift, in which somebody can still be found to help."""

OPEN_FOR: Final = timedelta(hours=12)
"""Whoever opened their Home longer ago has gone home: it is drawn when they open it again."""

PAGE: Final = 40
"""Tickets of one queue on one page; Slack takes 100 blocks and a ticket needs two."""


BREACHES: Final = 8
"""So many deadlines that are forecast to be missed are listed; `/sla forecast` has the others."""


class HomeQueue(StrEnum):
    """What the Home lists: a little of everything, or one queue from its beginning to its end."""

    OVERVIEW = "overview"
    RISK = "risk"
    MINE = "mine"
    UNCLAIMED = "unclaimed"
    WAITING = "waiting"
    ALL = "all"


ON_OVERVIEW: Final[Mapping[HomeQueue, int]] = {
    HomeQueue.RISK: 8,
    HomeQueue.MINE: 10,
    HomeQueue.UNCLAIMED: 8,
    HomeQueue.WAITING: 5,
}
"""How many tickets of each the overview shows, in this order: 31, with their buttons 62 blocks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeChoice:
    """What somebody chose to see. An empty `inbox` is every inbox; pages count from 0."""

    queue: HomeQueue = HomeQueue.OVERVIEW
    inbox: str = ""
    page: int = 0

    def dump(self) -> str:
        """As a view's `private_metadata`."""
        return json.dumps(asdict(self))

    @classmethod
    def load(cls, metadata: str) -> "HomeChoice":
        """Back from a view's `private_metadata`; what cannot be read is the overview."""
        if metadata in set(HomeQueue):
            return cls(queue=HomeQueue(metadata))
        try:
            kept = json.loads(metadata)
            page = max(0, int(kept["page"]))
            return cls(queue=HomeQueue(kept["queue"]), inbox=str(kept["inbox"]), page=page)
        except (ValueError, KeyError, TypeError):
            return cls()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """One section: its tickets, most urgent first, and how many there are of them in all.

    `above` counts those that an earlier section shows already.
    """

    queue: HomeQueue
    rows: Sequence[QueueRow]
    total: int
    above: int = 0

    @property
    def more(self) -> int:
        """How many are not to be seen."""
        return self.total - self.above - len(self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """Since midnight where the desk is. Answers are those that somebody was waiting for.

    `received` counts customers' messages, `in_time` answers within every deadline, `missed`
    answers that came late and those that are still owed, `own` answers of the person who looks.
    Of the platforms' limits that were `decided` so many were `kept`; for those who lead.
    """

    received: int = 0
    in_time: int = 0
    missed: int = 0
    own: int = 0
    kept: int = 0
    decided: int = 0

    @property
    def share_kept(self) -> float | None:
        """Of a hundred limits so many were kept; None where none was decided."""
        return 100 * self.kept / self.decided if self.decided else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """One person's open tickets; `due` of them end within `BREACHES_WITHIN`, or have ended.

    `first` is the most urgent of those, None where there is none.
    """

    agent: str
    open: int
    due: int = 0
    first: QueueRow | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnChoices:
    """What somebody says of themselves. `agent` is as they chose to be called.

    `usual` is spoken to them unless they chose a language, `until` ends an absence that has an end.
    """

    agent: Agent
    usual: Language
    chosen: Language | None = None
    away: bool = False
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeView:
    """Everything one Home shows. `team` is None for those who do not lead."""

    choice: HomeChoice
    shelves: Sequence[Shelf]
    today: Today
    waits: Mapping[int, WaitView] = field(default_factory=dict)  # by ticket id
    team: Sequence[Load] | None = None
    breaches: Sequence[tuple[Forecast, QueueRow]] = ()  # for leads: what is forecast to be missed
    own: OwnChoices | None = None  # None for somebody who is not of the desk
    scoped: bool = False  # unclaimed tickets of some inboxes only: those the person works in


def own_inboxes(desk: Desk, user: str) -> frozenset[str]:
    """The inboxes whose group or shift names `user`; empty where none does, and all are theirs."""
    by_group = {name for name, route in desk.inboxes.items() if user in route.group}
    by_shift = {
        inbox for shift in desk.roster.shifts if user in shift.people for inbox in shift.inboxes
    }
    return frozenset(by_group | (by_shift & desk.inboxes.keys()))


def midnight(now: datetime, desk: Desk) -> datetime:
    """When today began where the desk is, in UTC."""
    local = now.astimezone(ZoneInfo(desk.timezone))
    return local.replace(hour=0, minute=0, second=0, microsecond=0).astimezone(now.tzinfo)

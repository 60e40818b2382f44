"""One report, as values: whoever shows it, in Slack, on a page or in a file, shows the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from bot.domain.figures import MissCause
from bot.reports.charts import Chart
from bot.reports.metrics import SMALL_SAMPLE
from bot.reports.question import Question
from sla_rules.vocabulary import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One value, in the unit of its metric, beside that of the period before.

    None: nothing happened that it could be made from. `sample` counts what it is made from.
    """

    key: str
    value: float | None
    sample: int
    before: float | None = None
    before_sample: int = 0

    @property
    def is_small(self) -> bool:
        """Whether so little happened that the value says hardly anything."""
        return 0 < self.sample < SMALL_SAMPLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """The figures of one part: of one channel, one agent, one weekday. `sample` is its tickets."""

    key: str
    label: str
    sample: int
    figures: Mapping[str, Figure]


@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """One missed clock. `ended_at` is when its wait ended, None while it lasts.

    `answered_at` is the same where an answer ended it, and None where it was waved or settled
    without one.
    """

    ticket_id: int
    number: int
    permalink: str | None
    inbox: str
    scope: Scope
    due_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    late_seconds: int
    cause: MissCause
    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """What became, by the end of the period, of the tickets received in it; the parts add up.

    `answered` had an answer and wait for none; `waved` were said to need none; `settled` were
    resolved or closed without one; `merged` go on in another ticket; `waiting` await an answer;
    `told` are notices, to which nobody awaits one.
    """

    received: int
    answered: int
    waved: int
    settled: int
    merged: int
    waiting: int
    told: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One day of the period, for charts."""

    day: date
    received: int
    answers: int
    limit_decided: int
    limit_missed: int
    target_decided: int
    target_missed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatCell:
    """One hour of the week: 0 is Monday. `staffed` is the mean number of people on shift."""

    weekday: int
    hour: int
    arrivals_an_hour: float
    staffed: float | None
    decided: int
    late: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was asked, and everything found. `labels` tell what inboxes (by name) are called."""

    question: Question
    made_at: datetime
    figures: Sequence[Figure]
    cuts: Sequence[Cut]
    causes: Mapping[Scope, Mapping[MissCause, int]]
    misses: Sequence[Miss]
    reconciled: Reconciled
    days: Sequence[Day]
    heat: Sequence[HeatCell]
    charts: Sequence[Chart] = ()
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all happened in the period."""
        return not self.reconciled.received and all(not each.sample for each in self.figures)

    def figure(self, key: str) -> Figure:
        """The figure of a key such as `limit_attained` or `first_response.median`."""
        return next(each for each in self.figures if each.key == key)

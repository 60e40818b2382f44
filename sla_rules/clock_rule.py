"""One promise of a policy, as a value."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sla_rules.ladder import USUAL_LADDER, LadderStep
from sla_rules.vocabulary import Metric, Reopen, Scope, Waiting

ALWAYS_NAME: Final = "always"
"""The calendar in which every hour counts."""

SHOP_NAME: Final = "shop"
"""The calendar bound to the ticket's inbox."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cutoff:
    """Received before one time of an open day, answered by another of it; else the next open day.

    Both are minutes since local midnight, `reply_by` at most 1440 and never before the other.
    """

    received_before: int
    reply_by: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockRule:
    """One promise of a policy.

    `warn` are the percentages of the target that are left when the assignee is warned, in
    falling order, `warn_left` the same as lengths of time. `calendar` is a name; who plans a
    ticket says what it stands for. `ping_calendar` is when its pings may be heard, if not always.
    `ladder` is who hears of a miss, when and how often.
    `business_days` or `cutoff`, where given, say when it is due instead of `target`.
    """

    metric: Metric
    scope: Scope
    target: timedelta
    calendar: str = ALWAYS_NAME
    warn: tuple[int, ...] = (50, 20)
    warn_left: tuple[timedelta, ...] = ()
    business_days: int = 0
    cutoff: Cutoff | None = None
    reopen: Reopen = Reopen.RESUME
    pause_on: frozenset[Waiting] = frozenset()
    ping_calendar: str | None = None
    ladder: tuple[LadderStep, ...] = USUAL_LADDER

    @property
    def is_by_date(self) -> bool:
        """Whether it is due by the dates of its calendar, not after so many hours."""
        return bool(self.business_days) or self.cutoff is not None

"""A policy as it is written in TOML: every key typed, unknown keys and impossible values refused."""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import (
    BeforeValidator,
    Field,
    StrictBool,
    StrictInt,
    field_validator,
    model_validator,
)

from sla_rules.clock_rule import ALWAYS_NAME
from sla_rules.platform_calendars import platform_calendars
from sla_rules.table_values import (
    Amount,
    Duration,
    Minute,
    Name,
    Percent,
    SeasonText,
    Step,
    Table,
    Target,
    listed,
)
from sla_rules.topics import Topic
from sla_rules.vocabulary import Kind, Metric, Reopen, Risk, Scope, Stage, Waiting

Names = Annotated[tuple[Name, ...], BeforeValidator(listed)]


class MatchTable(Table):
    """Which tickets: each key a value or a list of values; a missing key is any value."""

    channel: Names = ()
    inbox: Names = ()
    kind: Annotated[tuple[Kind, ...], BeforeValidator(listed)] = ()
    stage: Annotated[tuple[Stage, ...], BeforeValidator(listed)] = ()
    risk: Annotated[tuple[Risk, ...], BeforeValidator(listed)] = ()
    vip: StrictBool | None = None
    marketplace: Names = ()
    language: Names = ()
    topic: Annotated[tuple[Topic, ...], BeforeValidator(listed)] = ()
    tag: Names = ()
    order_value_from: Amount | None = None
    order_value_below: Amount | None = None
    season: Annotated[tuple[SeasonText, ...], BeforeValidator(listed)] = ()

    @model_validator(mode="after")
    def _some_value_fits(self) -> "MatchTable":
        lowest, limit = self.order_value_from, self.order_value_below
        if lowest is not None and limit is not None and lowest >= limit:
            raise ValueError(
                f"order_value_below = {limit}: no order is worth {lowest} or more and less than "
                "that; write a higher amount"
            )
        return self


class CutoffTable(Table):
    """Received before one time of an open day: answered by another time of the same day."""

    received_before: Minute
    reply_by: Minute = 24 * 60

    @model_validator(mode="after")
    def _in_order(self) -> "CutoffTable":
        if self.reply_by < self.received_before:
            raise ValueError(
                "reply_by lies before received_before; write the later time in reply_by"
            )
        return self


class ClockTable(Table):
    """One clock: `response` is both the first and every next response."""

    metric: Literal["response", "first_response", "next_response", "resolution", "update"]
    scope: Scope
    target: Target | None = None
    cutoff: CutoffTable | None = None
    calendar: Name = ALWAYS_NAME
    warn: tuple[Step, ...] = (50, 20)
    reopen: Reopen | None = None
    pause_on: Annotated[tuple[Waiting, ...], BeforeValidator(listed)] = ()
    ping_calendar: Name | None = None

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """The metrics this clock measures."""
        if self.metric == "response":
            return (Metric.FIRST_RESPONSE, Metric.NEXT_RESPONSE)
        return (Metric(self.metric),)

    @property
    def shares(self) -> tuple[int, ...]:
        """The warnings at a share of the target, the earliest first."""
        return tuple(sorted({step for step in self.warn if isinstance(step, int)}, reverse=True))

    @property
    def times_left(self) -> tuple[timedelta, ...]:
        """The warnings at a time left, the earliest first."""
        return tuple(
            sorted({step for step in self.warn if isinstance(step, timedelta)}, reverse=True)
        )

    @model_validator(mode="before")
    @classmethod
    def _target_fits_the_calendar(cls, table: object) -> object:
        if not isinstance(table, Mapping):
            return table
        calendar, target = table.get("calendar", ALWAYS_NAME), table.get("target")
        by_date = isinstance(target, str) and target.endswith("bd")
        if calendar != ALWAYS_NAME and not by_date and isinstance(target, str) and "d" in target:
            raise ValueError(
                f'target = "{target}": days have 24 hours and calendar "{calendar}" does not; '
                'write opening hours, such as "16h", or business days, such as "2bd"'
            )
        if calendar == ALWAYS_NAME and (by_date or "cutoff" in table):
            what = f'target = "{target}"' if by_date else "cutoff"
            raise ValueError(
                f'{what}: "always" has no dates of its own; write a calendar, such as "shop"'
            )
        return table

    @model_validator(mode="after")
    def _one_end(self) -> "ClockTable":
        if (self.target is None) is (self.cutoff is None):
            said = "is missing" if self.target is None else "and cutoff cannot both be"
            raise ValueError(f'target {said}; add either, such as target = "12h"')
        return self

    @model_validator(mode="after")
    def _limits_count_every_hour(self) -> "ClockTable":
        free = self.scope is Scope.INTERNAL or self.calendar == ALWAYS_NAME
        if not free and self.calendar not in platform_calendars():
            raise ValueError(
                f'calendar = "{self.calendar}": a {self.scope} limit counts every hour; '
                'write "always", or scope = "internal"'
            )
        return self

    @model_validator(mode="after")
    def _only_what_may_pause_pauses(self) -> "ClockTable":
        if self.pause_on and (self.scope is not Scope.INTERNAL or "first" in self.metric):
            raise ValueError(
                "pause_on: a first response and a platform's clock never pause; remove it"
            )
        if self.pause_on and self.metric == "response":
            raise ValueError(
                'pause_on: a first response never pauses; write metric = "next_response"'
            )
        if self.pause_on and (self.cutoff is not None or isinstance(self.target, int)):
            raise ValueError('pause_on: a date does not pause; write hours, such as target = "16h"')
        if self.reopen is not None and self.metric != "resolution":
            raise ValueError('reopen: only metric = "resolution" is reopened; remove it')
        return self


class RateTable(Table):
    """A promise over a window: this share of answers within this time, over so many days."""

    share: Percent
    within: Duration
    over: Duration
    source: str = ""


class PolicyTable(Table):
    """`[[policy]]`: a name, where its numbers come from, a match and its clocks."""

    name: Name
    source: str = "the desk's own rule"
    match: MatchTable = MatchTable()
    clock: tuple[ClockTable, ...]
    rate: tuple[RateTable, ...] = ()
    safety_margin: Duration = timedelta(minutes=5)
    grace: Duration = timedelta(minutes=15)
    auto_reply_satisfies: StrictBool = False
    precedence: Annotated[StrictInt, Field(ge=0, le=99)] = 0
    preset: StrictBool = False
    origin: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _when_is_match(cls, table: object) -> object:
        if not isinstance(table, Mapping) or "when" not in table:
            return table
        if "match" in table:
            raise ValueError("when and match are the same; keep one of them")
        return {"match" if key == "when" else key: value for key, value in table.items()}

    @field_validator("clock")
    @classmethod
    def _one_clock_each(cls, clocks: tuple[ClockTable, ...]) -> tuple[ClockTable, ...]:
        counted = Counter((metric, clock.scope) for clock in clocks for metric in clock.metrics)
        for (metric, scope), count in counted.items():
            if count > 1:
                raise ValueError(
                    f"clock: {count} {scope} clocks for {metric}; keep one "
                    '(metric = "response" is first_response and next_response together)'
                )
        return clocks

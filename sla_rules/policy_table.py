"""A policy as it is written in TOML: every key typed, unknown keys and impossible values refused."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import (
    BeforeValidator,
    Field,
    ModelWrapValidatorHandler,
    StrictBool,
    StrictInt,
    field_validator,
    model_validator,
)

from sla_rules.clock_rule import ALWAYS_NAME
from sla_rules.durations import in_words
from sla_rules.ladder import MOST_PINGS, USUAL_LADDER, LadderStep, impossible
from sla_rules.platform_calendars import platform_calendars
from sla_rules.rates import EVERY_ANSWER
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
    Wait,
    Word,
    listed,
)
from sla_rules.topics import Topic
from sla_rules.vocabulary import Audience, Kind, Metric, Reopen, Risk, Scope, Stage, Until, Waiting

Names = Annotated[tuple[Name, ...], BeforeValidator(listed)]
Words = Annotated[tuple[Word, ...], BeforeValidator(listed)]


Kinds = Annotated[tuple[Kind, ...], BeforeValidator(listed)]
Stages = Annotated[tuple[Stage, ...], BeforeValidator(listed)]
Risks = Annotated[tuple[Risk, ...], BeforeValidator(listed)]
Topics = Annotated[tuple[Topic, ...], BeforeValidator(listed)]
Seasons = Annotated[tuple[SeasonText, ...], BeforeValidator(listed)]


class MatchTable(Table):
    """Which tickets: each key a value or a list of values; a missing key is any value."""

    channel: Words = Field(default=(), description='channels, such as "amazon"')
    inbox: Names = Field(default=(), description='names of inboxes, such as "amazon-it"')
    kind: Kinds = Field(default=(), description='kinds of ticket, such as "message"')
    stage: Stages = Field(default=(), description='"pre_sale", "post_sale" or "unknown"')
    risk: Risks = Field(default=(), description='"normal", "elevated" or "critical"')
    vip: StrictBool | None = Field(default=None, description="true or false, without quotes")
    marketplace: Words = Field(default=(), description='marketplaces, such as "de"')
    language: Words = Field(default=(), description='languages by their code, such as "de"')
    topic: Topics = Field(default=(), description='topics, such as "return"')
    tag: Words = Field(default=(), description='tags, such as "gift"')
    customer_tag: Words = Field(default=(), description='tags of customers, such as "wholesale"')
    order_value_from: Amount | None = Field(
        default=None, description="an amount without quotes, such as 200"
    )
    order_value_below: Amount | None = Field(
        default=None, description="a higher amount without quotes, such as 1000"
    )
    season: Seasons = Field(default=(), description='a part of the year, such as "12-01..12-31"')

    @model_validator(mode="after")
    def _some_value_fits(self) -> "MatchTable":
        lowest, limit = self.order_value_from, self.order_value_below
        if lowest is not None and limit is not None and lowest >= limit:
            raise ValueError(
                f"order_value_below: no order is worth {lowest} or more and less than {limit}. "
                "Write a higher amount"
            )
        return self


class CutoffTable(Table):
    """Received before one time of an open day: answered by another time of the same day."""

    received_before: Minute
    reply_by: Minute = 24 * 60

    @model_validator(mode="after")
    def _in_order(self) -> "CutoffTable":
        if self.reply_by < self.received_before:
            raise ValueError("reply_by: lies before received_before. Write the later time here")
        return self


class LadderTable(Table):
    """One step of what is told after a miss."""

    after: Wait
    to: Audience = Audience.MANAGERS
    mention: StrictBool = True
    every: Duration | None = None
    times: Annotated[StrictInt, Field(ge=1, le=MOST_PINGS)] = 1
    until: Until = Until.ACKNOWLEDGED

    @model_validator(mode="after")
    def _repeats_or_not(self) -> "LadderTable":
        if self.every is not None and self.times == 1:
            raise ValueError("every: is told once. Add how often, such as times = 3")
        if self.every is None and self.times > 1:
            raise ValueError('times: says not how far apart. Add it, such as every = "60m"')
        return self

    @property
    def step(self) -> LadderStep:
        """The same as a value."""
        return LadderStep(
            after=self.after,
            to=self.to,
            mention=self.mention,
            every=self.every,
            times=self.times,
            until=self.until,
        )


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
    ladder: tuple[LadderTable, ...] | None = None

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """The metrics this clock measures."""
        return EVERY_ANSWER if self.metric == "response" else (Metric(self.metric),)

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

    @property
    def steps(self) -> tuple[LadderStep, ...]:
        """What is told after a miss; the usual where nothing is written."""
        return USUAL_LADDER if self.ladder is None else tuple(each.step for each in self.ladder)

    @model_validator(mode="wrap")
    @classmethod
    def _can_be(cls, table: object, read: ModelWrapValidatorHandler["ClockTable"]) -> "ClockTable":
        clock = read(table)
        wrong = [
            *_ends(clock),
            *_calendar_fits(clock, table if isinstance(table, Mapping) else {}),
            *_warns_in_time(clock),
            *_pauses(clock),
            *impossible(clock.steps),
        ]
        if wrong:
            raise ValueError(*wrong)
        return clock


def _ends(clock: ClockTable) -> Iterator[str]:
    if clock.target is None and clock.cutoff is None:
        yield 'target: is missing. Add it or a cutoff, such as target = "12h"'
    if clock.target is not None and clock.cutoff is not None:
        yield "cutoff: target and cutoff cannot both be. Keep one of them"


def _calendar_fits(clock: ClockTable, table: Mapping[str, Any]) -> Iterator[str]:
    target, calendar = table.get("target"), clock.calendar
    by_date = isinstance(clock.target, int)
    if calendar != ALWAYS_NAME and not by_date and isinstance(target, str) and "d" in target:
        yield (
            f'target: "{target}" has days of 24 hours and calendar "{calendar}" has not. '
            'Write opening hours, such as "16h", or business days, such as "2bd"'
        )
    if calendar == ALWAYS_NAME and (by_date or clock.cutoff is not None):
        what = f'target: "{target}"' if by_date else "cutoff: a cut-off"
        yield f'{what} needs dates, and "always" has none. Write a calendar, such as "shop"'
    free = clock.scope is Scope.INTERNAL or calendar == ALWAYS_NAME
    if not free and calendar not in platform_calendars():
        yield (
            f'calendar: "{calendar}": a {clock.scope} limit counts every hour. '
            'Write "always", or scope = "internal"'
        )


def _warns_in_time(clock: ClockTable) -> Iterator[str]:
    if isinstance(clock.target, timedelta):
        for left in clock.times_left:
            if left >= clock.target:
                yield (
                    f"warn: {in_words(left)} before the end is no later than the beginning of "
                    f"{in_words(clock.target)}. Write less time than the target"
                )


def _pauses(clock: ClockTable) -> Iterator[str]:
    if clock.pause_on and (clock.scope is not Scope.INTERNAL or "first" in clock.metric):
        yield "pause_on: a first response and a platform's clock never pause. Remove it"
    elif clock.pause_on and clock.metric == "response":
        yield 'pause_on: a first response never pauses. Write metric = "next_response"'
    if clock.pause_on and (clock.cutoff is not None or isinstance(clock.target, int)):
        yield 'pause_on: a date does not pause. Write hours, such as target = "16h"'
    if clock.reopen is not None and clock.metric != "resolution":
        yield 'reopen: only metric = "resolution" is reopened. Remove it'


class RateTable(Table):
    """A promise over a window: this share of answers within this time, over so many days."""

    share: Percent
    within: Duration
    over: Duration
    metric: Literal["response", "first_response"] = "response"
    opt_in: StrictBool = False
    source: str = ""

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """The answers that count."""
        return EVERY_ANSWER if self.metric == "response" else (Metric(self.metric),)


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

    @model_validator(mode="before")
    @classmethod
    def _when_is_match(cls, table: object) -> object:
        if not isinstance(table, Mapping) or "when" not in table:
            return table
        if "match" in table:
            raise ValueError("when: is the same as match. Keep one of them")
        return {"match" if key == "when" else key: value for key, value in table.items()}

    @field_validator("clock")
    @classmethod
    def _one_clock_each(cls, clocks: tuple[ClockTable, ...]) -> tuple[ClockTable, ...]:
        counted = Counter((metric, clock.scope) for clock in clocks for metric in clock.metrics)
        for (metric, scope), count in counted.items():
            if count > 1:
                raise ValueError(
                    f"{count} {scope} clocks for {metric}. Keep one "
                    '(metric = "response" is first_response and next_response together)'
                )
        return clocks

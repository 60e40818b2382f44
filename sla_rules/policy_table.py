"""A policy as it is written in TOML: every key typed, unknown keys and impossible values refused."""

import json
import re
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Final, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails

from sla_rules.durations import read_duration
from sla_rules.vocabulary import Kind, Metric, Risk, Scope, Stage

_LONGEST_SHOWN: Final = 80
_PERCENT: Final = re.compile(r"([1-9][0-9]?) ?%")


def _duration(value: object) -> timedelta:
    if not isinstance(value, str):
        raise ValueError('is no text; write it in quotes with a unit, such as "24h"')  # noqa: TRY004 - pydantic shows ValueErrors
    return read_duration(value)


def _listed(value: object) -> object:
    return value if isinstance(value, (list, tuple)) else [value]


def _percent(value: object) -> int:
    found = _PERCENT.fullmatch(value) if isinstance(value, str) else None
    if found:
        return int(found[1])
    raise ValueError('is no share of the target; write one from "1%" to "99%", such as "50%"')


Duration = Annotated[timedelta, BeforeValidator(_duration)]
Percent = Annotated[int, BeforeValidator(_percent)]
Name = Annotated[str, Field(min_length=1, max_length=80)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class MatchTable(_Table):
    """Which tickets: each key a value or a list of values; a missing key is any value."""

    channel: Annotated[tuple[Name, ...], BeforeValidator(_listed)] = ()
    inbox: Annotated[tuple[Name, ...], BeforeValidator(_listed)] = ()
    kind: Annotated[tuple[Kind, ...], BeforeValidator(_listed)] = ()
    stage: Annotated[tuple[Stage, ...], BeforeValidator(_listed)] = ()
    risk: Annotated[tuple[Risk, ...], BeforeValidator(_listed)] = ()
    vip: StrictBool | None = None


class ClockTable(_Table):
    """One clock: `response` is both the first and every next response."""

    metric: Literal["response", "first_response", "next_response", "resolution"]
    scope: Scope
    target: Duration
    calendar: Name = "always"
    warn: tuple[Percent, ...] = (50, 20)

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """The metrics this clock measures."""
        if self.metric == "response":
            return (Metric.FIRST_RESPONSE, Metric.NEXT_RESPONSE)
        return (Metric(self.metric),)

    @field_validator("warn")
    @classmethod
    def _falling(cls, warn: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(sorted(set(warn), reverse=True))

    @model_validator(mode="before")
    @classmethod
    def _days_are_of_24_hours(cls, table: object) -> object:
        if isinstance(table, Mapping):
            calendar, target = table.get("calendar", "always"), table.get("target")
            if calendar != "always" and isinstance(target, str) and "d" in target:
                raise ValueError(
                    f'target = "{target}": days have 24 hours and calendar "{calendar}" does not; '
                    'write opening hours, such as "16h"'
                )
        return table

    @model_validator(mode="after")
    def _limits_count_every_hour(self) -> "ClockTable":
        if self.scope is Scope.MARKETPLACE and self.calendar != "always":
            raise ValueError(
                f'calendar = "{self.calendar}": a marketplace limit counts every hour; '
                'write "always", or scope = "internal"'
            )
        return self


class PolicyTable(_Table):
    """`[[policy]]`: a name, where its numbers come from, a match and its clocks."""

    name: Name
    source: str = "the desk's own rule"
    match: MatchTable = MatchTable()
    clock: tuple[ClockTable, ...]
    safety_margin: Duration = timedelta(minutes=5)
    preset: StrictBool = False

    @model_validator(mode="after")
    def _one_clock_each(self) -> "PolicyTable":
        counted = Counter((metric, clock.scope) for clock in self.clock for metric in clock.metrics)
        for (metric, scope), count in counted.items():
            if count > 1:
                raise ValueError(
                    f"clock: {count} {scope} clocks for {metric}; keep one "
                    '(metric = "response" is first_response and next_response together)'
                )
        return self


def refusal(table: Mapping[str, Any], error: ValidationError) -> str:
    """The first problem of a table as one sentence: policy, key, value, and what to write."""
    problem = error.errors()[0]
    name = table.get("name")
    who = f'policy "{name}"' if isinstance(name, str) and name else "a policy without a name"
    key = _key(problem["loc"])
    match problem["type"]:
        case "extra_forbidden":
            return f"{who}: {key} is no key; write one of {_known_keys(problem['loc'])}"
        case "missing":
            return f"{who}: {key} is missing; add it{_EXAMPLES.get(key.split()[-1], '')}"
        case "value_error" if isinstance(problem["input"], Mapping):
            return f"{who}: {f'{key} {_own_words(problem)}'.strip()}"
        case "value_error":
            return f"{who}: {key} = {_shown(problem['input'])} {_own_words(problem)}"
        case _:
            wanted = _REMEDIES.get(problem["type"], problem["msg"])
            wanted = wanted.replace("Input should be", "write")
            return f"{who}: {key} = {_shown(problem['input'])} cannot be used; {wanted}"


_EXAMPLES: Final = {
    "name": ', such as name = "website.message"',
    "clock": ": one table a clock, or clock = [] for a policy without clocks",
    "metric": ', such as metric = "response"',
    "scope": ', such as scope = "internal"',
    "target": ', such as target = "12h"',
}


_REMEDIES: Final = {
    "bool_type": "write true or false, without quotes",
    "string_type": "write text in quotes",
    "string_too_short": "write at least one letter",
    "string_too_long": "write at most 80 letters",
    "tuple_type": "write a list, in [ ]",
    "model_type": 'write a table, such as { channel = "amazon" }',
}


def _key(place: tuple[int | str, ...]) -> str:
    """`("clock", 1, "target")` as a person counts: `clock 2 target`."""
    parts: list[str] = []
    for part in place:
        if isinstance(part, str):
            parts.append(part)
        elif parts == ["clock"]:
            parts.append(str(part + 1))
    return " ".join(parts)


def _known_keys(place: tuple[int | str, ...]) -> str:
    model: type[BaseModel] = PolicyTable
    if len(place) > 1:
        model = MatchTable if place[0] == "match" else ClockTable
    return ", ".join(key for key in model.model_fields if key != "preset")


def _own_words(problem: ErrorDetails) -> str:
    return str(problem.get("ctx", {}).get("error", problem["msg"]))


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"

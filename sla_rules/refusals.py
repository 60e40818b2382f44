"""What a person reads when a rule file is refused: policy, key, value, and what to write."""

import difflib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from sla_rules.policy_table import (
    ClockTable,
    CutoffTable,
    LadderTable,
    MatchTable,
    PolicyTable,
    RateTable,
)
from sla_rules.toml_lines import Place

_LONGEST_SHOWN: Final = 80
_ARROW: Final = " → "
_EXAMPLES: Final = {
    "name": ', such as name = "website.message"',
    "clock": ": one table a clock, or clock = [] for a policy without clocks",
    "metric": ', such as metric = "response"',
    "scope": ', such as scope = "internal"',
    "target": ', such as target = "12h"',
    "received_before": ', such as received_before = "19:00"',
    "after": ', such as after = "30m"',
    "share": ', such as share = "90%"',
    "within": ', such as within = "24h"',
    "over": ', such as over = "7d"',
}
_REMEDIES: Final = {
    "bool_type": "Write true or false, without quotes",
    "string_type": "Write text in quotes",
    "string_too_short": "Write at least one letter",
    "string_too_long": "Write at most 80 letters",
    "int_type": "Write a whole number, without quotes",
    "tuple_type": "Write a list, in [ ]",
    "model_type": 'Write a table, such as { channel = "amazon" }',
}
_WORDS: Final = ("enum", "literal_error")
_QUOTED: Final = re.compile(r"'([^']*)'")
_OWN_KEY: Final = re.compile(r"(\w+): ")
_MODELS: Final[Mapping[str, type[BaseModel]]] = {
    "match": MatchTable,
    "clock": ClockTable,
    "cutoff": CutoffTable,
    "ladder": LadderTable,
    "rate": RateTable,
}
_LISTS: Final = ("clock", "rate", "ladder")


def refusals(
    table: Mapping[str, Any], error: ValidationError, at: Callable[[Place], str]
) -> tuple[str, ...]:
    """Every problem of a table, a sentence each. `at` says where a key stands: file and line."""
    name = table.get("name")
    who = f'policies "{name}"' if isinstance(name, str) and name else "policies without a name"
    said = []
    for problem in error.errors():
        place = tuple(
            "when" if part == "match" and "when" in table else part for part in problem["loc"]
        )
        key = "".join(f"{_ARROW}{part}" for part in _spelt(place))
        for own_key, sentence in _sentences(problem):
            between = _ARROW if own_key else ": "
            said.append(f"{at((*place, *own_key))}{who}{key}{between}{sentence}")
    return tuple(said)


def did_you_mean(word: object, known: Iterable[str]) -> str:
    """A question naming the nearest of `known`, or nothing."""
    near = nearest_of(word, known)
    return f'Did you mean "{near}"?' if near else ""


def nearest_of(word: object, known: Iterable[str]) -> str | None:
    """The nearest of `known`; None where none is like it."""
    near = difflib.get_close_matches(str(word).lower(), list(known), n=1, cutoff=0.6)
    return near[0] if near else None


def _sentences(problem: ErrorDetails) -> Iterator[tuple[Place, str]]:
    """What is wrong, and the key within a whole table that its own words begin with."""
    error = problem.get("ctx", {}).get("error")
    if problem["type"] == "value_error" and isinstance(error, ValueError):
        whole = isinstance(problem["input"], (Mapping, tuple))
        for own in map(str, error.args):
            key = _OWN_KEY.match(own) if whole else None
            yield (
                (key[1],) if key else (),
                f"{own}." if whole else f"{_shown(problem['input'])} {own}.",
            )
    else:
        yield (), _sentence(problem)


def _sentence(problem: ErrorDetails) -> str:
    kind, value = problem["type"], problem["input"]
    if kind == "extra_forbidden":
        known = _known_keys(problem["loc"])
        near = did_you_mean(problem["loc"][-1], known)
        return f"unknown key. {near or 'Write one of ' + ', '.join(known) + '.'}"
    if kind == "missing":
        return f"is missing. Add it{_EXAMPLES.get(str(problem['loc'][-1]), '')}."
    if kind in _WORDS:
        expected = str(problem.get("ctx", {}).get("expected", ""))
        near = did_you_mean(value, _QUOTED.findall(expected))
        return f"{_shown(value)} is not known here. {near or f'Write {expected}.'}"
    wanted = _REMEDIES.get(kind) or problem["msg"].replace("Input should be", "Write")
    return f"{_shown(value)} cannot be used. {wanted}."


def _spelt(place: Place) -> list[str]:
    """`("clock", 1, "target")` as a person counts: `clock 2`, `target`."""
    parts: list[str] = []
    for part in place:
        if isinstance(part, str):
            parts.append(part)
        elif parts[-1:] and parts[-1] in _LISTS:
            parts[-1] = f"{parts[-1]} {part + 1}"
    return parts


def _known_keys(place: Place) -> list[str]:
    model: type[BaseModel] = PolicyTable
    for part in place[:-1]:
        model = _MODELS.get(str(part), model)
    return list(model.model_fields)


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"

"""What a person reads when a rule file is refused: policy, key, value, and what to write."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from sla_rules.policy_table import ClockTable, CutoffTable, MatchTable, PolicyTable, RateTable

Place = tuple[int | str, ...]

_LONGEST_SHOWN: Final = 80
_EXAMPLES: Final = {
    "name": ', such as name = "website.message"',
    "clock": ": one table a clock, or clock = [] for a policy without clocks",
    "metric": ', such as metric = "response"',
    "scope": ', such as scope = "internal"',
    "target": ', such as target = "12h"',
    "received_before": ', such as received_before = "19:00"',
    "share": ', such as share = "90%"',
    "within": ', such as within = "24h"',
    "over": ', such as over = "7d"',
}
_REMEDIES: Final = {
    "bool_type": "write true or false, without quotes",
    "string_type": "write text in quotes",
    "string_too_short": "write at least one letter",
    "string_too_long": "write at most 80 letters",
    "tuple_type": "write a list, in [ ]",
    "model_type": 'write a table, such as { channel = "amazon" }',
}
_MODELS: Final[Mapping[str, type[BaseModel]]] = {
    "match": MatchTable,
    "clock": ClockTable,
    "cutoff": CutoffTable,
    "rate": RateTable,
}
_LISTS: Final = ("clock", "rate")


def refusals(
    table: Mapping[str, Any], error: ValidationError, at: Callable[[Place], str]
) -> tuple[str, ...]:
    """Every problem of a table, a sentence each. `at` says where a key stands: file and line."""
    name = table.get("name")
    who = f'policy "{name}"' if isinstance(name, str) and name else "a policy without a name"
    said = []
    for problem in error.errors():
        place = tuple(
            "when" if part == "match" and "when" in table else part for part in problem["loc"]
        )
        said.append(f"{at(place)}{who}: {_sentence(place, problem)}")
    return tuple(said)


def _sentence(place: Place, problem: ErrorDetails) -> str:
    key = _key(place)
    match problem["type"]:
        case "extra_forbidden":
            return f"{key} is no key; write one of {_known_keys(problem['loc'])}"
        case "missing":
            return f"{key} is missing; add it{_EXAMPLES.get(key.split()[-1], '')}"
        case "value_error" if isinstance(problem["input"], Mapping):
            return f"{key} {_own_words(problem)}".strip()
        case "value_error" if problem["loc"] == ("clock",):
            return _own_words(problem)
        case "value_error":
            return f"{key} = {_shown(problem['input'])} {_own_words(problem)}"
        case _:
            wanted = _REMEDIES.get(problem["type"], problem["msg"])
            wanted = wanted.replace("Input should be", "write")
            return f"{key} = {_shown(problem['input'])} cannot be used; {wanted}"


def _key(place: Place) -> str:
    """`("clock", 1, "target")` as a person counts: `clock 2 target`."""
    parts: list[str] = []
    for part in place:
        if isinstance(part, str):
            parts.append(part)
        elif parts[-1:] and parts[-1] in _LISTS:
            parts.append(str(part + 1))
    return " ".join(parts)


def _known_keys(place: Place) -> str:
    model: type[BaseModel] = PolicyTable
    for part in place[:-1]:
        model = _MODELS.get(str(part), model)
    keys = [key for key in model.model_fields if key not in ("preset", "origin")]
    return ", ".join(keys)


def _own_words(problem: ErrorDetails) -> str:
    return str(problem.get("ctx", {}).get("error", problem["msg"]))


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"

"""How much of Meta's allowance is used, from the headers of every answer."""

import json
from collections.abc import Iterator, Mapping
from typing import Final

from connectors.answer import HttpAnswer
from connectors.contract import Json

SLOW_FROM: Final = 75.0
STOP_FROM: Final = 95.0
"""Percent of the allowance; above 100 Meta refuses. The two steps are ours."""

STEP: Final = 0.9
"""Seconds held back for each percent above SLOW_FROM: 18 s at most, which is waited in place."""

STOPPED: Final = 300.0
"""Seconds without a call when nearly all is used: the allowance is a sliding hour."""

_SHARES: Final = ("call_count", "total_cputime", "total_time")
_HEADERS: Final = ("x-app-usage", "x-page-usage", "x-business-use-case-usage")


def pace(answer: HttpAnswer) -> float:
    """Seconds to hold back after `answer`."""
    used = max((share for entry in _entries(answer) for share in _shares(entry)), default=0.0)
    told = regained_in(answer)
    if used >= STOP_FROM:
        return max(told, STOPPED)
    return max(told, (used - SLOW_FROM) * STEP, 0.0)


def regained_in(answer: HttpAnswer) -> float:
    """Seconds after which Meta says that calls are taken again; it counts in minutes. 0: unsaid."""
    minutes = (_number(one.get("estimated_time_to_regain_access")) for one in _entries(answer))
    return max(minutes, default=0.0) * 60


def _entries(answer: HttpAnswer) -> Iterator[Mapping[str, Json]]:
    """Each allowance: an object, or lists of objects by account."""
    for name in _HEADERS:
        try:
            value: Json = json.loads(answer.headers.get(name, "null"))
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            yield value
            lists = (one for one in value.values() if isinstance(one, list))
            yield from (entry for one in lists for entry in one if isinstance(entry, dict))


def _shares(entry: Mapping[str, Json]) -> Iterator[float]:
    return (_number(entry.get(name)) for name in _SHARES)


def _number(value: Json) -> float:
    fits = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if fits and 0 <= value < 10**6 else 0.0  # type: ignore[operator,arg-type]

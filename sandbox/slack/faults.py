"""Faults a test asks for: what the next calls of a method end in."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

NEWER_BLOCKS: Final = ("data_table", "data_visualization")
"""Not every workspace has them: Slack hands out new blocks over months."""


class FaultKind(StrEnum):
    """How a call goes wrong."""

    RATELIMITED = "ratelimited"  # 429 with Retry-After, nothing done
    SERVER_ERROR = "server_error"  # 500 without JSON, nothing done
    SERVER_ERROR_AFTER = "server_error_after"  # done, then 500
    ERROR = "error"  # ok false with `code`, nothing done
    TIMEOUT_BEFORE = "timeout_before"  # nothing done, no answer for `seconds`
    TIMEOUT_AFTER = "timeout_after"  # done, no answer for `seconds`
    CUT_BEFORE = "cut_before"  # nothing done, connection closed without an answer
    CUT_AFTER = "cut_after"  # done, connection closed without an answer
    NO_CHARTS = "no_charts"  # a workspace that knows no chart and table blocks, until disarmed


@dataclass(slots=True, kw_only=True)
class Fault:
    """The next `times` calls of `method` (`*`: of any) end so."""

    method: str
    kind: FaultKind
    times: int = 1
    retry_after: int = 1
    seconds: float = 30.0
    code: str = "internal_error"


class Faults:
    """The faults that were asked for and are not used up."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Arm a fault, behind those armed before."""
        self._waiting.append(fault)

    def clear(self) -> None:
        """Disarm all."""
        self._waiting.clear()

    def take(self, method: str) -> Fault | None:
        """The fault this call of `method` meets, counted as used."""
        for fault in self._waiting:
            if fault.kind is not FaultKind.NO_CHARTS and fault.method in {method, "*"}:
                fault.times -= 1
                if fault.times <= 0:
                    self._waiting.remove(fault)
                return fault
        return None

    def refuses(self, blocks: Any) -> bool:
        """Whether the workspace does not know some of these blocks, as a call brings them."""
        if all(fault.kind is not FaultKind.NO_CHARTS for fault in self._waiting):
            return False
        text = blocks if isinstance(blocks, str) else json.dumps(blocks)
        return any(f'"{kind}"' in text for kind in NEWER_BLOCKS)


def read_fault(body: Mapping[str, Any]) -> Fault:
    """A fault from JSON. Raises ValueError for an unknown kind, KeyError for a missing field."""
    return Fault(
        method=str(body["method"]),
        kind=FaultKind(body["kind"]),
        times=int(body.get("times", 1)),
        retry_after=int(body.get("retry_after", 1)),
        seconds=float(body.get("seconds", 30.0)),
        code=str(body.get("code", "internal_error")),
    )

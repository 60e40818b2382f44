"""The operations that are called, and how often Amazon lets one seller call each."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from connectors.pace import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation with its own bucket. `per_second` and `burst` are its documented defaults."""

    name: str
    per_second: float
    burst: int

    @property
    def limits(self) -> Limits:
        """The bucket as `MarketHttp` takes it."""
        return Limits(per_second=self.per_second, burst=self.burst)


GET_ORDER: Final = Operation(name="getOrder", per_second=0.5, burst=30)
CREATE_REPORT: Final = Operation(name="createReport", per_second=0.0167, burst=15)
GET_REPORT: Final = Operation(name="getReport", per_second=2.0, burst=15)
GET_DOCUMENT: Final = Operation(name="getReportDocument", per_second=0.0167, burst=15)
GET_REPORTS: Final = Operation(name="getReports", per_second=0.0222, burst=10)

OPERATIONS: Final = (GET_ORDER, CREATE_REPORT, GET_REPORT, GET_DOCUMENT, GET_REPORTS)
"""Usage plans of Orders 2026-01-01 and Reports 2021-06-30, published models of 2026-08."""

RATE_HEADER: Final = "x-amzn-ratelimit-limit"
"""Calls a second that Amazon applies to this seller, on answers where it says so."""

SLOWEST: Final = 1 / 3600
"""A rate below one call an hour is a number misread."""


def told_rate(headers: Mapping[str, str]) -> float | None:
    """Calls a second as an answer says it; None where it does not, or nothing sensible."""
    try:
        rate = float(headers.get(RATE_HEADER, ""))
    except ValueError:
        return None
    return max(rate, SLOWEST) if math.isfinite(rate) and rate > 0 else None


def hold_after(headers: Mapping[str, str], operation: Operation) -> float:
    """Seconds to hold back after an answer: where Amazon grants less than documented, an even pace."""
    rate = told_rate(headers)
    return 1 / rate if rate is not None and rate < operation.per_second else 0.0


def wait_when_throttled(headers: Mapping[str, str], operation: Operation) -> float:
    """Seconds until the bucket holds a call again. Amazon sends no Retry-After."""
    return 1 / (told_rate(headers) or operation.per_second)

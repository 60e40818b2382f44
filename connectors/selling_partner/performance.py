"""The report on the seller's account (GET_V2_SELLER_PERFORMANCE_REPORT), read. Pure.

Amazon's schema and its own example name some keys differently (`warningState`, `warningStates`),
and metrics come as a list by marketplace or as one object, so keys are read leniently: what is
not recognised is passed over, never guessed.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from connectors.contract import Json
from connectors.fields import Fields
from connectors.selling_partner.regions import regions

REPORT_TYPE: Final = "GET_V2_SELLER_PERFORMANCE_REPORT"
NORMAL: Final = "NORMAL"
BAD: Final = "BAD"
AT_RISK: Final = "AT_RISK"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """What Amazon wants of one rate: to stay below `below`, or above `above`."""

    title: str
    below: Decimal | None = None
    above: Decimal | None = None

    def is_crossed_by(self, rate: Decimal) -> bool:
        """Whether a rate is no longer what Amazon wants."""
        if self.below is not None:
            return rate >= self.below
        return self.above is not None and rate <= self.above

    @property
    def words(self) -> str:
        """`below 1 %`."""
        bound = self.below if self.below is not None else self.above
        return f"{'below' if self.below is not None else 'above'} {percent(bound or Decimal(0))}"


LIMITS: Final[Mapping[str, Limit]] = {
    "orderDefectRate": Limit(title="order defect rate", below=Decimal("0.01")),
    "lateShipmentRate": Limit(title="late shipment rate", below=Decimal("0.04")),
    "prefulfillmentCancelRate": Limit(title="cancellation rate", below=Decimal("0.025")),
    "validTrackingRate": Limit(title="valid tracking rate", above=Decimal("0.95")),
}
"""Amazon's limits as its Seller Central states them. The report's own example shows 1 % as the
target of the cancellation rate; the 2.5 % that sellers are held to is used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """One thing that is wrong. `key` is the same for as long as it is, `words` say it."""

    key: str
    words: str


def parse_performance(content: bytes) -> tuple[Trouble, ...] | None:
    """What is wrong with the account, in a fixed order; None where this is no such report."""
    try:
        told: Json = json.loads(content)
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, dict) or not _KNOWN & set(told):
        return None
    report = Fields(told)
    found = (*_statuses(report), *_metrics(report), *_warnings(report, ""))
    return tuple({one.key: one for one in found}.values())


_KNOWN: Final = frozenset(
    {"accountStatuses", "performanceMetrics", "warningStates", "warningState"}
)


def percent(rate: Decimal) -> str:
    """`0.0125` → `1.25 %`."""
    return f"{rate * 100:.2f}".rstrip("0").rstrip(".") + " %"


def _statuses(report: Fields) -> Iterator[Trouble]:
    for one in report.each("accountStatuses"):
        status = _word(one, "status")
        if status and status != NORMAL:
            place = _place(one)
            yield Trouble(
                key=f"status|{place}|{status}",
                words=f"{_shown(place)}the account is {status.lower().replace('_', ' ')}",
            )


def _metrics(report: Fields) -> Iterator[Trouble]:
    whole = report.inner("performanceMetrics")
    for metrics in (*report.each("performanceMetrics"), *([whole] if whole.value else [])):
        place = _place(metrics)
        for name, limit in LIMITS.items():
            yield from _crossed(metrics, name, limit, place)
        yield from _warnings(metrics, place)


def _crossed(metrics: Fields, name: str, limit: Limit, place: str) -> Iterator[Trouble]:
    metric = metrics.inner(name)
    by_sender = {key: metric.inner(key) for key in ("mfn", "afn") if metric.inner(key).value}
    for sender, one in (by_sender or {"": metric}).items():
        rate = one.amount("rate", default=Decimal(-1))
        # Without orders a rate of zero says nothing.
        if rate < 0 or one.number("orderCount", default=1) == 0 or _empty(one):
            continue
        if limit.is_crossed_by(rate):
            who = {"mfn": " (own shipping)", "afn": " (shipped by Amazon)"}.get(sender, "")
            yield Trouble(
                key=f"metric|{place}|{name}|{sender}",
                words=f"{_shown(place)}{limit.title}{who} is {percent(rate)}; Amazon wants {limit.words}",
            )


def _empty(metric: Fields) -> bool:
    return metric.number("shipmentCount", default=1) == 0


def _warnings(of: Fields, place: str) -> Iterator[Trouble]:
    for key in ("warningStates", "warningState"):
        single = of.inner(key)
        for one in (*of.each(key), *([single] if single.value else [])):
            kind, status = _word(one, "warningType"), _word(one, "status")
            if kind and status in {BAD, AT_RISK}:
                where = _place(one) or place
                yield Trouble(
                    key=f"warning|{where}|{kind}",
                    words=f"{_shown(where)}Amazon warns: {kind} is {status}",
                )


def _place(of: Fields) -> str:
    return _word(of, "marketplaceId")


def _shown(marketplace_id: str) -> str:
    known = regions().by_id(marketplace_id)
    name = known[0].upper() if known else marketplace_id
    return f"{name}: " if name else ""


def _word(of: Fields, key: str) -> str:
    return " ".join(of.text(key, default="").split())[:80]

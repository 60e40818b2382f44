"""Amazon's report on the account as JSON (GET_V2_SELLER_PERFORMANCE_REPORT): its figures.

The shape is that of the published schema (accountHealthReport-2020-11-18). Its own example shows
counts that do not fit their rate; counts are taken where they do, and the rate alone elsewhere.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Final

from connectors.errors import Malformed
from connectors.fields import Fields
from connectors.report_files.cells import day, place
from connectors.report_files.reading import (
    MOST,
    Measure,
    Reading,
    ReportFile,
    UnreadableReport,
    agrees,
)
from connectors.selling_partner.regions import regions

PLATFORM: Final = "amazon"

_RATES: Final = (
    (Measure.LATE_SHIPMENT, "lateShipmentRate", "lateShipmentCount", "orderCount"),
    (Measure.CANCELLATION, "prefulfillmentCancelRate", "cancellationCount", "orderCount"),
    (Measure.VALID_TRACKING, "validTrackingRate", "validTrackingCount", "shipmentCount"),
    (
        Measure.ON_TIME_DELIVERY,
        "onTimeDeliveryRate",
        "onTimeDeliveryCount",
        "shipmentCountWithValidTracking",
    ),
)
_DEFECTS: Final = (("mfn", Measure.ORDER_DEFECT_RATE), ("afn", Measure.ORDER_DEFECT_RATE_FBA))
_KINDS: Final = (
    (Measure.A_TO_Z_CLAIMS, "claims"),
    (Measure.CHARGEBACKS, "chargebacks"),
    (Measure.NEGATIVE_FEEDBACK, "negativeFeedback"),
)


def read(text: str) -> ReportFile:
    """The figures of every marketplace in the report.

    Raises:
        UnreadableReport: this is no such report, or it has no figure.
    """
    found = account_readings(text.encode())
    if not found:
        raise UnreadableReport(
            "it has no figure of an account; the report GET_V2_SELLER_PERFORMANCE_REPORT has"
        )
    return ReportFile(platform=PLATFORM, language="", readings=found)


def account_readings(content: bytes) -> tuple[Reading, ...]:
    """Every figure that can be read, none where this is no such report. Raises nothing."""
    try:
        report = Fields.of(content)
    except Malformed:
        return ()
    whole = report.inner("performanceMetrics")
    metrics = (*report.each("performanceMetrics"), *([whole] if whole.value else []))
    found = {
        (one.measure, one.marketplace, one.until): one for each in metrics for one in _of(each)
    }
    return tuple(found.values())


def _of(metrics: Fields) -> Iterator[Reading]:
    marketplace_id = metrics.text("marketplaceId", default="")
    known = regions().by_id(marketplace_id)
    country = known[0] if known else place(marketplace_id)
    for measure, key, counted, out_of in _RATES:
        metric = metrics.inner(key)
        yield from _rate(measure, country, metric, metric, (counted, out_of))
    defects = metrics.inner("orderDefectRate")
    for sender, measure in _DEFECTS:
        one = defects.inner(sender)
        yield from _rate(measure, country, one, one.inner("orderWithDefects"), ("count", ""))
    yield from _counts(country, defects)


def _rate(
    measure: Measure, country: str, metric: Fields, counts: Fields, keys: tuple[str, str]
) -> Iterator[Reading]:
    until = _day(metric, "reportingDateTo")
    rate = float(metric.amount("rate", default=Decimal(-1)))
    if until is None or not 0 <= rate <= 1:
        return
    counted = counts.number(keys[0], default=-1)
    out_of = metric.number(keys[1] or "orderCount", default=-1)
    if not out_of:
        # Without orders a rate of zero says nothing.
        yield Reading(
            measure=measure, marketplace=country, value=None, counted=0, out_of=0, until=until
        )
        return
    fits = counted >= 0 and agrees(rate, counted, out_of)
    yield Reading(
        measure=measure,
        marketplace=country,
        value=rate,
        counted=counted if fits else None,
        out_of=out_of if fits else None,
        since=_day(metric, "reportingDateFrom"),
        until=until,
    )


def _counts(country: str, defects: Fields) -> Iterator[Reading]:
    """Defects of each kind, whoever shipped: a claim is a claim."""
    senders = [defects.inner(sender) for sender, _ in _DEFECTS]
    told = [(one, until) for one in senders if (until := _day(one, "reportingDateTo"))]
    for measure, key in _KINDS:
        counts = [one.inner(key).number("count", default=-1) for one, _ in told]
        if not counts or min(counts) < 0 or sum(counts) > MOST:
            continue
        yield Reading(
            measure=measure,
            marketplace=country,
            value=float(sum(counts)),
            counted=sum(counts),
            since=_day(told[0][0], "reportingDateFrom"),
            until=max(until for _, until in told),
        )


def _day(metric: Fields, key: str) -> date | None:
    return day(metric.inner("reportingDateRange").text(key, default=""))

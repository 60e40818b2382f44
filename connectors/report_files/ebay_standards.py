"""eBay's seller standards profile as JSON, as the Analytics API gives it: its figures.

One profile (`getSellerStandardsProfile`) or all (`findSellerStandardsProfiles`). Rates come in per
cent with their numerator and denominator; the shape is that of the published description and of
answers that others published. A profile is of a programme: the US, the UK, Germany, or the rest.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from connectors.contract import Json
from connectors.errors import Malformed
from connectors.fields import Fields
from connectors.report_files.cells import day, number, place
from connectors.report_files.reading import (
    Measure,
    Reading,
    ReportFile,
    UnreadableReport,
    agrees,
)

PLATFORM: Final = "ebay"

_MEASURES: Final[Mapping[str, Measure]] = {
    "DEFECTIVE_TRANSACTION_RATE": Measure.TRANSACTION_DEFECTS,
    "CLAIMS_SAF_RATE": Measure.CLOSED_WITHOUT_RESOLUTION,
    "SHIPPING_MISS_RATE": Measure.LATE_SHIPMENT,
    "VALID_TRACKING_UPLOADED_WITHIN_HANDLING_RATE": Measure.VALID_TRACKING,
}


def read(text: str) -> ReportFile:
    """The figures of every profile in the answer.

    Raises:
        UnreadableReport: this is no such answer, or no profile in it says its day and a figure.
    """
    try:
        told = Fields.of(text.encode())
    except Malformed:
        raise UnreadableReport("it is no JSON that can be read") from None
    profiles = told.each("standardsProfiles") or [told]
    found = {
        (one.measure, one.marketplace, one.until): one
        for profile in profiles
        for one in _of(profile)
    }
    if not found:
        raise UnreadableReport(
            "no profile in it has a day (cycle.evaluationDate) and a figure (metrics)"
        )
    return ReportFile(platform=PLATFORM, language="", readings=tuple(found.values()))


def _of(profile: Fields) -> Iterator[Reading]:
    until = _day(profile.inner("cycle"), "evaluationDate")
    if until is None:
        return
    program = place(profile.text("program", default="").removeprefix("PROGRAM_"))
    for metric in profile.each("metrics"):
        measure = _MEASURES.get(metric.text("metricKey", default=""))
        rate = _rate(metric)
        if measure is None or rate is None:
            continue
        value, counted, out_of = rate
        yield Reading(
            measure=measure,
            marketplace=program,
            value=value,
            counted=counted,
            out_of=out_of,
            since=_day(metric, "lookbackStartDate"),
            until=until,
        )


def _rate(metric: Fields) -> tuple[float | None, int | None, int | None] | None:
    told = metric.inner("value")
    percent = _number(told.value.get("value") if told.value else metric.value.get("value"))
    counted = told.number("numerator", default=-1)
    out_of = told.number("denominator", default=-1)
    if not out_of:
        return None, 0, 0
    if percent is None or not 0 <= percent <= 100:  # noqa: PLR2004 - per cent
        return None
    value = percent / 100
    if counted >= 0 and agrees(value, counted, out_of):
        return value, counted, out_of
    return value, None, None


def _number(value: Json) -> float | None:
    if isinstance(value, bool):
        return None
    return number(str(value)) if isinstance(value, str | int | float) else None


def _day(of: Fields, key: str) -> date | None:
    return day(of.text(key, default=""))

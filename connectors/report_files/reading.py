"""What platforms judge a seller by, and one figure of it as a platform told it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final


class UnreadableReport(Exception):
    """A file that tells nothing. Its text says what is wrong with it, and what would be right."""


class Measure(StrEnum):
    """What a platform counts. `docs/metrics.md` defines each, with its threshold and its source."""

    CONTACT_RESPONSE_7 = "contact_response_7d"
    CONTACT_RESPONSE_30 = "contact_response_30d"
    CONTACT_RESPONSE_90 = "contact_response_90d"
    ORDER_DEFECT_RATE = "order_defect_rate"  # of orders that the seller ships
    ORDER_DEFECT_RATE_FBA = "order_defect_rate_fba"  # of those that Amazon ships
    A_TO_Z_CLAIMS = "a_to_z_claims"
    CHARGEBACKS = "chargebacks"
    NEGATIVE_FEEDBACK = "negative_feedback"
    LATE_SHIPMENT = "late_shipment"
    CANCELLATION = "cancellation"
    VALID_TRACKING = "valid_tracking"
    ON_TIME_DELIVERY = "on_time_delivery"
    RETURN_DISSATISFACTION = "return_dissatisfaction"
    CONTACT_DISSATISFACTION = "contact_dissatisfaction"
    SFP_ON_TIME = "sfp_on_time"
    SFP_VALID_TRACKING = "sfp_valid_tracking"
    SFP_CANCELLATION = "sfp_cancellation"
    TRANSACTION_DEFECTS = "transaction_defects"
    CLOSED_WITHOUT_RESOLUTION = "closed_without_resolution"
    ITEM_NOT_RECEIVED = "item_not_received"
    NOT_AS_DESCRIBED = "not_as_described"
    RESPONSE_RATE = "response_rate"
    RESPONSE_TIME = "response_time"
    RESOLUTION_RATE = "resolution_rate"
    SATISFACTION = "satisfaction"
    REFUND_RATE = "refund_rate"
    RETURN_RATE = "return_rate"
    NEGATIVE_FEEDBACK_RATE = "negative_feedback_rate"


class Sort(StrEnum):
    """What a measure's value is, and whether `counted` counts what went wrong or what went well."""

    MISSES = "misses"  # the share that went wrong, 0 … 1
    HITS = "hits"  # the share that went well, 0 … 1
    COUNT = "count"  # a number of bad things
    MINUTES = "minutes"


_HITS: Final = frozenset(
    {
        Measure.CONTACT_RESPONSE_7,
        Measure.CONTACT_RESPONSE_30,
        Measure.CONTACT_RESPONSE_90,
        Measure.VALID_TRACKING,
        Measure.ON_TIME_DELIVERY,
        Measure.SFP_ON_TIME,
        Measure.SFP_VALID_TRACKING,
        Measure.RESPONSE_RATE,
        Measure.RESOLUTION_RATE,
        Measure.SATISFACTION,
    }
)
_OTHERS: Final[Mapping[Measure, Sort]] = {
    Measure.A_TO_Z_CLAIMS: Sort.COUNT,
    Measure.CHARGEBACKS: Sort.COUNT,
    Measure.NEGATIVE_FEEDBACK: Sort.COUNT,
    Measure.RESPONSE_TIME: Sort.MINUTES,
}


def sort_of(measure: Measure) -> Sort:
    """What the values of a measure are."""
    return _OTHERS.get(measure, Sort.HITS if measure in _HITS else Sort.MISSES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One figure of one marketplace (a country in small letters; empty: of the whole account).

    `value` is in the sort of its measure. `counted` of `out_of` went wrong, or well, as `Sort`
    says; None where nobody told. `until` is the day the figure is of, `since` the first day counted.
    """

    measure: Measure
    until: date
    value: float | None
    marketplace: str = ""
    counted: int | None = None
    out_of: int | None = None
    since: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFile:
    """What a file told. `platform` is the channel it is of; empty: it may be of any.

    `language` is that of its headings, empty where they are the same everywhere.
    """

    platform: str
    language: str
    readings: tuple[Reading, ...]


ROUNDING: Final = 0.0051
"""A share may be rounded to whole per cents by whoever wrote it; what is further off is wrong."""


MOST: Final = 2_000_000_000
"""What is counted beyond it is no count of a seller's orders, and no column holds it."""


def agrees(value: float, counted: int, out_of: int) -> bool:
    """Whether a share can be that of the two numbers, but for its rounding."""
    return 0 <= counted <= out_of <= MOST and (
        not out_of or abs(value - counted / out_of) <= ROUNDING
    )

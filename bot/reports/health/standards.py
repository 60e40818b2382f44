"""What each platform asks of its sellers: thresholds, windows, and how sure we are of them.

docs/metrics.md has the same as a table, with the definitions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from bot.reports.health.room import Direction, Threshold
from connectors.report_files.reading import Measure


class Certainty(StrEnum):
    """How sure a threshold is."""

    DOCUMENTED = "documented"  # the platform's own page or schema
    REPORTED = "reported"  # others say so, or the page is old
    UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standard:
    """What one platform asks of one measure.

    `threshold` is of a share, `minutes` of a length; neither: the measure has none of its own.
    `days` is the window, None where the platform chooses it; `within` what in time means,
    and `first_only` that a conversation's first message alone counts. One that is a `badge` is an honour: nobody loses an account over it. `places` are the marketplaces it is
    of, none is all. A figure is stale `fresh_days` after its day.
    """

    platform: str
    measure: Measure
    source: str
    certainty: Certainty
    threshold: Threshold | None = None
    minutes: int | None = None
    days: int | None = None
    within: timedelta | None = None
    first_only: bool = False
    badge: bool = False
    places: frozenset[str] = frozenset()
    fresh_days: int = 14


_DAY: Final = timedelta(hours=24)
_SCHEMA: Final = "Amazon's schema of the account health report"
_CONTACT: Final = "Amazon's help on contact response time; the 90 % from a policy mail of 2012"
_SFP: Final = "Seller Fulfilled Prime's requirements, from memory"
_EBAY: Final = "eBay's seller standards, help pages"
_WALMART: Final = "Walmart Marketplace Learn, seller performance standards"


def _below(limit: int, *, grace: int = 0) -> Threshold:
    return Threshold(limit=limit, direction=Direction.BELOW, grace=grace)


def _at_most(limit: int, *, grace: int = 0) -> Threshold:
    return Threshold(limit=limit, direction=Direction.AT_MOST, grace=grace)


def _above(limit: int) -> Threshold:
    return Threshold(limit=limit, direction=Direction.ABOVE)


def _at_least(limit: int, *, grows: bool = False) -> Threshold:
    return Threshold(limit=limit, direction=Direction.AT_LEAST, grows=grows)


def _amazon(
    measure: Measure,
    threshold: Threshold | None,
    days: int | None,
    *,
    source: str = _SCHEMA,
    certainty: Certainty = Certainty.DOCUMENTED,
    within: timedelta | None = None,
    badge: bool = False,
) -> Standard:
    return Standard(
        platform="amazon",
        measure=measure,
        threshold=threshold,
        days=days,
        source=source,
        certainty=certainty,
        within=within,
        badge=badge,
    )


def _contact(measure: Measure, days: int) -> Standard:
    asked = _at_least(9_000, grows=True)
    return _amazon(measure, asked, days, source=_CONTACT, certainty=Certainty.REPORTED, within=_DAY)


def _sfp(measure: Measure, threshold: Threshold) -> Standard:
    return _amazon(
        measure, threshold, None, source=_SFP, certainty=Certainty.UNVERIFIED, badge=True
    )


CONTACT_RESPONSE: Final[Sequence[Standard]] = (
    _contact(Measure.CONTACT_RESPONSE_7, 7),
    _contact(Measure.CONTACT_RESPONSE_30, 30),
    _contact(Measure.CONTACT_RESPONSE_90, 90),
)
"""Amazon's contact response time, which no API tells: the desk counts it."""

_AMAZON: Final[Sequence[Standard]] = (
    *CONTACT_RESPONSE,
    _amazon(Measure.ORDER_DEFECT_RATE, _below(100), 60),
    _amazon(Measure.ORDER_DEFECT_RATE_FBA, _below(100), 60),
    _amazon(Measure.A_TO_Z_CLAIMS, None, 60),
    _amazon(Measure.CHARGEBACKS, None, 60),
    _amazon(Measure.NEGATIVE_FEEDBACK, None, 60),
    _amazon(Measure.LATE_SHIPMENT, _below(400), 30),
    _amazon(
        Measure.CANCELLATION,
        _below(250),
        7,
        source="Seller Central as others report it; the schema's example shows 1 %",
        certainty=Certainty.REPORTED,
    ),
    _amazon(Measure.VALID_TRACKING, _above(9_500), 30),
    _amazon(
        Measure.ON_TIME_DELIVERY,
        _above(9_000),
        30,
        source="Seller Central since September 2024, as others report it",
        certainty=Certainty.REPORTED,
    ),
    _amazon(
        Measure.RETURN_DISSATISFACTION,
        _below(1_000),
        None,
        source="Amazon's help on return dissatisfaction",
    ),
    _amazon(
        Measure.CONTACT_DISSATISFACTION,
        _below(2_500),
        None,
        source="second-hand",
        certainty=Certainty.REPORTED,
    ),
    _sfp(Measure.SFP_ON_TIME, _at_least(9_350)),
    _sfp(Measure.SFP_VALID_TRACKING, _at_least(9_900)),
    _sfp(Measure.SFP_CANCELLATION, _below(50)),
)


def _ebay(
    measure: Measure,
    threshold: Threshold | None,
    *,
    certainty: Certainty = Certainty.DOCUMENTED,
    badge: bool = False,
) -> Standard:
    return Standard(
        platform="ebay",
        measure=measure,
        threshold=threshold,
        source=_EBAY,
        certainty=certainty,
        badge=badge,
        fresh_days=35,  # evaluated on the 20th of each month
    )


_EBAY_ALL: Final[Sequence[Standard]] = (
    _ebay(Measure.TRANSACTION_DEFECTS, _at_most(200, grace=4)),
    _ebay(Measure.TRANSACTION_DEFECTS, _at_most(50), badge=True),
    _ebay(Measure.CLOSED_WITHOUT_RESOLUTION, _at_most(30, grace=2)),
    _ebay(Measure.LATE_SHIPMENT, _at_most(300, grace=5), certainty=Certainty.REPORTED, badge=True),
    _ebay(Measure.VALID_TRACKING, _at_least(9_500), certainty=Certainty.REPORTED, badge=True),
    _ebay(Measure.ITEM_NOT_RECEIVED, None),
    _ebay(Measure.NOT_AS_DESCRIBED, None),
)

_TIKTOK: Final = "TikTok Shop's overview of its API, October 2025; the US page is younger"
_SOUTH_EAST_ASIA: Final = frozenset({"th", "id", "vn", "my", "ph", "sg"})


def _tiktok(platform: str) -> Sequence[Standard]:
    def standard(
        measure: Measure,
        limit: int,
        source: str,
        certainty: Certainty,
        *,
        within: timedelta | None = None,
        places: frozenset[str] = frozenset(),
    ) -> Standard:
        return Standard(
            platform=platform,
            measure=measure,
            threshold=_at_least(limit, grows=True),
            days=30,
            source=source,
            certainty=certainty,
            within=within,
            places=places,
        )

    return (
        standard(
            Measure.RESPONSE_RATE,
            9_000,
            "reported for Malaysia; the official figure is an image",
            Certainty.UNVERIFIED,
            within=timedelta(hours=12),
            places=_SOUTH_EAST_ASIA,
        ),
        standard(
            Measure.RESPONSE_RATE,
            9_000,
            "TikTok Shop Seller University US; other countries assumed alike",
            Certainty.DOCUMENTED,
            within=_DAY,
        ),
        standard(Measure.RESOLUTION_RATE, 6_500, _TIKTOK, Certainty.REPORTED),
        standard(Measure.SATISFACTION, 7_500, _TIKTOK, Certainty.REPORTED),
    )


_FACEBOOK: Final = "Facebook's help, copied; whether the badge is still shown is unverified"

_SOCIAL: Final[Sequence[Standard]] = (
    Standard(
        platform="facebook",
        measure=Measure.RESPONSE_RATE,
        threshold=_at_least(9_000, grows=True),
        days=7,
        within=timedelta(minutes=15),
        source=_FACEBOOK,
        certainty=Certainty.UNVERIFIED,
        badge=True,
    ),
    Standard(
        platform="facebook",
        measure=Measure.RESPONSE_TIME,
        minutes=15,
        days=7,
        source=_FACEBOOK,
        certainty=Certainty.UNVERIFIED,
        badge=True,
    ),
    Standard(
        platform="etsy",
        measure=Measure.RESPONSE_RATE,
        threshold=_at_least(9_500, grows=True),
        days=90,
        within=_DAY,
        first_only=True,
        source="Etsy's moderators on Star Seller: first messages, three months",
        certainty=Certainty.REPORTED,
        badge=True,
        fresh_days=35,  # judged on the 1st of each month
    ),
    Standard(
        platform="bol",
        measure=Measure.RESPONSE_RATE,
        threshold=_at_least(9_000, grows=True),
        days=7,
        within=_DAY,
        first_only=True,
        source="bol.com's partner platform: first answers, judged weekly",
        certainty=Certainty.DOCUMENTED,
    ),
)


def _walmart(
    measure: Measure,
    threshold: Threshold,
    days: int = 30,
    *,
    certainty: Certainty = Certainty.DOCUMENTED,
    within: timedelta | None = None,
) -> Standard:
    return Standard(
        platform="walmart",
        measure=measure,
        threshold=threshold,
        days=days,
        source=_WALMART,
        certainty=certainty,
        within=within,
    )


_WALMART_ALL: Final[Sequence[Standard]] = (
    _walmart(Measure.RESPONSE_RATE, _at_least(9_500, grows=True), within=timedelta(hours=48)),
    _walmart(Measure.CANCELLATION, _at_most(200)),
    _walmart(Measure.ON_TIME_DELIVERY, _at_least(9_000)),
    _walmart(Measure.VALID_TRACKING, _at_least(9_900), certainty=Certainty.REPORTED),
    _walmart(Measure.REFUND_RATE, _at_most(600), certainty=Certainty.REPORTED),
    _walmart(Measure.RETURN_RATE, _at_most(600), 60, certainty=Certainty.REPORTED),
    _walmart(Measure.ITEM_NOT_RECEIVED, _at_most(200), 60, certainty=Certainty.REPORTED),
    _walmart(Measure.NEGATIVE_FEEDBACK_RATE, _at_most(200), 60),
)

STANDARDS: Final[Sequence[Standard]] = (
    *_AMAZON,
    *_EBAY_ALL,
    *_tiktok("tiktok_shop"),
    *_tiktok("tiktok_shop_mail"),
    *_SOCIAL,
    *_WALMART_ALL,
)


def standards_of(platform: str, measure: Measure, marketplace: str) -> Sequence[Standard]:
    """What a platform asks of a measure in a marketplace: the duty first, then the badges.

    Of several duties the one that names the marketplace holds.
    """
    found = [
        one
        for one in STANDARDS
        if (one.platform, one.measure) == (platform, measure)
        and (not one.places or marketplace.casefold() in one.places)
    ]
    duties = sorted((one for one in found if not one.badge), key=lambda one: not one.places)
    return [*duties[:1], *(one for one in found if one.badge)]

"""Every figure there is: its key, its unit, and which way is better. docs/metrics.md defines each.

A figure of lengths is told as three: `….median`, `….mean` and `….p90`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.language import marked

SMALL_SAMPLE: Final = 20
"""A figure made from fewer says little: one case more moves a share by five points and above."""

STATISTICS: Final = ("median", "mean", "p90")


class Unit(StrEnum):
    """What a value counts. A share is 0 … 1, a time is in seconds."""

    COUNT = "count"
    SECONDS = "seconds"
    WORKED_SECONDS = "worked_seconds"  # of the shop's own hours
    SHARE = "share"
    SCORE = "score"
    PER_HOUR = "per_hour"
    MONEY = "money"


class Better(StrEnum):
    """Which way a figure should go."""

    MORE = "more"
    LESS = "less"
    NEITHER = "neither"


class Group(StrEnum):
    """The parts of a report, in their order."""

    VOLUME = "volume"
    SPEED = "speed"
    SLA = "sla"
    WORK = "work"
    CUSTOMERS = "customers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One figure's meaning. `name` is marked for translation; `spread`: told as median, mean, p90."""

    key: str
    name: str
    unit: Unit
    group: Group
    better: Better = Better.NEITHER
    spread: bool = False


def _m(key: str, name: str, unit: Unit, group: Group, *, better: Better = Better.NEITHER) -> Metric:
    return Metric(key=key, name=name, unit=unit, group=group, better=better)


def _lengths(key: str, name: str, group: Group, *, unit: Unit = Unit.SECONDS) -> Metric:
    return Metric(key=key, name=name, unit=unit, group=group, better=Better.LESS, spread=True)


_LESS, _MORE = Better.LESS, Better.MORE

METRICS: Final[Sequence[Metric]] = (
    _m("received", marked("Tickets received"), Unit.COUNT, Group.VOLUME),
    _m("handled", marked("Tickets handled"), Unit.COUNT, Group.VOLUME),
    _m("resolved", marked("Tickets resolved"), Unit.COUNT, Group.VOLUME),
    _m("backlog", marked("Waiting at the end"), Unit.COUNT, Group.VOLUME, better=_LESS),
    _lengths("backlog_age", marked("Age of what waits"), Group.VOLUME),
    _m(
        "resolution_rate",
        marked("Resolved of received"),
        Unit.SHARE,
        Group.VOLUME,
        better=_MORE,
    ),
    _lengths("first_response", marked("Time to the first answer"), Group.SPEED),
    _lengths(
        "first_response_worked",
        marked("Time to the first answer, shop hours"),
        Group.SPEED,
        unit=Unit.WORKED_SECONDS,
    ),
    _lengths("next_response", marked("Time to later answers"), Group.SPEED),
    _lengths(
        "next_response_worked",
        marked("Time to later answers, shop hours"),
        Group.SPEED,
        unit=Unit.WORKED_SECONDS,
    ),
    _lengths("resolution", marked("Time to the resolution"), Group.SPEED),
    _lengths(
        "resolution_worked",
        marked("Time to the resolution, shop hours"),
        Group.SPEED,
        unit=Unit.WORKED_SECONDS,
    ),
    _lengths("unclaimed", marked("Time unclaimed"), Group.SPEED),
    _m("limit_attained", marked("Marketplace limit kept"), Unit.SHARE, Group.SLA, better=_MORE),
    _m("limit_missed", marked("Marketplace limits missed"), Unit.COUNT, Group.SLA, better=_LESS),
    _m("target_attained", marked("Internal target kept"), Unit.SHARE, Group.SLA, better=_MORE),
    _m("target_missed", marked("Internal targets missed"), Unit.COUNT, Group.SLA, better=_LESS),
    _m("answers", marked("Answers given"), Unit.COUNT, Group.WORK),
    _m("one_touch", marked("Resolved with one answer"), Unit.SHARE, Group.WORK, better=_MORE),
    _m(
        "first_contact_resolution",
        marked("Solved at the first contact"),
        Unit.SHARE,
        Group.WORK,
        better=_MORE,
    ),
    _m("reopen_rate", marked("Reopened"), Unit.SHARE, Group.WORK, better=_LESS),
    _lengths("handling", marked("Handling time"), Group.WORK),
    _m("tickets_per_agent", marked("Tickets for each agent"), Unit.COUNT, Group.WORK),
    _m("answers_per_hour", marked("Answers an hour on shift"), Unit.PER_HOUR, Group.WORK),
    _m("hand_overs", marked("Handed over"), Unit.SHARE, Group.WORK, better=_LESS),
    _m("pings", marked("Pings for each ticket"), Unit.SCORE, Group.WORK, better=_LESS),
    _m("needless_pings", marked("Needless pings"), Unit.SHARE, Group.WORK, better=_LESS),
    _m("csat", marked("Customer satisfaction"), Unit.SHARE, Group.CUSTOMERS, better=_MORE),
    _m("nps", marked("Net promoter score"), Unit.SCORE, Group.CUSTOMERS, better=_MORE),
    _m("mood_change", marked("Change of mood"), Unit.SCORE, Group.CUSTOMERS, better=_MORE),
    _m(
        "negative_feedback",
        marked("Negative reviews"),
        Unit.SHARE,
        Group.CUSTOMERS,
        better=_LESS,
    ),
    _m(
        "positive_reviews",
        marked("Positive reviews"),
        Unit.SHARE,
        Group.CUSTOMERS,
        better=_MORE,
    ),
    _m("repeat_contact", marked("Wrote again"), Unit.SHARE, Group.CUSTOMERS, better=_LESS),
    _m(
        "repeat_purchase",
        marked("Bought again after an answer"),
        Unit.SHARE,
        Group.CUSTOMERS,
        better=_MORE,
    ),
    _m(
        "sales_after_answer",
        marked("Sold after an answer"),
        Unit.MONEY,
        Group.CUSTOMERS,
        better=_MORE,
    ),
)

BY_KEY: Final[Mapping[str, Metric]] = {each.key: each for each in METRICS}


def metric_of(key: str) -> Metric:
    """The metric of a figure's key: of `first_response.median`, `first_response`."""
    return BY_KEY[key.partition(".")[0]]

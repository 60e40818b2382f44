"""Calendars, tickets and instants that the tests of this folder share."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sla_rules.calendar import ALWAYS, BusinessCalendar, Calendar
from sla_rules.deadlines import PlannedDeadline, plan
from sla_rules.policy import Policy, PolicySet, presets
from sla_rules.restaffing import Rosters
from sla_rules.timeline import (
    CustomerMessage,
    Event,
    HumanAnswer,
    NoAnswerNeeded,
    Resolved,
    TicketFacts,
    Timeline,
)
from sla_rules.vocabulary import Metric, Scope
from sla_rules.whatif import Past, Replay, Rules, WhatIf

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")
ROME = ZoneInfo("Europe/Rome")
AMAZON = TicketFacts(channel="amazon", inbox="amazon-it")
WEBSITE = TicketFacts(channel="website", inbox="shop")
LATER = datetime(2027, 1, 1, tzinfo=UTC)


def rome(text: str) -> datetime:
    """`"2026-11-20 17:30"` on a wall clock in Rome."""
    return datetime.fromisoformat(text).replace(tzinfo=ROME)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def office(
    *spans: tuple[str, str],
    days: Iterable[str] = WEEKDAYS,
    tz: str = "Europe/Rome",
    holidays: Sequence[date] = (),
    closures: Mapping[date, Sequence[tuple[str, str]]] | None = None,
    hours: Mapping[date, Sequence[tuple[str, str]]] | None = None,
) -> BusinessCalendar:
    """Monday to Friday, 09:00 to 18:00 in Rome unless said otherwise."""
    week = dict.fromkeys(days, spans or (("09:00", "18:00"),))
    return BusinessCalendar(tz, week, holidays, closures or {}, hours=hours or {})


SHOP = office(("09:00", "13:00"), ("14:00", "18:00"), holidays=[date(2026, 12, 8)])
CALENDARS: Mapping[str, Calendar] = {"always": ALWAYS, "shop": SHOP}
PRESETS = PolicySet.load(presets())


def wrote(at: datetime, ref: str = "m") -> CustomerMessage:
    return CustomerMessage(ref=ref, at=at)


def answered(at: datetime, ref: str = "a") -> HumanAnswer:
    return HumanAnswer(ref=ref, at=at)


def not_needed(at: datetime) -> NoAnswerNeeded:
    return NoAnswerNeeded(at=at)


def resolved(at: datetime) -> Resolved:
    return Resolved(at=at)


def policy(*clocks: Mapping[str, object], **keys: object) -> Policy:
    """One policy for any ticket, checked as a file's would be."""
    table = {"name": "ours", "clock": list(clocks), **keys}
    return PolicySet.load([table]).policies[0]


def clock(target: str, scope: str = "internal", **keys: object) -> Mapping[str, object]:
    return {"metric": "response", "scope": scope, "target": target, **keys}


def planned(
    *events: Event,
    facts: TicketFacts = AMAZON,
    by: Policy | None = None,
    limit: timedelta | None = None,
    calendars: Mapping[str, Calendar] = CALENDARS,
    now: datetime = LATER,
    line: Timeline | None = None,
) -> tuple[PlannedDeadline, ...]:
    """The deadlines of a ticket under the presets, or under `by`."""
    rule = by or PRESETS.select(facts)
    assert rule is not None
    known = line or Timeline(facts=facts, events=events, platform_limit=limit)
    return plan(known, rule, calendars, now)


def lined(*events: Event, **keys: Any) -> Timeline:
    """A timeline that says more than its events."""
    return Timeline(facts=AMAZON, events=events, **keys)


def only(
    deadlines: Iterable[PlannedDeadline],
    scope: Scope,
    metric: Metric = Metric.FIRST_RESPONSE,
    instance: int = 0,
) -> PlannedDeadline:
    """The one deadline with this key."""
    found = [
        deadline
        for deadline in deadlines
        if (deadline.metric, deadline.scope, deadline.instance) == (metric, scope, instance)
    ]
    assert len(found) == 1
    return found[0]


def steps(deadline: PlannedDeadline) -> dict[str, datetime]:
    return {ping.step: ping.fire_at for ping in deadline.pings}


def what_if(
    history: Iterable[Past],
    before: Rules,
    after: Rules,
    now: datetime,
    rosters: Rosters | None = None,
) -> WhatIf:
    """A whole history under two sets of rules, or two rosters."""
    replay = Replay(before, after, now, rosters)
    for past in history:
        replay.add(past)
    return replay.result()

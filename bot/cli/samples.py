"""Sample deadlines of an inbox: what `check` shows so that a person can see whether it is meant."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.settings import InboxSettings
from bot.settings_file import RuleBook
from sla_rules.calendar import Calendar
from sla_rules.deadlines import PlannedDeadline, plan
from sla_rules.timeline import CustomerMessage, TicketFacts, Timeline
from sla_rules.vocabulary import Scope

FRIDAY: Final = 4
TUESDAY: Final = 1
MOMENTS: Final = (("a Friday evening", FRIDAY, time(18, 30)), ("a morning", TUESDAY, time(10, 0)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A message that arrives `at` (local time) and the deadlines its ticket gets (local, too)."""

    what: str
    at: datetime
    policy: str
    deadlines: tuple[tuple[Scope, datetime], ...]


def samples(rules: RuleBook, inbox: InboxSettings, now: datetime) -> Iterator[Sample]:
    """Two messages to `inbox` after `now`: one on a Friday at 18:30, one on a Tuesday at 10:00.

    Times are local to the inbox's calendar, or to the desk where it has none.
    """
    zone = zone_of(rules, inbox)
    facts = TicketFacts(
        channel=rules.registry.specs[inbox.connector].manifest.channel, inbox=inbox.name
    )
    policy = rules.policies.select(facts)
    for what, weekday, at_time in MOMENTS:
        at = _next(now.astimezone(zone), weekday, at_time)
        planned: tuple[PlannedDeadline, ...] = ()
        if policy is not None:
            message = CustomerMessage(ref="sample", at=at.astimezone(UTC))
            timeline = Timeline(facts=facts, events=(message,))
            planned = plan(timeline, policy, calendars_of(rules, inbox), message.at)
        yield Sample(
            what=what,
            at=at,
            policy=policy.name if policy else "no policy",
            deadlines=tuple((one.scope, one.due_at.astimezone(zone)) for one in planned),
        )


def zone_of(rules: RuleBook, inbox: InboxSettings) -> ZoneInfo:
    """The zone of the inbox's calendar, the desk's where it has none."""
    settings = rules.settings
    if inbox.calendar is not None:
        return ZoneInfo(settings.calendars[inbox.calendar].timezone)
    return ZoneInfo(settings.desk.timezone)


def calendars_of(rules: RuleBook, inbox: InboxSettings) -> Mapping[str, Calendar]:
    """Every calendar by the name policies use, `shop` bound to the inbox's own."""
    if inbox.calendar is None:
        return rules.calendars
    return {**rules.calendars, "shop": rules.calendars[inbox.calendar]}


def _next(local: datetime, weekday: int, at: time) -> datetime:
    days = (weekday - local.weekday()) % 7 or 7
    return datetime.combine((local + timedelta(days=days)).date(), at, tzinfo=local.tzinfo)

"""What the rules say of one ticket: those it is frozen to, or the ones of now where it is not."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.clocks import StoredClock
from bot.domain.desk import Desk
from bot.domain.frozen_rules import (
    Rules,
    Versions,
    Wait,
    as_stored,
    begins_anew,
    begun_otherwise,
    frozen_of,
    keeps,
    versions_of,
    versions_of_rows,
)
from bot.domain.history import History, timeline
from bot.domain.routing import calendars_of, rule_channel_of, zone_of
from bot.domain.ticket import Ticket
from bot.usecases.rule_versions import rules_of
from sla_rules.calendar import ALWAYS, Calendar, CalendarError
from sla_rules.clock_rule import ALWAYS_NAME
from sla_rules.deadlines import PlannedDeadline, plan
from sla_rules.platform_calendars import platform_calendars
from sla_rules.policy import Policy
from sla_rules.timeline import Timeline


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketPlan:
    """A ticket's clocks, and what it goes by from now on. No policy: nobody is waited for."""

    policy: Policy | None
    versions: Versions | None
    planned: Sequence[PlannedDeadline]


def plan_ticket(
    desk: Desk,
    ticket: Ticket,
    history: History,
    now: datetime,
    stored: Sequence[StoredClock] = (),
    *,
    anew: bool = False,
    with_pings: bool = True,
) -> TicketPlan:
    """Plan a ticket by the rules it is frozen to; by those of now when a wait begins, or `anew`.

    Reads and writes nothing: `rule_versions.meet_rules` has brought what it needs. A change of
    class in this very transaction is a plan anew. Rules that are lost move no clock: those that
    run keep the deadline they have, and new ones come under the rules of now. Without pings it
    costs half as much, for whoever asks about deadlines only.
    """
    line = timeline(ticket, history, zone_of(desk, ticket.inbox), rule_channel_of(desk, ticket))
    frozen = frozen_of(ticket)
    anew = anew or frozen is None or _changed_class(line, now)
    if anew or begins_anew(ticket, line, stored):
        frozen = None
    rules = (rules_of(desk, frozen) if frozen else None) or rules_now(desk, ticket, line)
    planned = _plan(line, rules, now, with_pings=with_pings)
    for waits in _begun_otherwise(stored, rules):
        before = _of_before(desk, line, waits, rules, now)
        planned = _restored(planned, waits, before, anew=anew)
    return TicketPlan(policy=rules.policy, versions=frozen or rules.versions, planned=planned)


def planned_by(
    desk: Desk,
    ticket: Ticket,
    history: History,
    now: datetime,
    stored: Sequence[StoredClock] = (),
) -> tuple[Policy | None, Sequence[PlannedDeadline]]:
    """Policy and clocks of `plan_ticket`, for those who only look."""
    found = plan_ticket(desk, ticket, history, now, stored)
    return found.policy, found.planned


def rules_now(desk: Desk, ticket: Ticket, line: Timeline) -> Rules:
    """The rules of the desk's file as it was read, with `shop` bound to the inbox's calendar."""
    policy = desk.policies.select(line.facts)
    calendars = calendars_of(desk, ticket.inbox)
    named: Mapping[str, Calendar] = {**platform_calendars(), **calendars}
    versions = versions_of(policy, named) if policy else None
    return Rules(policy=policy, calendars=calendars, versions=versions)


def _changed_class(line: Timeline, now: datetime) -> bool:
    return line.reclassified is not None and line.reclassified.at == now


def _plan(
    line: Timeline, rules: Rules, now: datetime, *, with_pings: bool = True
) -> Sequence[PlannedDeadline]:
    if rules.policy is None:
        return ()
    try:
        return plan(line, rules.policy, rules.calendars, now, with_pings=with_pings)
    except CalendarError:
        # A shop that never opens again: every hour counts, which is early but never late.
        own = rules.calendars.keys() - platform_calendars().keys()
        always = dict.fromkeys(own, ALWAYS)
        return plan(line, rules.policy, always, now, with_pings=with_pings)


_Waits = Mapping[Wait, Sequence[StoredClock]]


def _begun_otherwise(stored: Sequence[StoredClock], rules: Rules) -> Sequence[_Waits]:
    """Waits that were begun under other rules than these, those with the same rules together."""
    alike: dict[tuple[object, ...], dict[Wait, Sequence[StoredClock]]] = defaultdict(dict)
    for wait, clocks in begun_otherwise(stored, rules).items():
        own = versions_of_rows(clocks)
        alike[own.policy_version, *sorted(own.calendars.items())][wait] = clocks
    return list(alike.values())


def _of_before(
    desk: Desk, line: Timeline, waits: _Waits, rules: Rules, now: datetime
) -> Sequence[PlannedDeadline]:
    clocks = [clock for each in waits.values() for clock in each]
    before = rules_of(desk, versions_of_rows(clocks))
    if before is None or before.policy is None:
        return [each for those in waits.values() for each in as_stored(line, those, now)]
    # A row names the calendar it is measured in, not the one its pings are heard in.
    calendars = {**rules.calendars, **before.calendars}
    if before.policy.calendars <= calendars.keys() | platform_calendars().keys() | {ALWAYS_NAME}:
        return _plan(line, replace(before, calendars=calendars), now)
    return [each for those in waits.values() for each in as_stored(line, those, now)]


def _restored(
    planned: Sequence[PlannedDeadline],
    waits: _Waits,
    before: Sequence[PlannedDeadline],
    *,
    anew: bool,
) -> Sequence[PlannedDeadline]:
    """The plan, with what the rules of before say of those waits that stay with them."""
    theirs: dict[Wait, list[PlannedDeadline]] = {wait: [] for wait in waits}
    for each in before:
        if (each.metric, each.instance) in theirs:
            theirs[each.metric, each.instance].append(each)
    kept = {wait for wait, clocks in waits.items() if keeps(clocks, theirs[wait], anew=anew)}
    others = [each for each in planned if (each.metric, each.instance) not in kept]
    return [*others, *(each for wait in kept for each in theirs[wait])]

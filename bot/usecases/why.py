"""Why each deadline of a ticket is when it is: its stored clocks beside the plan they came from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select

from bot.db import tables
from bot.db.clock_rows import load_clocks, load_histories
from bot.db.ticket_rows import select_tickets, ticket_of
from bot.domain.card import ClockView, TicketView
from bot.domain.desk import Desk
from bot.domain.frozen_rules import Rules, Versions
from bot.domain.history import History, MessageFact, timeline
from bot.domain.inbound import doubted_date
from bot.domain.routing import calendars_of, rule_channel_of, zone_of
from bot.usecases.planning import planned_by
from bot.usecases.rule_versions import meet_rules, rules_of
from sla_rules.calendar import ALWAYS, Calendar
from sla_rules.deadlines import PlannedDeadline
from sla_rules.explain import Explanation, Known, explained, known_of
from sla_rules.platform_calendars import platform_calendars
from sla_rules.runs import whole_second
from sla_rules.worded import worded

_LOST: Final = worded("that version is not at hand any more, so what stood still is not known")
_OTHERWISE: Final = worded(
    "planned again today it would be due at another time; the stored one holds"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockWhy:
    """A clock as it stands, and the way to its deadline."""

    clock: ClockView
    explanation: Explanation


def why(conn: Connection, desk: Desk, shown: TicketView, now: datetime) -> Sequence[ClockWhy]:
    """The explanations of the clocks in `shown`, in their order. Reads only.

    A clock is explained by the rules it is frozen to. Where those give another deadline than the
    row has, the row is right, and the explanation says what it cannot know.
    """
    row = conn.execute(select_tickets().where(tables.ticket.c.id == shown.id)).one()
    ticket = ticket_of(row)
    history = load_histories(conn, [ticket.id]).get(ticket.id, History())
    stored = load_clocks(conn, [ticket.id]).get(ticket.id, ())
    meet_rules(conn, desk, [ticket], [stored])
    _, planned = planned_by(desk, ticket, history, now, stored)
    plans = {(each.metric, each.scope, each.instance): each for each in planned}
    line = timeline(ticket, history, zone_of(desk, ticket.inbox), rule_channel_of(desk, ticket))
    found: list[ClockWhy] = []
    for clock in shown.clocks:
        rules = _rules(desk, clock)
        plan = plans.get((clock.metric, clock.scope, clock.instance))
        first = _first_message(clock, history.messages)
        known = replace(
            _known(clock, plan, rules),
            seen_at=first.seen_at if first else None,
            dated_at=_dated_at(conn, first) if first else None,
            holds=line.holds,
        )
        calendar = _calendar(clock, rules, calendars_of(desk, ticket.inbox))
        found.append(ClockWhy(clock=clock, explanation=explained(clock, calendar, now, known)))
    return found


def _rules(desk: Desk, clock: ClockView) -> Rules | None:
    calendars = {clock.calendar: clock.calendar_version}
    return rules_of(
        desk,
        Versions(policy=clock.policy, policy_version=clock.policy_version, calendars=calendars),
    )


def _known(clock: ClockView, plan: PlannedDeadline | None, rules: Rules | None) -> Known:
    if rules is None:
        return Known(paused_at=clock.paused_at, cause=clock.cause, lost=_LOST)
    if plan is not None and _is_it(plan, clock):
        return known_of(plan)
    origin = rules.policy.origin if rules.policy else None
    return Known(rule=origin, paused_at=clock.paused_at, cause=clock.cause, lost=_OTHERWISE)


def _is_it(plan: PlannedDeadline, clock: ClockView) -> bool:
    return (plan.started_at, plan.due_at, plan.stopped_at, plan.policy_version) == (
        clock.started_at,
        clock.due_at,
        clock.stopped_at,
        clock.policy_version,
    )


def _calendar(clock: ClockView, rules: Rules | None, calendars: Mapping[str, Calendar]) -> Calendar:
    """The calendar it was counted in; where that is lost, the one that has its name now."""
    if rules is not None and clock.calendar in rules.calendars:
        return rules.calendars[clock.calendar]
    named = {**platform_calendars(), **calendars}
    return named.get(clock.calendar, ALWAYS)


def _first_message(clock: ClockView, messages: Sequence[MessageFact]) -> MessageFact | None:
    """The message that the clock began with; None where it was no message."""
    found = [
        each for each in messages if each.inbound and whole_second(each.sent_at) == clock.started_at
    ]
    return min(found, key=lambda each: (each.seen_at, each.id), default=None)


def _dated_at(conn: Connection, message: MessageFact) -> datetime | None:
    m = tables.message.c
    reason = conn.scalar(select(m.reason).where(m.id == message.id))
    return doubted_date(reason or "")

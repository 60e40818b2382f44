"""Every sort of clock as agents see it: paused, shutting, moved to another class, explained."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from bot.domain.card import ClockView, WaitView
from bot.domain.class_change import Reclassification, told
from bot.domain.recomputation import Move
from bot.slack.blocks import moves, thread
from bot.slack.blocks.card import render_card
from bot.slack.blocks.rendered import Rendered
from bot.slack.blocks.why import render_why
from bot.usecases.why import ClockWhy
from sla_rules.calendar import ALWAYS, BusinessCalendar, Calendar
from sla_rules.explain import Known, explained
from sla_rules.topics import Topic
from sla_rules.vocabulary import ClockState, Metric, Scope, Waiting
from tests.unit.slack.scenes import (
    GIULIA,
    NOON,
    a_clock,
    a_desk,
    a_ping,
    a_ticket,
    an_event,
    an_internal_clock,
)

DESK = a_desk()
HOUR = timedelta(hours=1)
SHOP = BusinessCalendar(
    "Europe/Rome", {day: [("09:00", "18:00")] for day in ("mon", "tue", "wed", "thu", "fri")}
)
CAUSE = "policy_change: VIP; its target had passed by then, so 15 min from the change"
WAIT = WaitView(on=Waiting.CUSTOMER, since=NOON)
RESOLUTION = an_internal_clock(
    metric=Metric.RESOLUTION, target_seconds=259_200, due_at=NOON + 69 * HOUR
)
RAN = a_ticket(assignee=GIULIA, clocks=(a_clock(), RESOLUTION))
PAUSED = a_ticket(
    assignee=GIULIA,
    wait=WAIT,
    clocks=(
        a_clock(),
        replace(RESOLUTION, state=ClockState.PAUSED, paused_at=NOON - timedelta(minutes=10)),
    ),
)
SHUTTING = a_ticket(
    connector="instagram",
    clocks=(a_clock(scope=Scope.WINDOW), an_internal_clock(due_at=NOON + 2 * HOUR)),
)
MANY = a_ticket(
    clocks=(
        a_clock(),
        an_internal_clock(),
        RESOLUTION,
        an_internal_clock(metric=Metric.UPDATE, target_seconds=172_800, due_at=NOON + 45 * HOUR),
        a_clock(scope=Scope.WINDOW, due_at=NOON + 160 * HOUR, target_seconds=604_800),
    )
)
MOVES = (
    Move(
        metric=Metric.FIRST_RESPONSE,
        scope=Scope.INTERNAL,
        before=NOON + 9 * HOUR,
        after=NOON + HOUR / 4,
        policy="amazon.vip",
        past=False,
    ),
    Move(
        metric=Metric.RESOLUTION,
        scope=Scope.INTERNAL,
        before=None,
        after=NOON + 69 * HOUR,
        policy="amazon.vip",
        past=False,
    ),
)


def a_why(clock: ClockView, calendar: Calendar = ALWAYS, known: Known | None = None) -> ClockWhy:
    return ClockWhy(clock=clock, explanation=explained(clock, calendar, NOON, known))


FRIDAY = NOON + timedelta(days=3, hours=4)
OVER_A_WEEKEND = a_why(
    an_internal_clock(
        calendar="shop",
        started_at=FRIDAY,
        target_seconds=7200,
        due_at=SHOP.deadline(FRIDAY, 2 * HOUR),
    ),
    SHOP,
    Known(rule="threadline.toml:41", seen_at=FRIDAY + timedelta(minutes=3)),
)

CLOCK_MESSAGES: dict[str, Callable[[], Rendered]] = {
    "why": lambda: render_why(a_ticket(), [a_why(a_clock()), OVER_A_WEEKEND], DESK),
    "why_nothing": lambda: render_why(a_ticket(clocks=()), [], DESK),
    "card_paused": lambda: render_card(PAUSED, DESK, NOON),
    "card_waiting_in_vain": lambda: render_card(
        a_ticket(wait=WaitView(on=Waiting.CUSTOMER, since=NOON, until=NOON + 20 * HOUR)),
        DESK,
        NOON,
    ),
    "card_window": lambda: render_card(SHUTTING, DESK, NOON),
    "card_window_shut": lambda: render_card(SHUTTING, DESK, NOON + 40 * HOUR),
    "card_many_clocks": lambda: render_card(MANY, DESK, NOON),
    "card_class_changed": lambda: render_card(
        a_ticket(
            vip=True,
            topic=Topic.A_TO_Z,
            tags=("gift", "b2b"),
            clocks=(a_clock(), an_internal_clock(cause=CAUSE, due_at=NOON + HOUR / 4)),
        ),
        DESK,
        NOON,
    ),
    "ping_window": lambda: thread.render_ping(
        SHUTTING, [a_ping("warn20", clock=SHUTTING.clocks[0])], DESK, NOON, [GIULIA]
    ),
    "ping_class_changed": lambda: thread.render_ping(
        a_ticket(assignee=GIULIA, clocks=(an_internal_clock(cause=CAUSE),)),
        [a_ping("warn20", clock=an_internal_clock(cause=CAUSE))],
        DESK,
        NOON,
        [GIULIA],
    ),
    "log_waiting": lambda: thread.render_log(
        PAUSED, an_event("waiting", on="customer", until=(NOON + HOUR).isoformat()), DESK
    ),
    "log_went_on": lambda: thread.render_log(PAUSED, an_event("went_on"), DESK),
    "log_reclassified": lambda: thread.render_log(
        a_ticket(), an_event("reclassified", what="VIP", cause=CAUSE, moves=told(MOVES)), DESK
    ),
    "log_recomputed": lambda: thread.render_log(
        a_ticket(), an_event("recomputed", actor="desk", moves=told(MOVES)), DESK
    ),
    "answer_waits": lambda: moves.waits(RAN, PAUSED, WAIT, DESK),
    "answer_waits_in_vain": lambda: moves.waits(a_ticket(), a_ticket(), WAIT, DESK),
    "answer_goes_on": lambda: moves.goes_on(PAUSED, RAN, DESK),
    "answer_waited_for_nobody": lambda: moves.goes_on(RAN, RAN, DESK),
    "answer_class_changed": lambda: moves.class_changed(
        a_ticket(), Reclassification(what="VIP", moves=MOVES, cause=CAUSE), DESK
    ),
    "answer_class_without_clocks": lambda: moves.class_changed(
        a_ticket(), Reclassification(what="tag gift", moves=(), cause=None), DESK
    ),
}

"""Tickets that are routed and offered, and people who come and go, drawn."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from bot.domain.card import EventView
from bot.domain.forecast import Because, Cause
from bot.domain.roster import WorkShift
from bot.slack.blocks import presence
from bot.slack.blocks.log import render_log
from bot.slack.blocks.offer import Offer, render_offer
from bot.slack.blocks.rendered import Rendered
from bot.usecases.assign_next import AssignedNext
from bot.usecases.away import WentAway
from sla_rules.calendar import BusinessCalendar
from tests.unit.slack.forecast_scenes import a_forecast
from tests.unit.slack.scenes import DANA, GIULIA, MARCO, NOON, a_desk, a_row, a_ticket, an_event

DESK = a_desk()
HOUR = timedelta(hours=1)
TOMORROW = NOON + 21 * HOUR
DAY = BusinessCalendar("Europe/Rome", {"wed": [("09:00", "18:00")]})
SHIFTS = replace(
    DESK.roster, shifts=(WorkShift(name="day", calendar=DAY, people=frozenset({MARCO})),)
)
LEFT_OUT = [
    {"agent": MARCO, "why": "away", "detail": ""},
    {"agent": GIULIA, "why": "full", "detail": "9/10"},
    {"agent": DANA, "why": "language", "detail": "de"},
]


def routed(**data: object) -> EventView:
    told = {"routes": ["german", "everybody"], "left_out": LEFT_OUT, "to_agent": None, **data}
    return an_event("routed", actor="desk", **told)


ROUTE_MESSAGES: dict[str, Callable[[], Rendered]] = {
    "log_routed": lambda: render_log(
        a_ticket(), routed(to_agent=DANA, previous=True, left_out=LEFT_OUT[:2]), DESK
    ),
    "log_routed_to_nobody": lambda: render_log(
        a_ticket(), routed(next_agent=MARCO, next_at=TOMORROW.isoformat()), DESK
    ),
    "offer_away": lambda: render_offer(
        Offer(rows=[a_row(assignee=GIULIA)], of=1, who=GIULIA), DESK, NOON
    ),
    "offer_shift_ends": lambda: render_offer(
        Offer(
            rows=[a_row(), a_row(number=18, subject="W" * 400)] * 5,
            of=34,
            ends_at=NOON + HOUR,
            next_who=MARCO,
            next_at=TOMORROW,
            foreseen={17: a_forecast(Cause(because=Because.QUEUE, count=2))},
        ),
        DESK,
        NOON,
    ),
    "offer_nobody_next": lambda: render_offer(
        Offer(rows=[a_row()], of=1, ends_at=NOON + HOUR), DESK, NOON
    ),
    "answer_away": lambda: presence.gone(
        WentAway(who=GIULIA, until=TOMORROW, waiting=3, given=2), GIULIA, DESK
    ),
    "answer_next": lambda: presence.given(
        AssignedNext(ticket=a_ticket(), who=MARCO, at=TOMORROW), DESK
    ),
    "answer_shift": lambda: presence.rota(DESK, SHIFTS.without({DANA: TOMORROW}), NOON),
    "answer_no_shifts": lambda: presence.rota(DESK, DESK.roster, NOON),
}

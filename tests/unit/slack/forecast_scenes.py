"""Deadlines that are forecast to be missed, drawn."""

from collections.abc import Callable
from datetime import timedelta

from bot.domain.forecast import Because, Cause, Clock, Forecast
from bot.domain.forecast_rate import HitRate
from bot.slack.blocks.forecast import ForecastView, render_forecast
from bot.slack.blocks.rendered import Rendered
from sla_rules.vocabulary import Scope
from tests.unit.slack.scenes import GIULIA, NOON, a_desk, a_row

DESK = a_desk()
HOUR = timedelta(hours=1)
UNTIL = NOON + 21 * HOUR


def a_forecast(
    cause: Cause, ticket: int = 17, scope: Scope = Scope.MARKETPLACE, percent: int = 100
) -> Forecast:
    clock = Clock(deadline_id=ticket, scope=scope, due_at=NOON + 2 * HOUR)
    return Forecast(ticket_id=ticket, clock=clock, percent=percent, expected_at=None, cause=cause)


CAUSES = [
    Cause(because=Because.NOBODY, at=UNTIL),
    Cause(because=Because.NOBODY),
    Cause(because=Because.OWNER, at=UNTIL, who=GIULIA),
    Cause(because=Because.OWNER, who=GIULIA),
    Cause(because=Because.SHORT),
    Cause(because=Because.QUEUE),
    Cause(because=Because.QUEUE, count=1),
    Cause(because=Because.QUEUE, count=12),
]


def _view(causes: list[Cause], rate: HitRate) -> ForecastView:
    scopes = list(Scope)
    found = [
        a_forecast(cause, 17 + at, scopes[at % len(scopes)], 100 - at)
        for at, cause in enumerate(causes)
    ]
    rows = {each.ticket_id: a_row(id=each.ticket_id, number=each.ticket_id) for each in found[:20]}
    return ForecastView(found=found, rows=rows, rate=rate, until=UNTIL)


KNOWN = HitRate(since=NOON - 700 * HOUR, foreseen=120, came=78, missed=90, warned=70)
FEW = HitRate(since=NOON - 20 * HOUR, foreseen=3, came=2, missed=0, warned=0)

FORECAST_MESSAGES: dict[str, Callable[[], Rendered]] = {
    "forecast": lambda: render_forecast(_view(CAUSES, KNOWN), DESK),
    "forecast_of_one": lambda: render_forecast(_view(CAUSES[:1], FEW), DESK),
    "forecast_of_many": lambda: render_forecast(_view(CAUSES * 9, KNOWN), DESK),
    "forecast_of_none": lambda: render_forecast(_view([], HitRate()), DESK),
}

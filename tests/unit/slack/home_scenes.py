"""Homes as people see them."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.domain.card import CardStage, WaitView
from bot.domain.home import HomeChoice, HomeQueue, HomeView, Load, OwnChoices, Shelf, Today
from bot.domain.quiet_hours import PingWay, read_quiet
from bot.language import Language
from bot.slack.blocks.home_choices import quiet_view
from bot.slack.blocks.home_view import home_view
from sla_rules.vocabulary import Waiting
from tests.unit.slack.forecast_scenes import CAUSES, a_forecast
from tests.unit.slack.scenes import DANA, GIULIA, MARCO, NOON, a_desk, a_row

HOUR = timedelta(hours=1)
DESK = a_desk()
TODAY = Today(received=42, in_time=36, missed=2, own=9)
LED_TODAY = Today(received=42, in_time=36, missed=2, own=9, kept=26, decided=27)


def a_home(**changes: Any) -> HomeView:
    shown: dict[str, Any] = {
        "choice": HomeChoice(),
        "shelves": [
            Shelf(
                queue=HomeQueue.RISK,
                rows=[a_row(card_stage=CardStage.CRITICAL, next_due_at=NOON + HOUR)],
                total=1,
            ),
            Shelf(
                queue=HomeQueue.MINE,
                rows=[a_row(id=18, number=18, assignee=GIULIA)],
                total=36,
                above=1,
            ),
            Shelf(queue=HomeQueue.UNCLAIMED, rows=[a_row(id=19, number=19)], total=1),
            Shelf(
                queue=HomeQueue.WAITING,
                rows=[a_row(id=20, number=20, card_stage=CardStage.ANSWERED, next_due_at=None)],
                total=1,
            ),
        ],
        "today": TODAY,
        "waits": {20: WaitView(on=Waiting.CUSTOMER, since=NOON - HOUR, until=NOON + 48 * HOUR)},
    }
    return HomeView(**shown | changes)


TEAM = [
    Load(agent=MARCO, open=12, due=3, first=a_row(number=21, next_due_at=NOON + HOUR)),
    Load(agent=DANA, open=1),
]

BREACHES = [(a_forecast(cause), a_row()) for cause in CAUSES]

EMPTY = [Shelf(queue=queue, rows=[], total=0) for queue in (HomeQueue.RISK, HomeQueue.MINE)]

HERE = OwnChoices(agent=DESK.roster.agents[GIULIA], usual=Language.EN)

AWAY = OwnChoices(
    agent=replace(HERE.agent, quiet=read_quiet("22:00-07:00", "Europe/Berlin"), pings=PingWay.BOTH),
    usual=Language.EN,
    chosen=Language.DE,
    away=True,
    until=NOON + 20 * HOUR,
)

SECOND_PAGE = a_home(
    choice=HomeChoice(queue=HomeQueue.UNCLAIMED, inbox="amazon-it", page=1),
    shelves=[Shelf(queue=HomeQueue.UNCLAIMED, rows=[a_row()], total=75, above=40)],
    scoped=True,
)

HOME_VIEWS: Mapping[str, Callable[[], dict[str, Any]]] = {
    "home": lambda: home_view(a_home(), DESK, NOON),
    "home_of_a_lead": lambda: home_view(
        a_home(today=LED_TODAY, team=TEAM, breaches=BREACHES), DESK, NOON
    ),
    "home_empty": lambda: home_view(a_home(shelves=EMPTY, today=Today()), DESK, NOON),
    "home_second_page": lambda: home_view(SECOND_PAGE, DESK, NOON),
    "home_with_own_choices": lambda: home_view(a_home(shelves=EMPTY, own=HERE), DESK, NOON),
    "home_of_who_is_away": lambda: home_view(a_home(shelves=EMPTY, own=AWAY), DESK, NOON),
    "quiet_hours": lambda: quiet_view(AWAY.agent.quiet),
}

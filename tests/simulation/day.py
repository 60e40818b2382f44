"""A small seller's day: two marketplaces, Slack, and the people of the builders' desk."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Final

from bot.domain.desk import Desk
from tests.builders import ANNA, BRUNO, a_desk
from tests.simulation.invariants import check_end, check_step
from tests.simulation.people import People
from tests.simulation.ports import Around, Worlds
from tests.simulation.shop_world import By, ShopPlan, ShopWorld
from tests.simulation.slack_world import SlackWorld
from tests.simulation.worlds import Checks, Plan

DESK: Final[Desk] = a_desk()


def a_day(around: Around, plan: Plan) -> Worlds:
    """The worlds around a desk, as large as `plan.size` says."""
    names = list(DESK.inboxes)[: plan.size.inboxes]
    dice = around.chance.dice("day")
    shops = {
        name: ShopWorld(
            around,
            inbox=name,
            plan=ShopPlan(
                hours=plan.size.hours,
                conversations=-(-plan.size.conversations // len(names)),
                bursts=dice.choice((0, 1, 2)),
                probes=dice.random() < 0.8,
            ),
        )
        for name in names
    }

    def arrived(inbox: str, words: str) -> bool:
        shop = shops.get(inbox)
        said = shop.said if shop is not None else ()
        return any(each.by is By.SELLER and each.text == words for each in said)

    return Worlds(
        slack=SlackWorld(around, desk=DESK),
        markets=shops,
        people=People(around, arrived=arrived, every=3600.0 / max(1, plan.size.conversations)),
        desk=_staffed(around, plan.size.hours),
    )


def _staffed(around: Around, hours: float) -> Callable[[], Desk]:
    """The desk; on some days an agent leaves the company, with whatever is theirs."""
    dice = around.chance.dice("resigns")
    who = dice.choice((ANNA, BRUNO, None, None))
    leaves_at = around.now() + timedelta(hours=hours * dice.uniform(0.3, 0.9))
    if who is None:
        return lambda: DESK
    agents = {**DESK.roster.agents, who: replace(DESK.roster.agents[who], active=False)}
    without = replace(DESK, roster=replace(DESK.roster, agents=agents))
    return lambda: without if around.now() >= leaves_at else DESK


CHECKS: Final = Checks(step=check_step, end=check_end)
"""All the invariants."""

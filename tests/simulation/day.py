"""A small seller's day: two marketplaces, a mailbox, Slack, and the people of the builders' desk."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Final

from bot.domain.desk import Desk, InboxRoute
from tests.builders import ANNA, BRUNO, a_desk
from tests.simulation.invariants import check_end, check_step
from tests.simulation.mail_world import MailWorld
from tests.simulation.people import People
from tests.simulation.ports import Around, Worlds
from tests.simulation.shop_world import By, ShopPlan, ShopWorld
from tests.simulation.slack_world import SlackWorld
from tests.simulation.worlds import Checks, Plan

MAIL: Final = "mail"
DESK: Final[Desk] = a_desk()
_MAILBOX: Final = InboxRoute(
    name=MAIL,
    connector="website",
    channel="C0MAIL",
    group=("S0MAIL",),
    label="Mail",
    calendar="rome",
)
_ALL: Final[Mapping[str, InboxRoute]] = {**DESK.inboxes, MAIL: _MAILBOX}


def desk_of(*names: str) -> Desk:
    """The builders' desk with these inboxes."""
    return replace(DESK, inboxes={name: _ALL[name] for name in names})


def a_day(around: Around, plan: Plan) -> Worlds:
    """The worlds around a desk, as large as `plan.size` says."""
    size, known = plan.size, list(_ALL)
    names = [known[((size.first or 0) + number) % len(known)] for number in range(size.inboxes)]
    desk = desk_of(*names)
    dice = around.chance.dice("day")
    shops = {
        name: (MailWorld if name == MAIL else ShopWorld)(
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
        slack=SlackWorld(around, desk=desk),
        markets=shops,
        people=People(around, arrived=arrived, every=3600.0 / max(1, plan.size.conversations)),
        desk=_staffed(around, desk, plan.size.hours),
    )


def _staffed(around: Around, desk: Desk, hours: float) -> Callable[[], Desk]:
    """The desk; on some days an agent leaves the company, with whatever is theirs."""
    dice = around.chance.dice("resigns")
    who = dice.choice((ANNA, BRUNO, None, None))
    leaves_at = around.now() + timedelta(hours=hours * dice.uniform(0.3, 0.9))
    if who is None:
        return lambda: desk
    agents = {**desk.roster.agents, who: replace(desk.roster.agents[who], active=False)}
    without = replace(desk, roster=replace(desk.roster, agents=agents))
    return lambda: without if around.now() >= leaves_at else desk


CHECKS: Final = Checks(step=check_step, end=check_end)
"""All the invariants."""

"""Canonical stories, short and without chance, for a crash at every one of their points."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from typing_extensions import override

from tests.builders import ANNA, BRUNO, SHOP
from tests.simulation.acts import Act, Seen
from tests.simulation.day import DESK, MAIL, desk_of
from tests.simulation.desk import Knobs
from tests.simulation.faults import Dials
from tests.simulation.mail_world import MailWorld
from tests.simulation.people import _MAKES, _PLAIN, People, _plain, _shown
from tests.simulation.ports import Around, Office, Worlds
from tests.simulation.shop_world import ShopPlan, ShopWorld
from tests.simulation.slack_world import SlackWorld
from tests.simulation.worlds import Build, Plan, Size

_QUIET: Final = Knobs(
    idle=900.0, tick=900.0, poll=600.0, audit=86400.0, prune=86400.0, surge=86400.0, others=86400.0
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Somebody does something to ticket #1 at a second of the story."""

    at: float
    who: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What is played: by mail, or in a marketplace's own messages, and by so many `workers`."""

    name: str
    hours: float
    wishes: tuple[Wish, ...] = ()
    dials: Mapping[str, float] = field(default_factory=dict)
    shop: Mapping[str, float] = field(default_factory=dict)
    seed: int = 1
    by_mail: bool = False
    workers: int = 1

    @property
    def plan(self) -> Plan:
        """The world it is played in."""
        return Plan(
            seed=self.seed,
            dials=Dials.only(**self.dials),
            size=Size(hours=self.hours, conversations=1, inboxes=1),
            shuffled=False,
            knobs=_QUIET,
            rests=bool(self.dials),
            workers=self.workers,
        )

    @property
    def build(self) -> Build:
        """What stands around it."""
        return partial(_build, self)


class Cast(People):
    """People who do what the story says, one after the other, until each got an answer."""

    def __init__(self, around: Around, wishes: tuple[Wish, ...], arrived: object) -> None:
        super().__init__(around, arrived=arrived)  # type: ignore[arg-type]
        self._left = list(wishes)

    @override
    async def live(self, office: Office) -> None:
        while self._left:
            wish = self._left[0]
            late = (office.clock.monotonic()) - wish.at
            await asyncio.sleep(max(0.0, -late))
            tickets = [each for each in await office.db.read(_shown) if each.number == 1]
            if not tickets:
                # Nobody can press what is not there yet.
                await asyncio.sleep(30)
                continue
            self._wants = self._wants or self._wish(office, wish, tickets[0])
            await self._do(office, self._wants)
            self._wants = None
            self._left.pop(0)
        await asyncio.Event().wait()

    def _wish(self, office: Office, wish: Wish, seen: Seen) -> Act:
        if wish.what in _PLAIN:
            return _plain(wish.what, wish.who, seen)
        return _MAKES[wish.what](self, office, wish.who, seen)


def _build(story: Story, around: Around, plan: Plan) -> Worlds:
    inbox = MAIL if story.by_mail else SHOP
    desk = desk_of(MAIL) if story.by_mail else DESK
    told = {"bursts": 0, "burst": 1, "in_console": 0.0, "again": 0.0, "moderated": 0.0}
    told |= {"automatic": 0.0, "conversations": 1, **story.shop}
    # The customers write early, and the story is what comes of it.
    made = MailWorld if story.by_mail else ShopWorld
    shop = made(around, inbox=inbox, plan=ShopPlan(hours=0.2, **told))  # type: ignore[arg-type]

    def arrived(_inbox: str, words: str) -> bool:
        return any(taken.said.text == words for taken in shop.taken)

    return Worlds(
        slack=SlackWorld(around, desk=desk),
        markets={inbox: shop},
        people=Cast(around, story.wishes, arrived),
        desk=lambda: desk,
    )


STORIES: Final = (
    Story(name="a message becomes a card", hours=0.3),
    Story(
        name="claimed and answered",
        hours=0.5,
        wishes=(
            Wish(at=900, who=ANNA, what="claim"),
            Wish(at=960, who=ANNA, what="reply"),
            Wish(at=1500, who=BRUNO, what="note"),
        ),
    ),
    Story(name="nobody answers", hours=3.5),
    Story(
        name="the answer comes back",
        hours=1.0,
        wishes=(Wish(at=900, who=ANNA, what="reply"),),
        dials={"bounce_later": 1.0},
    ),
    Story(
        name="pages that repeat and come late",
        hours=1.2,
        shop={"conversations": 3, "page": 2},
        dials={"duplicate": 1.0, "reorder": 1.0, "paging_drift": 0.5, "late_visible": 1.0},
    ),
    Story(
        name="answered twice and taken back",
        hours=0.5,
        wishes=(
            Wish(at=840, who=ANNA, what="reply"),
            Wish(at=844, who=ANNA, what="undo"),
            Wish(at=870, who=BRUNO, what="reply"),
            Wish(at=1200, who=BRUNO, what="resolve"),
        ),
        dials={"market_answer_lost": 0.2, "slack_answer_lost": 0.3},
        seed=4,
    ),
    Story(
        name="answered by mail, and it comes back",
        hours=0.9,
        wishes=(Wish(at=900, who=ANNA, what="reply"),),
        dials={"bounce_later": 1.0, "uidvalidity": 0.2, "late_visible": 0.5},
        by_mail=True,
        seed=13,
    ),
)

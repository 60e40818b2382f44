"""A marketplace with conversations: what is written there, and when its API shows it.

What buyers write is drawn when the world is made. What follows from an answer (a second question,
a bounce, an automatic notice) is added when the answer is taken. The connector over it is in
`shop_connector`.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from bot.clock import Clock
from connectors.contract import Connector
from connectors.errors import AuthExpired, ConnectorError, RateLimited, Unavailable
from tests.simulation.faults import FaultKind
from tests.simulation.ports import Around
from tests.simulation.waits import Waits

LATEST: Final = timedelta(minutes=30)
"""No message is shown later than this after it was written."""

OVERLAP: Final = timedelta(minutes=45)
"""What the connector reads again: longer than `LATEST`, and than anything drift may skip."""

DRIFTING: Final = timedelta(minutes=15)
"""Only what is as new as this is skipped by a page that shifts: the overlap shows it again."""

PATIENCE: Final = 30.0
"""Seconds the connector waits for an answer."""


class By(StrEnum):
    """Who wrote a message of the marketplace."""

    BUYER = "buyer"
    SELLER = "seller"
    AUTOMATIC = "autoresponder"
    BOUNCE = "bounce"  # the marketplace: an answer was not delivered


@dataclass(slots=True, kw_only=True)
class Said:
    """One message in the marketplace's books. `visible_at` is when its API first shows it.

    `poison` says how it cannot be read: "malformed", "crash" or not at all. `ours` are answers that
    came through the desk, `held` those that moderation has or had, `about` is the answer that a
    bounce is about.
    """

    number: int
    thread: str
    by: By
    text: str
    sent_at: datetime
    visible_at: datetime
    poison: str = ""
    ours: bool = False
    held: bool = False
    about: int | None = None

    @property
    def id(self) -> str:
        """The marketplace's own id."""
        return f"m{self.number}"

    @property
    def source_id(self) -> str:
        """What the desk keeps it by."""
        return f"message:{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """One hand-over of an answer, by the key the desk gave it."""

    key: str
    at: datetime
    said: Said


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """What the connector got by one fetch so far, and the cursor that is true once it is stored.

    `final` says that no page follows.
    """

    since: str
    at: datetime
    source_ids: tuple[str, ...]
    final: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopPlan:
    """What happens in one marketplace, apart from faults.

    `bursts` are moments of `burst` messages within a minute, more than a page holds. The shares are
    of conversations: answered in the marketplace's own console, continued by the buyer after an
    answer, kept back by moderation. Without `probes` nobody can ask what became of an answer.
    """

    hours: float = 8.0
    conversations: int = 20
    bursts: int = 1
    burst: int = 15
    page: int = 8
    in_console: float = 0.12
    again: float = 0.35
    moderated: float = 0.05
    automatic: float = 0.1
    probes: bool = True
    overlap: timedelta = OVERLAP


@dataclass(slots=True, kw_only=True)
class _Books:
    """What was said, in the order in which it was written down."""

    said: list[Said] = field(default_factory=list)
    by_thread: dict[str, list[Said]] = field(default_factory=dict)

    def add(self, said: Said) -> Said:
        self.said.append(said)
        self.by_thread.setdefault(said.thread, []).append(said)
        return said


class ShopWorld:
    """One inbox of a marketplace that outlives every process of the desk.

    `taken` is every answer handed over, in order; `handed` every page given out. `held_until` is
    the last instant until which somebody was told to wait.
    """

    def __init__(self, around: Around, *, inbox: str, plan: ShopPlan | None = None) -> None:
        self.around = around
        self.inbox = inbox
        self.plan = plan or ShopPlan()
        self.taken: list[Taken] = []
        self.sends: Counter[str] = Counter()
        self.handed: list[Handed] = []
        self.held_until = around.now()
        self.waits = Waits(around.now)
        self.dice = around.chance.dice(f"shop:{inbox}")
        self._books = _Books()
        self._numbers = 0
        self._locked_until = around.now()
        self._open_conversations()

    def connector(self, clock: Clock) -> Connector:
        """A connector for a process that starts now."""
        # Imported here: it is made of this module's parts.
        from tests.simulation.shop_connector import ShopConnector  # noqa: PLC0415

        del clock  # it only asks what time it is where it is
        self.waits.forget()
        return ShopConnector(self)

    @property
    def said(self) -> Sequence[Said]:
        """Everything that was, or will be, written."""
        return self._books.said

    def visible(self, at: datetime) -> list[Said]:
        """What the API shows at an instant, oldest first."""
        found = [each for each in self._books.said if each.visible_at <= at]
        return sorted(found, key=lambda each: (each.sent_at, each.number))

    def thread(self, thread: str) -> list[Said]:
        """One conversation as its own page shows it: at once, whatever the list is behind by."""
        now = self.around.now()
        found = [each for each in self._books.by_thread.get(thread, ()) if each.sent_at <= now]
        return sorted(found, key=lambda each: (each.sent_at, each.number))

    def tell(self, what: str) -> None:
        """A line of the story."""
        self.around.tell(self.inbox, what)

    # What is drawn when the world is made.

    def _open_conversations(self) -> None:
        plan, dice, begin = self.plan, self.dice, self.around.now()
        span = plan.hours * 3600
        calm = max(0, plan.conversations - plan.bursts * plan.burst)
        moments = [dice.uniform(0, span * 0.9) for _ in range(calm)]
        for _ in range(plan.bursts):
            peak = dice.uniform(0.1, 0.8) * span
            moments += [peak + dice.uniform(0, 60) for _ in range(plan.burst)]
        for number, second in enumerate(sorted(moments[: plan.conversations]), 1):
            thread = f"{self.inbox}-{number}"
            self._converse(thread, begin + timedelta(seconds=second))

    def _converse(self, thread: str, at: datetime) -> None:
        dice, plan = self.dice, self.plan
        self._buyer_writes(thread, at)
        for _ in range(dice.choice((0, 0, 0, 1, 2))):
            # Who waits writes again.
            at += timedelta(seconds=dice.uniform(5, 5400))
            self._buyer_writes(thread, at)
        if dice.random() < plan.in_console:
            at += timedelta(seconds=dice.uniform(300, 7200))
            self._write(thread, By.SELLER, f"Typed in the console for {thread}", at)

    def _buyer_writes(self, thread: str, at: datetime) -> Said:
        said = self._write(thread, By.BUYER, f"Question {self._numbers + 1} of {thread}", at)
        if self.around.chance.happens(FaultKind.POISON):
            said.poison = self.dice.choice(("malformed", "crash"))
        return said

    def _write(self, thread: str, by: By, text: str, at: datetime) -> Said:
        self._numbers += 1
        late = timedelta(seconds=self.dice.uniform(0, 20))
        if self.around.chance.happens(FaultKind.LATE_VISIBLE):
            late = self.dice.random() * (LATEST - timedelta(seconds=1))
        said = Said(
            number=self._numbers,
            thread=thread,
            by=by,
            text=text,
            sent_at=at,
            visible_at=at + late,
        )
        return self._books.add(said)

    # What answers do.

    def take(self, key: str, thread: str, text: str) -> Taken:
        """Take an answer over: from here on it counts as handed to the customer."""
        now = self.around.now()
        said = self._write(thread, By.SELLER, text, now)
        said.ours = True
        taken = Taken(key=key, at=now, said=said)
        self.taken.append(taken)
        self.sends[key] += 1
        self.tell(f"takes an answer in {thread}: {text}")
        self._what_follows(said)
        return taken

    def _what_follows(self, said: Said) -> None:
        dice, now = self.dice, said.sent_at
        if dice.random() < self.plan.automatic:
            later = now + timedelta(seconds=dice.uniform(1, 60))
            self._write(said.thread, By.AUTOMATIC, "I am out of the office", later)
        if self.around.chance.happens(FaultKind.BOUNCE_LATER):
            later = now + timedelta(seconds=dice.uniform(60, 3 * 3600))
            bounce = self._write(said.thread, By.BOUNCE, "the mailbox is full", later)
            bounce.about = said.number
        elif dice.random() < self.plan.again:
            self._buyer_writes(said.thread, now + timedelta(seconds=dice.uniform(60, 5400)))

    def moderates(self) -> bool:
        """Whether an answer is kept back, to be shown later or never."""
        return self.dice.random() < self.plan.moderated

    def keep_back(self, key: str, thread: str, text: str) -> None:
        """Moderation has it: after a while it is shown, or the seller hears that it was refused."""
        taken = self.take(key, thread, text)
        taken.said.held = True
        taken.said.visible_at += timedelta(seconds=self.dice.uniform(60, 1500))
        if self.dice.random() < 0.5 and not self.bounces_of(taken.said):
            later = taken.said.visible_at + timedelta(seconds=self.dice.uniform(60, 900))
            bounce = self._write(thread, By.BOUNCE, "refused by moderation", later)
            bounce.about = taken.said.number

    def bounces_of(self, said: Said) -> list[Said]:
        """What tells that an answer was not delivered."""
        return [each for each in self._books.by_thread[said.thread] if each.about == said.number]

    # What goes wrong on the way.

    async def way_there(self, call: str, *, lost_means: type[ConnectorError]) -> None:
        """The way of a call to the marketplace. Raises what ends it before anything is done.

        `lost_means` is what silence means for this call.
        """
        chance = self.around.chance
        if call == "fetch":
            self.waits.asked(call)
        self.around.crash.point(f"market.{call}.before")
        await asyncio.sleep(chance.dice(f"latency:{self.inbox}").uniform(0.1, 1.5))
        if chance.clogged(f"market:{self.inbox}"):
            await self._silent(call, lost_means)
        if chance.happens(FaultKind.MARKET_TIMEOUT_BEFORE):
            await self._silent(call, lost_means)
        if chance.happens(FaultKind.MARKET_5XX):
            raise Unavailable(f"{self.inbox} answered 503 to {call}")
        self._throttled(call)
        if self.is_locked():
            raise AuthExpired(f"{self.inbox} refuses our key")

    async def way_back(self, call: str, *, lost_means: type[ConnectorError]) -> None:
        """The way of its answer. Raises what ends it although it was done."""
        self.around.crash.point(f"market.{call}.after")
        if self.around.chance.happens(FaultKind.MARKET_ANSWER_LOST):
            self.tell(f"did {call}, but its answer is lost")
            await asyncio.sleep(PATIENCE)
            raise lost_means(f"no answer of {self.inbox} to {call}")

    async def _silent(self, call: str, lost_means: type[ConnectorError]) -> None:
        self.tell(f"says nothing to {call}, and does nothing")
        await asyncio.sleep(PATIENCE)
        raise lost_means(f"no answer of {self.inbox} to {call}")

    def _throttled(self, call: str) -> None:
        if self.around.chance.happens(FaultKind.MARKET_429):
            wait = self.dice.choice((1.0, 10.0, 60.0, 60.0, 300.0))
            self.held_until = max(self.held_until, self.around.now() + timedelta(seconds=wait))
            self.waits.told(call, self.around.now() + timedelta(seconds=wait))
            self.tell(f"has us wait {wait:.0f} s")
            raise RateLimited(wait)

    def is_locked(self) -> bool:
        """Whether credentials are refused, from now on perhaps."""
        chance, now = self.around.chance, self.around.now()
        if chance.happens(FaultKind.MARKET_AUTH):
            self._locked_until = now + timedelta(seconds=self.dice.uniform(30, 1200))
            self.tell("takes our credentials no more for a while")
        return now < self._locked_until and not chance.is_calm

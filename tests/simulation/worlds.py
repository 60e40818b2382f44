"""One random world from a seed: the desk works, things go wrong, and at the end all must be well."""

import asyncio
import hashlib
import json
import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final, Self

from sqlalchemy import Connection, select

from bot.db import tables
from tests.builders import NOW
from tests.simulation.clock import SimClock
from tests.simulation.crash import CrashPoints
from tests.simulation.crew import Crew
from tests.simulation.desk import Knobs, Life, made_deterministic
from tests.simulation.faults import Chance, Dials, FaultKind
from tests.simulation.inline import Storage
from tests.simulation.loop import Stuck, VirtualLoop
from tests.simulation.ports import Around, Killed, Violated, Worlds
from tests.simulation.weather import weather_of

SETTLE_SECONDS: Final = 120.0
"""After the last fault, and after what was agreed with the outside (a rest, a gate) is over."""

LONGEST_REST: Final = 330.0
"""A loop that failed again and again rests that long at most (`bot.outbox.backoff`), and a bit."""

LEAST_FAULTS: Final = 30
LEAST_KINDS: Final = 12
"""So many faults, of so many kinds, happen in every world with drawn dials."""

TWO_WORKERS: Final = 0.15
"""The share of drawn worlds in which two processes work."""

CHECK_EVERY: Final = 20
"""Commits between two looks at the invariants."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How large a world is: virtual hours, conversations, inboxes from the `first` on (drawn)."""

    hours: float = 8.0
    conversations: int = 40
    inboxes: int = 3
    first: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything a world depends on. `rests`: something may rest when the day is over.

    `workers` are the processes that share the work; one of them is the only one there is.
    """

    seed: int
    dials: Dials
    size: Size = field(default_factory=Size)
    shuffled: bool = True
    knobs: Knobs = field(default_factory=Knobs)
    rests: bool = True
    workers: int = 1

    @property
    def settle_seconds(self) -> float:
        """From the calm to the verdict: what failed before may rest that long, and be read then."""
        rest = LONGEST_REST + self.knobs.poll * 1.2
        return SETTLE_SECONDS + (rest if self.rests else 0.0)

    @classmethod
    def drawn(cls, seed: int, size: Size | None = None) -> Self:
        """The world of a seed."""
        dice = random.Random(f"plan:{seed}")
        plan = cls(
            seed=seed,
            dials=Dials.drawn(dice),
            size=size or Size(),
            shuffled=dice.random() < 0.7,
            knobs=Knobs.drawn(dice),
            workers=2 if dice.random() < TWO_WORKERS else 1,
        )
        if plan.size.first is not None:
            return plan
        return replace(plan, size=replace(plan.size, first=dice.randrange(3)))

    def to_json(self) -> str:
        """One line that `from_json` reads back."""
        return json.dumps(
            {
                "seed": self.seed,
                "dials": json.loads(self.dials.to_json()),
                "size": asdict(self.size),
                "shuffled": self.shuffled,
                "knobs": asdict(self.knobs),
                "rests": self.rests,
                "workers": self.workers,
            }
        )

    @classmethod
    def from_json(cls, text: str) -> Self:
        """What `to_json` wrote; what is left out is drawn from the seed."""
        read: dict[str, Any] = json.loads(text)
        drawn = cls.drawn(int(read["seed"]))
        changes: dict[str, Any] = {}
        if "dials" in read:
            changes["dials"] = Dials.from_json(json.dumps(read["dials"]))
        if "size" in read:
            changes["size"] = Size(**read["size"])
        if "knobs" in read:
            changes["knobs"] = Knobs(**read["knobs"])
        for name in ("shuffled", "rests"):
            if name in read:
                changes[name] = bool(read[name])
        return replace(drawn, workers=int(read.get("workers", 1)), **changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a world. `violated` is None where every invariant held."""

    plan: Plan
    digest: str
    commits: int
    lives: int
    points: int
    injected: Mapping[str, int]
    violated: tuple[str, str] | None = None
    story: tuple[str, ...] = ()


Build = Callable[[Around, Plan], Worlds]
CheckStep = Callable[[Connection, Worlds, datetime], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """The invariants: after a commit, and when all is over."""

    step: CheckStep
    end: CheckStep


class World:
    """One world, from its first second to its verdict."""

    def __init__(self, plan: Plan, build: Build, checks: Checks) -> None:
        self.plan = plan
        self.points = CrashPoints(several=plan.workers > 1)
        self.chance = Chance(plan.seed, plan.dials, self.now)
        self.storage = Storage(self.points, self.chance)
        self._loop: VirtualLoop | None = None
        self._since = 0.0
        self.told: list[str] = []
        self.around = Around(now=self.now, chance=self.chance, crash=self.points, tell=self.tell)
        self.worlds = replace(build(self.around, plan), told=self.told)
        self.clock = SimClock(self.now, self.seconds)
        self.lives = 0
        self.dies_again_after: int | None = None
        self._checks = checks
        self._checked = 0
        self._graves: list[object] = []
        self.full_until = 0.0
        self._away = 0.0
        self._over = False
        self._crew: Crew | None = None

    def seconds(self) -> float:
        """Virtual seconds since the world began."""
        return self._since if self._loop is None else self._loop.time()

    def now(self) -> datetime:
        """The true time."""
        return NOW + timedelta(seconds=self.seconds())

    def tell(self, who: str, what: str) -> None:
        """A line of the story."""
        self.told.append(f"{self.seconds():9.2f}s {who}: {what}")

    def run(self) -> Outcome:
        """Live through it. Never raises for what the product does wrong."""
        violated: tuple[str, str] | None = None
        try:
            with made_deterministic(self.plan.seed, self.plan.knobs, self.around):
                while not self._over:
                    self._one_life()
        except Violated as exc:
            violated = (exc.invariant, exc.detail)
        except Stuck as exc:
            violated = ("liveness", str(exc))
        finally:
            self._graves.append(self._loop)
            outcome = self._outcome(violated)
            self.storage.remove()
        return outcome

    def _outcome(self, violated: tuple[str, str] | None) -> Outcome:
        rows = self.storage.read(_rows)
        digest = hashlib.sha256("\n".join([*self.told, rows]).encode()).hexdigest()
        return Outcome(
            plan=self.plan,
            digest=digest,
            commits=self.storage.commits,
            lives=self.lives,
            points=self.points.count,
            injected={str(kind): count for kind, count in sorted(self.chance.injected.items())},
            violated=violated,
            story=tuple(self.told),
        )

    def _one_life(self) -> None:
        self.points.revive()
        dice = self.chance.dice("order") if self.plan.shuffled else None
        loop = VirtualLoop(
            start=self._since, dice=dice, after_turn=self._after_turn, survived=self._survived
        )
        self._loop = loop
        self._graves.append(loop)
        asyncio.set_event_loop(loop)
        try:
            loop.run_until_complete(self._several(loop) if self.plan.workers > 1 else self._life())
        except Killed as death:
            self.tell("machine", f"the process dies at {death}")
            self.storage.after_death()
        self._since = loop.time() + self.pause()
        self._loop = None

    def begins(self) -> None:
        """A process starts. Recovery is not safer than anything else."""
        if self.seconds() >= self.full_until:
            # Who was to make room died with the process before.
            self.storage.full = False
        if self.lives <= self.plan.workers:
            return
        again, self.dies_again_after = self.dies_again_after, None
        if again is not None:
            self.points.arm(again)
        elif self.chance.happens(FaultKind.KILL):
            self.arm(60)

    def stay_away(self, seconds: float) -> None:
        """Have the next dead process come back that late."""
        self._away = seconds

    def pause(self) -> float:
        """How long a dead process stays away, in seconds."""
        away, self._away = self._away, 0.0
        return away or self.chance.dice("pause").uniform(1.0, 20.0)

    def _survived(self, death: Killed) -> bool:
        return self._crew is not None and self._crew.survived(death)

    async def _several(self, loop: VirtualLoop) -> None:
        """Run the desk's processes until the play is over; they come and go meanwhile."""
        crew = self._crew = Crew(self, self.plan.knobs, loop)
        for place in range(self.plan.workers):
            crew.start(place)
        dice = self.chance.dice("who")
        weather = asyncio.create_task(weather_of(self, lambda: crew.anybody(dice.choice)))
        await self._play()
        weather.cancel()
        await crew.stop()

    async def _life(self) -> None:
        """Run the desk until the play is over, or it ends by itself."""
        self.lives += 1
        self.begins()
        life = Life(
            number=self.lives,
            storage=self.storage,
            clock=self.clock,
            worlds=self.worlds,
            knobs=self.plan.knobs,
        )
        work = asyncio.create_task(life.run())
        weather = asyncio.create_task(weather_of(self, lambda: life))
        play = asyncio.create_task(self._play())
        await asyncio.wait({work, play}, return_when=asyncio.FIRST_COMPLETED)
        weather.cancel()
        if play.done():
            play.result()
            life.stop.set()
        else:
            play.cancel()
        try:
            await work
        except Exception as exc:  # noqa: BLE001 - whatever keeps a process from starting ends it
            self.tell("machine", f"the process ends: {type(exc).__name__}")
            self.storage.after_death()
        else:
            self.tell("machine", "the process stops in good order")

    async def _play(self) -> None:
        """The day, then calm, then the verdict.

        A day with drawn dials lasts until enough went wrong, five days' length at most.
        """
        hours = self.plan.size.hours
        await self._until(hours * 3600)
        for _ in range(40 if self.plan.dials.sure else 0):
            if self._went_wrong() or self.seconds() > hours * 5 * 3600:
                break
            await asyncio.sleep(hours * 360)
        self._calm_down()
        await asyncio.sleep(self.plan.settle_seconds)
        await self._until(max(self._held_until(), self.seconds()))
        self._check(self._checks.end)
        self._over = True

    def _went_wrong(self) -> bool:
        """Whether as much went wrong as has to in every drawn world."""
        happened = self.chance.injected
        return sum(happened.values()) >= LEAST_FAULTS and len(happened) >= LEAST_KINDS

    def _held_until(self) -> float:
        """The second until which some platform asked us to wait, and a little more."""
        models = (self.worlds.slack, *self.worlds.markets.values())
        until = max(getattr(model, "held_until", NOW) for model in models)
        return (until - NOW).total_seconds() + SETTLE_SECONDS

    def _calm_down(self) -> None:
        if self.chance.is_calm:
            return
        self.tell("weather", "calm")
        self.chance.calm()
        self.points.disarm()
        self.storage.full = False
        self.clock.step(-self.clock.off)
        self.worlds.people.leave()

    async def _until(self, second: float) -> None:
        await asyncio.sleep(max(0.0, second - self.seconds()))

    def arm(self, most: int) -> None:
        """Somebody dies at one of the next points."""
        self.points.arm(self.chance.dice("kill").randint(1, most))

    def _after_turn(self) -> None:
        if self.points.dead:
            raise Killed(self.points.last)
        if self.storage.commits - self._checked >= CHECK_EVERY:
            self._checked = self.storage.commits
            self._check(self._checks.step)

    def _check(self, check: CheckStep) -> None:
        now = self.now()
        self.storage.read(lambda conn: check(conn, self.worlds, now))


def _rows(conn: Connection) -> str:
    """The state the desk came to, for the digest."""
    box, ticket = tables.outbox.c, tables.ticket.c
    effects = conn.execute(select(box.id, box.kind, box.state).order_by(box.id)).all()
    tickets = conn.execute(select(ticket.id, ticket.state, ticket.slack_ts).order_by(ticket.id))
    return repr((effects, tickets.all()))


def total(outcomes: list[Outcome]) -> Counter[str]:
    """Faults injected in all of them, by kind."""
    counted: Counter[str] = Counter()
    for outcome in outcomes:
        counted.update(outcome.injected)
    return counted

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

from sqlalchemy import Connection, select, update

from bot.db import tables
from tests.builders import NOW
from tests.simulation.clock import SimClock
from tests.simulation.crash import CrashPoints
from tests.simulation.desk import Knobs, Life, made_deterministic
from tests.simulation.faults import Chance, Dials, FaultKind
from tests.simulation.inline import Storage
from tests.simulation.loop import Stuck, VirtualLoop
from tests.simulation.ports import Around, Killed, Violated, Worlds

SETTLE_SECONDS: Final = 120.0
"""After the last fault, and after what was agreed with the outside (a rest, a gate) is over."""

LONGEST_REST: Final = 330.0
"""A loop that failed again and again rests that long at most (`bot.outbox.backoff`), and a bit."""

WEATHER_SECONDS: Final = 300.0
CHECK_EVERY: Final = 20
"""Commits between two looks at the invariants."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How large a world is: virtual hours, conversations, inboxes."""

    hours: float = 8.0
    conversations: int = 40
    inboxes: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything a world depends on. `rests`: something may rest when the day is over."""

    seed: int
    dials: Dials
    size: Size = field(default_factory=Size)
    shuffled: bool = True
    knobs: Knobs = field(default_factory=Knobs)
    rests: bool = True

    @property
    def settle_seconds(self) -> float:
        """From the calm to the verdict: what failed before may rest that long, and be read then."""
        rest = LONGEST_REST + self.knobs.poll * 1.2
        return SETTLE_SECONDS + (rest if self.rests else 0.0)

    @classmethod
    def drawn(cls, seed: int, size: Size | None = None) -> Self:
        """The world of a seed."""
        dice = random.Random(f"plan:{seed}")
        return cls(
            seed=seed,
            dials=Dials.drawn(dice),
            size=size or Size(),
            shuffled=dice.random() < 0.7,
            knobs=Knobs.drawn(dice),
        )

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
        return replace(drawn, **changes)


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
        self.points = CrashPoints()
        self.chance = Chance(plan.seed, plan.dials, self.now)
        self.storage = Storage(self.points, self.chance)
        self._loop: VirtualLoop | None = None
        self._since = 0.0
        self.told: list[str] = []
        self.around = Around(now=self.now, chance=self.chance, crash=self.points, tell=self._tell)
        self.worlds = replace(build(self.around, plan), told=self.told)
        self.clock = SimClock(self.now, self.seconds)
        self.lives = 0
        self.dies_again_after: int | None = None
        self._checks = checks
        self._checked = 0
        self._graves: list[object] = []
        self._away = 0.0
        self._over = False

    def seconds(self) -> float:
        """Virtual seconds since the world began."""
        return self._since if self._loop is None else self._loop.time()

    def now(self) -> datetime:
        """The true time."""
        return NOW + timedelta(seconds=self.seconds())

    def _tell(self, who: str, what: str) -> None:
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
        self.lives += 1
        self.points.revive()
        dice = self.chance.dice("order") if self.plan.shuffled else None
        loop = VirtualLoop(start=self._since, dice=dice, after_turn=self._after_turn)
        self._loop = loop
        self._graves.append(loop)
        if self.lives > 1:
            self._perhaps_die_at_start()
        asyncio.set_event_loop(loop)
        try:
            loop.run_until_complete(self._life())
        except Killed as death:
            self._tell("machine", f"the process dies at {death}")
            self.storage.after_death()
        self._since = loop.time() + self._pause()
        self._loop = None

    def _perhaps_die_at_start(self) -> None:
        """Recovery is not safer than anything else."""
        again, self.dies_again_after = self.dies_again_after, None
        if again is not None:
            self.points.arm(again)
        elif self.chance.happens(FaultKind.KILL):
            self._arm(60)

    def stay_away(self, seconds: float) -> None:
        """Have the next dead process come back that late."""
        self._away = seconds

    def _pause(self) -> float:
        away, self._away = self._away, 0.0
        return away or self.chance.dice("pause").uniform(1.0, 20.0)

    async def _life(self) -> None:
        """Run the desk until the play is over, or it ends by itself."""
        life = Life(
            number=self.lives,
            storage=self.storage,
            clock=self.clock,
            worlds=self.worlds,
            knobs=self.plan.knobs,
        )
        work = asyncio.create_task(life.run())
        weather = asyncio.create_task(self._weather(life))
        play = asyncio.create_task(self._play(life))
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
            self._tell("machine", f"the process ends: {type(exc).__name__}")
            self.storage.after_death()
        else:
            self._tell("machine", "the process stops in good order")

    async def _play(self, life: Life) -> None:
        """The day, then calm, then the verdict."""
        await self._until(self.plan.size.hours * 3600)
        self._calm_down()
        await asyncio.sleep(self.plan.settle_seconds)
        await self._until(max(self._held_until(), self.seconds()))
        self._check(self._checks.end)
        self._over = True

    def _held_until(self) -> float:
        """The second until which some platform asked us to wait, and a little more."""
        models = (self.worlds.slack, *self.worlds.markets.values())
        until = max(getattr(model, "held_until", NOW) for model in models)
        return (until - NOW).total_seconds() + SETTLE_SECONDS

    def _calm_down(self) -> None:
        if self.chance.is_calm:
            return
        self._tell("weather", "calm")
        self.chance.calm()
        self.points.disarm()
        self.storage.full = False
        self.clock.step(-self.clock.off)
        self.worlds.people.leave()

    async def _until(self, second: float) -> None:
        await asyncio.sleep(max(0.0, second - self.seconds()))

    async def _weather(self, life: Life) -> None:
        """What befalls the machine, the process and the lines to the outside."""
        dice = self.chance.dice("weather")
        while True:
            await asyncio.sleep(dice.uniform(0.3, 1.7) * WEATHER_SECONDS)
            for kind, befall in self._befall.items():
                if self.chance.happens(kind):
                    await befall(self, life, dice)

    async def _kill(self, life: Life, dice: random.Random) -> None:
        self._arm(300)

    def _arm(self, most: int) -> None:
        self.points.arm(self.chance.dice("kill").randint(1, most))

    async def _downtime(self, life: Life, dice: random.Random) -> None:
        self._away = dice.choice((600.0, 3600.0, 3 * 3600.0))
        self._arm(100)

    async def _fill(self, life: Life, dice: random.Random) -> None:
        self._tell("weather", "the disk is full")
        self.storage.full = True
        await asyncio.sleep(dice.uniform(20, 600))
        self.storage.full = False
        self._tell("weather", "the disk has room again")

    async def _clog(self, life: Life, dice: random.Random) -> None:
        port = dice.choice(("slack", *(f"market:{name}" for name in self.worlds.markets)))
        length = dice.uniform(30, 1200)
        self._tell("weather", f"{port} answers nothing for {length:.0f} s")
        self.chance.clog(port, timedelta(seconds=length))

    async def _step_clock(self, life: Life, dice: random.Random) -> None:
        off = timedelta(seconds=dice.choice((0.0, dice.uniform(-3600, 3600))))
        self._tell("weather", f"the wall clock is set {off.total_seconds():.0f} s off")
        self.clock.step(off - self.clock.off)

    async def _stop(self, life: Life, dice: random.Random) -> None:
        self._tell("weather", "the process is asked to stop")
        life.stop.set()

    async def _ghost(self, life: Life, dice: random.Random) -> None:
        """Another process, gone by now, holds an inbox."""
        inbox = dice.choice(sorted(self.worlds.markets))
        until = life.clock.now() + timedelta(seconds=120)
        box = tables.inbox
        take = (
            update(box)
            .where(box.c.name == inbox)
            .values(lease_owner="desk:0:gone", lease_until=until)
        )
        try:
            await life.db.write(lambda tx: tx.conn.execute(take), now=life.clock.now())
        except Exception as exc:  # noqa: BLE001 - the database has faults of its own
            self._tell("weather", f"no ghost: {type(exc).__name__}")

    _befall: Final = {
        FaultKind.KILL: _kill,
        FaultKind.DOWNTIME: _downtime,
        FaultKind.DISK_FULL: _fill,
        FaultKind.CLOG: _clog,
        FaultKind.CLOCK_STEP: _step_clock,
        FaultKind.CANCEL_STORM: _stop,
        FaultKind.SECOND_WORKER: _ghost,
    }

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

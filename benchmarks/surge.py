"""Eight times the usual mail for minutes: the real sender against the least Slack's limits allow.

Time is virtual (`sandbox.day.pace`), so every figure is the same on every machine. The sender, its
lanes, priorities and rates are the desk's; a workspace that counts exactly takes what it sends.
Nothing is merged here, as nothing is in the bound: a storm's lists are `make day --rush`.
"""

import asyncio
import random
from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from itertools import groupby

from benchmarks.databases import Databases
from benchmarks.desk import START
from benchmarks.figures import TIMES, Figure, Goal, WrongResult, figure, must, percentile
from bot.clock import Clock
from bot.db.engine import create_engine
from bot.db.unit import Database, Tx
from bot.domain.effects import (
    Effect,
    EffectKind,
    post_log,
    post_message,
    post_ping,
    post_root,
    update_card,
)
from bot.outbox.dispatcher import Dispatcher
from bot.outbox.executor import OutboxRow, Sent, Superseded, Throttled
from bot.outbox.lanes import TokenBucket
from bot.outbox.store import is_idle
from bot.slack.limits import CHANNEL_RATE, POST, POST_RATE, UPDATE, SlackLimits, channel_gate
from sandbox.day.bound import SPACED, least_delays
from sandbox.day.pace import LoopClock, leaping

NAME = "surge"

TIMES_USUAL = 8
ANSWERED = 1.6
"""Tickets that people answer, one after the other, for each of a usual day: most are breached."""
ANSWER_SECONDS = 0.2
"""How long the workspace takes to answer a call."""
EDITS_A_MINUTE = 50
MINUTE = 60.0
BACKLOG = 5
"""From so many waiting posts on, a channel has no excuse to be idle."""
PATIENCE = 7200.0

_BOUND = Goal(
    most=0.0, source="breach pings: at most half as late again as any sender, and a second"
)
_SEEN = Goal(most=60.0, source="a new ticket is in its channel within a minute")
_REFUSED = Goal(most=1.0, source="the sender keeps to the limits, it does not run into them")
_BUSY = Goal(least=95.0, source="nothing waits while something could go")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """Tickets an hour on a usual day, channels, and for how many seconds there are so many more."""

    hourly: int
    channels: int
    seconds: float

    @property
    def usual(self) -> float:
        """Tickets a second on a usual day."""
        return self.hourly / 3600

    @property
    def target(self) -> float:
        """Seconds until an unanswered ticket is breached: half the surge, so that they overlap."""
        return self.seconds / 2

    @property
    def name(self) -> str:
        """As the figures call it."""
        return f"{self.hourly:,} an hour {TIMES} {TIMES_USUAL}, {self.channels} channels"


SHOPS = (
    Shop(hourly=60, channels=4, seconds=300.0),
    Shop(hourly=300, channels=8, seconds=300.0),
)
"""The second is a seller with fifty agents. A greater one's surge is a storm, which is bundled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Something the desk decides `at` so many seconds."""

    at: float
    effect: Effect


@dataclass(slots=True)
class Workspace:
    """Takes calls up to Slack's limits, to the token, and says 429 beyond them."""

    clock: Clock
    answered: Mapping[int, float]
    pings: Mapping[int, float]
    """When each ping was decided. That of the step after it has the next number."""
    buckets: dict[str, TokenBucket] = field(default_factory=dict)
    edits: deque[float] = field(default_factory=deque)
    calls: Counter[str] = field(default_factory=Counter)
    taken: dict[str, float] = field(default_factory=dict)

    async def send(self, row: OutboxRow) -> Sent | Superseded:
        """Take a call, or drop a ping as the desk does. Raises Throttled."""
        now = self.clock.monotonic()
        if row.kind == EffectKind.POST_PING and self._is_stale(row, now):
            return Superseded(reason="answered meanwhile, or a graver one waits")
        self.calls["all"] += 1
        try:
            self._count(row, now)
        except Throttled:
            self.calls["refused"] += 1
            raise
        finally:
            await asyncio.sleep(ANSWER_SECONDS)
        self.taken[row.dedupe_key] = now
        return Sent()

    async def look_up(self, row: OutboxRow) -> Sent:
        """No answer is ever lost here."""
        raise WrongResult(f"{row.dedupe_key} was taken, and is looked up")

    def _is_stale(self, row: OutboxRow, now: float) -> bool:
        graver = self.pings.get(row.payload["ping_ids"][0] + 1, now + 1.0)
        return self.answered[row.payload["ticket_id"]] <= now or graver <= now

    def _count(self, row: OutboxRow, now: float) -> None:
        if row.kind == EffectKind.UPDATE_CARD:
            while self.edits and self.edits[0] <= now - MINUTE:
                self.edits.popleft()
            if len(self.edits) >= EDITS_A_MINUTE:
                raise Throttled(self.edits[0] + MINUTE - now, gate=UPDATE)
            self.edits.append(now)
            return
        gates = {channel_gate(row.lane_group): CHANNEL_RATE, POST: POST_RATE}
        buckets = [self.buckets.setdefault(g, TokenBucket(r, 0.0)) for g, r in gates.items()]
        for gate, bucket in zip(gates, buckets, strict=True):
            # Sums of tokens miss a whole one by the last digits of a float.
            if (wait := bucket.wait(now)) > 1e-3:
                raise Throttled(wait, gate=gate)
        for bucket in buckets:
            bucket.take(now)


async def run(kinds: Sequence[Databases], *, quick: bool) -> list[Figure]:
    """Every figure of this benchmark; in one process, on SQLite."""
    shops = (Shop(hourly=300, channels=8, seconds=30.0),) if quick else SHOPS
    found = []
    for shop in shops:
        steps, answered = written(shop)
        url = await kinds[0].new()
        workspace = await asyncio.to_thread(_played, url, steps, answered)
        await kinds[0].drop(url)
        found += [replace(one, on=shop.name) for one in _figures(steps, workspace)]
    return found


def written(shop: Shop) -> tuple[list[Step], Mapping[int, float]]:
    """What the desk decides in a surge, and when each ticket is answered.

    The busiest of the channels has a third of the tickets, where there are ten.
    """
    dice = random.Random(8)
    weights = [1 / (place + 1) for place in range(shop.channels)]
    steps: list[Step] = []
    answered: dict[int, float] = {}
    at = free = 0.0
    while (at := at + dice.expovariate(shop.usual * TIMES_USUAL)) < shop.seconds:
        ticket = len(answered) + 1
        channel = f"C{dice.choices(range(shop.channels), weights)[0]}"
        free = max(free, at) + 1 / (ANSWERED * shop.usual)
        answered[ticket] = free
        times = _Times(began=at, answered=free, target=shop.target)
        steps += _of(ticket, channel, times, dice)
    return sorted(steps, key=lambda step: step.at), answered


@dataclass(frozen=True, slots=True, kw_only=True)
class _Times:
    """When a ticket comes and is answered, in seconds."""

    began: float
    answered: float
    target: float


def _of(ticket: int, channel: str, times: _Times, dice: random.Random) -> Iterator[Step]:
    """The life of one ticket until it is answered."""
    at, answered = times.began, times.answered
    yield Step(at=at, effect=post_root(ticket, channel=channel))
    for number in range(1, 4):
        if dice.random() < 0.5**number:
            later = at + dice.uniform(0.0, times.target)
            message = post_message(ticket, 10 * ticket + number, channel=channel)
            yield Step(at=later, effect=message)
    for number, share in enumerate((0.5, 0.8, 1.0)):
        due, breach = at + share * times.target, share == 1.0
        if due < answered:
            moment = START + timedelta(seconds=due)
            ids = [10 * ticket + number]
            ping = post_ping(ticket, ids, channel=channel, at=moment, breach=breach)
            yield Step(at=due, effect=ping)
            yield Step(at=due, effect=update_card(ticket, number, channel=channel))
    yield Step(at=answered, effect=post_log(ticket, ticket, channel=channel))
    yield Step(at=answered, effect=update_card(ticket, 9, channel=channel))


def _played(url: str, steps: Sequence[Step], answered: Mapping[int, float]) -> Workspace:
    with leaping() as loop, asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(_play(url, steps, answered, LoopClock(loop, START)))


async def _play(
    url: str, steps: Sequence[Step], answered: Mapping[int, float], clock: Clock
) -> Workspace:
    db = Database(create_engine(url))
    workspace = Workspace(clock, answered, _decided(steps))
    dispatcher = Dispatcher(db, dict.fromkeys(EffectKind, workspace), clock, SlackLimits())
    sending = asyncio.create_task(dispatcher.run())
    for at, together in groupby(steps, key=lambda step: step.at):
        await asyncio.sleep(at - clock.monotonic())
        await db.write(partial(_emit, effects=[step.effect for step in together]), now=clock.now())
    await _until_idle(db, clock)
    sending.cancel()
    await asyncio.wait([sending])
    await db.close()
    return workspace


async def _until_idle(db: Database, clock: Clock) -> None:
    """Until the last post and edit is out: the bound counts them all."""
    kinds = list(EffectKind)
    while not await db.read(lambda conn: is_idle(conn, now=clock.now(), kinds=kinds)):
        must(clock.monotonic() < PATIENCE, "the sender did not come to an end")
        await asyncio.sleep(5.0)


def _decided(steps: Sequence[Step]) -> Mapping[int, float]:
    """When each ping was decided, by its id."""
    found: dict[int, float] = {}
    for step in steps:
        ids = step.effect.payload.get("ping_ids")
        if isinstance(ids, list):
            found[int(ids[0])] = step.at
    return found


def _emit(tx: Tx, effects: Sequence[Effect]) -> None:
    for effect in effects:
        tx.emit(effect)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """The posts of one kind that Slack has: delays in seconds, ours and the least possible."""

    ours: Sequence[float]
    least: Sequence[float]


def _late(steps: Sequence[Step], workspace: Workspace, *, breach: bool) -> _Kind:
    """Breach pings, or new cards; each as if no other kind existed, for the bound."""
    mark = "ping:" if breach else "root:"
    of = [
        step
        for step in steps
        if step.effect.dedupe_key.startswith(mark)
        and (not breach or step.effect.priority <= 10)
        and step.effect.dedupe_key in workspace.taken
    ]
    ours = [workspace.taken[step.effect.dedupe_key] - step.at for step in of]
    # Without bursts: what a channel saved up is long gone where everything waits.
    ready = [(step.at, step.effect.lane_group) for step in of]
    return _Kind(ours=ours, least=least_delays(ready, channel=SPACED))


def _busy(steps: Sequence[Step], workspace: Workspace) -> list[Figure]:
    """Percent of what the busiest channel lets through that was used while posts waited there.

    None where nothing had to wait: a quick surge is too short for that.
    """
    waits: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for step in steps:
        sent = workspace.taken.get(step.effect.dedupe_key)
        if sent is not None and step.effect.kind != EffectKind.UPDATE_CARD:
            waits[step.effect.lane_group] += [(step.at, 1), (sent, -1)]
    waiting, since, used, length = 0, 0.0, 0, 0.0
    busiest = max(waits, key=lambda group: len(waits[group]))
    for at, change in sorted(waits[busiest]):
        if waiting >= BACKLOG:
            length += at - since
            used += change < 0
        waiting, since = waiting + change, at
    if not length:
        return []
    used_up = 100.0 * used / (length * CHANNEL_RATE.per_second)
    return [_one("busiest channel, used while posts wait", used_up, "%", _BUSY)]


def _figures(steps: Sequence[Step], workspace: Workspace) -> list[Figure]:
    must(
        all(
            step.effect.dedupe_key in workspace.taken
            for step in steps
            if step.effect.kind in {EffectKind.POST_ROOT, EffectKind.POST_MESSAGE}
        ),
        "a card or a message was never posted",
    )
    found = []
    for what, breach in (("breach ping", True), ("new card", False)):
        late = _late(steps, workspace, breach=breach)
        ours, least = percentile(late.ours, 0.99), percentile(late.least, 0.99)
        found += [
            _one(f"{what}: late by, p50", percentile(late.ours, 0.5), "s"),
            _one(f"{what}: late by, p99", ours, "s", None if breach else _SEEN),
            _one(f"{what}: least possible, p99", least, "s"),
        ]
        if breach:
            over = max(0.0, ours - 1.5 * least - 1.0)
            found.append(
                _one("breach ping: beyond 1.5 times the least and a second", over, "s", _BOUND)
            )
    refused = 1000 * workspace.calls["refused"] / workspace.calls["all"]
    tickets = sum(step.effect.kind == EffectKind.POST_ROOT for step in steps)
    edits = sum(key.startswith("card:") for key in workspace.taken)
    return [
        *found,
        _one("calls refused with 429", refused, "of 1,000", _REFUSED),
        *_busy(steps, workspace),
        _one("posts to a ticket", (len(workspace.taken) - edits) / tickets, TIMES),
        _one("card edits to a ticket", edits / tickets, TIMES),
    ]


def _one(what: str, value: float, unit: str, goal: Goal | None = None) -> Figure:
    return figure(NAME, what, [value], unit=unit, goal=goal)

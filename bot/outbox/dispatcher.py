"""The one loop that turns committed effects into calls: lease → send → settle.

Nothing waits while something else could go: each effect is sent in a task of its own. No network
call is made inside a transaction, and none without a committed lease (DESIGN §4).
"""

import asyncio
from collections import Counter
from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import datetime

import structlog

from bot.clock import Clock
from bot.db.unit import Database, Tx
from bot.domain.buckets import Buckets
from bot.domain.effects import EffectKind, Priority, post_ops
from bot.log import follow
from bot.outbox import store
from bot.outbox.executor import (
    Ambiguous,
    Executor,
    Finding,
    GroupPaused,
    OutboxRow,
    Outcome,
    SendError,
    Sent,
    Superseded,
    Then,
    Throttled,
    TryLater,
)
from bot.outbox.lanes import Gatekeeper, Limits, NoLimits
from bot.outbox.selection import Selection
from bot.outbox.settlement import Moment, Settlement, after_look_up, after_send
from bot.outbox.shared_rates import SharedRates, Shares
from bot.outbox.store import Head
from bot.outbox.traces import broke
from sla_rules.worded import worded

log = structlog.get_logger(__name__)

LEASE_SECONDS = 60.0
SEND_SECONDS = 45.0
"""A send is given up before its lease ends, so that nobody else looks for it meanwhile."""

IDLE_SECONDS = 1.0
"""How late another process's effect, or a clock that was set, is noticed at most."""

BEATEN_SECONDS = 0.02
"""Another worker took first what was chosen: it has committed by then, and left what comes next."""

GRACE_SECONDS = 8.0
"""A send that began before a stop may end; a supervisor waits a little longer than this."""

SETTLE_TRIES = 4

_PINGS = frozenset({EffectKind.POST_PING, EffectKind.POST_TOGETHER, EffectKind.POST_DIRECT})


class Dispatcher:
    """Sends what the outbox holds. All durations are real seconds.

    `executors` are by effect kind; rows of other kinds are left for another process or version.
    `shared` rates are kept together with the other workers of the database.
    For the metrics: `counts` are the endings so far, by kind and state, `throttles` the times that
    somebody said to wait, by gate, and `pings` how long it took until Slack had one.
    """

    def __init__(
        self,
        db: Database,
        executors: Mapping[str, Executor],
        clock: Clock,
        limits: Limits | None = None,
        *,
        shared: SharedRates | None = None,
        lease_seconds: float = LEASE_SECONDS,
        send_seconds: float = SEND_SECONDS,
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        self._db = db
        self._executors = dict(executors)
        self._clock = clock
        self._gates = Gatekeeper(limits or NoLimits(), clock.monotonic)
        self._shared = shared
        self._selection = Selection(db, self._gates, executors.keys())
        self._lease_seconds = lease_seconds
        self._send_seconds = send_seconds
        self._idle_seconds = idle_seconds
        self._wake = asyncio.Event()
        self._beaten = False
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self.counts: Counter[tuple[str, str]] = Counter()
        self.throttles: Counter[str] = Counter()
        self.pings: Buckets[str] = Buckets()
        db.on_commit(self._on_commit)

    async def run(self) -> None:
        """Send until cancelled; then wait a little for what is under way."""
        await self.recover()
        failures = 0
        try:
            while True:
                try:
                    self._wake.clear()
                    if not await self._step():
                        await self._idle(await self._seconds_to_wait())
                    failures = 0
                except Exception as exc:  # noqa: BLE001 - a full disk or a locked file must not end the sender
                    failures += 1
                    broke("outbox.step_failed", exc, failures=failures)
                    await asyncio.sleep(min(30.0, 0.5 * 2 ** min(failures, 6)))
        finally:
            await self._let_finish()

    async def recover(self) -> None:
        """End the leases an earlier life of this process left, where it is the only one.

        On PostgreSQL another process may hold them: there they run out by themselves.
        """
        if self._db.is_sqlite:
            now = self._clock.now()
            ended = await self._db.write(lambda tx: store.end_leases(tx.conn, now=now), now=now)
            if ended:
                log.warning("outbox.leases_ended", count=ended)

    async def drain(self, *, timeout: float = 10.0, patience: float = 5.0) -> None:  # noqa: ASYNC109
        """Send what can go, then return; for tests and for a last round before a stop.

        Waits for gates that open within `patience` real seconds, not for effects that are due
        later. Raises TimeoutError when that took longer than `timeout`.
        """
        async with asyncio.timeout(timeout):
            while True:
                self._wake.clear()
                if await self._step():
                    continue
                if self._tasks:
                    await asyncio.wait(self._tasks.values(), return_when="FIRST_COMPLETED")
                elif self._wake.is_set():
                    continue  # an effect ended while we looked: the next of its lane may go
                elif await self._is_quiet(patience):
                    return
                else:
                    await self._idle(min(0.05, self._selection.opens_in or 0.0))

    def paused(self) -> Mapping[str, str]:
        """The gates that wait for somebody to mend something, and what."""
        return self._gates.paused()

    def longest_shut(self) -> float:
        """Real seconds until the last gate opens that somebody said to wait at."""
        return self._gates.longest_shut()

    def resume(self, gate: str) -> None:
        """`gate` was mended: send again at once."""
        if self._gates.resume(gate):
            log.info("outbox.resumed", gate=gate)
            self._wake.set()

    def _on_commit(self, woken: set[str]) -> None:
        if "outbox" in woken:
            self._wake.set()

    async def _is_quiet(self, patience: float) -> bool:
        now, kinds = self._clock.now(), list(self._executors)
        idle = await self._db.read(lambda conn: store.is_idle(conn, now=now, kinds=kinds))
        return idle or (self._selection.opens_in or 0.0) > patience

    async def _step(self) -> int:
        """Begin whatever can go now; how many effects that was."""
        now = self._clock.now()
        # By then each call has ended: a lease that was long in coming is the shorter for it.
        until = asyncio.get_running_loop().time() + self._send_seconds
        self._beaten = False
        self._gates.tidy()
        looking = await self._selection.doubtful(now, but=self._tasks)
        sending = await self._selection.due(now)
        if not looking and not sending:
            return 0
        found, leased = await self._claim(looking, sending, now)
        for row in found:
            self._begin(row, until, look_up=True)
        for row in leased:
            self._begin(row, until, look_up=False)
        return len(found) + len(leased)

    async def _claim(
        self, looking: list[Head], sending: list[Head], now: datetime
    ) -> tuple[list[OutboxRow], list[OutboxRow]]:
        until = now + self._clock.real(self._lease_seconds)

        def claim(tx: Tx) -> tuple[list[OutboxRow], Shares]:
            def take(heads: Collection[Head]) -> list[OutboxRow]:
                return store.lease(tx.conn, [h.id for h in heads], now=now, until=until)

            found = store.lease_doubtful(tx.conn, [h.id for h in looking], now=now, until=until)
            if self._shared is None:
                return found, Shares(leased=take(sending))
            return found, self._shared.lease(tx.conn, sending, take)

        got = Shares()
        try:
            found, got = await self._db.write(claim, now=now, urgent=True)
        finally:
            taken = {row.id for row in got.leased}
            self._selection.give_back([head for head in sending if head.id not in taken])
        self._beaten = bool(sending) and not (got.leased or got.waits)
        for gate, seconds in got.waits.items():
            self._gates.hold(gate, seconds)
        return found, got.leased

    def _begin(self, row: OutboxRow, until: float, *, look_up: bool) -> None:
        self._selection.begun(row)
        work = self._look_up(row, until) if look_up else self._send(row, until)
        task = asyncio.create_task(work, name=f"outbox:{row.id}")
        self._tasks[row.id] = task
        task.add_done_callback(lambda _: self._ended(row))

    def _ended(self, row: OutboxRow) -> None:
        self._tasks.pop(row.id, None)
        self._selection.ended(row)
        self._wake.set()

    async def _send(self, row: OutboxRow, until: float) -> None:
        follow(outbox_id=row.id)
        seconds, gate = self._gates.told_to_wait(self._selection.gates_of(row))
        if gate is not None:
            # It was said while the lease was being written: nobody is called before the time.
            wait = Throttled(seconds, gate=gate)
            await self._settle(row, after_send(row, wait, self._moment()), None)
            return
        end: Outcome | SendError
        try:
            async with asyncio.timeout_at(until):
                await asyncio.sleep(0)  # where that is over, nobody is called
                end = await self._executors[row.kind].send(row)
        except SendError as exc:
            end = exc
        except TimeoutError:
            end = Ambiguous("no answer in time")
        except Exception as exc:  # noqa: BLE001 - whatever broke may have broken after the hand-over
            broke("outbox.send_broke", exc, outbox_id=row.id, kind=row.kind)
            end = Ambiguous(type(exc).__name__)
        if isinstance(end, Ambiguous):
            log.warning("outbox.in_doubt", outbox_id=row.id, kind=row.kind, why=str(end))
        also = self._at_the_gates(row, end)
        if isinstance(end, Superseded) and not end.called:
            also = self._uncounted(row)
        await self._settle(row, after_send(row, end, self._moment()), also)

    async def _look_up(self, row: OutboxRow, until: float) -> None:
        follow(outbox_id=row.id)
        end: Finding | SendError
        try:
            async with asyncio.timeout_at(until):
                end = await self._executors[row.kind].look_up(row)
        except SendError as exc:
            end = exc
        except TimeoutError:
            end = TryLater("the look-up was not answered in time")
        except Exception as exc:  # noqa: BLE001 - the row stays in doubt, the sender goes on
            broke("outbox.look_up_broke", exc, outbox_id=row.id, kind=row.kind)
            end = TryLater(type(exc).__name__)
        found = type(end).__name__
        log.warning("outbox.looked_up", outbox_id=row.id, found=found, doubts=row.doubts)
        also = self._at_the_gates(row, end)
        await self._settle(row, after_look_up(row, end, self._moment()), also)

    def _moment(self) -> Moment:
        return Moment(now=self._clock.now(), real=self._clock.real)

    def _at_the_gates(self, row: OutboxRow, end: object) -> Then | None:
        """Shut and open what `end` says; returns how to tell others: the workers, the ops channel."""
        match end:
            case Sent():
                for gate in self._gates.passed(self._selection.gates_of(row)):
                    log.info("outbox.resumed", gate=gate)
            case Throttled():
                gate = end.gate or row.lane_group
                self._gates.close(gate, end.retry_after)
                self.throttles[gate] += 1
                log.info("outbox.throttled", gate=gate, seconds=end.retry_after)
                if (shared := self._shared) is not None:
                    return lambda tx: shared.close(tx.conn, gate, end.retry_after)
            case GroupPaused():
                return self._pause(end.gate or row.lane_group, end)
            case _:
                pass
        return None

    def _uncounted(self, row: OutboxRow) -> Then | None:
        """Nobody was called: another effect may go in its place, here at once and elsewhere soon."""
        self._selection.give_back([row])
        if (shared := self._shared) is None:
            return None
        return lambda tx: shared.give_back(tx.conn, row)

    def _pause(self, gate: str, end: GroupPaused) -> Then | None:
        if not self._gates.pause(gate, end.reason):
            return None
        log.error("outbox.paused", gate=gate, reason=end.reason)
        if not end.tell_ops:
            return None
        key = f"paused:{gate}:{self._clock.now():%Y%m%dT%H%M%S}"
        text = worded(
            "Nothing goes out through {gate} until this is mended: {reason}",
            gate=gate,
            reason=end.reason,
        )
        return lambda tx: tx.emit(post_ops(key, text))

    async def _settle(self, row: OutboxRow, end: Settlement, also: Then | None) -> None:
        """Write the end of a row's lease. What cannot be written is looked up when the lease ends."""

        def write(tx: Tx) -> bool:
            if not store.settle(tx.conn, row, end.values):
                return False
            for then in (end.then, also):
                if then is not None:
                    then(tx)
            return True

        for tries in range(1, SETTLE_TRIES + 1):
            try:
                ours = await self._db.write(write, now=self._clock.now(), urgent=True)
            except Exception as exc:  # noqa: BLE001 - the effect happened; only its record is late
                broke("outbox.settle_failed", exc, outbox_id=row.id)
                await asyncio.sleep(0.25 * 2**tries)
                continue
            if ours:
                self._count(row, str(end.values.get("state", "in_doubt")))
            else:
                log.warning("outbox.stale", outbox_id=row.id, kind=row.kind, fence=row.fence)
            return

    def _count(self, row: OutboxRow, state: str) -> None:
        self.counts[row.kind, state] += 1
        log.info("outbox.settled", key=row.dedupe_key, state=state, attempts=row.attempts)
        if state == "sent" and row.kind in _PINGS:
            took = (self._clock.now() - row.created_at) / self._clock.real(1.0)
            breach = row.priority <= Priority.BREACH
            self.pings.observe("breach" if breach else "warning", took)

    async def _seconds_to_wait(self) -> float:
        now = self._clock.now()
        change = await self._db.read(lambda conn: store.next_change(conn, now=now))
        seconds = BEATEN_SECONDS if self._beaten else self._idle_seconds
        if self._selection.opens_in is not None:
            seconds = min(seconds, self._selection.opens_in)
        if change is None:
            return seconds
        return min(seconds, max(0.005, (change - now) / self._clock.real(1.0)))

    async def _idle(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._wake.wait()

    async def _let_finish(self) -> None:
        tasks = list(self._tasks.values())
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=GRACE_SECONDS)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

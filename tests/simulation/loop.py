"""An event loop in which time passes only when there is nothing else to do, in a seeded order."""

import asyncio
import random
import selectors
from collections import deque
from collections.abc import Callable
from typing import Any

from typing_extensions import override

from tests.simulation.ports import Killed
from tests.simulation.processes import works_in

MOST_TURNS = 20_000
PAUSE_SECONDS = 0.02
"""So many turns without a pause of that length are a loop that spins."""


TURN_SECONDS = 2e-6
"""What a turn takes: without any cost, who waits for the last fraction of a second waits for ever."""


class Stuck(Exception):
    """Nothing is ready and nobody waits for any time, or somebody spins at one instant."""


class _NoSelector(selectors.SelectSelector):
    """Never blocks and never reads: it moves the loop's time to the next timer instead."""

    loop: "VirtualLoop"

    @override
    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None:
            raise Stuck("nothing is ready and nobody waits for any time")
        if timeout > 0:
            self.loop.pass_until_next()
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """Virtual seconds since `start`, near 0: with large numbers the resolution of floats is lost.

    What is ready runs in the order that `dice` say, first in first out without them. `after_turn`
    is called after every turn, and what it raises ends the run. `survived` is asked whether a
    process that died leaves another one to go on.
    """

    def __init__(
        self,
        *,
        start: float = 0.0,
        dice: random.Random | None = None,
        after_turn: Callable[[], None] = lambda: None,
        survived: Callable[[Killed], bool] = lambda _death: False,
    ) -> None:
        self._survived = survived
        self._virtual = start
        self._turns = 0
        self._taken = 0.0
        self._shuffled_by = dice
        self._after_turn = after_turn
        selector = _NoSelector()
        selector.loop = self
        super().__init__(selector)

    @override
    def time(self) -> float:
        return self._virtual

    def take(self, seconds: float) -> None:
        """What is done "in a thread" just now takes that long."""
        self._taken += seconds

    def pass_until_next(self) -> None:
        """Let the time pass until the first timer."""
        timers: list[Any] = self._scheduled  # type: ignore[attr-defined]
        then = max(self._virtual, timers[0].when())
        if then - self._virtual >= PAUSE_SECONDS:
            self._turns = 0
        self._virtual = then

    def _run_once(self) -> None:
        self._turns += 1
        self._virtual += TURN_SECONDS
        if self._turns > MOST_TURNS:
            raise Stuck(f"{MOST_TURNS} turns without a pause: {self._who_waits()}")
        ready: deque[Any] = self._ready  # type: ignore[has-type]
        if self._shuffled_by is not None and len(ready) > 1:
            mixed = list(ready)
            self._shuffled_by.shuffle(mixed)
            self._ready = deque(mixed)
        try:
            super()._run_once()  # type: ignore[misc]
        except Killed as death:
            if not self._survived(death):
                raise
        self._after_turn()

    def abandon(self, process: int) -> list[Any]:
        """Nothing of a process that died is done any more. Returns what it leaves, to be kept.

        Whatever is let go of would be closed, and go on for a while in its last words.
        """
        left: list[Any] = list(asyncio.all_tasks(self))
        for handle in (*self._ready, *self._scheduled):  # type: ignore[attr-defined]
            if not handle.cancelled() and works_in(handle._context) == process:
                left.append((handle._callback, handle._args))
                handle.cancel()
        return left

    def _who_waits(self) -> str:
        """The tasks that are neither done nor waiting for a time, with the line they are at."""
        told = []
        for task in asyncio.all_tasks(self):
            frames = task.get_stack(limit=1)
            where = f"{frames[0].f_code.co_qualname}:{frames[0].f_lineno}" if frames else "ended"
            told.append(f"{task.get_name()} at {where}")
        return ", ".join(sorted(told))

    @override
    def call_soon_threadsafe(  # type: ignore[override]
        self, callback: Any, *args: Any, context: Any = None
    ) -> Any:
        return self.call_soon(callback, *args, context=context)

    @override
    def run_in_executor(  # type: ignore[override]
        self, executor: Any, func: Callable[..., Any], *args: Any
    ) -> Any:
        """There are no threads: it is done at once, and known when it would have taken its time."""
        done = self.create_future()
        self._taken = 0.0
        try:
            result = func(*args)
        except Exception as exc:  # noqa: BLE001 - whoever waits is told, whatever it is
            self.call_later(self._taken, _failed, done, exc)
        else:
            self.call_later(self._taken, _done, done, result)
        return done


def _done(future: asyncio.Future[Any], result: Any) -> None:
    if not future.done():
        future.set_result(result)


def _failed(future: asyncio.Future[Any], error: BaseException) -> None:
    if not future.done():
        future.set_exception(error)

"""Several processes of one desk over one database: each dies alone, comes back, and meets the others.

They share the file, the clock and everything outside, and nothing else. Their transactions follow
each other as SQLite's do; what only a server's weaker isolation lets happen is for real servers.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Protocol

from bot.clock import Clock
from tests.simulation.crash import CrashPoints
from tests.simulation.desk import Knobs, Life
from tests.simulation.inline import Storage
from tests.simulation.loop import VirtualLoop
from tests.simulation.ports import Killed, Worlds
from tests.simulation.processes import context_of


class Home(Protocol):
    """The world that a crew works in. `pause` is how long a dead process stays away, in seconds."""

    points: CrashPoints
    storage: Storage
    worlds: Worlds
    lives: int

    @property
    def clock(self) -> Clock:
        """The machine's."""
        ...

    def tell(self, who: str, what: str) -> None:
        """A line of the story."""
        ...

    def pause(self) -> float:
        """Drawn anew each time."""
        ...

    def begins(self) -> None:
        """A process starts: recovery is not safer than anything else."""
        ...


class Crew:
    """The processes, by their places; people reach the one in the first place."""

    def __init__(self, home: Home, knobs: Knobs, loop: VirtualLoop) -> None:
        self._home = home
        self._knobs = knobs
        self._loop = loop
        self._lives: dict[int, Life] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._graves: list[object] = []
        self._over = False

    def start(self, place: int) -> None:
        """A new process in a place."""
        home = self._home
        home.lives += 1
        number = home.lives
        context = context_of(number)
        made: Callable[[], Life] = partial(
            Life,
            number=number,
            storage=home.storage,
            clock=home.clock,
            worlds=home.worlds,
            knobs=self._knobs,
            others=True,
            reached=place == 0,
        )
        life = context.run(made)
        self._lives[place] = life
        task = self._loop.create_task(life.run(), context=context, name=f"desk:{number}")
        self._tasks[place] = task
        task.add_done_callback(partial(self._ended, place, number))
        home.begins()

    def anybody(self, pick: Callable[[list[Life]], Life]) -> Life | None:
        """One that lives."""
        living = [self._lives[place] for place in sorted(self._lives)]
        return pick(living) if living else None

    def survived(self, _death: Killed) -> bool:
        """One died: nothing of it goes on, and another comes in its place."""
        number = self._home.points.gone[-1]
        place = next(place for place, life in self._lives.items() if life.number == number)
        del self._lives[place]
        self._graves += [*self._loop.abandon(number), self._tasks.pop(place)]
        self._home.tell("machine", f"process {number} dies at {self._home.points.last}")
        self._comes_back(place, number)
        return True

    async def stop(self) -> None:
        """End them all in good order."""
        self._over = True
        for life in self._lives.values():
            life.stop.set()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def _ended(self, place: int, number: int, task: "asyncio.Task[None]") -> None:
        """One ended by itself: it was asked to, or could not start."""
        if number in self._home.points.gone or self._over:
            return
        why = "stops in good order" if task.exception() is None else "ends"
        self._home.tell("machine", f"process {number} {why}: {type(task.exception()).__name__}")
        self._lives.pop(place, None)
        self._tasks.pop(place, None)
        self._comes_back(place, number)

    def _comes_back(self, place: int, number: int) -> None:
        self._home.storage.cut(number)
        self._loop.call_later(self._home.pause(), self._begin_again, place)

    def _begin_again(self, place: int) -> None:
        if not self._over:
            self.start(place)

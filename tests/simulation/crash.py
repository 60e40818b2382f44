"""The points at which a process may die: every statement, every commit, every call of a port."""

from collections.abc import Callable

from tests.simulation.ports import Killed
from tests.simulation.processes import NOBODY, current


class CrashPoints:
    """Counts the points that are passed, and kills the process at one of them.

    `visit` is asked at every point while the process lives, with its number and name; it answers
    whether the process dies there. `last` is the name of the point that was passed last.
    Where there are `several` processes only the one at work dies, and is among the `gone`.
    """

    def __init__(self, *, several: bool = False) -> None:
        self.count = 0
        self.dead = False
        self.gone: list[int] = []
        self._several = several
        self.last = ""
        self.visit: Callable[[int, str], bool] | None = None
        self._dies_at: int | None = None

    def point(self, name: str) -> None:
        """Pass a point. Raises Killed where the process dies, and ever after."""
        process = current()
        if self.dead or process in self.gone:
            raise Killed(name)
        if self._several and process == NOBODY:
            return
        self.count += 1
        self.last = name
        visited = self.visit is not None and self.visit(self.count, name)
        if visited or self.count == self._dies_at:
            if self._several:
                self.gone.append(process)
            else:
                self.dead = True
            raise Killed(name)

    def arm(self, after: int) -> None:
        """Die at the point that comes `after` so many more."""
        self._dies_at = self.count + after

    def die(self) -> None:
        """Be dead now, wherever that is."""
        self.dead = True

    def disarm(self) -> None:
        """Nobody dies any more, unless `visit` says so."""
        self._dies_at = None

    def revive(self) -> None:
        """A new process takes the place of the dead one."""
        self.dead = False
        self._dies_at = None

"""A crash at every point of a story, each in a copy of the process that goes on from there."""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.simulation.forks import collect, fork, leave_with
from tests.simulation.inline import SHM
from tests.simulation.stories import Story
from tests.simulation.worlds import Checks, Outcome, World

AT_ONCE: Final = 1
"""Copies that live at the same time; tests share the cores among themselves."""

SECOND_DEATHS: Final = 4
"""One in so many of the new processes dies too, at one of its first points."""

LONG_ABSENCES: Final = 5
ABSENCE_SECONDS: Final = 2 * 3600.0
"""One in so many of the dead stays away that long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crash:
    """A crash that an invariant did not survive."""

    point: int
    name: str
    again_after: int | None
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What a sweep came to: `points` crashes were tried."""

    story: Outcome
    points: int
    crashes: tuple[Crash, ...]


class Sweep:
    """Plays a story, and dies at every `step`-th of its points from `first` on, in copies.

    Of points of one name in a row (reads, statements of one transaction) only the first is tried:
    whoever dies at the others leaves exactly the same behind.
    """

    def __init__(self, story: Story, checks: Checks, *, first: int = 0, step: int = 1) -> None:
        self._checks = checks
        self._first = first
        self._step = step
        self._points = 0
        self._before = ""
        self._crashes: list[Crash] = []
        self._world = World(story.plan, story.build, checks)
        self._writing: int | None = None
        self._living: list[tuple[int, int, int, str, int | None]] = []

    def run(self) -> Swept:
        """Every crash, then the story itself to its end."""
        self._world.points.visit = self._visit
        try:
            outcome = self._world.run()
        except BaseException:
            if self._writing is None:
                raise
            leave_with(self._writing, _raise)
            raise
        if self._writing is not None:
            leave_with(self._writing, lambda: outcome)
        while self._living:
            self._collect()
        return Swept(story=outcome, points=self._points, crashes=tuple(self._crashes))

    def _visit(self, number: int, name: str) -> bool:
        same, self._before = name == self._before, name
        if self._writing is not None or number % self._step != self._first % self._step or same:
            return False
        again = number % 17 + 1 if self._points % SECOND_DEATHS == 0 else None
        self._points += 1
        reading, writing = os.pipe()
        pid = fork()
        if pid == 0:
            os.close(reading)
            if self._points % LONG_ABSENCES == 0:
                self._world.stay_away(ABSENCE_SECONDS)
            self._die_here(writing, again)
            return True
        os.close(writing)
        self._living.append((pid, reading, number, name, again))
        while len(self._living) >= AT_ONCE:
            self._collect()
        return False

    def _die_here(self, writing: int, again: int | None) -> None:
        self._writing = writing
        self._world.dies_again_after = again
        # What is written from here on is this copy's own; the file so far is copied at death.
        self._world.storage.folder = Path(tempfile.mkdtemp(dir=SHM, prefix="world-"))

    def _collect(self) -> None:
        pid, reading, number, name, again = self._living.pop(0)
        outcome: Outcome = collect(pid, reading)
        if outcome.violated is not None:
            crash = Crash(point=number, name=name, again_after=again, outcome=outcome)
            self._crashes.append(crash)


def _raise() -> None:
    raise  # noqa: PLE0704 - called while an exception is handled

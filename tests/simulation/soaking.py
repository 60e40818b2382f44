"""Worlds after worlds on several cores, each job in a copy of the process."""

import os
import pickle
import selectors
import time
from collections.abc import Iterator
from typing import BinaryIO

from tests.simulation.forks import fork
from tests.simulation.running import play
from tests.simulation.worlds import Outcome, Plan, Size


def soak(first: int, size: Size, *, minutes: float, jobs: int) -> Iterator[Outcome]:
    """The worlds of the seeds from `first` on, as they end, until the minutes are over."""
    ends = time.monotonic() + minutes * 60
    with selectors.DefaultSelector() as selector:
        living = 0
        for job in range(jobs):
            pipe = _begin(first + job, jobs, size, ends)
            selector.register(pipe, selectors.EVENT_READ)
            living += 1
        while living:
            for key, _ in selector.select():
                pipe = key.fileobj  # type: ignore[assignment]
                try:
                    yield pickle.load(pipe)
                except EOFError:
                    selector.unregister(pipe)
                    pipe.close()
                    living -= 1
        for _ in range(jobs):
            os.wait()


def _begin(seed: int, step: int, size: Size, ends: float) -> BinaryIO:
    reading, writing = os.pipe()
    if fork() == 0:
        os.close(reading)
        _work(writing, seed, step, size, ends)
    os.close(writing)
    return os.fdopen(reading, "rb", buffering=0)


def _work(writing: int, seed: int, step: int, size: Size, ends: float) -> None:
    """Play one world after the other, and end this process."""
    try:
        with os.fdopen(writing, "wb") as pipe:
            while time.monotonic() < ends:
                pickle.dump(play(Plan.drawn(seed, size)), pipe)
                pipe.flush()
                seed += step
    finally:
        os._exit(0)

"""Work in a copy of this process: nothing it leaves behind, or breaks, is seen here."""

import gc
import os
import pickle
import traceback
import warnings
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class ChildFailed(Exception):
    """What was to be done in the copy raised, or the copy died."""


def fork() -> int:
    """`os.fork`; a copy of a process with threads is harmless where it only counts and exits."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid == 0:
        # A copy lives for seconds and is thrown away whole.
        gc.disable()
    return pid


def in_copy(work: Callable[[], T]) -> T:
    """What `work` returns, done in a copy of this process. Raises ChildFailed."""
    gc.freeze()
    reading, writing = os.pipe()
    pid = fork()
    if pid == 0:
        os.close(reading)
        leave_with(writing, work)
    os.close(writing)
    return collect(pid, reading)


def leave_with(writing: int, work: Callable[[], object]) -> None:
    """Do the work, write what came of it into the pipe, and end this process."""
    try:
        told = (True, work())
    except BaseException:  # noqa: BLE001 - the copy must not come back to its caller
        told = (False, traceback.format_exc())
    try:
        with os.fdopen(writing, "wb") as pipe:
            pickle.dump(told, pipe)
    finally:
        os._exit(0)


def collect(pid: int, reading: int) -> T:  # type: ignore[type-var]
    """What a copy wrote before it ended."""
    with os.fdopen(reading, "rb") as pipe:
        written = pipe.read()
    os.waitpid(pid, 0)
    if not written:
        raise ChildFailed("it died without a word")
    done, told = pickle.loads(written)
    if not done:
        raise ChildFailed(told)
    result: T = told
    return result

"""A server in a process of its own, so that its work is not counted as ours."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, TypeAlias

_PATIENCE = 60.0

Pipe: TypeAlias = "Connection[Any, Any]"
Serving = Callable[[Pipe], Coroutine[Any, Any, None]]


@contextmanager
def apart(serve: Serving) -> Iterator[Pipe]:
    """Our end of a pipe to `serve`, a function of a module, which ends when it reads None there."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_run, args=(serve, theirs), daemon=True)
    process.start()
    try:
        yield ours
    finally:
        ours.send(None)
        process.join(timeout=_PATIENCE)


def answer(pipe: Pipe) -> int:
    """The next number it says. Raises TimeoutError after a minute."""
    if not pipe.poll(_PATIENCE):
        raise TimeoutError("the other process does not answer")
    number: int = pipe.recv()
    return number


def _run(serve: Serving, pipe: Pipe) -> None:
    asyncio.run(serve(pipe))

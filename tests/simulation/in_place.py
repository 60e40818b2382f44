"""What SQLAlchemy awaits from synchronous code, done where it is asked for.

The driver's work ends at once more often than not, and then changing greenlets for it, there and
back, is half of what a statement costs. What really waits is waited for as ever.
"""

from collections.abc import Coroutine, Generator
from functools import partial
from inspect import iscoroutine
from typing import Any

from sqlalchemy.util.concurrency import await_


class _Rest:
    """A coroutine that was begun, and waits for the first time."""

    def __init__(self, begun: Coroutine[Any, Any, Any], waits_for: Any) -> None:
        self._begun = begun
        self._waits_for = waits_for

    def __await__(self) -> Generator[Any, Any, Any]:
        waits_for = self._waits_for
        while True:
            try:
                answer = yield waits_for
            except BaseException as exc:  # noqa: BLE001 - it is for whoever waits
                go_on = partial(self._begun.throw, exc)
            else:
                go_on = partial(self._begun.send, answer)
            try:
                waits_for = go_on()
            except StopIteration as done:
                return done.value


def await_in_place(awaitable: Any) -> Any:
    """The result of an awaitable; `await_` of SQLAlchemy, where it does not end at once."""
    if not iscoroutine(awaitable):
        return await_(awaitable)
    try:
        waits_for = awaitable.send(None)
    except StopIteration as done:
        return done.value
    return await_(_Rest(awaitable, waits_for))

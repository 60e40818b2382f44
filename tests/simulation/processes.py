"""Which of a world's processes is at work: tasks and timers inherit it, as they do a context."""

from contextvars import Context, ContextVar
from typing import Final

NOBODY: Final = 0
"""The world itself; and the process of a world that has only one at a time."""

_current: Final[ContextVar[int]] = ContextVar("process", default=NOBODY)


def current() -> int:
    """The process that is at work."""
    return _current.get()


def context_of(process: int) -> Context:
    """A context in which `process` is at work."""
    context = Context()
    context.run(_current.set, process)
    return context


def works_in(context: Context) -> int:
    """The process that works in a context."""
    return context.get(_current, NOBODY)

"""Work that is not abandoned half-way when whoever asked for it is cancelled."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def to_the_end(work: Coroutine[Any, Any, T]) -> T:
    """Run `work` whole; a cancellation meanwhile counts when it is over.

    A SQLite connection that is given up in the middle of a transaction keeps its lock for as long
    as anything remembers one of its cursors, and the traceback of the cancellation does: whoever
    writes next, perhaps to tidy up after that cancellation, would wait for itself.

    Raises:
        KeyboardInterrupt, SystemExit: `work` did, which counts more than a cancellation.
    """
    task = asyncio.ensure_future(_kept(work))
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as exc:
            cancelled = exc
    if cancelled is not None and (task.cancelled() or task.exception() is not None):
        raise cancelled
    result = task.result()
    if isinstance(result, KeyboardInterrupt | SystemExit):
        raise result
    if cancelled is not None:
        raise cancelled
    return result


async def _kept(work: Coroutine[Any, Any, T]) -> T | KeyboardInterrupt | SystemExit:
    # A task that raises one of these takes the event loop down before its caller hears of it.
    try:
        return await work
    except (KeyboardInterrupt, SystemExit) as exc:
        return exc

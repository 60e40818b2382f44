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
    """
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as exc:
            cancelled = exc
    if cancelled is None:
        return task.result()
    if not task.cancelled():
        task.exception()  # looked at, so that nobody complains that it was not
    raise cancelled

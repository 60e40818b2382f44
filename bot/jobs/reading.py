"""Understanding raw items beside the event loop, under a deadline, whatever they contain.

An item may be built to crash or to stall its reader (`facts`: a hostile header can cost seconds).
Reading happens in a thread of its own that is left behind when it does not come back; what three
attempts could not read becomes a ticket that says so. Three, because a process may be ended twice
while it reads an innocent item.
"""

import asyncio
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from bot.outbox.traces import broke
from bot.usecases.ingest import ReadItem, StoredItem
from connectors.capabilities import LinksDeep
from connectors.contract import Connector, InboundMessage, RawItem
from connectors.errors import Malformed

DEADLINE_SECONDS = 10.0
MOST_ATTEMPTS = 3

CONSOLE = "console"
"""The link of a message that opens its conversation in the platform's own console."""

Normalise = Callable[[RawItem], InboundMessage]


def explained_by(connector: Connector) -> Normalise:
    """What the connector makes of an item, with the link into the platform's console if it has one."""
    if not isinstance(connector, LinksDeep):
        return connector.normalise
    linked: LinksDeep = connector

    def explain(item: RawItem) -> InboundMessage:
        message = connector.normalise(item)
        link = linked.deep_link(message.reply_context)
        return replace(message, links={**message.links, CONSOLE: link}) if link else message

    return explain


async def read_items(
    items: Sequence[StoredItem], normalise: Normalise, *, deadline: float = DEADLINE_SECONDS
) -> list[ReadItem]:
    """What could be said of `items` within `deadline` real seconds.

    `attempts` of an item counts the tries begun before. An item that broke or stalled its reader
    is left out, to be tried again alone; at the last try it comes back as Malformed.
    """
    given_up = [item for item in items if item.attempts >= MOST_ATTEMPTS]
    read = [
        _unreadable(item, f"could not be read in {MOST_ATTEMPTS} attempts") for item in given_up
    ]
    fresh = [item for item in items if item.attempts < MOST_ATTEMPTS]
    if fresh:
        read += await _beside_the_loop(fresh, normalise, deadline)
    return read


async def _beside_the_loop(
    items: Sequence[StoredItem], normalise: Normalise, deadline: float
) -> list[ReadItem]:
    loop = asyncio.get_running_loop()
    finished = asyncio.Event()
    done: list[ReadItem] = []

    def work() -> None:
        for item in items:
            explained = _explain(item, normalise)
            if explained is not None:
                done.append(explained)
        with suppress(RuntimeError):  # the loop may be gone by now
            loop.call_soon_threadsafe(finished.set)

    # A daemon: a reader that never ends must not keep the process from ending.
    threading.Thread(target=work, name="reading", daemon=True).start()
    try:
        async with asyncio.timeout(deadline):
            await finished.wait()
    except TimeoutError as exc:
        broke("poll.reading_stalled", exc, read=len(done), of=len(items))
    return list(done)


def _explain(item: StoredItem, normalise: Normalise) -> ReadItem | None:
    try:
        message = normalise(item.item)
    except Malformed as exc:
        return _read(item, error=exc)
    except Exception as exc:  # noqa: BLE001 - a mail may break any parser; the next one is read all the same
        broke("poll.reading_broke", exc, raw_id=item.raw_id, attempt=item.attempts + 1)
        if item.attempts + 1 < MOST_ATTEMPTS:
            return None
        return _unreadable(item, type(exc).__name__)
    return _read(item, message=message)


def _unreadable(item: StoredItem, why: str) -> ReadItem:
    return _read(item, error=Malformed("item", why))


def _read(
    item: StoredItem, *, message: InboundMessage | None = None, error: Malformed | None = None
) -> ReadItem:
    return ReadItem(
        raw_id=item.raw_id, received_at=item.item.received_at, message=message, error=error
    )

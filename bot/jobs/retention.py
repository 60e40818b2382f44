"""Takes away what may be kept no longer, in small steps, and does again what a backup undid."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import structlog

from bot.clock import Clock
from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.domain.retention import digests_of
from bot.usecases import forget
from bot.usecases.figures import catch_up
from bot.usecases.retention import (
    BATCH,
    ITEMS,
    LISTS,
    due_in,
    purge_due,
    purge_items,
    purge_lists,
)

log = structlog.get_logger(__name__)

SECONDS: Final = 3600.0
"""Real seconds between two looks: rules count in days."""

_PAUSE: Final = 0.02
"""Real seconds between two transactions: whoever waits for the database comes in between."""


@dataclass(slots=True, kw_only=True)
class Done:
    """What one look took away. `tickets` are by inbox."""

    tickets: dict[str, int] = field(default_factory=dict)
    items: int = 0
    lists: int = 0
    people: int = 0

    @property
    def anything(self) -> bool:
        """Whether there was anything to take away."""
        return bool(sum(self.tickets.values()) or self.items or self.lists or self.people)


class RetentionWatch:
    """Looks for what is over its time. `key` is the desk's own: forgotten people are known by it."""

    def __init__(self, db: Database, desk: Callable[[], Desk], clock: Clock, key: bytes) -> None:
        self._db = db
        self._desk = desk
        self._clock = clock
        self._key = key

    async def look(self) -> None:
        """Do all there is to do."""
        await self.purge()

    async def purge(self, only: str | None = None) -> Done:
        """Take away what is over its time, of one inbox or of all, and whoever wished it."""
        done = Done()
        done.people = await self.forget_wished()
        desk = self._desk()
        for inbox in desk.inboxes if only is None else (only,):
            found = await self._tickets(inbox)
            if found:
                done.tickets[inbox] = found
            done.items += await self._all(partial(purge_items, desk=desk, inbox=inbox), ITEMS)
        if only is None:
            done.lists = await self._all(partial(purge_lists, desk=desk), LISTS)
        if done.anything:
            await self._db.forget_pages()
            log.info("retention.purged", tickets=sum(done.tickets.values()), people=done.people)
        return done

    async def _tickets(self, inbox: str) -> int:
        after: int | None = 0
        done = 0
        while after is not None:
            look = partial(
                due_in, desk=self._desk(), inbox=inbox, now=self._clock.now(), after=after
            )
            after, due = await self._db.read(look, urgent=False)
            if due:
                # Reports go by what was measured while there were words.
                await catch_up(self._db, self._desk(), self._clock)
            for start in range(0, len(due), BATCH):
                ids = [row.id for row in due[start : start + BATCH]]
                step = partial(purge_due, desk=self._desk(), inbox=inbox, ids=ids)
                done += await self._db.write(step, now=self._clock.now())
                await asyncio.sleep(_PAUSE)
        return done

    async def _all(self, step: Callable[..., int], most: int) -> int:
        total = 0
        while True:
            count = await self._db.write(step, now=self._clock.now())
            total += count
            if count < most:
                return total
            await asyncio.sleep(_PAUSE)

    async def forget_wished(self) -> int:
        """Forget whoever wished it and is still there; how many."""
        total = 0
        for inbox_id, inbox in await self._db.read(forget.wished_inboxes, urgent=False):
            total += await self._wishes_of(inbox_id, inbox)
        return total

    async def _wishes_of(self, inbox_id: int, inbox: str) -> int:
        look = partial(forget.who_wished, inbox_id=inbox_id, inbox=inbox, key=self._key)
        found = await self._db.read(look, urgent=False)
        left: set[str] = set()
        for customer_id, wished_at in found:
            handle = await self._handle(customer_id)
            await catch_up(self._db, self._desk(), self._clock)
            step = partial(forget.forget_tickets, customer_id=customer_id, until=wished_at)
            await self._all(step, BATCH)
            await self._items(inbox_id, handle)
            name = partial(forget.forget_name, customer_id=customer_id, until=wished_at)
            if not await self._db.write(name, now=self._clock.now()):
                left |= digests_of(self._key, inbox, handle)
        settled = partial(forget.wish_done, inbox_id=inbox_id, left=left)
        await self._db.write(settled, now=self._clock.now())
        return len(found)

    async def _handle(self, customer_id: int) -> str:
        return await self._db.read(lambda conn: forget.handle_of(conn, customer_id), urgent=False)

    async def _items(self, inbox_id: int, handle: str) -> None:
        after: int | None = 0
        while after is not None:
            look = partial(forget.items_about, inbox_id=inbox_id, handle=handle, after=after)
            after, found = await self._db.read(look, urgent=False)
            if found:
                empty = partial(forget.forget_items, ids=found)
                await self._db.write(empty, now=self._clock.now())

"""Reading an inbox's past into its own database: fetched ahead, understood beside it, kept in order."""

import asyncio
import os
import signal
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import Any, Final, Protocol

from pydantic import BaseModel

from bot.clock import Clock
from bot.db.unit import Database
from bot.usecases.backfill import keep_page
from bot.usecases.backfill_items import Explain, KeptItem, keep_item
from connectors.capabilities import HistoryPage, HistoryWish, PastItem, ReadsHistory
from connectors.contract import Connector, Cursor, InboxContext
from connectors.registry import ConnectorSpec, load_spec

WORTH_IT: Final = 2000
"""Items from which on further processes save more time than they need to start."""

_PROCESSES: Final = 2
_IN_FLIGHT: Final = 4
"""Pages fetched and not kept yet: enough to keep every side busy, few enough to hold."""

_KEY: Final = b"the past of an inbox sends nothing"
"""Nothing is sent, so no id is ever signed with it."""

Tell = Callable[[int, int | None], None]
"""Hears how many items were read, and of how many where that is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """An inbox to read: whose code, with which settings."""

    inbox: str
    spec: ConnectorSpec
    config: BaseModel

    def build(self, clock: Clock) -> Connector:
        """Its connector. Connects to nothing yet."""
        return self.spec.build(self.config, _context(self.inbox, clock))


@dataclass(slots=True)
class Progress:
    """How far the reading is. `new` items had not been kept before."""

    read: int = 0
    new: int = 0
    unreadable: int = 0
    total: int | None = None


class _Reader(Protocol):
    """Turns items into what is kept of them."""

    async def read(self, items: Sequence[PastItem]) -> Sequence[KeptItem]:
        """In their order."""
        ...


@dataclass(slots=True)
class Reading:
    """One reading of the past into `database`."""

    source: Source
    database: Database
    inbox_id: int
    clock: Clock
    tell: Tell
    progress: Progress = field(default_factory=Progress)

    async def run(self, history: ReadsHistory, wish: HistoryWish, cursor: Cursor | None) -> None:
        """Read and keep everything. What was kept stays, wherever this is broken off.

        Raises:
            ConnectorError: the platform cannot be read, or not any further.
        """
        waiting: deque[tuple[HistoryPage, Awaitable[Sequence[KeptItem]]]] = deque()
        async with AsyncExitStack() as stack:
            reader: _Reader | None = None
            async for page in _closing(stack, history.history(wish, cursor)):
                if reader is None:
                    reader = self._reader(stack, page, history)
                    self._expect(page)
                waiting.append((page, asyncio.ensure_future(reader.read(page.items))))
                if len(waiting) >= _IN_FLIGHT:
                    await self._keep(*waiting.popleft())
            while waiting:
                await self._keep(*waiting.popleft())

    def _expect(self, page: HistoryPage) -> None:
        self.progress.total = None if page.left is None else page.left + len(page.items)

    def _reader(self, stack: AsyncExitStack, page: HistoryPage, history: ReadsHistory) -> _Reader:
        if (page.left or 0) < WORTH_IT or (os.cpu_count() or 1) < _PROCESSES:
            return _Here(explain=history.explain_past)
        pool = ProcessPoolExecutor(
            max_workers=_PROCESSES,
            mp_context=get_context("spawn"),
            initializer=_begin,
            initargs=(self.source.spec.package, self.source.config, self.source.inbox),
        )
        stack.callback(pool.shutdown, wait=False, cancel_futures=True)
        return _Beside(pool=pool)

    async def _keep(self, page: HistoryPage, kept: Awaitable[Sequence[KeptItem]]) -> None:
        items = await kept
        now = self.clock.now()
        self.progress.new += await self.database.write(
            lambda tx: keep_page(tx, self.inbox_id, items, page.cursor), now=now
        )
        self.progress.unreadable += sum(not each.readable for each in items)
        total, left = self.progress.total, page.left
        known = total is not None and left is not None
        self.progress.read = (
            total - left if known else self.progress.read + len(items)  # type: ignore[operator]
        )
        self.tell(self.progress.read, total)


@dataclass(frozen=True, slots=True)
class _Here:
    """In this process, a few at a time, so that the reading goes on meanwhile."""

    explain: Explain

    async def read(self, items: Sequence[PastItem]) -> Sequence[KeptItem]:
        kept = []
        for item in items:
            kept.append(keep_item(self.explain, item))
            await asyncio.sleep(0)
        return kept


@dataclass(frozen=True, slots=True)
class _Beside:
    """In processes of their own, which have nothing but the settings of the inbox."""

    pool: ProcessPoolExecutor

    async def read(self, items: Sequence[PastItem]) -> Sequence[KeptItem]:
        loop = asyncio.get_running_loop()
        half = (len(items) + 1) // 2
        shares = [share for share in (items[:half], items[half:]) if share]
        work = [loop.run_in_executor(self.pool, _understand, share) for share in shares]
        return [each for share in await asyncio.gather(*work) for each in share]


_explain: list[Explain] = []
"""In a process of the pool: the reader of its inbox."""


def _begin(package: str, config: BaseModel, inbox: str) -> None:
    """Make a process of the pool ready. It ends with the one that began it, not by Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    connector: Any = load_spec(package).build(config, _context(inbox, Clock()))
    _explain[:] = [connector.explain_past]


def _understand(items: Sequence[PastItem]) -> list[KeptItem]:
    return [keep_item(_explain[0], item) for item in items]


def _context(inbox: str, clock: Clock) -> InboxContext:
    return InboxContext(inbox=inbox, instance_key=_KEY, now=clock.now)


async def _closing(
    stack: AsyncExitStack, pages: AsyncIterator[HistoryPage]
) -> AsyncIterator[HistoryPage]:
    """The pages; whatever ends the loop over them also closes their connection."""
    close = getattr(pages, "aclose", None)
    if close is not None:
        stack.push_async_callback(close)
    async for page in pages:
        yield page

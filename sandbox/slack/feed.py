"""What happened in the workspace, in order, for the page and the tests to follow."""

import asyncio
from collections import deque
from dataclasses import dataclass

from sandbox.slack.model import JsonObject

_KEPT = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """One change. `user` is its only reader; without it whoever sees `channel` reads it."""

    seq: int
    kind: str
    data: JsonObject
    user: str | None = None
    channel: str | None = None


class Feed:
    """An ordered, bounded log of changes that readers wait on."""

    def __init__(self) -> None:
        self._entries: deque[FeedEntry] = deque(maxlen=_KEPT)
        self._seq = 0
        self._waiting: set[asyncio.Future[None]] = set()

    @property
    def seq(self) -> int:
        """The number of the newest change."""
        return self._seq

    def publish(
        self, kind: str, data: JsonObject, *, user: str | None = None, channel: str | None = None
    ) -> None:
        """Append a change and wake the readers."""
        self._seq += 1
        entry = FeedEntry(seq=self._seq, kind=kind, data=data, user=user, channel=channel)
        self._entries.append(entry)
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_result(None)

    def after(self, seq: int) -> list[FeedEntry]:
        """The changes newer than `seq` that are still kept."""
        return [entry for entry in self._entries if entry.seq > seq]

    def has_gap(self, seq: int) -> bool:
        """Whether changes after `seq` were already forgotten, or belong to another run."""
        oldest = self._entries[0].seq if self._entries else self._seq + 1
        return seq > self._seq or seq + 1 < oldest

    async def wait(self, seq: int, timeout_seconds: float) -> bool:
        """Wait until something newer than `seq` happened; False when nothing did in time."""
        if self._seq > seq:
            return True
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(waiter)
        try:
            async with asyncio.timeout(timeout_seconds):
                await waiter
        except TimeoutError:
            return False
        finally:
            self._waiting.discard(waiter)
        return True

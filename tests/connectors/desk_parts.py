"""Parts of a desk on virtual time: its clock, and a Slack that only notes what it is sent."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from typing_extensions import override

from bot.clock import Clock
from bot.outbox.executor import NotSent, OutboxRow, Sent
from connectors.testing.virtual_time import VirtualTime


class DeskClock(Clock):
    """The desk's clock on virtual time; its steady one moves along."""

    def __init__(self, time: VirtualTime) -> None:
        super().__init__()
        self._time = time

    @override
    def now(self) -> datetime:
        return self._time.now()

    @override
    def monotonic(self) -> float:
        return self._time.now().timestamp()


class RecordedSlack:
    """Takes every effect for Slack. `posted` are (kind, payload), oldest first."""

    def __init__(self) -> None:
        self.posted: list[tuple[str, Mapping[str, Any]]] = []

    async def send(self, row: OutboxRow) -> Sent:
        self.posted.append((row.kind, row.payload))
        return Sent()

    async def look_up(self, row: OutboxRow) -> NotSent:
        return NotSent()

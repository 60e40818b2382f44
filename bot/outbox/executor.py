"""What the dispatcher asks of whoever sends an effect, and what may come of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxRow:
    """One leased effect. `fence` proves at settling time that the lease is still ours."""

    id: int
    kind: str
    lane: str
    lane_group: str
    dedupe_key: str
    payload: Mapping[str, Any]
    priority: int
    fence: int
    attempts: int
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The other side took it over. `result` is kept with the row."""

    result: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Superseded:
    """Not sent, because it is no longer wanted (answered meanwhile, newer card)."""

    reason: str


class SendError(Exception):
    """Root of what a send can end in, other than an Outcome."""


class Throttled(SendError):
    """The other side asked to wait; the whole lane group does. Counts as no attempt."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"throttled for {retry_after:.0f} s")
        self.retry_after = retry_after


class TryLater(SendError):
    """Nothing was handed over; try again with back-off."""


class Ambiguous(SendError):
    """Handed over, outcome not seen. Looked up before anything else happens to the row."""


class Refused(SendError):
    """Refused for good. The row is dead and a person is told `reason`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class GroupPaused(SendError):
    """Nothing of this lane group can go out until somebody mends `reason` (token, password)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


Outcome = Sent | Superseded


class Executor(Protocol):
    """Sends the effects of some kinds."""

    async def send(self, row: OutboxRow) -> Outcome:
        """Send once. Raises a SendError."""
        ...

    async def look_up(self, row: OutboxRow) -> Sent | bool | None:
        """After an ambiguous attempt: Sent if it arrived, False if certainly not, None if unknown."""
        ...

"""What the dispatcher asks of whoever sends an effect, and what may come of it.

Everything that can come of a send may carry `then`: rows to write in the very transaction that
settles the effect, so that "it went out" and what follows from it are never told apart by a crash.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol

from bot.db.unit import Tx

Then = Callable[[Tx], object]

PUT_BACK: Final = "put_back"
"""In the payload of an effect that waited when a backup was made which was put back since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxRow:
    """One leased effect. `fence` proves at settling time that the lease is still ours.

    `attempts` counts sends begun, this one included; `failed` those that certainly handed nothing
    over, `absent` those a look-up certainly did not find, `looks` the look-ups since the last send.
    """

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
    failed: int = 0
    absent: int = 0
    looks: int = 0

    @property
    def doubts(self) -> int:
        """How many sends of this effect may have arrived without our knowing."""
        return self.attempts - self.failed - self.absent

    @property
    def put_back(self) -> bool:
        """Whether a backup brought it back: what became of it since nobody here knows."""
        return bool(self.payload.get(PUT_BACK))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The other side took it over. `result` is kept with the row."""

    result: Mapping[str, Any] = field(default_factory=dict)
    then: Then | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Superseded:
    """Not sent, because it is no longer wanted (answered meanwhile, newer card).

    `called` says that the other side was called all the same, which its rates count.
    """

    reason: str
    then: Then | None = None
    called: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NotSent:
    """A look-up's answer: it may be sent again.

    `certain` says that it did not arrive; otherwise nobody can tell and a second copy does less
    harm than none.
    """

    certain: bool = True
    then: Then | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsure:
    """A look-up's answer: nobody can tell, and a second copy would do harm. A person is asked."""

    reason: str
    then: Then | None = None


class SendError(Exception):
    """Root of what a send can end in, other than an Outcome."""


class Throttled(SendError):
    """The other side asked to wait `retry_after` seconds; counts as no attempt.

    `gate` is what has to wait (see `lanes.Limits.gates`); the row's lane group by default.
    """

    def __init__(self, retry_after: float, *, gate: str | None = None) -> None:
        super().__init__(f"throttled for {retry_after:.0f} s")
        self.retry_after = retry_after
        self.gate = gate


class TryLater(SendError):
    """Nothing was handed over (or, of a look-up: nothing was learned); try again with back-off.

    `then` prepares a send for the next try.
    """

    def __init__(self, reason: str, *, then: Then | None = None) -> None:
        super().__init__(reason)
        self.then = then


class Ambiguous(SendError):
    """Handed over, outcome not seen. Looked up before anything else happens to the row."""


class Refused(SendError):
    """Refused for good; the row is dead.

    `then` tells whoever has to know. Without it the ops channel is told `reason`.
    """

    def __init__(self, reason: str, *, then: Then | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.then = then


class GroupPaused(SendError):
    """Nothing that passes `gate` can go out until somebody mends `reason` (token, password).

    Counts as no attempt. `gate` is the row's lane group by default. With `tell_ops` off nobody is
    told through the outbox, because the way to them is what is broken.
    """

    def __init__(self, reason: str, *, gate: str | None = None, tell_ops: bool = True) -> None:
        super().__init__(reason)
        self.reason = reason
        self.gate = gate
        self.tell_ops = tell_ops


Outcome = Sent | Superseded
Finding = Sent | Superseded | NotSent | Unsure


class Executor(Protocol):
    """Sends the effects of some kinds."""

    async def send(self, row: OutboxRow) -> Outcome:
        """Send once. Raises a SendError; anything else it raises is taken as Ambiguous."""
        ...

    async def look_up(self, row: OutboxRow) -> Finding:
        """After an attempt whose outcome was not seen: did it arrive?

        Raises Throttled or TryLater to be asked again, GroupPaused when it cannot ask at all.
        """
        ...

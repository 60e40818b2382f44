"""What a process counts of Slack's requests: how soon each was acknowledged, what was refused.

Slack takes a request for failed after three seconds. Refusals are counted by what was asked for,
never by who asked.
"""

from collections import Counter
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any, Final

from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from typing_extensions import override

from bot.clock import Clock
from bot.domain.buckets import Buckets
from bot.errors import DeskError, NotAllowed, NotInSight

ENDS: Final = (0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3)
"""Upper ends of the classes, in seconds: the last is where Slack gives up."""


class Counted:
    """Since the process began. `acknowledged` by sort of request, `denied` by what was asked for."""

    def __init__(self) -> None:
        self.acknowledged: Buckets[str] = Buckets(ENDS)
        self.denied: Counter[str] = Counter()


_counted: ContextVar[Counted | None] = ContextVar("counted", default=None)


def count_refusal(error: DeskError) -> None:
    """Count what the desk did not let somebody do; whatever else went wrong is none."""
    counted = _counted.get()
    if counted is None:
        return
    if isinstance(error, NotInSight):
        counted.denied["sight"] += 1
    elif isinstance(error, NotAllowed):
        counted.denied[error.verb or "other"] += 1


def count_outsider() -> None:
    """Count a request from another workspace."""
    counted = _counted.get()
    if counted is not None:
        counted.denied["outsider"] += 1


def sort_of(body: Mapping[str, Any]) -> str:
    """What kind of request it is, in Slack's words; nothing that a person chose."""
    if "command" in body:
        return "command"
    event = body.get("event")
    said = event.get("type") if isinstance(event, Mapping) else body.get("type")
    return said if isinstance(said, str) and said.isidentifier() else "other"


class CountingApp(AsyncApp):
    """Bolt's app that counts into its `counted`."""

    def __init__(self, clock: Clock, **settings: Any) -> None:
        super().__init__(**settings)
        self.counted = Counted()
        self._steady = clock

    @override
    async def async_dispatch(self, req: AsyncBoltRequest) -> BoltResponse:
        began = self._steady.monotonic()
        _counted.set(self.counted)
        response = await super().async_dispatch(req)
        self.counted.acknowledged.observe(sort_of(req.body), self._steady.monotonic() - began)
        return response

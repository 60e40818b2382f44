"""How payloads reach the app: the words both transports share."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from sandbox.slack.model import JsonObject


class PayloadKind(StrEnum):
    """The envelope types of Socket Mode; HTTP mode has an address for each."""

    COMMAND = "slash_commands"
    INTERACTION = "interactive"
    EVENT = "events_api"


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Real seconds Slack waits. Tests shorten them.

    `ack_seconds`: an app must acknowledge within 3 s. `retry_delays`: an event that was not taken is sent again at once,
    after one and after five minutes (docs.slack.dev "Events API"). `socket_seconds`: how long a socket lives before Slack
    asks the app to reconnect; None means until told. `answer_seconds`: how long a Web API call is on its way.
    """

    ack_seconds: float = 3.0
    retry_delays: tuple[float, ...] = (0.0, 60.0, 300.0)
    socket_seconds: float | None = None
    answer_seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """Which repetition of an event this is (0: the first delivery) and why."""

    number: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the app did with a payload. `failure` is None when it acknowledged in time."""

    failure: str | None = None
    payload: JsonObject | None = None
    stop_retries: bool = False

    @property
    def acked(self) -> bool:
        return self.failure is None


class Transport(Protocol):
    """A way to hand a payload to the app."""

    async def deliver(
        self, kind: PayloadKind, payload: Mapping[str, Any], *, retry: Retry, url: str | None
    ) -> Answer:
        """Hand over one payload and wait for the acknowledgement."""
        ...

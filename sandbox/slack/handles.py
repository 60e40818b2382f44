"""Short-lived handles Slack gives an app with each interaction: trigger ids and response addresses."""

import itertools
import secrets
from dataclasses import dataclass

from bot.clock import Clock
from sandbox.slack.errors import ApiError
from sandbox.slack.model import Ts

TRIGGER_SECONDS = 3.0
"""docs.slack.dev "Handling user interaction": a trigger expires three seconds after the interaction."""

RESPONSE_SECONDS = 30 * 60.0
RESPONSE_USES = 5
"""Same page: a response_url works five times within 30 minutes."""


@dataclass(slots=True, kw_only=True)
class _Trigger:
    user: str
    born: float
    used: bool = False


class Triggers:
    """Trigger ids: single use, three real seconds."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._triggers: dict[str, _Trigger] = {}
        self._numbers = itertools.count(1000)

    def issue(self, user: str) -> str:
        """A trigger for an interaction of `user`."""
        trigger_id = f"{next(self._numbers)}.{secrets.randbelow(10**10)}.{secrets.token_hex(16)}"
        self._triggers[trigger_id] = _Trigger(user=user, born=self._clock.monotonic())
        return trigger_id

    def redeem(self, trigger_id: str) -> str:
        """The user it was issued for. Raises ApiError (invalid, expired or exchanged)."""
        trigger = self._triggers.get(trigger_id)
        if trigger is None:
            raise ApiError("invalid_trigger_id")
        if trigger.used:
            raise ApiError("exchanged_trigger_id")
        if self._clock.monotonic() - trigger.born > TRIGGER_SECONDS:
            raise ApiError("expired_trigger_id")
        trigger.used = True
        return trigger.user


@dataclass(slots=True, kw_only=True)
class ResponseAddress:
    """Where an app may answer an interaction. `message_ts` is the message it came from."""

    user: str
    channel: str
    born: float
    message_ts: Ts | None = None
    thread_ts: Ts | None = None
    from_message_shortcut: bool = False
    uses: int = 0


class ResponseAddresses:
    """Response URLs by their secret path."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._addresses: dict[str, ResponseAddress] = {}

    def issue(
        self,
        user: str,
        channel: str,
        *,
        message_ts: Ts | None = None,
        thread_ts: Ts | None = None,
        from_message_shortcut: bool = False,
    ) -> str:
        """The secret path of a new address."""
        path = secrets.token_urlsafe(24)
        self._addresses[path] = ResponseAddress(
            user=user,
            channel=channel,
            born=self._clock.monotonic(),
            message_ts=message_ts,
            thread_ts=thread_ts,
            from_message_shortcut=from_message_shortcut,
        )
        return path

    def use(self, path: str) -> ResponseAddress | None:
        """Count one use; None when unknown, expired or used up."""
        address = self._addresses.get(path)
        if address is None or address.uses >= RESPONSE_USES:
            return None
        if self._clock.monotonic() - address.born > RESPONSE_SECONDS:
            return None
        address.uses += 1
        return address

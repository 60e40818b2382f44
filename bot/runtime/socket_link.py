"""The Socket Mode connection, watched: a link that went silent is replaced whole.

The SDK reconnects what it sees break. Two cases escape it: it retries a refused single-use address
for ever, and a link can answer pings and yet bring nothing. Both end here with a new client.
"""

import asyncio
import logging
from typing import Final

import aiohttp
import structlog
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from typing_extensions import override

from bot.clock import Clock
from bot.errors import SettingsError

log = structlog.get_logger(__name__)

PING_SECONDS: Final = 5.0
CONNECT_SECONDS: Final = 20.0
DEAD_AFTER: Final = 30.0
"""Seconds without a working link before the client is replaced; the SDK gets the first 20."""
IDLE_AFTER: Final = 1800.0
"""Seconds without any envelope before the link is renewed, at the price of one call."""
LOOK_EVERY: Final = 2.0

_REFUSALS: Final = frozenset(
    {"invalid_auth", "not_authed", "not_allowed_token_type", "token_revoked", "account_inactive"}
)


class _Briefly(logging.Filter):
    """Keeps each failed attempt of the SDK to one line.

    The same traceback every few seconds would hide everything else while Slack is away.
    """

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        record.exc_info = None
        return True


_BRIEFLY: Final = _Briefly()


class SocketLink:
    """Keeps one Socket Mode connection alive for `app`."""

    def __init__(
        self,
        app: AsyncApp,
        app_token: str,
        clock: Clock,
        *,
        dead_after: float = DEAD_AFTER,
        idle_after: float = IDLE_AFTER,
        ping_seconds: float = PING_SECONDS,
    ) -> None:
        self._app = app
        self._sdk_log = logging.getLogger("slack_sdk.socket_mode")
        self._sdk_log.addFilter(_BRIEFLY)
        self._token = app_token
        self._clock = clock
        self._dead_after = dead_after
        self._idle_after = idle_after
        self._ping_seconds = ping_seconds
        self._heard_at = clock.monotonic()
        self._alive_at: float | None = None
        self.replaced = 0

    @property
    def silent_seconds(self) -> float | None:
        """Seconds since the link was last seen working; None before it first was."""
        return None if self._alive_at is None else self._clock.monotonic() - self._alive_at

    @property
    def connected(self) -> bool:
        """Whether the link works, as far as was seen in the last few seconds."""
        silent = self.silent_seconds
        return silent is not None and silent < LOOK_EVERY * 3

    async def check(self) -> None:
        """Ask Slack once whether the app token may open a socket.

        Raises:
            SettingsError: it may not.
        """
        try:
            await self._app.client.apps_connections_open(app_token=self._token)
        except SlackApiError as exc:
            code = str(exc.response.get("error"))
            if code in _REFUSALS or code == "missing_scope":
                problem = (
                    f"environment: SLACK_APP_TOKEN: Slack refuses it ({code}). Turn Socket Mode "
                    "on and make an app-level token with the scope connections:write."
                )
                raise SettingsError([problem]) from None
            log.warning("socket.check_failed", code=code)
        except (aiohttp.ClientError, TimeoutError, OSError) as exc:
            log.warning("socket.check_failed", code=type(exc).__name__)

    async def run(self) -> None:
        """Connect, watch, replace; until cancelled."""
        while True:
            handler = AsyncSocketModeHandler(
                self._app, self._token, logger=self._sdk_log, ping_interval=self._ping_seconds
            )
            handler.client.on_message_listeners.append(self._heard)
            try:
                async with asyncio.timeout(CONNECT_SECONDS):
                    await handler.connect_async()  # type: ignore[no-untyped-call]
                log.info("socket.connected")
                reason = await self._watch(handler)
            except TimeoutError:
                reason = "could not connect"
            finally:
                await handler.close_async()  # type: ignore[no-untyped-call]
            self.replaced += 1
            log.warning("socket.replaced", reason=reason)

    async def _heard(self, _message: aiohttp.WSMessage) -> None:
        self._heard_at = self._clock.monotonic()

    async def _watch(self, handler: AsyncSocketModeHandler) -> str:
        """Return why the link must be replaced."""
        self._alive_at = self._heard_at = self._clock.monotonic()
        while True:
            await asyncio.sleep(LOOK_EVERY)
            now = self._clock.monotonic()
            if await handler.client.is_connected():
                self._alive_at = now
            elif now - self._alive_at > self._dead_after:
                return "silent"
            if now - self._heard_at > self._idle_after:
                return "idle"

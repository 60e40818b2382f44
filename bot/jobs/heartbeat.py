"""The dead man's switch: an address outside hears of us after every clean audit, and only then.

Whoever runs the desk lets a monitoring service wait for these calls and raise the alarm when they
stop: a desk that is down, stuck or not keeping its promises cannot be trusted to say so itself.
The address is a secret: whoever knows it can keep the alarm silent. It is in no log.
"""

from collections.abc import Awaitable, Callable
from typing import Final

import aiohttp
import structlog
from pydantic import SecretStr

log = structlog.get_logger(__name__)

PATIENCE: Final = 10.0
"""Seconds the address may take to answer."""

Call = Callable[[str], Awaitable[int]]
"""Asks for an address; answers the HTTP status."""

_GOOD: Final = range(200, 300)


async def called(url: str) -> int:
    """GET it once, redirects not followed. Raises aiohttp.ClientError, TimeoutError or OSError."""
    timeout = aiohttp.ClientTimeout(total=PATIENCE)
    async with (
        aiohttp.ClientSession(timeout=timeout) as session,
        session.get(url, allow_redirects=False) as answer,
    ):
        return answer.status


class Heartbeat:
    """`url` None: nobody waits for us. `answered` and `failed` count the calls."""

    def __init__(self, url: SecretStr | None, call: Call = called) -> None:
        self._url = url
        self._call = call
        self._failing = False
        self.answered = 0
        self.failed = 0

    async def beat(self) -> None:
        """Call once. Whatever goes wrong is logged without the address; nothing is raised."""
        if self._url is None:
            return
        why = await self._tried(self._url.get_secret_value())
        if why is None:
            self.answered += 1
            if self._failing:
                log.info("heartbeat.answered_again")
        else:
            self.failed += 1
            log.warning("heartbeat.unanswered", why=why)
        self._failing = why is not None

    async def _tried(self, url: str) -> str | None:
        try:
            status = await self._call(url)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as exc:
            return type(exc).__name__
        return None if status in _GOOD else f"status {status}"

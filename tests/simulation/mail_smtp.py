"""The SMTP server of a simulated mailbox, in place of the client's class in `connectors.mail.sender`."""

import asyncio
from typing import Any, Final

from aiosmtplib import (
    SMTPAuthenticationError,
    SMTPConnectTimeoutError,
    SMTPReadTimeoutError,
    SMTPResponse,
    SMTPResponseException,
    SMTPServerDisconnected,
)

from tests.simulation.faults import FaultKind
from tests.simulation.mail_world import providers

PATIENCE: Final = 30.0
"""Seconds the connector waits for an answer."""


class SimSmtp:
    """One connection. What it is told ends in the world that answers at the address."""

    def __init__(self, *, hostname: str, **_settings: Any) -> None:
        self._world = providers[hostname]
        self.is_connected = False

    async def connect(self) -> None:
        """Reach the server."""
        await self._way("connect")
        self.is_connected = True

    async def login(self, _user: str, _secret: str) -> None:
        """Prove who we are."""
        if self._world.is_locked():
            raise SMTPAuthenticationError(535, "5.7.8 no")

    async def mail(self, _sender: str, **_settings: float) -> None:
        """MAIL FROM."""
        if self._world.around.chance.happens(FaultKind.MARKET_5XX):
            raise SMTPResponseException(451, "4.3.0 try again later")

    async def rcpt(self, _recipient: str, **_settings: float) -> None:
        """RCPT TO."""
        if self._world.around.chance.happens(FaultKind.MARKET_429):
            raise SMTPResponseException(450, "4.7.1 greylisted")

    async def data(self, raw: bytes, **_settings: float) -> SMTPResponse:
        """Hand the mail over. Once it is taken, every error is of the answer only."""
        world, chance = self._world, self._world.around.chance
        await self._way("data")
        world.hand_over(raw)
        world.around.crash.point("smtp.data.after")
        if chance.happens(FaultKind.MARKET_ANSWER_LOST):
            world.tell("took the mail, but its answer is lost")
            await asyncio.sleep(PATIENCE)
            raise SMTPReadTimeoutError("no answer to DATA")
        return SMTPResponse(250, "2.0.0 queued")

    async def quit(self, **_settings: float) -> None:
        """Say goodbye."""
        self.is_connected = False

    def close(self) -> None:
        """There is nothing to close."""
        self.is_connected = False

    async def _way(self, command: str) -> None:
        world, chance = self._world, self._world.around.chance
        world.around.crash.point(f"smtp.{command}.before")
        await asyncio.sleep(chance.dice(f"latency:{world.inbox}").uniform(0.1, 1.0))
        silent = chance.happens(FaultKind.MARKET_TIMEOUT_BEFORE)
        if silent or chance.clogged(f"market:{world.inbox}"):
            world.tell(f"says nothing to {command}, and does nothing")
            await asyncio.sleep(PATIENCE)
            timeout = SMTPConnectTimeoutError if command == "connect" else SMTPReadTimeoutError
            raise timeout(f"no answer to {command}")
        if chance.happens(FaultKind.LINE_CUT):
            world.tell(f"breaks the connection at {command}")
            raise SMTPServerDisconnected("connection lost")

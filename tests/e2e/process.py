"""The desk in a process of its own, to be killed and started again."""

import asyncio
import json
import os
import signal
from collections.abc import Mapping
from typing import Any

from tests.e2e.nursery import Nursery
from tests.e2e.town import ROOT, Town

SERVES_WITHIN = 120.0
"""Seconds for a start. It takes one or two, and as many more as others keep the machine busy."""


def nursery(town: Town, environ: Mapping[str, str] | None = None) -> Nursery:
    """For several processes of one town."""
    base = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    return Nursery({**base, **town.environ, **(environ or {})})


class Process:
    """`python -m bot run`, alive between `start` and `kill`.

    Those that share a `nursery` load the program once between them; whoever made it closes it.
    """

    def __init__(
        self,
        town: Town,
        *,
        role: str = "all",
        name: str = "desk",
        environ: Mapping[str, str] | None = None,
        nursery: Nursery | None = None,
    ) -> None:
        self._town = town
        self._role = role
        self._environ = environ
        self._log = town.folder / f"{name}.log"
        self._nursery = nursery
        self._own: Nursery | None = None
        self._pid: int | None = None
        self._end: asyncio.Future[int] | None = None

    async def spawn(self) -> None:
        """Start it, and look no further."""
        assert self._end is None
        if self._nursery is None:
            self._nursery = self._own = nursery(self._town, self._environ)
        self._pid, self._end = await self._nursery.begin(["run", self._role], self._log)

    async def start(self) -> None:
        """Start it; returns when it serves."""
        before = self.log().count('"desk.started"')
        await self.spawn()
        await self._town.until(
            "the process to serve", lambda: self._serves(before), within=SERVES_WITHIN, every=0.05
        )
        if self._role == "all":
            await self.connected()

    def _serves(self, before: int) -> bool:
        assert self.alive, f"it ended, saying\n{self.log()[-2000:]}"
        return self.log().count('"desk.started"') > before

    async def connected(self) -> None:
        """Wait for its socket, so that it hears people."""
        await self._town.until("a socket", lambda: self._town.slack.core.hub.connections or None)

    @property
    def pid(self) -> int:
        assert self._pid is not None
        return self._pid

    @property
    def alive(self) -> bool:
        return self._end is not None and not self._end.done()

    def strike(self) -> None:
        """SIGKILL, this very moment."""
        if self.alive:
            os.kill(self.pid, signal.SIGKILL)

    async def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        self.strike()
        if self._end is not None:
            await self._end
        self._end = None
        if self._role == "all":
            # The dead process's socket is noticed by the workspace a moment later.
            hub = self._town.slack.core.hub
            await self._town.until("its socket to close", lambda: not hub.connections or None)

    def hold_still(self) -> None:
        """SIGSTOP: alive, and doing nothing."""
        os.kill(self.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        """SIGCONT."""
        os.kill(self.pid, signal.SIGCONT)

    async def end(self) -> int:
        """Wait until it ends by itself; the exit code."""
        assert self._end is not None
        code = await asyncio.wait_for(self._end, 60)
        self._end = None
        return code

    async def stop(self) -> int:
        """SIGTERM; the exit code."""
        assert self._end is not None
        os.kill(self.pid, signal.SIGTERM)
        return await self.end()

    async def close(self) -> None:
        """Leave nothing behind."""
        self.strike()
        if self._end is not None:
            await self._end
        if self._own is not None:
            await self._own.close()

    def log(self) -> str:
        """Everything it said in all its lives."""
        return self._log.read_text("utf-8", "replace") if self._log.exists() else ""

    def said(self, event: str) -> list[dict[str, Any]]:
        """The log lines of one event."""
        lines = [line for line in self.log().splitlines() if f'"{event}"' in line]
        return [json.loads(line) for line in lines if line.startswith("{")]

"""The desk in a process of its own, to be killed and started again."""

import asyncio
import json
import os
import signal
import sys
from typing import Any

from tests.e2e.town import ROOT, Town

_WAITING = (
    "import sys, bot.cli, bot.cli.run; sys.stdin.readline() or sys.exit(); "
    "sys.argv[0] = 'threadline'; bot.cli.main()"
)
"""The same program, imported ahead of time: a life then begins when its first line comes in."""


class Process:
    """`python -m bot run`, alive between `start` and `kill`."""

    def __init__(self, town: Town, *, role: str = "all", name: str = "desk") -> None:
        self._town = town
        self._role = role
        self._log = town.folder / f"{name}.log"
        self._process: asyncio.subprocess.Process | None = None
        self._next: asyncio.subprocess.Process | None = None

    async def spawn(self) -> None:
        """Start it, and look no further."""
        assert self._process is None
        self._process, self._next = self._next, None
        if self._process is None:
            self._process = await self._execute("-m", "bot")
        elif self._process.stdin is not None:
            self._process.stdin.write(b"live\n")

    async def prepare(self) -> None:
        """Get the next life ready: its imports take longer than everything else of a start."""
        if self._next is None:
            self._next = await self._execute("-c", _WAITING)

    async def _execute(self, *how: str) -> asyncio.subprocess.Process:
        environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **self._town.environ}
        with self._log.open("ab") as log:
            return await asyncio.create_subprocess_exec(
                sys.executable,
                *how,
                "run",
                self._role,
                env=environ,
                stdin=asyncio.subprocess.PIPE,
                stdout=log,
                stderr=log,
            )

    async def start(self) -> None:
        """Start it; returns when it serves."""
        before = self.log().count('"desk.started"')
        await self.spawn()
        await self._town.until(
            f"the process to serve; it says\n{self.log()[-2000:]}",
            lambda: self.log().count('"desk.started"') > before or None,
            within=40,
            every=0.05,
        )
        if self._role == "all":
            await self.connected()

    async def connected(self) -> None:
        """Wait for its socket, so that it hears people."""
        await self._town.until("a socket", lambda: self._town.slack.core.hub.connections or None)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.returncode is None

    def strike(self) -> None:
        """SIGKILL, this very moment."""
        if self.alive:
            os.kill(self.pid, signal.SIGKILL)

    async def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        self.strike()
        if self._process is not None:
            await self._process.wait()
        self._process = None
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

    async def stop(self) -> int:
        """SIGTERM; the exit code."""
        assert self._process is not None
        self._process.terminate()
        code = await asyncio.wait_for(self._process.wait(), 60)
        self._process = None
        return code

    async def close(self) -> None:
        """Leave nothing behind."""
        for one in (self._process, self._next):
            if one is not None and one.returncode is None:
                one.kill()
            if one is not None:
                await one.wait()

    def log(self) -> str:
        """Everything it said in all its lives."""
        return self._log.read_text("utf-8", "replace") if self._log.exists() else ""

    def said(self, event: str) -> list[dict[str, Any]]:
        """The log lines of one event."""
        lines = [line for line in self.log().splitlines() if f'"{event}"' in line]
        return [json.loads(line) for line in lines if line.startswith("{")]

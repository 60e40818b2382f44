"""The desk in a process of its own, to be killed and started again."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Mapping
from typing import Any

from tests.e2e.town import ROOT, Town

_LIVES = """
import os, sys
import bot.cli, bot.cli.run
from bot.assist.lexicon import lexicon
from connectors.registry import load_connectors
load_connectors()
lexicon()
for _ in sys.stdin:
    life = os.fork()
    if life == 0:
        os.dup2(2, 1)
        sys.argv[0] = "threadline"
        try:
            bot.cli.main()
        except SystemExit as ended:
            sys.stderr.flush()
            os._exit(ended.code or 0)
        os._exit(0)
    print(life, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(life, 0)[1]), flush=True)
"""
"""The same program, loaded once: each line begins a life, and tells its pid and how it ended.

A life is a process of its own. It begins as `python -m bot` would after its imports and with its
tables of words, which take longer than everything else of a start; and it ends without tidying up
what it shares with the others, which would take longer than everything else of an end.
"""


class Process:
    """`python -m bot run`, alive between `start` and `kill`."""

    def __init__(
        self,
        town: Town,
        *,
        role: str = "all",
        name: str = "desk",
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self._town = town
        self._role = role
        self._environ = environ or {}
        self._log = town.folder / f"{name}.log"
        self._lives: asyncio.subprocess.Process | None = None
        self._pid: int | None = None
        self._end: asyncio.Task[int] | None = None

    async def spawn(self) -> None:
        """Start it, and look no further."""
        assert self._end is None
        if self._lives is None:
            self._lives = await self._execute("-c", _LIVES)
        told_to, tells = self._lives.stdin, self._lives.stdout
        assert told_to is not None
        assert tells is not None
        told_to.write(b"live\n")
        self._pid = int(await tells.readline())
        self._end = asyncio.create_task(_ended(tells))

    async def _execute(self, *how: str) -> asyncio.subprocess.Process:
        environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **self._town.environ}
        environ |= self._environ
        with self._log.open("ab") as log:
            return await asyncio.create_subprocess_exec(
                sys.executable,
                *how,
                "run",
                self._role,
                env=environ,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
            )

    async def start(self) -> None:
        """Start it; returns when it serves."""
        before = self.log().count('"desk.started"')
        await self.spawn()
        await self._town.until("the process to serve", lambda: self._serves(before), every=0.05)
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
        if self._lives is not None:
            self._lives.kill()
            await self._lives.wait()

    def log(self) -> str:
        """Everything it said in all its lives."""
        return self._log.read_text("utf-8", "replace") if self._log.exists() else ""

    def said(self, event: str) -> list[dict[str, Any]]:
        """The log lines of one event."""
        lines = [line for line in self.log().splitlines() if f'"{event}"' in line]
        return [json.loads(line) for line in lines if line.startswith("{")]


async def _ended(tells: asyncio.StreamReader) -> int:
    return int(await tells.readline())

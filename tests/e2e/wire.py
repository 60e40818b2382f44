"""A wire between a desk and a server, to be cut, led elsewhere, or to fall silent."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal

HOST = "127.0.0.1"
_COMMIT = b"COMMIT;"
_DONE = b"COMMIT\0"


@dataclass(kw_only=True)
class Wire:
    """`to` is a port of this host, or the path of a local socket; it may be changed at any time.

    `cuts` is how many of the next COMMITs are done by the server and never answered, for the wire
    breaks; `strikes` how many break it before the server hears of them. `silent` swallows
    everything, and lets everybody in; `silent_from` is with which COMMIT that begins: before the
    server hears of it, or before its answer.
    """

    to: int | str
    cuts: int = 0
    strikes: int = 0
    silent: bool = False
    silent_from: Literal["commit", "answer"] | None = None
    silenced: asyncio.Event = field(default_factory=asyncio.Event)
    severed: int = 0
    _server: asyncio.Server | None = None
    _ends: set[asyncio.StreamWriter] = field(default_factory=set)

    @property
    def port(self) -> int:
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._lead, HOST, 0)

    def fall_silent(self) -> None:
        """Accept everything, and say nothing."""
        self.silent, self.silent_from = True, None
        self.silenced.set()

    def hear_again(self) -> None:
        """New connections work; those that met the silence are broken."""
        self.silent, self.silent_from = False, None
        self.silenced.clear()
        self.sever()

    def sever(self) -> int:
        """Break every connection; how many there were."""
        broken = len(self._ends) // 2
        for end in tuple(self._ends):
            end.transport.abort()
        return broken

    async def close(self) -> None:
        assert self._server is not None
        self._server.close()
        self.sever()

    async def _lead(self, near: asyncio.StreamReader, near_out: asyncio.StreamWriter) -> None:
        self._ends.add(near_out)
        far_out: asyncio.StreamWriter | None = None
        ways: list[asyncio.Task[None]] = []
        try:
            far, far_out = await self._reach()
            self._ends.add(far_out)
            lost = asyncio.Event()
            ways = [
                asyncio.create_task(self._there(near, far_out, lost)),
                asyncio.create_task(self._back(far, near_out, lost)),
            ]
            await asyncio.wait(ways, return_when="FIRST_COMPLETED")
        except OSError:
            pass  # nobody listens there now
        finally:
            for way in ways:
                way.cancel()
            for end in (near_out, far_out):
                if end is not None:
                    self._ends.discard(end)
                    end.transport.abort()

    async def _reach(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if isinstance(self.to, str):
            return await asyncio.open_unix_connection(self.to)
        return await asyncio.open_connection(HOST, self.to)

    async def _there(
        self, near: asyncio.StreamReader, far: asyncio.StreamWriter, lost: asyncio.Event
    ) -> None:
        with suppress(ConnectionError):
            while data := await near.read(65536):
                if _COMMIT in data and not self._lets_commit(lost):
                    return
                if not self.silent:
                    far.write(data)
                    await far.drain()

    def _lets_commit(self, lost: asyncio.Event) -> bool:
        """Whether the wire holds; `lost` is set where only the answer will not come."""
        if self.strikes:
            self.strikes -= 1
            self.severed += 1
            return False
        if self.cuts:
            self.cuts -= 1
            lost.set()
        if self.silent_from == "commit":
            self.fall_silent()
        return True

    async def _back(
        self, far: asyncio.StreamReader, near: asyncio.StreamWriter, lost: asyncio.Event
    ) -> None:
        with suppress(ConnectionError):
            while data := await far.read(65536):
                if lost.is_set():
                    self.severed += 1
                    return
                if self.silent_from == "answer" and _DONE in data:
                    self.fall_silent()
                if self.silent:
                    continue
                near.write(data)
                await near.drain()


@asynccontextmanager
async def a_wire(to: int | str) -> AsyncIterator[Wire]:
    wire = Wire(to=to)
    await wire.start()
    try:
        yield wire
    finally:
        await wire.close()

"""A wire between a mailbox and its reader that leaves something out of what the server says."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

_LITERAL = re.compile(rb"\{(\d+)\}\r\n\Z")


@dataclass(slots=True)
class Between:
    """Drops the next answer about the mail of that place which names `what`; then nothing more."""

    place: int
    what: bytes
    left_out: int = 0

    def leaves_out(self, said: bytes) -> bool:
        """Whether the reader does not get to hear this."""
        about = said.startswith(b"* %d FETCH" % self.place) and self.what in said
        lost = about and not self.left_out
        self.left_out += lost
        return lost

    @asynccontextmanager
    async def serving(self, host: str, port: int) -> AsyncIterator[int]:
        """The port to read at instead of the server's."""

        async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            answers, asked = await asyncio.open_connection(host, port)
            await asyncio.gather(_asks(reader, asked), self._answers(answers, writer))

        wire = await asyncio.start_server(carry, host)
        async with wire:
            yield wire.sockets[0].getsockname()[1]

    async def _answers(self, server: asyncio.StreamReader, reader: asyncio.StreamWriter) -> None:
        while said := await server.readline():
            while literal := _LITERAL.search(said):
                said += await server.readexactly(int(literal.group(1))) + await server.readline()
            if not self.leaves_out(said):
                reader.write(said)
        reader.close()


async def _asks(reader: asyncio.StreamReader, server: asyncio.StreamWriter) -> None:
    while words := await reader.read(4096):
        server.write(words)
    server.close()

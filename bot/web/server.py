"""The HTTP server as one of the process's loops: no signal handlers, no logs of its own."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import structlog
import uvicorn
from starlette.applications import Starlette
from typing_extensions import override

from bot.errors import SettingsError

log = structlog.get_logger(__name__)

GRACE_SECONDS = 5
"""How long a request under way may take once the server is told to stop."""


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Port 0 takes any free one.

    Raises:
        SettingsError: the address cannot be had.
    """
    try:
        return socket.create_server((host, port), reuse_port=False)
    except OSError as exc:
        problem = (
            f"environment: PORT: cannot listen on {host}:{port} ({exc.strerror}). "
            "Set PORT to a free one, or THREADLINE_HTTP_HOST to an address of this machine."
        )
        raise SettingsError([problem]) from None


class _Server(uvicorn.Server):
    """Signals are the process's matter."""

    @override
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve_web(app: Starlette, listener: socket.socket) -> None:
    """Answer until cancelled; then finish what is under way."""
    server = _Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
    )
    host, port = listener.getsockname()[:2]
    log.info("web.listening", host=host, port=port)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        await asyncio.shield(serving)
    finally:
        server.should_exit = True
        await serving

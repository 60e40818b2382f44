"""The HTTP server as one of the process's loops: no signal handlers, no logs of its own.

It is patient with nobody: a connection that says nothing, or says its headers letter by letter, is
closed, and so many are taken at once. TLS is the matter of the web server in front.
"""

import asyncio
import contextlib
import socket
from collections.abc import Iterator, Sequence
from typing import Final

import structlog
import uvicorn
from starlette.applications import Starlette
from typing_extensions import override
from uvicorn.protocols.http.h11_impl import H11Protocol

from bot.errors import SettingsError

log = structlog.get_logger(__name__)

GRACE_SECONDS = 5
"""How long a request under way may take once the server is told to stop."""

HEAD_SECONDS: Final = 10.0
"""Real seconds for the first line and the headers of a request, from when a connection is made."""

IDLE_SECONDS: Final = 5
"""Real seconds a connection may rest between two requests."""

HEAD_BYTES: Final = 32 * 1024
"""Of a request's first line and headers together."""

CONNECTIONS: Final = 1_000
"""At once. Whoever comes after them is told to try again."""

LOOPBACK: Final = ("127.0.0.1", "::1")


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


class _Impatient(H11Protocol):
    """Closes a connection whose next request does not take shape in time.

    The server's own limit is for connections that rest after an answer; it ends with their first
    byte, and a new connection has none at all.
    """

    head_seconds = HEAD_SECONDS
    _head_timer: asyncio.TimerHandle | None = None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)  # type: ignore[arg-type] # its own signature is narrower
        self._wait_for_head()

    @override
    def data_received(self, data: bytes) -> None:
        before = self.cycle
        super().data_received(data)
        if self.cycle is not before:
            self._stop_waiting()
        elif self._head_timer is None and _is_over(self.cycle):
            self._wait_for_head()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def _wait_for_head(self) -> None:
        self._head_timer = self.loop.call_later(self.head_seconds, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None


def _is_over(cycle: object) -> bool:
    """Whether what came belongs to a next request: the one before is answered."""
    return cycle is not None and bool(getattr(cycle, "response_complete", False))


async def serve_web(
    app: Starlette,
    listener: socket.socket,
    *,
    trusted_proxies: Sequence[str] = LOOPBACK,
    head_seconds: float = HEAD_SECONDS,
    connections: int = CONNECTIONS,
) -> None:
    """Answer until cancelled; then finish what is under way.

    `trusted_proxies` are the addresses and networks whose `X-Forwarded-For` and
    `X-Forwarded-Proto` are believed.
    """
    protocol = type("Impatient", (_Impatient,), {"head_seconds": head_seconds})
    server = _Server(
        uvicorn.Config(
            app,
            http=protocol,
            ws="none",
            log_config=None,
            log_level="error",
            access_log=False,
            lifespan="off",
            server_header=False,
            proxy_headers=True,
            forwarded_allow_ips=list(trusted_proxies),
            limit_concurrency=connections,
            h11_max_incomplete_event_size=HEAD_BYTES,
            timeout_keep_alive=IDLE_SECONDS,
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

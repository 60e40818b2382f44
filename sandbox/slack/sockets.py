"""Socket Mode: tickets, connections, envelopes to exactly one connection, acknowledgements.

docs.slack.dev "Using Socket Mode": at most ten connections an app, each payload goes to any one of them, a `disconnect`
message announces a refresh, and an unacknowledged event counts as failed.
"""

import asyncio
import itertools
import json
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMessage, WSMsgType, web
from typing_extensions import override

from sandbox.slack.delivery import Answer, PayloadKind, Retry, Timing, Transport
from sandbox.slack.feed import Feed
from sandbox.slack.model import JsonObject

MAX_CONNECTIONS = 10
_WARNING_SECONDS = 10.0


@dataclass(slots=True, kw_only=True, eq=False)
class Connection:
    """One open socket. A silent one looks alive to the operating system and says nothing more."""

    number: int
    socket: web.WebSocketResponse
    silent: bool = False
    delivered: int = 0
    waiting: dict[str, asyncio.Future[JsonObject | None]] = field(default_factory=dict)


class SocketHub(Transport):
    """All sockets of the one app."""

    def __init__(self, *, app_id: str, timing: Timing, feed: Feed) -> None:
        self._app_id = app_id
        self._timing = timing
        self._feed = feed
        self._tickets: set[str] = set()
        self._connections: list[Connection] = []
        self._turn = itertools.count()
        self._numbers = itertools.count(1)
        self._duplicates = 0

    @property
    def connections(self) -> tuple[Connection, ...]:
        """The sockets that are open now."""
        return tuple(c for c in self._connections if not c.socket.closed)

    def issue_ticket(self) -> str:
        """What `apps.connections.open` puts into its address; good for one connection."""
        ticket = secrets.token_urlsafe(16)
        self._tickets.add(ticket)
        return ticket

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """`GET /socket?ticket=…`: serve one connection until it ends."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=404, text="unknown ticket")
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        connection = Connection(number=next(self._numbers), socket=socket)
        if len(self.connections) >= MAX_CONNECTIONS:
            await self._send(connection, self._farewell("too_many_websockets"))
            await socket.close()
            return socket
        self._connections.append(connection)
        await self._serve(connection)
        return socket

    async def _serve(self, connection: Connection) -> None:
        expiry = asyncio.get_running_loop().create_task(self._expire(connection))
        try:
            await self._send(connection, self._hello())
            self._feed.publish("app", {"connected": True})
            async for message in connection.socket:
                await self._take(connection, message)
        except ConnectionError:
            pass  # the app went away; what it owed is failed below
        finally:
            expiry.cancel()
            self._connections.remove(connection)
            for future in connection.waiting.values():
                future.cancel()
            self._feed.publish("app", {"connected": bool(self.connections)})

    async def _expire(self, connection: Connection) -> None:
        if self._timing.socket_seconds is None:
            return
        ahead = min(_WARNING_SECONDS, self._timing.socket_seconds / 2)
        await asyncio.sleep(self._timing.socket_seconds - ahead)
        await self._send(connection, self._farewell("warning"))
        await asyncio.sleep(ahead)
        await self._send(connection, self._farewell("refresh_requested"))
        await connection.socket.close()

    def _hello(self) -> JsonObject:
        return {
            "type": "hello",
            "num_connections": len(self.connections),
            "connection_info": {"app_id": self._app_id},
            "debug_info": {
                "host": "sandbox",
                "build_number": 1,
                "approximate_connection_time": self._timing.socket_seconds or 18060,
            },
        }

    def _farewell(self, reason: str) -> JsonObject:
        return {"type": "disconnect", "reason": reason, "debug_info": {"host": "sandbox"}}

    async def _take(self, connection: Connection, message: WSMessage) -> None:
        if connection.silent:
            return
        if message.type is WSMsgType.PING:
            await connection.socket.pong(message.data)
        elif message.type is WSMsgType.TEXT:
            self._take_ack(connection, message.data)

    def _take_ack(self, connection: Connection, text: str) -> None:
        try:
            ack = json.loads(text)
        except json.JSONDecodeError:
            return
        if not isinstance(ack, dict):
            return
        future = connection.waiting.get(str(ack.get("envelope_id")))
        if future is not None and not future.done():
            payload = ack.get("payload")
            future.set_result(payload if isinstance(payload, dict) else None)

    async def _send(self, connection: Connection, envelope: JsonObject) -> None:
        if connection.silent or connection.socket.closed:
            return
        try:
            await connection.socket.send_str(json.dumps(envelope))
        except ConnectionError:
            return  # seen as a missing acknowledgement

    @override
    async def deliver(
        self, kind: PayloadKind, payload: Mapping[str, Any], *, retry: Retry, url: str | None
    ) -> Answer:
        """Send to one open connection and wait `ack_seconds` for its acknowledgement."""
        open_now = self.connections
        if not open_now:
            return Answer(failure="no_connection")
        connection = open_now[next(self._turn) % len(open_now)]
        envelope: JsonObject = {
            "envelope_id": str(uuid.uuid4()),
            "type": str(kind),
            "payload": dict(payload),
            "accepts_response_payload": kind is not PayloadKind.EVENT,
        }
        if kind is PayloadKind.EVENT:
            envelope |= {"retry_attempt": retry.number, "retry_reason": retry.reason}
        answer = await self._exchange(connection, envelope)
        if self._duplicates > 0 and answer.acked:
            self._duplicates -= 1
            if kind is PayloadKind.EVENT:
                envelope |= {"retry_attempt": retry.number + 1, "retry_reason": "timeout"}
            await self._exchange(connection, envelope)
        return answer

    async def _exchange(self, connection: Connection, envelope: JsonObject) -> Answer:
        envelope_id = envelope["envelope_id"]
        future: asyncio.Future[JsonObject | None] = asyncio.get_running_loop().create_future()
        connection.waiting[envelope_id] = future
        connection.delivered += 1
        try:
            async with asyncio.timeout(self._timing.ack_seconds):
                await self._send(connection, envelope)
                await asyncio.wait([future])
        except TimeoutError:
            return Answer(failure="timeout")
        finally:
            connection.waiting.pop(envelope_id, None)
        if future.cancelled():
            return Answer(failure="connection_lost")
        return Answer(payload=future.result())

    # faults

    def duplicate_next(self, times: int) -> None:
        """Send the next `times` acknowledged envelopes a second time, as Slack does after a lost acknowledgement."""
        self._duplicates += times

    def silence(self) -> int:
        """Let every open socket fall silent (no envelope, no pong) while its TCP connection stays. Returns how many."""
        for connection in self.connections:
            connection.silent = True
        return len(self.connections)

    async def ask_to_reconnect(self) -> int:
        """Announce a refresh on every socket. Returns how many."""
        open_now = self.connections
        for connection in open_now:
            await self._send(connection, self._farewell("refresh_requested"))
        return len(open_now)

    async def drop(self) -> int:
        """Close every socket. Returns how many."""
        open_now = self.connections
        for connection in open_now:
            await connection.socket.close(code=1012, message=b"dropped")
        return len(open_now)

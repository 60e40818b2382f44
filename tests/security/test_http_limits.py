"""How much one visitor may take up: time, bytes, connections, tries. And who a visitor is."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from bot.configuration.environment import read_environment
from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.errors import SettingsError
from bot.web.app import build_web
from bot.web.bodies import TooSlow, body_of
from bot.web.fence import Fence
from bot.web.server import HEAD_BYTES, listen, serve_web
from bot.web.slack_door import WRONG_A_MINUTE
from bot.web.tokens import AccessToken, source_of
from bot.web.webhooks import WRONG_A_MINUTE as WRONG_CALLS
from bot.web.webhooks import WebhookDoor
from tests.api_world import StillClock
from tests.builders import SHOP, prepare
from tests.security.http_world import (
    METRICS_TOKEN,
    SLACK_SECRET,
    Visit,
    a_whole_app,
    ask,
)
from tests.security.test_signatures import bench_of, hooks_of
from tests.unit.web.test_endpoints import Process, echo_app

SECRET_WORDS = "Lucia Verdi's new address"


async def shown(request: Request) -> PlainTextResponse:
    return PlainTextResponse(f"{source_of(request)} {request.url.scheme}")


async def slow(_request: Request) -> PlainTextResponse:
    await asyncio.sleep(30)
    return PlainTextResponse("late")


async def breaks(_request: Request) -> PlainTextResponse:
    raise ValueError(SECRET_WORDS)


async def reads(request: Request) -> PlainTextResponse:
    try:
        await body_of(request, seconds=0.2)
    except TooSlow:
        return PlainTextResponse("too slow", status_code=408)
    return PlainTextResponse("read")


DOORS = [
    Route("/shown", shown),
    Route("/slow", slow),
    Route("/breaks", breaks),
    Route("/reads", reads, methods=["POST"]),
]


@asynccontextmanager
async def a_server(app: Starlette, **limits: object) -> AsyncIterator[int]:
    listener = listen("127.0.0.1", 0)
    serving = asyncio.create_task(serve_web(app, listener, **limits))  # type: ignore[arg-type]
    try:
        yield listener.getsockname()[1]
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)


async def said(port: int, *parts: bytes, pause: float = 0.0) -> bytes:
    """What a server answers to these bytes until it hangs up, two seconds at most."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause)
        async with asyncio.timeout(2):
            return await reader.read()
    finally:
        writer.close()


def bare() -> Starlette:
    return build_web(Process().probes(), doors=DOORS)


# --- connections ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "parts",
    [
        (),
        (b"GET /healthz HTTP/1.1\r\n",),
        (b"GET /healthz HTTP/1.1\r\nHost: x\r\n", b"X: a\r\n", b"X: b\r\n"),
        # After a whole request, a second one that never ends.
        (b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /healthz"),
    ],
    ids=["silent", "half a head", "letter by letter", "half a second request"],
)
async def test_a_connection_that_does_not_come_to_the_point_is_closed(
    parts: tuple[bytes, ...],
) -> None:
    async with a_server(bare(), head_seconds=0.2) as port:
        began = time.monotonic()
        answer = await said(port, *parts, pause=0.05)
        assert time.monotonic() - began < 1.5
    assert answer.count(b"HTTP/1.1 200") == (1 if len(parts) == 2 else 0)


async def test_a_head_beyond_its_limit_is_refused() -> None:
    async with a_server(bare()) as port:
        answer = await said(port, b"GET / HTTP/1.1\r\nX: " + b"a" * (HEAD_BYTES + 10_000))
    assert answer.startswith(b"HTTP/1.1 400")


async def test_more_connections_than_bearable_are_told_to_come_back() -> None:
    async with a_server(bare(), connections=3) as port:
        idle = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
        answer = await said(port, b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        for _, writer in idle:
            writer.close()
    assert answer.startswith(b"HTTP/1.1 503")


async def test_a_body_that_trickles_in_is_given_up() -> None:
    head = b"POST /reads HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 100\r\n\r\n"
    async with a_server(bare()) as port:
        assert b"408" in await said(port, head, *[b"x"] * 2, pause=0.05)


async def test_the_server_does_not_say_what_it_is() -> None:
    async with a_server(bare()) as port:
        request = b"GET %b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        for path in (b"/healthz", b"/nowhere", b"/breaks"):
            answer = (await said(port, request % path)).lower()
            assert b"uvicorn" not in answer
            assert b"\nserver:" not in answer
            assert b"starlette" not in answer


# --- one request ------------------------------------------------------------------------------------


async def test_a_door_that_does_not_answer_is_answered_for() -> None:
    app = Starlette(routes=DOORS)
    got = await ask(Fence(app, answer_seconds=0.05), Visit(path="/slow"))  # type: ignore[arg-type]
    assert (got.status, got.headers["retry-after"]) == (503, "10")


async def test_invariant_11_a_door_that_breaks_tells_nobody_with_which_words(
    capsys: pytest.CaptureFixture[str],
) -> None:
    got = await ask(bare(), Visit(path="/breaks"))
    logged = capsys.readouterr()
    assert got.status == 500
    assert SECRET_WORDS not in got.body.decode() + logged.out + logged.err
    assert "web.broke" in logged.out + logged.err


async def test_every_answer_forbids_a_browser_what_it_has_no_use_for() -> None:
    for path in ("/healthz", "/metrics", "/shown", "/nowhere"):
        got = await ask(bare(), Visit(path=path))
        assert got.headers["x-content-type-options"] == "nosniff"
        assert got.headers["referrer-policy"] == "no-referrer"
        assert got.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in got.headers["content-security-policy"]


async def test_one_address_has_its_share_and_leaves_the_others_theirs() -> None:
    app = Fence(Starlette(routes=DOORS), clock=StillClock(), a_minute=3)
    statuses = [(await ask(app, Visit(path="/shown"))).status for _ in range(5)]  # type: ignore[arg-type]
    assert statuses == [200, 200, 200, 429, 429]
    other = Visit(path="/shown", client=("198.51.100.8", 1))
    assert (await ask(app, other)).status == 200  # type: ignore[arg-type]


async def test_a_network_of_addresses_is_one_visitor() -> None:
    app = Fence(Starlette(routes=DOORS), clock=StillClock(), a_minute=3)
    visits = [Visit(path="/shown", client=(f"2001:db8:1:2::{n:x}", 1)) for n in range(5)]
    assert [(await ask(app, each)).status for each in visits].count(429) == 2  # type: ignore[arg-type]


# --- tries ------------------------------------------------------------------------------------------


async def test_whoever_signs_wrongly_too_often_is_not_heard_and_slack_still_is() -> None:
    app = build_web(
        Process().probes(), slack=echo_app(), signing_secret=SLACK_SECRET, clock=StillClock()
    )
    visit = Visit(method="POST", path="/slack/events", body=b"x=1")
    statuses = [(await ask(app, visit)).status for _ in range(WRONG_A_MINUTE + 1)]
    assert statuses == [*[401] * WRONG_A_MINUTE, 429]
    elsewhere = Visit(method="POST", path="/slack/events", client=("198.51.100.9", 1))
    assert (await ask(app, elsewhere)).status == 401


async def test_forged_calls_use_up_nobody_elses_room(db: Database, desk: Desk) -> None:
    await prepare(db, desk)
    async with bench_of("website", "TestWebsite").running() as stage:
        door = WebhookDoor({SHOP: hooks_of(stage)}, db, StillClock())
        app = Starlette(routes=[Route("/webhooks/{inbox}", door.endpoint, methods=["POST"])])
        forged = Visit(method="POST", path=f"/webhooks/{SHOP}", body=b"{}")
        statuses = [(await ask(app, forged)).status for _ in range(WRONG_CALLS + 20)]
        assert statuses.count(429) == 20
        elsewhere = Visit(method="POST", path=f"/webhooks/{SHOP}", client=("198.51.100.9", 1))
        assert (await ask(app, elsewhere)).status == 401


async def test_numbers_and_details_are_for_whoever_shows_their_token() -> None:
    async def details() -> dict[str, object]:
        return {"quarantined": 7}

    probes = replace(Process().probes(), details=details)
    app = build_web(probes, metrics_token=AccessToken(SecretStr(METRICS_TOKEN)))
    right = [(b"authorization", f"Bearer {METRICS_TOKEN}".encode())]
    for wrong in ([], [(b"authorization", b"Bearer x")], [(b"cookie", right[0][1])]):
        assert (await ask(app, Visit(path="/metrics", headers=wrong))).status == 401
        shown = await ask(app, Visit(path="/readyz", headers=wrong))
        assert (shown.status, b"quarantined" in shown.body) == (200, False)
    assert b"threadline_clocks" in (await ask(app, Visit(path="/metrics", headers=right))).body
    assert b"quarantined" in (await ask(app, Visit(path="/readyz", headers=right))).body


# --- who a visitor is -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trusted", "forwarded", "is_said"),
    [
        (("127.0.0.1",), b"198.51.100.1", b"198.51.100.1 https"),
        (("10.0.0.0/8",), b"198.51.100.1", b"127.0.0.1 http"),
        ((), b"198.51.100.1", b"127.0.0.1 http"),
        # Written by the visitor itself, before the proxy added what it saw.
        (("127.0.0.1",), b"1.2.3.4, 198.51.100.1", b"198.51.100.1 https"),
        (("127.0.0.1", "10.0.0.0/8"), b"1.2.3.4, 198.51.100.1, 10.1.1.1", b"198.51.100.1 https"),
        (("127.0.0.1",), b"not an address", b" https"),
    ],
)
async def test_only_a_known_proxy_is_believed(
    trusted: tuple[str, ...], forwarded: bytes, is_said: bytes
) -> None:
    request = (
        b"GET /shown HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Forwarded-Proto: https\r\n"
        b"X-Forwarded-For: " + forwarded + b"\r\n\r\n"
    )
    async with a_server(bare(), trusted_proxies=trusted) as port:
        answer = await said(port, request)
    assert answer.rpartition(b"\r\n\r\n")[2] == is_said


def test_proxies_are_named_by_address_and_never_all_of_them() -> None:
    read = read_environment({"THREADLINE_TRUSTED_PROXIES": "10.0.0.0/8, ::1"})
    assert read.trusted_proxies == ("10.0.0.0/8", "::1")
    assert read_environment({}).trusted_proxies == ("127.0.0.1", "::1")
    for wrong in ("*", "proxy.example", "10.0.0.1/8"):
        with pytest.raises(SettingsError, match="THREADLINE_TRUSTED_PROXIES"):
            read_environment({"THREADLINE_TRUSTED_PROXIES": wrong})


async def test_a_whole_desk_keeps_its_numbers_to_itself(
    db: Database, sqlite_url: str, desk: Desk
) -> None:
    app = a_whole_app(db, sqlite_url, desk, {})
    for path in ("/metrics", "/api/v1/report", "/wallboard/state", "/wallboard/events"):
        assert (await ask(app, Visit(path=path))).status == 401

"""The call outside: only after a clean audit, never with its address in a log."""

import asyncio

import aiohttp
import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from bot.configuration.environment import read_environment
from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.errors import SettingsError
from bot.jobs.auditor import Auditor
from bot.jobs.heartbeat import Heartbeat, called
from tests.builders import AMAZON, NOW, SHOP, prepare
from tests.db.outbox_world import HandClock
from tests.unit.jobs.test_audit import polled

ADDRESS = SecretStr("https://watch.example/ping/5ecret-name")


class Service:
    """What waits for the calls; it answers with `status`, or breaks."""

    def __init__(self) -> None:
        self.calls = 0
        self.status: int | Exception = 200

    async def call(self, url: str) -> int:
        assert url == ADDRESS.get_secret_value()
        self.calls += 1
        if isinstance(self.status, Exception):
            raise self.status
        return self.status


async def test_only_a_clean_audit_calls(db: Database, desk: Desk) -> None:
    await prepare(db, desk)
    await polled(db, NOW)
    service, clock = Service(), HandClock(NOW)
    heartbeat = Heartbeat(ADDRESS, service.call)
    auditor = Auditor(db, lambda: desk, clock, {AMAZON: 60.0, SHOP: 60.0}, clean=heartbeat.beat)
    await auditor.audit()
    clock.move(60)
    await auditor.audit()
    assert service.calls == 2

    clock.move(16 * 60)
    await auditor.audit()
    assert service.calls == 2

    await polled(db, clock.now())
    await auditor.audit()
    assert service.calls == 3


@pytest.mark.parametrize(
    "end",
    [500, 302, aiohttp.InvalidURL("https://watch.example/ping/5ecret-name"), TimeoutError()],
    ids=str,
)
async def test_invariant_11_a_call_in_vain_is_logged_without_its_address(
    end: int | Exception,
) -> None:
    service = Service()
    service.status = end
    heartbeat = Heartbeat(ADDRESS, service.call)
    with capture_logs() as lines:
        await heartbeat.beat()
        service.status = 200
        await heartbeat.beat()

    assert [line["event"] for line in lines] == [
        "heartbeat.unanswered",
        "heartbeat.answered_again",
    ]
    assert "5ecret" not in str(lines)
    assert (heartbeat.answered, heartbeat.failed) == (1, 1)


async def test_without_an_address_nobody_is_called() -> None:
    await Heartbeat(None).beat()


async def test_a_real_call_gets_its_status() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert (await reader.readline()).startswith(b"GET /ping/name ")
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        assert await called(f"http://127.0.0.1:{port}/ping/name") == 204


@pytest.mark.parametrize("url", ["http://watch.example/x", "watch.example/x", "ftp://a/b"])
def test_an_address_that_would_be_readable_on_the_way_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="THREADLINE_HEARTBEAT_URL") as refused:
        read_environment({"THREADLINE_HEARTBEAT_URL": url})
    assert "watch.example" not in str(refused.value)


@pytest.mark.parametrize("url", ["https://watch.example/x", "http://127.0.0.1:9/x"])
def test_an_address_that_will_do(url: str) -> None:
    assert read_environment({"THREADLINE_HEARTBEAT_URL": url}).heartbeat_url is not None

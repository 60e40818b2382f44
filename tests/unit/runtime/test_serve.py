import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from bot.app import serve
from bot.clock import Clock
from bot.errors import SettingsError
from bot.process_role import Role
from bot.runtime import schema
from bot.settings_file import Configuration
from bot.slack_manifest import build_manifest
from bot.web.server import listen
from tests.ports import a_free_port
from tests.unit.runtime.town import MAIL, MAILBOX, Town


async def test_a_mail_becomes_a_card_and_the_desk_stops_when_told(town: Town) -> None:
    configuration = town.configuration()
    await asyncio.to_thread(schema.upgrade, configuration.environment.database_url)
    stop, ready = asyncio.Event(), asyncio.Event()
    desk = asyncio.create_task(serve(configuration, clock=Clock(), stop=stop, ready=ready))
    await asyncio.wait_for(ready.wait(), 60)
    try:
        await town.mail.deliver(MAILBOX, MAIL)
        assert "lamp" in await town.card()
    finally:
        stop.set()
        await asyncio.wait_for(desk, 60)


async def test_a_desk_refuses_a_database_that_was_not_migrated(town: Town) -> None:
    with pytest.raises(schema.WrongSchema, match="threadline migrate"):
        await serve(town.configuration(), clock=Clock(), stop=asyncio.Event())


async def test_a_refused_bot_token_is_a_sentence(town: Town) -> None:
    configuration = town.configuration(SLACK_BOT_TOKEN="xoxb-wrong")
    await asyncio.to_thread(schema.upgrade, configuration.environment.database_url)

    with pytest.raises(SettingsError, match="SLACK_BOT_TOKEN"):
        await serve(configuration, clock=Clock(), stop=asyncio.Event())


@pytest.mark.parametrize(
    ("role", "unset", "named"),
    [
        (Role.ALL, "SLACK_BOT_TOKEN", "SLACK_BOT_TOKEN"),
        (Role.ALL, "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"),
        (Role.SLACK, "SLACK_APP_TOKEN", "SLACK_APP_TOKEN"),
        (Role.WEB, "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"),
    ],
)
async def test_a_missing_token_is_named(town: Town, role: Role, unset: str, named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        await serve(
            town.configuration(**{unset: ""}), clock=Clock(), stop=asyncio.Event(), role=role
        )


async def test_the_process_serves_refuses_a_twin_and_ends_on_sigterm(town: Town) -> None:
    environ = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(Path(__file__).resolve().parents[3]),
        **town.environ,
        "THREADLINE_CONFIG": str(town.path),
    }
    command = [sys.executable, "-m", "bot"]
    migrated = await asyncio.to_thread(
        subprocess.run, [*command, "migrate"], env=environ, check=False, capture_output=True
    )
    assert migrated.returncode == 0, migrated.stderr
    first = await asyncio.create_subprocess_exec(
        *command, "run", env=environ, stderr=asyncio.subprocess.PIPE
    )
    try:
        await town.mail.deliver(MAILBOX, MAIL)
        assert "lamp" in await town.card()

        twin = await asyncio.to_thread(
            subprocess.run, [*command, "run"], env=environ, check=False, capture_output=True
        )
        assert twin.returncode == 1
        assert f"process {first.pid}".encode() in twin.stderr
        assert b"Traceback" not in twin.stderr

        explained = await asyncio.to_thread(
            subprocess.run,
            [*command, "explain", "1"],
            env=environ,
            check=False,
            capture_output=True,
        )
        assert explained.returncode == 0, explained.stderr
        assert b"#1" in explained.stdout
        assert b"2 h" in explained.stdout

        first.send_signal(signal.SIGTERM)
        _, log = await asyncio.wait_for(first.communicate(), 60)
        assert first.returncode == 0
        assert b"desk.stopped" in log
        assert b"left_behind" not in log
        assert b"Traceback" not in log
        assert b"lucia@customer.example" not in log
    finally:
        if first.returncode is None:
            first.kill()
            await first.wait()


@asynccontextmanager
async def running(configuration: Configuration, role: Role) -> AsyncIterator[None]:
    stop, ready = asyncio.Event(), asyncio.Event()
    desk = asyncio.create_task(
        serve(configuration, clock=Clock(), stop=stop, role=role, ready=ready)
    )
    first = asyncio.create_task(ready.wait())
    await asyncio.wait({desk, first}, timeout=60, return_when=asyncio.FIRST_COMPLETED)
    try:
        assert ready.is_set(), desk.exception() if desk.done() else "not ready in time"
        yield
    finally:
        stop.set()
        first.cancel()
        await asyncio.wait_for(desk, 60)


def on_postgres(town: Town, url: str, **more: str) -> Configuration:
    return town.configuration(DATABASE_URL=url, THREADLINE_INSTANCE_KEY="one for all", **more)


async def test_a_worker_and_a_socket_process_share_postgresql(
    town: Town, postgres_db_url: str
) -> None:
    configuration = on_postgres(town, postgres_db_url)
    async with running(configuration, Role.WORKER), running(configuration, Role.SLACK):
        await town.mail.deliver(MAILBOX, MAIL)
        await town.card()
        anna = town.slack.person("anna")
        seen = await anna.command("/ticket", "queue unclaimed", channel="shop", wait=15)

    assert "lamp" in str(seen)


async def test_several_processes_need_a_key_in_common(town: Town, postgres_db_url: str) -> None:
    configuration = town.configuration(DATABASE_URL=postgres_db_url)

    with pytest.raises(SettingsError, match="THREADLINE_INSTANCE_KEY"):
        await serve(configuration, clock=Clock(), stop=asyncio.Event(), role=Role.WORKER)


async def test_without_an_app_token_slack_is_heard_over_signed_http(
    town: Town, sqlite_url: str
) -> None:
    port = a_free_port()
    url = f"http://127.0.0.1:{port}"
    town.slack.install(build_manifest(url=f"{url}/slack/events"))
    configuration = town.configuration(
        DATABASE_URL=sqlite_url,
        SLACK_APP_TOKEN="",
        SLACK_SIGNING_SECRET=town.slack.signing_secret,
        PORT=str(port),
    )
    async with running(configuration, Role.ALL):
        anna = town.slack.person("anna")
        seen = await anna.command("/ticket", "help", channel="shop", wait=15)
        async with aiohttp.ClientSession() as session, session.get(f"{url}/readyz") as answer:
            ready = await answer.json()
            nowhere = await session.post(f"{url}/webhooks/nowhere", data=b"{}")

    assert nowhere.status == 404
    assert "/ticket claim 17" in str(seen)
    assert ready["status"] == "ready"
    assert ready["checks"] == {"process": "ok", "database": "ok"}


async def test_a_port_that_is_taken_is_a_sentence(town: Town, sqlite_url: str) -> None:
    with listen("127.0.0.1", 0) as taken:
        configuration = town.configuration(
            DATABASE_URL=sqlite_url, PORT=str(taken.getsockname()[1])
        )
        with pytest.raises(SettingsError, match="PORT"):
            await serve(configuration, clock=Clock(), stop=asyncio.Event())

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.app import serve
from bot.clock import Clock
from bot.errors import SettingsError
from bot.process_role import Role
from bot.runtime import schema
from bot.settings_file import Configuration, load
from bot.slack_manifest import build_manifest
from sandbox.mail.server import SandboxMail
from sandbox.slack.server import SandboxSlack
from tests.unit.settings.files import CALENDAR, write

MAILBOX = "info@rossi-casa.example"
MAIL = b"""From: Lucia Verdi <lucia@customer.example>
To: info@rossi-casa.example
Subject: Where is my lamp?
Message-ID: <one@customer.example>
Date: Mon, 02 Mar 2026 10:00:00 +0100

Hello, where is my lamp?
"""


class Town:
    """A workspace and a mail server, and the settings that connect a desk to both."""

    def __init__(self, slack: SandboxSlack, mail: SandboxMail, folder: Path) -> None:
        self.slack = slack
        self.mail = mail
        self.folder = folder
        self.environ = {
            "SLACK_API_URL": slack.api_url,
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_APP_TOKEN": slack.app_token,
            "MAIL_PASSWORD": "quiet",
            "DATABASE_URL": f"sqlite:///{folder / 'desk.db'}",
            "THREADLINE_LOG_FORMAT": "json",
        }
        self.path = write(
            folder,
            '[desk]\nmanagers = ["@managers"]\nops_channel = "#threadline-ops"\n'
            '[[agents]]\nslack = "anna@rossi-casa.example"\nname = "Anna Conti"\n'
            + CALENDAR
            + '\n[[inboxes]]\nname = "shop"\nconnector = "website"\nchannel = "#shop"\n'
            'calendar = "milan"\ngroup = ["@managers"]\npoll_seconds = 1\n[inboxes.settings]\n'
            f'imap_host = "127.0.0.1"\nimap_port = {mail.imap_port}\nimap_security = "none"\n'
            f'imap_user = "{MAILBOX}"\nimap_password = "env:MAIL_PASSWORD"\n'
            f'smtp_host = "127.0.0.1"\nsmtp_port = {mail.smtp_port}\nsmtp_security = "none"\n'
            f'smtp_user = "{MAILBOX}"\nsmtp_password = "env:MAIL_PASSWORD"\n'
            f'from_address = "{MAILBOX}"\n',
        )

    def configuration(self, **changed: str) -> Configuration:
        return load(self.path, self.environ | changed)

    async def card(self) -> str:
        """The text of the first card in #shop."""
        channel = self.slack.workspace.channel_named("shop").id
        async with asyncio.timeout(30):
            # The sandbox tells people, not tests, when something is posted.
            while not self.slack.workspace.messages(channel):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        return str(self.slack.workspace.messages(channel)[0].text)


@pytest_asyncio.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    slack, mail = SandboxSlack(), SandboxMail()
    await slack.start(manifest=build_manifest())
    await mail.start()
    await mail.add_mailbox(MAILBOX, "quiet")
    yield Town(slack, mail, tmp_path)
    await mail.stop()
    await slack.stop()


async def test_a_mail_becomes_a_card_and_the_desk_stops_when_told(town: Town) -> None:
    configuration = town.configuration()
    await asyncio.to_thread(schema.upgrade, configuration.environment.database_url)
    stop, ready = asyncio.Event(), asyncio.Event()
    desk = asyncio.create_task(serve(configuration, clock=Clock(), stop=stop, ready=ready))
    await asyncio.wait_for(ready.wait(), 20)
    try:
        await town.mail.deliver(MAILBOX, MAIL)
        assert "lamp" in await town.card()
    finally:
        stop.set()
        await asyncio.wait_for(desk, 20)


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

        first.send_signal(signal.SIGTERM)
        _, log = await asyncio.wait_for(first.communicate(), 20)
        assert first.returncode == 0
        assert b"desk.stopped" in log
        assert b"Traceback" not in log
        assert b"lucia@customer.example" not in log
    finally:
        if first.returncode is None:
            first.kill()
            await first.wait()

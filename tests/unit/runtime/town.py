"""A workspace and a mail server on loopback, and the settings that connect a desk to both."""

import asyncio
from pathlib import Path

from bot.settings_file import Configuration, load
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

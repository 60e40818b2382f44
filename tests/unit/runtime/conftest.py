from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.slack_manifest import build_manifest
from sandbox.mail.server import SandboxMail
from sandbox.slack.server import SandboxSlack
from tests.unit.runtime.town import MAILBOX, Town


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    slack, mail = SandboxSlack(), SandboxMail()
    await slack.start(manifest=build_manifest())
    await mail.start()
    await mail.add_mailbox(MAILBOX, "quiet")
    yield Town(slack, mail, tmp_path)
    await mail.stop()
    await slack.stop()

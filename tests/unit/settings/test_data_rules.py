"""A platform's rules on data hold as soon as its interface is used, and not before."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.desk_loader import load_desk
from bot.errors import SettingsError
from bot.runtime.connections import build_connectors
from bot.runtime.kept_days import kept_too_long
from bot.settings_file import Configuration
from bot.slack_manifest import build_manifest
from sandbox.slack.seed import AMAZON_IT
from sandbox.slack.server import SandboxSlack
from tests.unit.settings.files import CALENDAR, MAIL, SECRETS, inbox, loaded

API = """
[inboxes.settings.sp_api]
client_id = "amzn1.application-oa2-client.7f1d"
client_secret = "env:LWA_SECRET"
refresh_token = "env:LWA_REFRESH"
region = "eu"
"""
SECRET = {**SECRETS, "LWA_SECRET": "s3cr3t", "LWA_REFRESH": "Atzr|r3fr3sh"}


def configured(folder: Path, *, api: str = API, extra: str = "", key: str = "") -> Configuration:
    environ = {**SECRET, "DATABASE_URL": f"sqlite:///{folder}/desk.db"}
    if key:
        environ["THREADLINE_INSTANCE_KEY"] = key
    table = inbox(name="amazon-it", connector="amazon", mail=MAIL + api, extra=extra)
    table = table.replace('"#amazon-it"', f'"{AMAZON_IT}"')
    return loaded(folder, CALENDAR + table, environ)


@pytest_asyncio.fixture
async def client() -> AsyncIterator[AsyncWebClient]:
    slack = SandboxSlack()
    await slack.start(manifest=build_manifest())
    yield AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
    await slack.stop()


def test_without_a_key_of_its_own_the_desk_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as refusal:
        build_connectors(configured(tmp_path), None, Clock())
    (problem,) = refusal.value.problems
    assert problem.startswith('inboxes "amazon-it": what their platform tells of orders')
    assert "THREADLINE_INSTANCE_KEY" in problem
    assert "openssl rand -hex 32" in problem
    # The key that would lie beside the data was not even made.
    assert not list(tmp_path.glob("*.key"))


async def test_with_a_key_or_without_the_api_it_does(tmp_path: Path) -> None:
    for folder, settings in (("a", {"key": "0f" * 32}), ("b", {"api": ""})):
        (tmp_path / folder).mkdir()
        built = build_connectors(configured(tmp_path / folder, **settings), None, Clock())
        assert set(built) == {"amazon-it"}
        for connector in built.values():
            await connector.close()


async def test_words_are_masked_with_the_api_unless_the_seller_chooses(
    client: AsyncWebClient, tmp_path: Path
) -> None:
    async def rule(**settings: str) -> tuple[str, int | None, bool]:
        desk = await load_desk(configured(tmp_path, key="0f" * 32, **settings), client)
        route = desk.inboxes["amazon-it"]
        days = route.data_rules.days if route.data_rules is not None else None
        return route.slack_body, days, route.fetches_context

    assert await rule() == ("redacted", 30, True)
    assert await rule(extra='slack_body = "full"') == ("full", 30, True)
    assert await rule(api="") == ("full", None, False)
    assert await rule(api="", extra='slack_body = "none"') == ("none", None, False)


def test_another_word_for_it_is_refused_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as refusal:
        configured(tmp_path, extra='slack_body = "some"')
    assert '"full", "redacted" or "none"' in refusal.value.problems[0]


def test_a_secret_written_into_the_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as refusal:
        configured(tmp_path, api=API.replace("env:LWA_SECRET", "s3cr3t"))
    said = "\n".join(refusal.value.problems)
    assert "sp_api → client_secret" in said
    assert "s3cr3t" not in said


@pytest.mark.parametrize(
    ("keep", "warns"), [("keep_days = 365\n", True), ("keep_days = 30\n", False)]
)
def test_words_that_the_file_keeps_longer_than_the_platform_lets_are_a_warning(
    tmp_path: Path, keep: str, warns: bool
) -> None:
    found = list(kept_too_long(configured(tmp_path, extra=keep)))
    assert bool(found) is warns
    for sentence in found:
        assert sentence.startswith('inboxes "amazon-it": keep_days = 365 is longer')
        assert "Amazon's Data Protection Policy" in sentence
        assert "write keep_days = 30 or less" in sentence
    assert not list(kept_too_long(configured(tmp_path, extra=keep, api="")))

import pytest
from sqlalchemy import update

from bot.cli.doctor import Finding, examine
from bot.clock import Clock
from bot.db import tables
from bot.db.engine import create_engine
from bot.db.unit import Database
from bot.settings_file import Configuration
from bot.slack_manifest import build_manifest
from tests.builders import NOW, a_desk, an_inbound, arrive
from tests.unit.runtime.town import MAILBOX, Town


async def findings(configuration: Configuration) -> dict[str, Finding]:
    return {found.what: found async for found in examine(configuration, Clock())}


async def test_a_working_desk_has_only_good_lines(town: Town, sqlite_url: str) -> None:
    found = await findings(town.configuration(DATABASE_URL=sqlite_url))

    assert [one for one in found.values() if not one.ok] == []
    assert {"Database", "SQLite", "Slack", "Slack events", "Names in Slack", "Inbox shop"} <= set(
        found
    )


async def test_a_missing_scope_is_named(town: Town, sqlite_url: str) -> None:
    manifest = build_manifest()
    manifest["oauth_config"]["scopes"]["bot"].remove("usergroups:read")
    town.slack.install(manifest)

    found = await findings(town.configuration(DATABASE_URL=sqlite_url))

    assert not found["Slack scopes"].ok
    assert "usergroups:read" in found["Slack scopes"].detail


async def test_a_wrong_mail_password_fails_the_inbox_and_nothing_else(
    town: Town, sqlite_url: str
) -> None:
    await town.mail.change_password(MAILBOX, "another")

    found = await findings(town.configuration(DATABASE_URL=sqlite_url))

    assert [one.what for one in found.values() if not one.ok] == ["Inbox shop"]


@pytest.mark.parametrize("unset", ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"])
async def test_a_missing_token_is_a_line(town: Town, sqlite_url: str, unset: str) -> None:
    changed = {"DATABASE_URL": sqlite_url, unset: ""}
    found = await findings(town.configuration(**changed))

    assert any(unset in one.detail for one in found.values() if not one.ok)


async def test_a_missing_database_says_what_to_run(town: Town) -> None:
    found = await findings(town.configuration())

    assert "threadline migrate" in found["Database"].detail


async def test_rules_of_open_tickets_that_cannot_be_read_are_a_line(
    town: Town, sqlite_url: str
) -> None:
    database = Database(create_engine(sqlite_url))
    await arrive(database, a_desk(), an_inbound())
    unknown = update(tables.ticket).values(policy_version="0123456789abcdef")
    await database.write(lambda tx: tx.conn.execute(unknown), now=NOW)
    await database.close()

    found = await findings(town.configuration(DATABASE_URL=sqlite_url))

    assert not found["Rules of open tickets"].ok
    assert "0123456789abcdef: it is not kept" in found["Rules of open tickets"].detail


async def test_a_channel_given_by_id_is_looked_at_too(town: Town, sqlite_url: str) -> None:
    channel = town.slack.workspace.channel_named("shop")
    text = town.path.read_text(encoding="utf-8").replace('"#shop"', f'"{channel.id}"')
    town.path.write_text(text, encoding="utf-8")
    channel.members.remove("U0THREADBOT")

    found = await findings(town.configuration(DATABASE_URL=sqlite_url))

    assert not found[f"Channel {channel.id}"].ok
    assert "/invite" in found[f"Channel {channel.id}"].detail


async def test_no_line_repeats_a_secret(town: Town, sqlite_url: str) -> None:
    found = await findings(
        town.configuration(DATABASE_URL=sqlite_url, SLACK_BOT_TOKEN="xoxb-canary-wrong")
    )

    assert "canary" not in str(found)
    assert "quiet" not in str(found)

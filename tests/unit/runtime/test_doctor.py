from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.cli.desk_database import desk_without_slack
from bot.cli.doctor import examine
from bot.cli.findings import Finding
from bot.cli.inbox_findings import Known, inbox_findings
from bot.clock import Clock
from bot.db import tables
from bot.db.engine import create_engine
from bot.db.unit import Database
from bot.domain.pacing import Spent
from bot.settings_file import Configuration
from bot.slack_manifest import build_manifest
from bot.usecases.inboxes import note_failure, note_ok, sync_inboxes
from connectors.errors import Malformed
from connectors.manifest import Capabilities, Quota
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


async def test_an_inbox_that_is_only_watched_is_said_and_is_no_fault(
    town: Town, sqlite_url: str
) -> None:
    configuration = town.configuration(DATABASE_URL=sqlite_url)
    settings = configuration.settings
    watched = [one.model_copy(update={"observe": True}) for one in settings.inboxes]
    settings = settings.model_copy(update={"inboxes": tuple(watched)})
    found = await findings(replace(configuration, settings=settings))

    assert found["Answers of shop"].doubtful
    assert "nothing goes out" in found["Answers of shop"].detail
    assert found["Answers of shop"].ok


async def test_a_source_that_was_not_read_for_too_long_is_a_fault(
    town: Town, sqlite_url: str
) -> None:
    configuration = town.configuration(DATABASE_URL=sqlite_url)
    desk = desk_without_slack(configuration)
    database = Database(create_engine(sqlite_url))
    long_ago = Clock().now() - timedelta(days=2)
    await database.write(lambda tx: sync_inboxes(tx, desk), now=long_ago)
    await database.write(lambda tx: note_ok(tx, "shop"), now=long_ago)
    await database.write(lambda tx: note_failure(tx, "shop", "no answer", False), now=long_ago)
    await database.close()

    found = (await findings(configuration))["Reading of shop"]
    assert not found.ok
    assert "last read well 48 h" in found.detail
    assert "no answer" in found.detail


async def test_an_item_nobody_could_read_is_counted(town: Town, sqlite_url: str) -> None:
    database = Database(create_engine(sqlite_url))
    await arrive(database, a_desk(), Malformed("subject", "is missing"))
    await database.close()

    found = (await findings(town.configuration(DATABASE_URL=sqlite_url)))["Quarantine"]
    assert (found.ok, found.doubtful) == (True, True)
    assert "1 item could not be read" in found.detail


def test_what_is_left_of_a_daily_quota_and_who_may_call_is_said(town: Town) -> None:
    configuration = town.configuration()
    spec = configuration.registry.specs["website"]
    manifest = spec.manifest.model_copy(
        update={
            "quota": Quota(calls_per_day=100, reply_share=0.1),
            "capabilities": Capabilities(webhooks=True),
        }
    )
    registry = replace(configuration.registry, specs={"website": replace(spec, manifest=manifest)})
    known = Known(spent={"shop": Spent(reads=60, replies=4)})
    found = {
        one.what: one
        for one in inbox_findings(replace(configuration, registry=registry), known, NOW)
    }

    assert found["Calls of shop"].detail == (
        "64 of 100 spent since 00:00 UTC, 30 left to read, 6 kept for answers"
    )
    assert "/webhooks/shop is not served" in found["Webhooks of shop"].detail

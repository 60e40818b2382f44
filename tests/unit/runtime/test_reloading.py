"""A changed settings file while the desk runs: taken over whole, or refused with the reason."""

import asyncio
from collections import Counter

import pytest

from bot.app import serve
from bot.clock import Clock
from bot.runtime import schema
from bot.runtime.reloading import needs_restart
from tests.unit.runtime.town import Town


def rewrite(town: Town, old: str, new: str) -> None:
    text = town.path.read_text("utf-8")
    assert old in text
    town.path.write_text(text.replace(old, new, 1), "utf-8")


@pytest.mark.parametrize(
    ("old", "new", "keys"),
    [
        ('name = "Anna Conti"', 'name = "Anna Conti"\nrole = "lead"', []),
        ('group = ["@managers"]\n', "", []),
        ('["@managers"]\nops', '["@managers"]\nundo_seconds = 30\nops', []),
        ("[desk]\n", '[desk]\nlanguage = "it"\n', ["desk.language"]),
        ("poll_seconds = 1", "poll_seconds = 9", ["inboxes.poll_seconds of shop"]),
        ('imap_host = "127.0.0.1"', 'imap_host = "127.0.0.2"', ["inboxes.settings of shop"]),
        ('name = "shop"', 'name = "store"', ["inboxes.shop", "inboxes.store"]),
    ],
)
async def test_what_a_process_is_built_from_takes_a_restart(town: Town, old, new, keys) -> None:
    before = town.configuration()
    rewrite(town, old, new)

    assert list(needs_restart(before, town.configuration())) == keys


async def test_another_token_takes_a_restart(town: Town) -> None:
    other = town.configuration(SLACK_BOT_TOKEN="xoxb-other")

    assert needs_restart(town.configuration(), other) == ("environment",)


async def test_a_running_desk_takes_over_a_good_file_and_refuses_a_bad_one(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in town.environ.items():
        monkeypatch.setenv(name, value)
    configuration = town.configuration()
    await asyncio.to_thread(schema.upgrade, configuration.environment.database_url)
    stop, ready, reload = asyncio.Event(), asyncio.Event(), asyncio.Event()
    settled = Counter[str]()

    def settle() -> None:
        settled["times"] += 1

    desk = asyncio.create_task(
        serve(configuration, clock=Clock(), stop=stop, ready=ready, reload=reload, settle=settle)
    )
    await asyncio.wait_for(ready.wait(), 60)
    good = town.path.read_text("utf-8")
    try:
        rewrite(town, "[desk]\n", "[desk]\nundo_seconds = 900\n")
        reload.set()
        refused = await told(town, "not taken over")
        assert "undo_seconds" in refused

        town.path.write_text(good[: len(good) // 2], "utf-8")
        reload.set()
        await told(town, "not taken over", but=refused)

        town.path.write_text(good, "utf-8")
        rewrite(town, "poll_seconds = 1", "poll_seconds = 9")
        reload.set()
        await told(town, "a restart is needed for inboxes.poll_seconds of shop")
        assert settled["times"] == 1

        town.path.write_text(good, "utf-8")
        rewrite(town, "[desk]\n", "[desk]\nundo_seconds = 30\n")
        reload.set()
        await told(town, "The changed settings are in use.")
        assert settled["times"] == 2
    finally:
        stop.set()
        await asyncio.wait_for(desk, 60)


async def told(town: Town, words: str, *, but: str = "") -> str:
    """The post in the ops channel that has these words, once it is there."""
    workspace = town.slack.workspace
    channel = workspace.channel_named("threadline-ops").id
    async with asyncio.timeout(30):
        while True:
            texts = [str(each.text) for each in workspace.messages(channel)]
            found = [each for each in texts if words in each and each != but]
            if found:
                return found[0]
            await asyncio.sleep(0.05)

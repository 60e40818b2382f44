"""A language model's windows in a workspace as strict as Slack: one on top of the other."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bot.assist.llm.uses import Help
from bot.clock import Clock
from bot.llm.provider import LanguageModel
from sandbox.language_model import FakeLanguageModel
from sandbox.slack.seed import AMAZON_IT
from tests.slack.machine_world import CANARY, access_to
from tests.slack.test_handlers_sandbox import Workspace, a_workspace
from tests.slack.test_sandbox_macros import text_in_window

SAID = "Thank you for your message. Your parcel is on its way to you."


@asynccontextmanager
async def a_desk_with_a_model(folder: Path) -> AsyncIterator[tuple[Workspace, FakeLanguageModel]]:
    async with FakeLanguageModel(SAID, token=CANARY) as fake:
        model = LanguageModel(access_to(fake), Clock())
        try:
            async with a_workspace(folder, model=model, llm=frozenset(Help)) as found:
                yield found, fake
        finally:
            await model.close()


async def a_window(workspace: Workspace) -> Any:
    _, ts = await workspace.a_card()
    anna = workspace.sandbox.person("anna")
    await anna.click(ts, "reply", channel=AMAZON_IT)
    return anna


async def asks(person: Any, action: str) -> Any:
    """Press, and wait until the machine has answered; the window on top."""
    await person.click_view(action)
    async with asyncio.timeout(10):
        while "The machine is writing" in str(person.views[-1].blocks):
            await person.look()
    return person.views[-1]


async def test_a_draft_is_used_previewed_and_sent_by_the_agent(tmp_path: Path) -> None:
    async with a_desk_with_a_model(tmp_path) as (workspace, _):
        anna = await a_window(workspace)
        anna.fill({"text": "Hello Lucia,"})

        await asks(anna, "machine_draft")

        assert [one.callback_id for one in anna.views] == ["reply_write", "machine"]
        assert text_in_window(anna) == SAID
        await anna.submit()
        assert [one.callback_id for one in anna.views] == ["reply_write"]
        assert text_in_window(anna) == SAID
        await anna.click_view("machine_put_back")
        assert text_in_window(anna) == "Hello Lucia,"
        await anna.click_view("machine_put_back")
        await anna.submit()
        assert "Written by a machine" in str(anna.views[-1].blocks)
        assert await workspace.front.outgoing() == []
        await anna.submit()
        assert [one.body for one in await workspace.front.outgoing()] == [SAID]


async def test_keeping_ones_own_words_leaves_the_window_below_as_it_was(tmp_path: Path) -> None:
    async with a_desk_with_a_model(tmp_path) as (workspace, fake):
        anna = await a_window(workspace)
        anna.fill({"text": "Hello Lucia,"})
        fake.fault = "html"
        top = await asks(anna, "machine_summary")
        assert "could not be read" in str(top.blocks)

        await anna.close()

        assert [one.callback_id for one in anna.views] == ["reply_write"]
        await anna.submit()
        assert "Hello Lucia," in str(anna.views[-1].blocks)

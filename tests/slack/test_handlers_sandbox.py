"""The same app behind Socket Mode in a workspace as strict as Slack, used as people use it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import update

from bot.clock import Clock
from bot.db import tables
from bot.db.file_rows import awaited_files
from bot.domain.desk import InboxRoute
from bot.domain.roster import Agent, Role, Roster
from bot.llm.provider import LanguageModel
from bot.slack.app import build_app
from bot.slack.blocks.card import render_card
from sandbox.slack.seed import AMAZON_IT, ANNA, BEN, CHIARA
from sandbox.slack.server import SandboxSlack
from tests.slack.front import SPECS, Front, PaperChannel, StillClock, a_database, the_desk
from tests.slack.loopback import LoopbackSlack


@dataclass(frozen=True, kw_only=True)
class Workspace:
    sandbox: SandboxSlack
    front: Front
    client: AsyncWebClient

    async def a_card(self, connector: str = "amazon") -> tuple[int, str]:
        """A buyer writes and the card is posted; its number and ts."""
        kind = update(tables.inbox).values(connector=connector)
        await self.front.db.write(lambda tx: tx.conn.execute(kind), now=self.front.clock.at)
        number = await self.front.customer_writes("Where is my parcel?")
        card = render_card(await self.front.ticket(number), self.front.desk, self.front.clock.at)
        posted = await self.client.chat_postMessage(
            channel=AMAZON_IT, text=card.text, blocks=card.blocks
        )
        ts = str(posted["ts"])
        await self.front.posted(AMAZON_IT, ts)
        return number, ts

    def called(self) -> list[str]:
        return [call.method for call in self.sandbox.core.calls]


@pytest.fixture
async def workspace(tmp_path: Path) -> AsyncIterator[Workspace]:
    async with a_workspace(tmp_path) as found:
        yield found


@asynccontextmanager
async def a_workspace(
    folder: Path, *, model: LanguageModel | None = None, **route_facts: Any
) -> AsyncIterator[Workspace]:
    people = [
        Agent(slack_id=ANNA, name="Anna Conti", role=Role.AGENT),
        Agent(slack_id=BEN, name="Ben Keller", role=Role.AGENT),
        Agent(slack_id=CHIARA, name="Chiara Rossi", role=Role.ADMIN),
    ]
    route = InboxRoute(name="amazon-it", connector="amazon", channel=AMAZON_IT, **route_facts)
    desk = replace(
        the_desk(),
        roster=Roster(agents={one.slack_id: one for one in people}),
        inboxes={"amazon-it": route},
    )
    async with AsyncExitStack() as stack:
        clock = StillClock()
        db = await a_database(folder, desk, clock.at)
        stack.push_async_callback(db.close)
        sandbox = SandboxSlack()
        await sandbox.start(clock=Clock())
        stack.push_async_callback(sandbox.stop)
        client = AsyncWebClient(token=sandbox.bot_token, base_url=sandbox.api_url)
        connectors = {"amazon-it": PaperChannel()}
        app = build_app(client, db, lambda: desk, clock, connectors, specs=SPECS, llm=model)
        handler = AsyncSocketModeHandler(app, sandbox.app_token)
        await handler.connect_async()
        stack.push_async_callback(handler.close_async)
        front = Front(app=app, db=db, clock=clock, slack=LoopbackSlack(), rules=[desk])
        yield Workspace(sandbox=sandbox, front=front, client=client)


async def test_claim_reply_resolve_cost_two_calls_beside_the_senders(workspace: Workspace) -> None:
    number, ts = await workspace.a_card()
    anna = workspace.sandbox.person("anna")

    await anna.click(ts, "claim", channel=AMAZON_IT, wait=0.3)
    await anna.click(ts, "reply", channel=AMAZON_IT)
    anna.fill({"text": "It left today."})
    await anna.submit()
    assert anna.views[-1].callback_id == "reply_preview"
    await anna.submit()
    assert anna.views[-1].callback_id == "reply_queued"
    await anna.close()
    await anna.click(ts, "resolve", channel=AMAZON_IT, wait=0.3)

    ticket = await workspace.front.ticket(number)
    assert (ticket.assignee, ticket.state) == (ANNA, "resolved")
    assert [one.body for one in await workspace.front.outgoing()] == ["It left today."]
    interactive = [
        name
        for name in workspace.called()
        if name not in {"chat.postMessage", "apps.connections.open", "auth.test"}
    ]
    assert interactive == ["views.open"]
    assert workspace.called().count("auth.test") <= 1
    # To claim and to resolve can be taken back; that is said by the press's own address.
    assert [said.blocks[-1]["elements"][-1]["action_id"] for said in anna.ephemerals] == [
        "undo_event",
        "undo_event",
    ]


async def test_undo_in_the_window_brings_the_text_back(workspace: Workspace) -> None:
    _, ts = await workspace.a_card()
    anna = workspace.sandbox.person("anna")
    await anna.click(ts, "reply", channel=AMAZON_IT)
    anna.fill({"text": "It left today."})
    await anna.submit()
    await anna.submit()

    await anna.click_view("undo")

    assert anna.views[-1].callback_id == "reply_write"
    assert "It left today." in str(anna.views[-1].blocks)
    assert [one.state for one in await workspace.front.outgoing()] == ["cancelled"]
    anna.fill({"text": "It left yesterday."})
    await anna.submit()
    await anna.submit()
    assert [one.body for one in await workspace.front.outgoing()][-1] == "It left yesterday."


async def test_the_loser_of_a_claim_takes_over_from_the_private_answer(
    workspace: Workspace,
) -> None:
    number, ts = await workspace.a_card()
    anna, ben = workspace.sandbox.person("anna"), workspace.sandbox.person("ben")
    await anna.click(ts, "claim", channel=AMAZON_IT, wait=0.3)

    told = await ben.click(ts, "claim", channel=AMAZON_IT)

    assert told.text.startswith(f"Anna Conti has #{number} since")
    await ben.click(told.ephemerals[0].ts, "take_over", channel=AMAZON_IT)
    assert (await workspace.front.ticket(number)).assignee == BEN
    assert [said.text.startswith(f"#{number} is yours.") for said in anna.ephemerals] == [True]


async def test_commands_shortcuts_mentions_and_home_answer(workspace: Workspace) -> None:
    number, ts = await workspace.a_card()
    ben = workspace.sandbox.person("ben")

    typed = await ben.command("/ticket", f"claim {number}", channel=AMAZON_IT)
    status = await ben.command("/ticket", f"status {number}", channel=AMAZON_IT)
    why = await ben.command("/sla", f"why {number}", channel=AMAZON_IT)
    said = await ben.mention(AMAZON_IT, ts, "assign @Anna Conti")
    home = await ben.open_home()
    reply = await ben.command("/ticket", f"reply {number} It left.", channel=AMAZON_IT)
    await ben.click(reply.ephemerals[0].ts, "undo", channel=AMAZON_IT)

    assert typed.text.startswith(f"#{number} is yours.")
    assert "Owner: Ben Keller" in status.text
    assert why.text.startswith(f"Why #{number}:")
    assert said.text == f"#{number} is with Anna Conti."
    assert home is not None
    assert reply.text.startswith(f"Answer to #{number} goes out at")
    assert [one.state for one in await workspace.front.outgoing()] == ["cancelled"]


async def test_a_duplicated_envelope_changes_nothing_twice(workspace: Workspace) -> None:
    number, ts = await workspace.a_card()
    anna = workspace.sandbox.person("anna")

    workspace.sandbox.core.hub.duplicate_next(10)
    await anna.command("/ticket", f"reply {number} It left.", channel=AMAZON_IT)
    await anna.mention(AMAZON_IT, ts, "note two boxes")

    assert len(await workspace.front.outgoing()) == 1
    assert (await workspace.front.events(number)).count("note") == 1


async def test_files_are_put_into_the_window_or_ticked_from_the_thread(
    workspace: Workspace,
) -> None:
    _, ts = await workspace.a_card(connector="website")
    anna = workspace.sandbox.person("anna")
    posted = await anna.upload("invoice.pdf", b"%PDF-1.7")
    await anna.post(AMAZON_IT, "", thread_ts=ts, files=[posted])
    brought = await anna.upload("photo.png", b"\x89PNG\r\n\x1a\n")

    await anna.click(ts, "reply", channel=AMAZON_IT)
    assert "conversations.replies" not in workspace.called()
    anna.fill({"text": "Both are here.", "files": [brought]})
    await anna.click_view("thread_files")
    anna.fill({"text": "Both are here.", "files": [brought], "files_at_hand": [posted]})
    await anna.submit()
    assert anna.views[-1].callback_id == "reply_preview"
    anna.fill({"files_attached": [brought]})
    await anna.submit()
    await anna.submit()
    assert anna.views[-1].callback_id == "reply_queued"

    (reply,) = await workspace.front.outgoing()
    (file,) = await workspace.front.db.read(lambda conn: awaited_files(conn, reply.id))
    assert (file.name, file.slack_id) == ("photo.png", brought)


async def test_slacks_client_takes_no_more_files_than_the_channel_does(
    workspace: Workspace,
) -> None:
    _, ts = await workspace.a_card(connector="website")
    anna = workspace.sandbox.person("anna")
    await anna.click(ts, "reply", channel=AMAZON_IT)
    anna.fill({"text": "Look", "files": [await anna.upload("setup.exe", b"MZ")]})
    seen = await anna.submit()
    assert seen.errors == {"files": "This file type is not supported."}

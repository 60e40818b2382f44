"""A desk with a real database behind its Bolt app, clicked and typed at by tests."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import Connection, func, select, update
from typing_extensions import override

from bot.clock import Clock
from bot.db import queries, tables
from bot.db.unit import Database, Tx
from bot.domain.card import TicketView
from bot.domain.desk import Desk, InboxRoute
from bot.domain.frozen_rules import KnownRules
from bot.domain.inbound import ReadItem
from bot.domain.roster import Agent, Role, Roster
from bot.llm.provider import Access, LanguageModel
from bot.slack.app import build_app
from bot.usecases.inboxes import sync_inboxes
from bot.usecases.ingest import begin_reading, ingest, store_page, stored_items
from bot.usecases.rule_versions import keep_own_rules
from connectors.contract import (
    Connector,
    Cursor,
    InboundMessage,
    Page,
    RawItem,
    ReplyCommand,
    ReplyPreview,
    ThreadKey,
    Verdict,
)
from connectors.errors import Rejected
from connectors.registry import load_connectors
from tests.builders import channels_own_rules
from tests.databases import new_file, open_database
from tests.silent_connector import SilentConnector
from tests.slack.loopback import LoopbackSlack

START = datetime(2026, 2, 3, 12, 0, tzinfo=UTC)
GIULIA, MARCO, DANA, VIOLA, OTTO = "U0GIULIA1", "U0MARCO11", "U0DANA111", "U0VIOLA11", "U0OTTO111"
STRANGER, BOT = "U0STRANGE", "U0BOT1111"
CHANNEL = "C0AMAZON1"
SPECS = load_connectors().specs


class StillClock(Clock):
    """Desk time that moves when a test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.at = START

    @override
    def now(self) -> datetime:
        return self.at


class PaperChannel(SilentConnector):
    """A channel that shows what it would send; what holds `forbidden` it refuses."""

    @override
    def preview(self, command: ReplyCommand) -> ReplyPreview:
        if "forbidden" in command.text:
            raise Rejected("The platform forbids that word.")
        return ReplyPreview(
            sender="shop@seller.example",
            recipient=str(command.context["to"]),
            subject="Re: parcel",
            body=f"{command.text}\n-- \n{command.agent_name}",
        )


def the_desk() -> Desk:
    people = [
        Agent(slack_id=GIULIA, name="Giulia Conti", role=Role.AGENT),
        Agent(slack_id=MARCO, name="Marco Riva", role=Role.AGENT),
        Agent(slack_id=DANA, name="Dana Riva", role=Role.MANAGER),
        Agent(slack_id=VIOLA, name="Viola Serra", role=Role.VIEWER),
        Agent(slack_id=OTTO, name="Otto Kurz", role=Role.AGENT, active=False),
    ]
    return Desk(
        inboxes={
            "amazon-it": InboxRoute(
                name="amazon-it", connector="amazon", channel=CHANNEL, label="Amazon IT"
            )
        },
        policies=channels_own_rules(),
        calendars={},
        roster=Roster(agents={one.slack_id: one for one in people}),
        ops_channel=None,
        undo_window=timedelta(seconds=10),
        timezone="Europe/Rome",
    )


@dataclass(kw_only=True)
class Front:
    """What a test holds: the app, its database, its clock, and the Slack that listens."""

    app: AsyncApp
    db: Database
    clock: StillClock
    slack: LoopbackSlack
    rules: list[Desk]
    _count: Any = field(default_factory=lambda: itertools.count(1))

    @property
    def desk(self) -> Desk:
        """The rules of the moment."""
        return self.rules[0]

    # What happens outside Slack.

    async def restarts_with(self, **changes: Any) -> None:
        """The desk's file is edited and read anew."""
        await self.keeps_its_rules()
        self.rules[0] = replace(self.desk, known=KnownRules(), **changes)
        await self.keeps_its_rules()

    async def keeps_its_rules(self) -> None:
        """As a process does when it starts."""
        await self.db.write(lambda tx: keep_own_rules(tx, self.desk), now=self.clock.at)

    async def customer_writes(
        self,
        text: str = "Where is it?",
        *,
        thread: str = "buyer-1",
        links: Mapping[str, str] | None = None,
        dated: datetime | None = None,
    ) -> int:
        """A buyer's message arrives and is understood; returns its ticket's number."""
        n = next(self._count)
        item = RawItem(source_id=f"raw-{n}", received_at=self.clock.at, payload=b"mail")
        message = InboundMessage(
            external_id=f"mail-{n}",
            verdict=Verdict.CUSTOMER,
            reason="a buyer wrote",
            sent_at=dated or self.clock.at,
            subject="Parcel",
            text=text,
            full_text=text,
            sender_handle="lucia@marketplace.amazon.example",
            sender_name="Lucia Bianchi",
            thread_keys=[ThreadKey(value=thread)],
            reply_context={"to": "lucia@marketplace.amazon.example"},
            links=links or {},
        )

        def arrive(tx: Tx) -> None:
            page = Page(items=[item], cursor=Cursor(state={"n": n}))
            store_page(tx, "amazon-it", page)
            waiting = stored_items(tx.conn, "amazon-it")
            begin_reading(tx, [one.raw_id for one in waiting])
            read = [
                ReadItem(raw_id=one.raw_id, received_at=one.item.received_at, message=message)
                for one in waiting
            ]
            ingest(tx, self.desk, "amazon-it", read)

        await self.db.write(arrive, now=self.clock.at)
        return await self.posted(CHANNEL)

    async def posted(self, channel: str, ts: str | None = None) -> int:
        """Give the newest ticket its place in Slack, as the sender would; returns its number."""

        def post(tx: Tx) -> int:
            t = tables.ticket.c
            number: int = tx.conn.execute(select(func.max(t.number))).scalar_one()
            tx.conn.execute(
                update(tables.ticket)
                .where(t.number == number)
                .values(slack_channel=channel, slack_ts=ts or card_ts(number))
            )
            return number

        return await self.db.write(post, now=self.clock.at)

    async def ticket(self, number: int) -> TicketView:
        found = await self.db.read(lambda conn: queries.ticket_by_number(conn, number))
        assert found is not None
        return found

    async def outgoing(self) -> Sequence[Any]:
        """Replies queued for the customer, with the state of their effect."""
        message, outbox = tables.message.c, tables.outbox.c

        def query(conn: Connection) -> Sequence[Any]:
            effects = conn.execute(
                select(outbox.payload, outbox.state).where(outbox.kind == "send_reply")
            )
            states = {row.payload["message_id"]: row.state for row in effects}
            rows = conn.execute(
                select(message.id, message.body, message.state).where(message.direction == "out")
            ).all()
            assert {row.id for row in rows} == set(states)
            return rows

        return await self.db.read(query)

    async def events(self, number: int) -> list[str]:
        ticket = await self.ticket(number)
        found = await self.db.read(lambda conn: queries.events(conn, ticket.id))
        return [one.type for one in found]

    # What people do in Slack.

    async def dispatch(self, body: dict[str, Any]) -> BoltResponse:
        """Hand a payload to the app as the socket would, and let its listener finish."""
        request = AsyncBoltRequest(mode="socket_mode", body={"team_id": "T0TEAM111", **body})
        response = await self.app.async_dispatch(request)
        listeners = [
            task
            for task in asyncio.all_tasks()
            if "run_ack_function" in getattr(task.get_coro(), "__qualname__", "")
        ]
        await asyncio.gather(*listeners, return_exceptions=True)
        return response

    async def press(self, user: str, action: str, value: object, **where: Any) -> BoltResponse:
        """Press a button: on a card, or where `where` says (`thread`, `view`)."""
        pressed = {"type": "button", "action_id": action, "value": str(value), "block_id": "b"}
        return await self.dispatch(self._interaction(user, pressed, **where))

    async def choose(self, user: str, choice: str, ticket: TicketView) -> BoltResponse:
        """Choose from the menu behind ⋯."""
        option = {"text": {"type": "plain_text", "text": "x"}, "value": f"{choice}|{ticket.id}"}
        chosen = {"type": "overflow", "action_id": "more", "selected_option": option}
        return await self.dispatch(self._interaction(user, chosen | {"block_id": "b"}))

    def _interaction(
        self,
        user: str,
        action: dict[str, Any],
        *,
        thread: str = "",
        view: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        body: dict[str, Any] = {
            "type": "block_actions",
            "user": {"id": user},
            "team": {"id": "T0TEAM111"},
            "trigger_id": f"trigger-{next(self._count)}",
            "actions": [action | {"action_ts": "1"}],
        }
        if view is not None:
            return body | {"view": {"id": "V0HOME111", **view}, "container": {"type": "view"}}
        message = {"ts": "1770120000.000900", "type": "message"}
        if thread:
            message["thread_ts"] = thread
        return body | {
            "message": message,
            "channel": {"id": CHANNEL},
            "container": {"type": "message"},
            "response_url": f"{self.slack.url}/response",
        }

    async def command(self, user: str, text: str, name: str = "/ticket") -> dict[str, Any]:
        """Type a slash command; returns the private answer, empty where there was none."""
        before = len(self.slack.answers)
        await self.dispatch(
            {
                "command": name,
                "text": text,
                "user_id": user,
                "channel_id": CHANNEL,
                "trigger_id": f"trigger-{next(self._count)}",
                "response_url": f"{self.slack.url}/response",
            }
        )
        return self.slack.answers[-1] if len(self.slack.answers) > before else {}

    async def shortcut(self, user: str, name: str, ts: str, thread: str = "") -> BoltResponse:
        """Use a message shortcut."""
        message = {"ts": ts, "type": "message"} | ({"thread_ts": thread} if thread else {})
        return await self.dispatch(
            {
                "type": "message_action",
                "callback_id": name,
                "user": {"id": user},
                "team": {"id": "T0TEAM111"},
                "channel": {"id": CHANNEL},
                "message": message,
                "trigger_id": f"trigger-{next(self._count)}",
                "response_url": f"{self.slack.url}/response",
            }
        )

    async def mention(
        self, user: str, text: str, *, thread: str = "", event_id: str = "Ev1"
    ) -> BoltResponse:
        """Say something to the bot."""
        event = {"type": "app_mention", "user": user, "channel": CHANNEL, "ts": "1.2"}
        event |= {"text": f"<@{BOT}> {text}"}
        if thread:
            event["thread_ts"] = thread
        return await self.dispatch({"type": "event_callback", "event_id": event_id, "event": event})

    async def submit(
        self, user: str, view: dict[str, Any], typed: str | None, view_id: str = "V0REPLY11"
    ) -> BoltResponse:
        """Submit a window whose one text field holds `typed`."""
        field_id = next(b["block_id"] for b in view["blocks"] if b["type"] == "input")
        values = {field_id: {"text": {"type": "plain_text_input", "value": typed}}}
        return await self.dispatch(
            {
                "type": "view_submission",
                "user": {"id": user},
                "team": {"id": "T0TEAM111"},
                "view": {**view, "id": view_id, "state": {"values": values}},
            }
        )


def card_ts(number: int) -> str:
    return f"1770120000.{number:06d}"


async def a_database(folder: Path, desk: Desk, now: datetime) -> Database:
    db = open_database(new_file(folder / "desk.db"))
    await db.write(lambda tx: sync_inboxes(tx, desk), now=now)
    return db


@asynccontextmanager
async def a_front(
    folder: Path, desk: Desk | None = None, *, llm: Access | None = None
) -> AsyncIterator[Front]:
    async with AsyncExitStack() as stack:
        rules, clock = [desk or the_desk()], StillClock()
        db = await a_database(folder, rules[0], clock.at)
        stack.push_async_callback(db.close)
        slack = await stack.enter_async_context(LoopbackSlack())
        session = await stack.enter_async_context(aiohttp.ClientSession())
        client = AsyncWebClient(token="xoxb-test", base_url=f"{slack.url}/api/", session=session)
        current: Callable[[], Desk] = lambda: rules[0]  # noqa: E731
        connectors: dict[str, Connector] = {"amazon-it": PaperChannel()}
        model = LanguageModel(llm, clock) if llm else None
        if model is not None:
            stack.push_async_callback(model.close)
        app = build_app(client, db, current, clock, connectors, specs=SPECS, llm=model)
        yield Front(app=app, db=db, clock=clock, slack=slack, rules=rules)

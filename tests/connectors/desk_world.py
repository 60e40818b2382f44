"""A desk around one connector and its fake platform: the real poll, ingest, clocks and sender.

Only Slack is recorded, and time passes when a test lets it. For end-to-end tests of a channel:

    async with desk_with("connectors.acme", TestAcme().config, AcmeMarket) as world:
        await world.market.says(Author.CUSTOMER, "Where is my parcel?")
        await world.poll()
        await world.answer(1, "It leaves today.")
        assert world.ticket(1).state == "answered"
"""

import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Engine, create_engine, select

from bot.clock import Clock
from bot.db import queries, tables
from bot.db.due_rows import what_comes
from bot.db.unit import Database
from bot.domain.card import EventView, MessageView, TicketView
from bot.domain.desk import Desk, InboxRoute
from bot.domain.effects import EffectKind
from bot.jobs.poll import InboxPoller, PollReport
from bot.jobs.tick import Ticker
from bot.marketplace.executor import MarketExecutor
from bot.outbox.dispatcher import Dispatcher
from bot.outbox.executor import Executor
from bot.runtime.call_meter import count_call
from bot.usecases.reply import Queued, QueueReply, queue_reply
from bot.web.webhooks import WebhookAnswer, WebhookDoor
from connectors.capabilities import WebhookRequest, Webhooks
from connectors.contract import Connector, InboxContext
from connectors.keep import MemoryKeep
from connectors.registry import ConnectorSpec, load_spec
from connectors.testing.market import Market
from connectors.testing.virtual_time import VirtualTime
from tests.builders import ANNA, a_desk, prepare
from tests.connectors.desk_parts import DeskClock, RecordedSlack
from tests.databases import new_file, open_database

T = TypeVar("T")
MarketT = TypeVar("MarketT", bound=Market)

INBOX = "inbox"
CHANNEL = "C0INBOX"


@dataclass(kw_only=True)
class DeskWorld(Generic[MarketT]):
    """One inbox, named `INBOX`, and everything that works on it. `desk` may be replaced."""

    market: MarketT
    time: VirtualTime
    clock: Clock
    spec: ConnectorSpec
    connector: Connector
    database: Database
    desk: Desk
    poller: InboxPoller
    ticker: Ticker
    dispatcher: Dispatcher
    door: WebhookDoor
    slack: Executor
    reading: Engine
    asked: int = field(default=0)

    async def poll(self) -> PollReport:
        """Look into the inbox once, and let every effect that is due happen."""
        report = await self.poller.poll()
        await self.settle()
        return report

    async def settle(self) -> None:
        """Fire and send whatever is due now."""
        while await self.ticker.tick():
            pass
        await self.dispatcher.drain()

    async def pass_time(self, by: timedelta) -> None:
        """Let time pass; each ping fires at its own instant."""
        end = self.clock.now() + by
        while (due := (await self.database.read(what_comes)).ping) is not None and due <= end:
            self.time.advance(max(due - self.clock.now(), timedelta(0)))
            await self.settle()
        self.time.advance(max(end - self.clock.now(), timedelta(0)))
        await self.settle()

    async def answer(self, number: int, text: str, *, actor: str = ANNA, **changes: Any) -> str:
        """An agent answers ticket `number`; returns what became of it, such as "sent".

        The undo window passes and the answer is handed over; what the platform only promised is
        looked for a while.
        """
        self.asked += 1
        command = QueueReply(
            ticket_id=self.ticket(number).id,
            actor=actor,
            text=text,
            key=f"form-{self.asked}",
            seen_message_id=None,
            **changes,
        )
        queued = await self.database.write(
            lambda tx: queue_reply(tx, self.desk, command), now=self.clock.now()
        )
        assert isinstance(queued, Queued), queued
        await self.pass_time(self.desk.undo_window)
        for _ in range(12):
            if self.state_of(queued.message_id) not in {"queued", "sending"}:
                break
            await self.pass_time(timedelta(minutes=1))
        return self.state_of(queued.message_id)

    async def webhook(self, request: WebhookRequest) -> WebhookAnswer:
        """The platform calls; what it brought is read at the poll it wakes."""
        answer = await self.door.take(INBOX, request)
        await self.poll()
        return answer

    def tickets(self) -> list[TicketView]:
        """Every ticket, oldest first."""
        ids = self._read(lambda c: c.scalars(select(tables.ticket.c.id).order_by("number")).all())
        return [self._read(lambda c, each=each: queries.ticket_view(c, each)) for each in ids]  # type: ignore[misc]

    def ticket(self, number: int) -> TicketView:
        """The ticket of that number."""
        return next(each for each in self.tickets() if each.number == number)

    def thread(self, number: int) -> list[MessageView]:
        """Both sides of a conversation, in marketplace time."""
        ticket_id = self.ticket(number).id
        return self._read(lambda conn: queries.conversation(conn, ticket_id))

    def history(self, number: int) -> list[EventView]:
        """What happened to a ticket, oldest first."""
        ticket_id = self.ticket(number).id
        return self._read(lambda conn: queries.events(conn, ticket_id))

    def quarantined(self) -> list[str]:
        """Source ids of items nobody could read."""
        raw = tables.raw_inbound.c
        wanted = select(raw.source_id).where(raw.state == "quarantined").order_by(raw.id)
        return list(self._read(lambda conn: conn.scalars(wanted).all()))

    def state_of(self, message_id: int) -> str:
        """How far a message got."""
        wanted = select(tables.message.c.state).where(tables.message.c.id == message_id)
        return str(self._read(lambda conn: conn.scalar(wanted)))

    def _read(self, look: Callable[[Connection], T]) -> T:
        with self.reading.connect() as conn:
            return look(conn)


@asynccontextmanager
async def desk_with(
    package_or_key: str,
    config: Mapping[str, Any] | Callable[[MarketT], Mapping[str, Any]],
    market: MarketT | Callable[[Callable[[], datetime]], MarketT],
    *,
    slack: Executor | None = None,
    time: VirtualTime | None = None,
    **route: Any,
) -> AsyncIterator[DeskWorld[MarketT]]:
    """A desk with one inbox of a connector (`acme` or `connectors.acme`).

    `market` is a fake's class, or a fake on the clock of the `time` given; it is started if it is
    not. `config` may be the suite's method, which wants the running fake. `route` are fields of
    the inbox's InboxRoute.
    """
    package = package_or_key if "." in package_or_key else f"connectors.{package_or_key}"
    time, spec = time or VirtualTime(), load_spec(package)
    made = market(time.now) if callable(market) else market
    started = not getattr(made, "url", "")
    if started:
        await made.start()
    try:
        settings = spec.config_model.model_validate(config(made) if callable(config) else config)
        context = InboxContext(
            inbox=INBOX,
            instance_key=b"desk-world-instance-key-000000001",
            now=time.now,
            keep=MemoryKeep(),
            called=count_call,
            sleep=time.sleep,
        )
        with tempfile.TemporaryDirectory(prefix="desk-world-") as folder:
            file = Path(folder) / "threadline.db"
            connector = spec.build(settings, context)
            world = _world(
                made, connector, time=time, spec=spec, file=file, slack=slack, route=route
            )
            try:
                await prepare(world.database, world.desk, time.now())
                yield world
            finally:
                await world.connector.close()
                await world.database.close()
                world.reading.dispose()
    finally:
        if started:
            await made.stop()


def _world(
    market: MarketT,
    connector: Connector,
    *,
    time: VirtualTime,
    spec: ConnectorSpec,
    file: Path,
    slack: Executor | None,
    route: Mapping[str, Any],
) -> DeskWorld[MarketT]:
    url = new_file(file)
    reading, clock, database = create_engine(url), DeskClock(time), open_database(url)
    told = {"platform": spec.manifest.channel, **route}
    placed = InboxRoute(name=INBOX, connector=spec.key, channel=CHANNEL, **told)
    slack = slack or RecordedSlack()

    def desk() -> Desk:
        return world.desk

    to_market = MarketExecutor({INBOX: connector}, database, desk, clock)
    executors: dict[str, Executor] = {str(kind): slack for kind in EffectKind}
    executors |= dict.fromkeys(to_market.kinds, to_market)
    dispatcher = Dispatcher(database, executors, clock)
    world = DeskWorld(
        market=market,
        time=time,
        clock=clock,
        spec=spec,
        connector=connector,
        database=database,
        desk=a_desk(inboxes={INBOX: placed}),
        reading=reading,
        slack=slack,
        dispatcher=dispatcher,
        ticker=Ticker(database, desk, clock),
        poller=InboxPoller(
            db=database,
            desk=desk,
            clock=clock,
            inbox=INBOX,
            connector=connector,
            owner="desk-world",
            healthy=dispatcher.resume,
        ),
        door=WebhookDoor(
            {INBOX: connector} if isinstance(connector, Webhooks) else {}, database, clock
        ),
    )
    return world

"""Both inboxes of the desk with their pollers, and a stopwatch at every stage of a mail's way.

What is measured is a desk that runs: it has read mail before, so its statements are compiled, and
its memory is settled as a process settles it when it is ready.
"""

import time
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Connection, Table, func, select
from typing_extensions import override

from benchmarks.connecting import mail_connector
from benchmarks.databases import Databases
from benchmarks.desk import START, the_desk
from benchmarks.figures import must
from benchmarks.mail_server import MailServer
from benchmarks.mails import ADDRESS, Mail, buyer_mails, conversations
from benchmarks.watching import Log, WatchedDatabase
from bot.clock import Clock
from bot.db import tables
from bot.db.engine import create_engine
from bot.domain.effects import EffectKind
from bot.jobs.poll import InboxPoller
from bot.runtime.memory import settle_memory
from bot.usecases.inboxes import sync_inboxes
from connectors.contract import (
    Connector,
    Cursor,
    Found,
    Health,
    InboundMessage,
    Page,
    RawItem,
    ReplyCommand,
    ReplyPreview,
    ReplyReceipt,
    Unknown,
)
from connectors.mail.channel import MailChannel

PHASES = ("fetch", "store", "read", "ingest")

_BEFORE = tuple(buyer_mails(60, until=START, seed=12, first=1_000_000))
"""Mail that a desk has read before it is measured."""


class StopwatchConnector(Connector):
    """A mail connector with a stopwatch on its two ways in. `seconds` are by phase."""

    def __init__(self, inner: MailChannel, seconds: dict[str, float]) -> None:
        self._inner = inner
        self._seconds = seconds

    @override
    async def check(self) -> Health:
        return await self._inner.check()

    @override
    async def fetch(self, cursor: Cursor | None) -> AsyncIterator[Page]:
        pages = aiter(self._inner.fetch(cursor))
        while True:
            began = time.perf_counter()
            page = await anext(pages, None)
            self._seconds["fetch"] += time.perf_counter() - began
            if page is None:
                return
            yield page

    @override
    def normalise(self, item: RawItem) -> InboundMessage:
        began = time.perf_counter()
        try:
            return self._inner.normalise(item)
        finally:
            self._seconds["read"] += time.perf_counter() - began

    @override
    def preview(self, command: ReplyCommand) -> ReplyPreview:
        return self._inner.preview(command)

    @override
    async def reply(self, command: ReplyCommand) -> ReplyReceipt:
        return await self._inner.reply(command)

    @override
    async def probe(self, command: ReplyCommand) -> Found | Unknown:
        return Unknown()

    @override
    async def close(self) -> None:
        await self._inner.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Seconds on the clock, and of this process's processor time."""

    seconds: float
    cpu: float

    def each(self, count: int) -> "Cost":
        """The cost of one of so many."""
        return Cost(seconds=self.seconds / count, cpu=self.cpu / count)


class Stopwatch:
    """Started when made."""

    def __init__(self) -> None:
        self._began = time.perf_counter(), time.process_time()

    def stop(self) -> Cost:
        """What it cost since then."""
        seconds, cpu = self._began
        return Cost(seconds=time.perf_counter() - seconds, cpu=time.process_time() - cpu)


@dataclass(slots=True, kw_only=True)
class Intake:
    """A desk on an empty database that reads two mailboxes of the server."""

    db: WatchedDatabase
    server: MailServer
    mailboxes: str
    pollers: list[InboxPoller] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    def deliver(self, mails: Sequence[Mail]) -> None:
        """Put the mails into their mailboxes; nobody has read them yet."""
        for inbox in ADDRESS:
            raws = [mail.raw for mail in mails if mail.inbox == inbox]
            self.server.deliver(f"{inbox}-{self.mailboxes}", raws, START)

    async def poll(self, *, new: int) -> tuple[Cost, Mapping[str, float]]:
        """Read both mailboxes once: the cost, and seconds by phase. `new` items must be stored."""
        self.seconds.clear()
        with self.db.watched() as log:
            watch = Stopwatch()
            reports = [await poller.poll() for poller in self.pollers]
            cost = watch.stop()
        must(all(report.error is None for report in reports), f"a poll failed: {reports}")
        must(sum(report.stored for report in reports) == new, f"{reports}, not {new} new ones")
        return cost, dict(self.seconds) | _transactions(log)

    async def tickets(self, mails: Sequence[Mail]) -> int:
        """How many tickets they are, once it is certain that every mail led where it should."""
        raw, tickets, cards, ticking = await self.db.read(_outcome)
        count, before = len(mails) + len(_BEFORE), conversations(_BEFORE)
        expected = conversations(mails) + before
        must(raw == count, f"{raw} of {count} mails were understood")
        must(tickets == expected, f"{tickets} tickets for {expected} conversations")
        must(cards == expected, f"{cards} cards for {expected} tickets")
        must(ticking == expected, f"{ticking} of {expected} tickets have a clock")
        return tickets - before


@asynccontextmanager
async def intake(kind: Databases, server: MailServer, mailboxes: str) -> AsyncIterator[Intake]:
    """An intake of its own for the length of the block."""
    url = await kind.new()
    async with AsyncExitStack() as stack:
        stack.push_async_callback(kind.drop, url)
        db = WatchedDatabase(create_engine(url))
        stack.push_async_callback(db.close)
        clock, desk = Clock(start=START), the_desk()
        await db.write(lambda tx: sync_inboxes(tx, desk), now=clock.now())
        found = Intake(db=db, server=server, mailboxes=mailboxes)
        for inbox in desk.inboxes:
            inner = mail_connector(inbox, clock, port=server.port, mailbox=f"{inbox}-{mailboxes}")
            stack.push_async_callback(inner.close)
            poller = InboxPoller(
                db=db,
                desk=lambda: desk,
                clock=clock,
                inbox=inbox,
                connector=StopwatchConnector(inner, found.seconds),
                owner="bench",
            )
            found.pollers.append(poller)
        found.deliver(_BEFORE)
        await found.poll(new=len(_BEFORE))
        settle_memory()
        yield found


def _transactions(log: Log) -> dict[str, float]:
    return {
        "store": sum(each.seconds for each in log if each.did("INSERT INTO raw_inbound")),
        "ingest": sum(each.seconds for each in log if each.did("UPDATE raw_inbound SET state")),
    }


def _outcome(conn: Connection) -> tuple[int, int, int, int]:
    def count(table: Table, *where: ColumnElement[bool]) -> int:
        return conn.scalar(select(func.count()).select_from(table).where(*where)) or 0

    running = select(tables.deadline.c.ticket_id).where(tables.deadline.c.state == "running")
    return (
        count(tables.raw_inbound, tables.raw_inbound.c.state.in_(["done", "ignored"])),
        count(tables.ticket),
        count(tables.outbox, tables.outbox.c.kind == EffectKind.POST_ROOT),
        count(tables.ticket, tables.ticket.c.id.in_(running)),
    )

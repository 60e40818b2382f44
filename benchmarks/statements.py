"""How many statements a transaction takes: exact, the same on every machine."""

import hashlib
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection, select

from benchmarks.connecting import mail_connector
from benchmarks.databases import Databases
from benchmarks.desk import ANNA, START, the_desk
from benchmarks.figures import Figure, Goal, figure, must
from benchmarks.mails import AMAZON, Mail, buyer_mails
from benchmarks.watching import WatchedDatabase
from bot.clock import Clock
from bot.db import tables
from bot.db.engine import create_engine
from bot.db.unit import Tx
from bot.domain.desk import Desk
from bot.usecases.claim import Claim, claim
from bot.usecases.fire_due import FireReport, fire_due
from bot.usecases.inboxes import sync_inboxes
from bot.usecases.ingest import ReadItem, begin_reading, ingest, store_page, stored_items
from bot.usecases.reply import QueueReply, queue_reply
from bot.usecases.resolve import Resolve, resolve
from connectors.contract import Cursor, Page, RawItem
from connectors.mail.channel import MailChannel

T = TypeVar("T")

NAME = "statements"
PAGE = 50

_CONSTANT = Goal(most=16, source="set-based: one statement a table, whatever a transaction holds")


@dataclass(slots=True, kw_only=True)
class Count:
    """A desk on an empty database whose transactions are counted."""

    on: str
    db: WatchedDatabase
    desk: Desk
    connector: MailChannel
    now: datetime = START

    async def of(self, work: Callable[[Tx], T]) -> tuple[int, T]:
        """Statements of one write transaction, and what it returned."""
        with self.db.watched() as log:
            result = await self.db.write(work, now=self.now)
        return sum(len(each.statements) for each in log), result

    async def page(self, mails: Sequence[Mail]) -> tuple[int, int, int]:
        """Statements to store a page, to begin reading it, and to take it in (0: nothing new)."""
        page = Page(items=[_item(mail) for mail in mails], cursor=Cursor(state={"uid": 1}))
        storing, new = await self.of(lambda tx: store_page(tx, AMAZON, page))
        waiting = await self.db.read(lambda conn: stored_items(conn, AMAZON))
        must(len(waiting) == new, f"{len(waiting)} items wait, {new} were stored")
        if not waiting:
            return storing, 0, 0
        begun = [each.raw_id for each in waiting]
        beginning, _ = await self.of(lambda tx: begin_reading(tx, begun))
        read = [
            ReadItem(
                raw_id=each.raw_id,
                received_at=each.item.received_at,
                message=self.connector.normalise(each.item),
                error=None,
            )
            for each in waiting
        ]
        taking, report = await self.of(lambda tx: ingest(tx, self.desk, AMAZON, read))
        must(report.taken == new, f"{report.taken} of {new} items were taken")
        return storing, beginning, taking

    def figure(self, what: str, values: Sequence[int], goal: Goal) -> Figure:
        """The figure of one or more counts of the same thing."""
        return figure(NAME, what, values, unit="statements", on=self.on, goal=goal)


async def run(kinds: Sequence[Databases], *, quick: bool) -> list[Figure]:  # noqa: ARG001 - quick as it is
    """Every figure of this benchmark."""
    found: list[Figure] = []
    for kind in kinds:
        async with AsyncExitStack() as stack:
            count = await _count(kind, stack)
            found += await _pages(count)
            found += await _clicks(count)
            found += await _ticks(count)
    return found


async def _count(kind: Databases, stack: AsyncExitStack) -> Count:
    url = await kind.new()
    stack.push_async_callback(kind.drop, url)
    db = WatchedDatabase(create_engine(url))
    stack.push_async_callback(db.close)
    connector = mail_connector(AMAZON, Clock(start=START), port=1, mailbox="nobody")
    stack.push_async_callback(connector.close)
    count = Count(on=kind.name, db=db, desk=the_desk(), connector=connector)
    await db.write(lambda tx: sync_inboxes(tx, count.desk), now=START)
    return count


async def _pages(count: Count) -> list[Figure]:
    mails = [mail for mail in buyer_mails(4 * PAGE, until=START) if mail.inbox == AMAZON]
    small = await count.page(mails[:5])
    full = await count.page(mails[5 : 5 + PAGE])
    mixed = await count.page(mails[5 + PAGE : 5 + 2 * PAGE])
    again = await count.page(mails[5 : 5 + PAGE])
    must(again[1:] == (0, 0), "a page that is known is not read again")
    must(full[2] <= small[2] + 2, f"{small[2]} statements for 5 mails, {full[2]} for {PAGE}")
    stored = [small[0], full[0], mixed[0], again[0]]
    return [
        count.figure(f"a page of up to {PAGE}: stored", stored, _CONSTANT),
        count.figure(f"a page of up to {PAGE}: read", [small[1], full[1], mixed[1]], _CONSTANT),
        count.figure(f"a page of up to {PAGE}: taken in", [small[2], full[2], mixed[2]], _CONSTANT),
    ]


async def _clicks(count: Count) -> list[Figure]:
    ticket_id = await count.db.read(_a_ticket)
    answer = QueueReply(
        ticket_id=ticket_id, actor=ANNA, text="It left today.", key="form-1", seen_message_id=None
    )
    claiming, _ = await count.of(
        lambda tx: claim(tx, count.desk, Claim(ticket_id=ticket_id, actor=ANNA))
    )
    replying, _ = await count.of(lambda tx: queue_reply(tx, count.desk, answer))
    resolving, _ = await count.of(
        lambda tx: resolve(tx, count.desk, Resolve(ticket_id=ticket_id, actor=ANNA))
    )
    return [
        count.figure("claim", [claiming], _CONSTANT),
        count.figure("queue a reply", [replying], _CONSTANT),
        count.figure("resolve", [resolving], _CONSTANT),
    ]


async def _ticks(count: Count) -> list[Figure]:
    # The mails came in over the day before: more than a page of tickets have a ping due by now.
    firing, report = await count.of(lambda tx: fire_due(tx, count.desk))
    must(report.fired > PAGE, f"{report.fired} tickets were pinged")
    while (await count.of(lambda tx: fire_due(tx, count.desk)))[1].more:
        pass
    idle, none = await count.of(lambda tx: fire_due(tx, count.desk))
    must(none == FireReport(fired=0, more=False), "everything due was fired")
    return [
        count.figure("tick, nothing due", [idle], _CONSTANT),
        count.figure(f"tick, {PAGE} and more due", [firing], _CONSTANT),
    ]


def _a_ticket(conn: Connection) -> int:
    found: int = conn.execute(select(tables.ticket.c.id).limit(1)).scalar_one()
    return found


def _item(mail: Mail) -> RawItem:
    return RawItem(
        source_id=hashlib.sha256(mail.raw).hexdigest(), received_at=START, payload=mail.raw
    )

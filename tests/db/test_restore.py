"""A backup is put back and the desk runs on: nobody gets an answer twice, and nothing is lost."""

import asyncio
import shutil
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import func, select, update
from typing_extensions import override

from bot.db import tables
from bot.db.state_rows import RESTORED, get_state
from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.domain.ticket import EventType, MessageState
from bot.marketplace.executor import MarketExecutor
from bot.outbox import store
from bot.outbox.dispatcher import Dispatcher
from bot.outbox.executor import Executor
from bot.runtime.storage.making import Order, make_backup
from bot.runtime.storage.restoring import PutBack, RestoreOrder, restore
from bot.usecases.confirm_reply import settle_unsure
from bot.usecases.fire_due import fire_due
from bot.usecases.reply import Undone, UndoReply, undo_reply
from connectors.contract import InboundMessage, ReplyCommand, ReplyReceipt
from tests.builders import AMAZON, ANNA, NOW, a_desk, a_ticket, an_inbound, arrive, minutes, queue
from tests.databases import open_database
from tests.db.outbox_world import KINDS, HandClock, Outside
from tests.db.reading import rows
from tests.db.test_outbox_replies import Marketplace


class Shop(Marketplace):
    """A marketplace that knows whose words it got."""

    def __init__(self, clock: HandClock) -> None:
        super().__init__(clock)
        self.words: Counter[str] = Counter()

    @override
    async def reply(self, command: ReplyCommand) -> ReplyReceipt:
        self.words[command.reply_id] += 1
        return await super().reply(command)


class World:
    """What lives on while a database is put back: the clock, the shop, Slack, and what was written."""

    def __init__(self, folder: Path, template: Path) -> None:
        self.file = folder / "desk.db"
        shutil.copy(template, self.file)
        self.url = f"sqlite:///{self.file}"
        self.desk: Desk = a_desk()
        self.clock = HandClock(NOW)
        self.shop = Shop(self.clock)
        self.slack = Outside()
        self.written: list[InboundMessage] = []
        self.db = open_database(self.url)

    def dispatcher(self) -> Dispatcher:
        market = MarketExecutor({AMAZON: self.shop}, self.db, lambda: self.desk, self.clock)
        executors: dict[str, Executor] = dict.fromkeys(KINDS, self.slack)
        return Dispatcher(self.db, executors | dict.fromkeys(market.kinds, market), self.clock)

    async def customers_write(self, count: int) -> list[int]:
        """New conversations; the ids of their tickets."""
        self.clock.move(1)
        new = [an_inbound(sent_at=self.clock.now()) for _ in range(count)]
        self.written += new
        await arrive(self.db, self.desk, *new, now=self.clock.now())
        ticket = tables.ticket.c
        newest = select(ticket.id).order_by(ticket.number.desc()).limit(count)
        return await self.db.read(lambda conn: list(conn.scalars(newest))[::-1])

    async def answer(self, tickets: Sequence[int]) -> list[int]:
        found = []
        for ticket_id in tickets:
            queued = await queue(self.db, self.desk, ticket_id, at=self.clock.now())
            found.append(queued.message_id)
        return found

    async def work(self, *, seconds: float = 30) -> None:
        """A desk runs for a while."""
        sender = self.dispatcher()
        await sender.recover()
        for _ in range(6):
            await self.db.write(lambda tx: fire_due(tx, self.desk), now=self.clock.now())
            await sender.drain(patience=0)
            self.clock.move(seconds)

    async def back_up(self) -> Path:
        order = Order(url=self.url, now=self.clock.now(), folder=self.file.parent / "backups")
        return (await asyncio.to_thread(make_backup, order)).path

    async def restore(self, backup: Path) -> PutBack:
        await self.db.close()
        order = RestoreOrder(url=self.url, file=backup, now=self.clock.now())
        done = await asyncio.to_thread(restore, order)
        assert done is not None
        self.db = open_database(self.url)
        return done

    async def states(self, ids: Sequence[int]) -> list[str]:
        message = tables.message.c
        rows = await self.db.read(
            lambda conn: conn.execute(select(message.id, message.state)).all()
        )
        known = {row.id: row.state for row in rows}
        return [known[each] for each in ids]

    async def count(self, table: str) -> int:
        found = select(func.count()).select_from(tables.metadata.tables[table])
        return await self.db.read(lambda conn: conn.execute(found).scalar_one())

    async def questions(self) -> int:
        """How often a thread asks a person whether an answer arrived."""
        event = tables.ticket_event.c
        asked = select(func.count()).where(event.type == EventType.REPLY_UNSURE)
        return await self.db.read(lambda conn: conn.execute(asked).scalar_one())


@pytest.fixture
async def world(tmp_path: Path, sqlite_template: Path):
    made = World(tmp_path, sqlite_template)
    yield made
    await made.db.close()


@pytest.mark.parametrize(
    "knows",
    [
        pytest.param(True, id="platform-tells"),
        pytest.param(False, id="platform-cannot-tell", marks=pytest.mark.slow),
    ],
)
async def test_invariant_3_a_restored_desk_answers_nobody_twice_and_loses_nothing(
    world: World, knows: bool
):
    old = await world.customers_write(10)
    await world.work()
    settled = await world.answer(old[:2])
    world.clock.move(15)
    await world.work()
    waiting = await world.answer(old[2:6])
    unposted = await world.customers_write(5)
    backup = await world.back_up()

    # Many things happen that the copy knows nothing of.
    taken_back = UndoReply(message_id=waiting[0], actor=ANNA)
    undone = await world.db.write(
        lambda tx: undo_reply(tx, world.desk, taken_back), now=world.clock.now()
    )
    assert isinstance(undone, Undone)
    await world.work()
    late = await world.answer(unposted[:2])
    await world.customers_write(45)
    world.clock.move(60)
    await world.work()
    assert [world.shop.words[str(each)] for each in waiting] == [0, 1, 1, 1]
    posts, world.shop.knows = Counter(world.slack.arrived), knows

    done = await world.restore(backup)
    assert len(done.found.answers) == 4
    assert done.found.posts > 0
    await arrive(world.db, world.desk, *world.written[-50:], now=world.clock.now())
    world.clock.move(60)
    await world.work()

    assert max(world.shop.words.values()) == 1
    assert [world.shop.words[str(each)] for each in waiting] == [0, 1, 1, 1]
    expected = MessageState.SENT if knows else MessageState.UNSURE
    assert await world.states(waiting) == [MessageState.UNSURE, *[expected] * 3]
    assert await world.states(settled) == [MessageState.SENT] * 2
    assert await world.questions() == (1 if knows else 4)
    assert await world.count("ticket") == len(world.written)
    # What the copy knew of was looked for in Slack, not posted again.
    again = Counter(world.slack.arrived)
    drawn_anew = ("card:", "home:")
    assert [key for key, n in again.items() if n > 1 and not key.startswith(drawn_anew)] == []
    assert posts.keys() <= again.keys()
    assert len(late) == 2  # they went out once, and the copy does not know of them


async def test_a_person_settles_what_the_restored_desk_asks(world: World):
    (ticket_id,) = await world.customers_write(1)
    (reply,) = await world.answer([ticket_id])
    backup = await world.back_up()
    world.shop.knows = False
    await world.restore(backup)
    await world.work()
    assert await world.states([reply]) == [MessageState.UNSURE]

    await world.db.write(
        lambda tx: settle_unsure(tx, world.desk, reply, ANNA, arrived=False), now=world.clock.now()
    )
    await world.work()

    assert await world.states([reply]) == [MessageState.FAILED]
    assert world.shop.words == Counter()


async def test_a_restore_is_written_down_told_once_and_numbers_go_on(world: World):
    await world.customers_write(3)
    await world.work()
    backup = await world.back_up()
    await world.customers_write(4)

    done = await world.restore(backup)

    state = await world.db.read(lambda conn: get_state(conn, RESTORED))
    assert state is not None
    assert state.at == world.clock.now()
    assert done.found.last_number == 7
    assert (await a_ticket(world.db, world.desk)).number == 8
    await world.work()
    assert sum(key.startswith("ops:restored:") for key in world.slack.arrived) == 1
    assert done.kept is not None
    aside = Database(open_database(f"sqlite:///{done.kept}").engine)
    numbers = await aside.read(lambda conn: conn.scalar(select(func.max(tables.ticket.c.number))))
    await aside.close()
    assert numbers == 7


async def test_without_the_old_file_numbers_begin_at_a_round_one(world: World):
    await world.customers_write(2)
    backup = await world.back_up()
    await world.db.close()
    world.file.unlink()

    done = await world.restore(backup)

    assert done.kept is None
    assert done.found.last_number == 1000


@pytest.mark.slow
async def test_pings_that_came_due_since_are_said_once_for_each_deadline(world: World):
    await world.customers_write(1)
    await world.work()
    backup = await world.back_up()
    world.clock.move(3 * 86400)

    done = await world.restore(backup)
    before = sum(key.startswith("ping:") for key in world.slack.arrived)
    await world.work()

    assert done.found.pings > 1
    late = [row for row in await rows(world.db, tables.deadline) if row.breached_at is not None]
    after = sum(key.startswith("ping:") for key in world.slack.arrived)
    assert 0 < after - before <= len(late)


async def test_a_card_in_doubt_is_looked_up_before_what_is_below_it(world: World):
    await world.customers_write(1)
    backup = await world.back_up()
    await world.restore(backup)

    sending = await rows(world.db, tables.outbox, state="sending")

    doubted = {row.kind for row in sending}
    assert "post_root" in doubted
    assert all(row.attempts == 1 for row in sending)
    heads = await world.db.read(
        lambda conn: store.doubtful(conn, now=world.clock.now(), kinds=KINDS, limit=10)
    )
    assert {each.kind for each in heads} == doubted


@pytest.mark.slow
async def test_inboxes_are_free_to_be_read_at_once(world: World):
    await world.customers_write(1)
    inbox = tables.inbox
    lease = {"lease_owner": "other:1", "lease_until": world.clock.now() + minutes(60)}
    await world.db.write(
        lambda tx: tx.conn.execute(update(inbox).values(**lease)), now=world.clock.now()
    )
    backup = await world.back_up()

    await world.restore(backup)

    rows = await world.db.read(lambda conn: conn.execute(select(inbox.c.lease_owner)).all())
    assert {row.lease_owner for row in rows} == {None}

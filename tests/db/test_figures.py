"""Figures follow what happens to tickets: whoever measures step by step ends where one look ends."""

import random
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import delete, update

from bot.db import tables
from bot.db.figure_rows import Batch
from bot.db.unit import Database
from bot.domain.figures import End, MissCause
from bot.errors import DeskError
from bot.jobs.figures import FigureWatch
from bot.usecases.assign import Assign, assign
from bot.usecases.claim import Claim, claim
from bot.usecases.figures import catch_up, start_over
from bot.usecases.merge import Merge, Unmerge, merge, unmerge
from bot.usecases.no_response import NoAnswerNeeded, no_answer_needed
from bot.usecases.order_context import keep_context
from bot.usecases.reclassify import Reclassify, reclassify
from bot.usecases.release import Release, release
from bot.usecases.resolve import Reopen, Resolve, reopen, resolve
from bot.usecases.split import Split, split
from bot.usecases.undo import UndoEvent, undo_event
from connectors.capabilities import Money, Order, OrderContext
from connectors.contract import Verdict
from sla_rules.vocabulary import Risk
from tests.builders import (
    ANNA,
    BRUNO,
    CARLA,
    NOW,
    SHOP,
    a_ticket,
    an_inbound,
    answer,
    arrive,
    days,
    hours,
    minutes,
    ticket,
)
from tests.db.outbox_world import HandClock
from tests.db.reading import fire, rows, statements

pytestmark = pytest.mark.postgres(first=2)


async def figures(db, desk, at, **given):
    return await catch_up(db, desk, HandClock(at), **given)


async def do(db, desk, verb, command, at):
    return await db.write(lambda tx: verb(tx, desk, command), now=at)


async def everything(db):
    tickets = [tuple(row) for row in await rows(db, tables.ticket_figure)]
    return tickets, [tuple(row) for row in await rows(db, tables.wait_figure)]


async def test_a_ticket_is_measured_as_it_goes_on(db, desk):
    view = await a_ticket(db, desk)
    assert await figures(db, desk, NOW) == 1
    (wait,) = await rows(db, tables.wait_figure)
    assert (wait.end, wait.limit_due_at, wait.limit_cause) == ("", NOW + hours(24), "")
    await do(db, desk, claim, Claim(ticket_id=view.id, actor=ANNA), NOW + minutes(30))
    await answer(db, desk, view.id, at=NOW + hours(1))
    assert await figures(db, desk, NOW + hours(1)) == 1
    (wait,) = await rows(db, tables.wait_figure)
    assert (wait.end, wait.answered_by, wait.claimed_at) == (End.ANSWERED, ANNA, NOW + minutes(30))
    (figure,) = await rows(db, tables.ticket_figure)
    assert (figure.owner, figure.first_answer_at) == (ANNA, NOW + hours(1))
    assert await figures(db, desk, NOW + hours(1)) == 0


async def test_any_number_may_measure_and_a_new_process_measures_the_last_minutes_again(db, desk):
    for _ in range(3):
        await a_ticket(db, desk)
    await figures(db, desk, NOW)
    before = await everything(db)
    other = Database(db.engine)
    assert await figures(other, desk, NOW) == 3
    assert await everything(db) == before


async def test_tickets_that_nobody_measured_yet_are_found_oldest_first(db, desk):
    for _ in range(3):
        await a_ticket(db, desk)
    assert await figures(db, desk, NOW, limit=2) == 2
    assert [row.number for row in await rows(db, tables.ticket_figure)] == [1, 2]
    assert await figures(db, desk, NOW) == 1
    await db.write(
        lambda tx: tx.conn.execute(update(tables.ticket_figure).values(version=0)), now=NOW
    )
    assert await figures(db, desk, NOW) == 0
    await start_over(db, HandClock(NOW))
    assert await figures(db, desk, NOW) == 3


async def test_a_wait_is_missed_without_anything_happening(db, desk):
    await a_ticket(db, desk)
    await figures(db, desk, NOW)
    assert await figures(db, desk, NOW + hours(24)) == 1  # the target of twelve hours
    assert await figures(db, desk, NOW + hours(24)) == 0
    assert await figures(db, desk, NOW + hours(25)) == 1
    (wait,) = await rows(db, tables.wait_figure)
    assert (wait.limit_cause, wait.target_cause) == (MissCause.LATE_CLAIM,) * 2
    assert await figures(db, desk, NOW + hours(26)) == 0


async def test_whoever_measured_older_rows_does_not_write_over_newer_ones(db, desk):
    view = await a_ticket(db, desk)
    await figures(db, desk, NOW)
    await do(db, desk, claim, Claim(ticket_id=view.id, actor=ANNA), NOW + minutes(30))

    async def meanwhile():
        await answer(db, desk, view.id, at=NOW + hours(1))
        assert await figures(db, desk, NOW + hours(1)) == 1

    slow = _Slow(db.engine, meanwhile)
    assert await figures(slow, desk, NOW + hours(1)) == 0
    (wait,) = await rows(db, tables.wait_figure)
    assert wait.end == End.ANSWERED


class _Slow(Database):
    """A process to which something happens once it has read the rows of a ticket."""

    def __init__(self, engine, meanwhile):
        super().__init__(engine)
        self._meanwhile = [meanwhile]

    async def read(self, fn, **given):
        found = await super().read(fn, **given)
        if self._meanwhile and isinstance(found, Batch):
            await self._meanwhile.pop()()
        return found


async def test_business_hours_are_those_of_the_inbox(db, desk):
    # Friday 17:00 in Rome to Monday 9:30: the shop is open for an hour and a half in between.
    friday = NOW + days(3) + hours(7)
    view = await a_ticket(db, desk, an_inbound(sent_at=friday), inbox=SHOP)
    await answer(db, desk, view.id, at=friday + days(2) + hours(16.5))
    await figures(db, desk, friday + days(3))
    (wait,) = await rows(db, tables.wait_figure)
    assert wait.worked_seconds == 90 * 60


async def test_a_merged_ticket_keeps_its_day_and_its_messages_count_in_the_other(db, desk):
    into = await a_ticket(db, desk, an_inbound(sender_handle="mara@x.example", thread="one"))
    late = an_inbound(sender_handle="mara@x.example", thread="two", sent_at=NOW + hours(1))
    await arrive(db, desk, late)
    other = await ticket(db, 2)
    await figures(db, desk, NOW + hours(1))
    command = Merge(ticket_id=other.id, into_id=into.id, actor=ANNA)
    await do(db, desk, merge, command, NOW + hours(2))
    await figures(db, desk, NOW + hours(2))
    one, two = await rows(db, tables.ticket_figure)
    assert (one.opened_at, one.customer_turns, one.merged_at) == (NOW, 2, None)
    assert (two.opened_at, two.customer_turns) == (NOW + hours(1), 0)
    assert (two.merged_at, two.resolved_at) == (NOW + hours(2), None)


async def test_what_a_later_ticket_tells_of_orders_is_told_of_the_earlier_one(db, desk):
    view = await a_ticket(db, desk, an_inbound(sender_handle="mara@x.example", order_id="1-1"))
    await answer(db, desk, view.id, at=NOW + hours(1))
    await figures(db, desk, NOW + hours(1))
    again = an_inbound(sender_handle="mara@x.example", sent_at=NOW + days(5), order_id="1-2")
    await arrive(db, desk, again)
    await figures(db, desk, NOW + days(5))
    bought = Order(
        order_id="1-2", placed_at=NOW + days(2), total=Money(amount=Decimal(12), currency="EUR")
    )
    context = OrderContext(orders=[bought])
    second = await ticket(db, 2)
    await db.write(lambda tx: keep_context(tx, desk, second.id, context), now=NOW + days(5))
    await figures(db, desk, NOW + days(5))
    first, _ = await rows(db, tables.ticket_figure)
    assert (first.bought_again_at, first.bought_again_cents) == (NOW + days(2), 1200)


async def test_a_ticket_that_is_no_more_leaves_no_figures(db, desk):
    view = await a_ticket(db, desk)
    await figures(db, desk, NOW)

    def forget(tx):
        for table in (tables.ping, tables.deadline, tables.ticket_event, tables.message):
            tx.conn.execute(delete(table).where(table.c.ticket_id == view.id))
        tx.conn.execute(delete(tables.ticket_key))
        tx.conn.execute(delete(tables.ticket).where(tables.ticket.c.id == view.id))

    await db.write(forget, now=NOW)
    await figures(db, desk, NOW + days(2))
    assert await everything(db) == ([], [])


async def test_rows_that_nobody_can_read_do_not_keep_others_from_being_measured(db, desk):
    bad = await a_ticket(db, desk)
    await a_ticket(db, desk)
    undone = {"data": {"line": "x"}, "type": "verdict_corrected"}
    event = tables.ticket_event
    await db.write(
        lambda tx: tx.conn.execute(
            update(event).where(event.c.ticket_id == bad.id).values(**undone)
        ),
        now=NOW,
    )
    await FigureWatch(db, lambda: desk, HandClock(NOW)).look()
    assert [row.number for row in await rows(db, tables.ticket_figure)] == [2]


async def test_statements_do_not_grow_with_the_tickets(db, desk):
    await a_ticket(db, desk)
    with statements(db) as few:
        await figures(db, desk, NOW)
    for _ in range(5):
        await a_ticket(db, desk)
    with statements(db) as many:
        await figures(db, desk, NOW)
    assert len(many) <= len(few) <= 30


# Step by step, and from scratch.


async def test_measured_step_by_step_is_measured_from_scratch(db, desk):
    walk = _Walk(db, desk, random.Random(11))
    for step in range(40):
        await walk.step()
        if step % 3 == 0:
            await figures(db, desk, walk.now)
    await figures(db, desk, walk.now)
    step_by_step = await everything(db)

    def forget(tx):
        for table in (tables.ticket_figure, tables.wait_figure):
            tx.conn.execute(delete(table))
        marks = tables.counter.c.name.startswith("figures")
        tx.conn.execute(delete(tables.counter).where(marks))

    await db.write(forget, now=walk.now)
    assert await figures(Database(db.engine), desk, walk.now) == len(step_by_step[0])
    assert await everything(db) == step_by_step
    waits = {(row.ticket_id, row.instance): row for row in await rows(db, tables.wait_figure)}
    assert len({row.end for row in waits.values()}) >= 4
    for clock in await rows(db, tables.deadline):
        if clock.state in {"met", "late", "running"}:
            wait = waits[clock.ticket_id, clock.instance]
            ours = clock.scope == "internal"
            cause = wait.target_cause if ours else wait.limit_cause
            assert (wait.target_due_at if ours else wait.limit_due_at) == clock.due_at
            lasts_too_long = clock.state == "running" and clock.due_at < walk.now
            assert bool(cause) == (clock.state == "late" or lasts_too_long)


class _Walk:
    """What people and customers may do, one thing after the other, as dice say."""

    def __init__(self, db, desk, dice):
        self.db, self.desk, self.dice = db, desk, dice
        self.now = NOW
        self.tickets = []

    async def step(self):
        self.now += minutes(self.dice.choice((1, 20, 90, 400)))
        if len(self.tickets) < 3 or self.dice.random() < 0.1:
            await self._open()
            return
        acts = (self._write, self._write, self._answer, self._there, self._claim, self._assign)
        rarer = (self._release, self._wave, self._resolve, self._reopen, self._class, self._undo)
        apart = (self._merge, self._split, self._fire)
        with suppress(DeskError):  # the ticket is in no state for it
            await self.dice.choice((*acts, *rarer, *apart))()

    async def _open(self):
        who = f"buyer-{self.dice.randrange(2)}@x.example"
        message = an_inbound(thread=f"talk-{len(self.tickets)}", sent_at=self.now)
        await arrive(self.db, self.desk, replace(message, sender_handle=who))
        self.tickets.append(await ticket(self.db, len(await rows(self.db, tables.ticket))))

    def _one(self):
        return self.dice.choice(self.tickets).id

    def _who(self):
        return self.dice.choice((ANNA, BRUNO))

    async def _do(self, verb, command):
        await do(self.db, self.desk, verb, command, self.now)

    async def _write(self, **changes):
        thread = f"talk-{self.dice.randrange(len(self.tickets))}"
        late = self.now - minutes(self.dice.choice((0, 3)))
        message = an_inbound(thread=thread, sent_at=late, **changes)
        await arrive(self.db, self.desk, message, now=self.now)

    async def _there(self):
        await self._write(verdict=Verdict.ANSWERED_ELSEWHERE)

    async def _answer(self):
        await answer(self.db, self.desk, self._one(), at=self.now, actor=self._who())

    async def _claim(self):
        await self._do(claim, Claim(ticket_id=self._one(), actor=self._who()))

    async def _assign(self):
        command = Assign(ticket_id=self._one(), actor=CARLA, assignee=self._who())
        await self._do(assign, command)

    async def _release(self):
        await self._do(release, Release(ticket_id=self._one(), actor=ANNA))

    async def _wave(self):
        await self._do(no_answer_needed, NoAnswerNeeded(ticket_id=self._one(), actor=ANNA))

    async def _resolve(self):
        await self._do(resolve, Resolve(ticket_id=self._one(), actor=BRUNO))

    async def _reopen(self):
        await self._do(reopen, Reopen(ticket_id=self._one(), actor=BRUNO))

    async def _class(self):
        risk = self.dice.choice(tuple(Risk))
        await self._do(reclassify, Reclassify(ticket_id=self._one(), actor=ANNA, risk=risk))

    async def _undo(self):
        chosen = self._one()
        await self._do(claim, Claim(ticket_id=chosen, actor=ANNA))
        event = (await rows(self.db, tables.ticket_event, ticket_id=chosen))[-1]
        await self._do(undo_event, UndoEvent(ticket_id=chosen, event_id=event.id, actor=ANNA))

    async def _merge(self):
        chosen = self._one()
        await self._do(merge, Merge(ticket_id=chosen, into_id=self._one(), actor=ANNA))
        if self.dice.random() < 0.3:
            await self._do(unmerge, Unmerge(ticket_id=chosen, actor=ANNA))

    async def _split(self):
        await self._do(split, Split(ticket_id=self._one(), actor=ANNA))

    async def _fire(self):
        await fire(self.db, self.desk, self.now)

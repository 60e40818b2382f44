"""What a platform tells of orders: asked for after the card, kept, shown, and under the rules."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from bot.db import tables
from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.domain.effects import EffectKind, fetch_context
from bot.marketplace.asides import MOST_TRIES, AsideExecutor
from bot.outbox.dispatcher import Dispatcher
from bot.usecases.no_response import NoAnswerNeeded, no_answer_needed
from bot.usecases.order_context import keep_context
from connectors.capabilities import (
    ContextRequest,
    Delivery,
    Money,
    Order,
    OrderContext,
    OrderItem,
    Payment,
)
from connectors.contract import InboundMessage
from connectors.errors import ConnectorError, Rejected, Unavailable
from sla_rules.policy import PolicySet, presets
from tests.builders import (
    AMAZON,
    ANNA,
    NOW,
    a_desk,
    a_ticket,
    an_inbound,
    arrive,
    hours,
    minutes,
    ticket,
)
from tests.db.outbox_world import HandClock
from tests.db.reading import rows
from tests.silent_connector import SilentConnector

pytestmark = pytest.mark.postgres(first=2)

ORDER = "405-7719234-1180357"
EUR = "EUR"
TOLD = OrderContext(
    orders=(
        Order(
            order_id=ORDER,
            items=(
                OrderItem(
                    title="Desk lamp\x00",
                    quantity=2,
                    price=Money(amount=Decimal(40), currency=EUR),
                ),
            ),
            total=Money(amount=Decimal("640.00"), currency=EUR),
            payment=Payment.PAID,
            delivery=Delivery.IN_TRANSIT,
            tracking_url="javascript:alert(1)",
        ),
    ),
    order_count=3,
    lifetime_value=Money(amount=Decimal("912.40"), currency=EUR),
    customer_tags=("Gold",),
    gaps=("Addresses are not told.",),
)


HANDLE = "mara@marketplace.example"


def asks(**changes: Any) -> InboundMessage:
    return an_inbound(**{"thread": "case", "order_id": ORDER, "sender_handle": HANDLE, **changes})


class Shop(SilentConnector):
    """Answers `told`, or ends in what `will` holds."""

    def __init__(self) -> None:
        self.told = TOLD
        self.asked: list[ContextRequest] = []
        self.marked: list[Mapping[str, Any]] = []
        self.will: list[ConnectorError] = []

    async def fetch_context(self, request: ContextRequest) -> OrderContext:
        self.asked.append(request)
        if self.will:
            raise self.will.pop(0)
        return self.told

    async def mark_no_reply(self, context: Mapping[str, Any]) -> None:
        if self.will:
            raise self.will.pop(0)
        self.marked.append(context)


def able_desk(**changes: Any) -> Desk:
    desk = a_desk(**changes)
    route = replace(desk.inboxes[AMAZON], fetches_context=True, marks_no_reply=True)
    return replace(desk, inboxes={**desk.inboxes, AMAZON: route})


class World:
    def __init__(self, db: Database, desk: Desk) -> None:
        self.db, self.desk, self.shop, self.clock = db, desk, Shop(), HandClock(NOW)
        executor = AsideExecutor({AMAZON: self.shop}, db, lambda: desk, self.clock)
        self.sender = Dispatcher(db, dict.fromkeys(executor.kinds, executor), self.clock)

    async def ask(self, message_id: int) -> None:
        found = await ticket(self.db)
        effect = fetch_context(found.id, message_id, inbox=AMAZON)
        await self.db.write(lambda tx: tx.emit(effect), now=self.clock.now())
        await self.sender.drain(patience=0)


@pytest.fixture
async def world(db: Database) -> World:
    world = World(db, able_desk())
    await a_ticket(db, world.desk, asks())
    return world


async def test_what_is_told_is_on_the_card_and_with_the_customer(world, db):
    await world.ask(1)
    assert world.shop.asked[0].order_id == ORDER
    found = await ticket(db)
    assert found.order_context is not None
    order = found.order_context.orders[0]
    assert (order.items[0].title, order.delivery) == ("Desk lamp", Delivery.IN_TRANSIT)
    assert order.total == Money(amount=Decimal("640.00"), currency=EUR)
    assert (found.orders, found.lifetime_value, found.currency) == (3, 912.4, EUR)
    assert found.tags == ["Gold"]
    cards = await rows(db, tables.outbox, kind=EffectKind.UPDATE_CARD)
    assert len(cards) == 1


async def test_a_link_that_is_no_https_is_not_kept(world, db):
    await world.ask(1)
    context = (await ticket(db)).order_context
    assert context is not None
    assert context.orders[0].tracking_url is None


async def test_a_customer_who_writes_again_at_once_costs_the_platform_no_second_call(world):
    await world.ask(1)
    await world.ask(2)
    assert len(world.shop.asked) == 1
    world.clock.move(hours(2).total_seconds())
    await world.ask(3)
    assert len(world.shop.asked) == 2


async def test_a_platform_that_is_away_is_asked_again_and_then_left(world, db):
    world.shop.will = [Unavailable("it is away") for _ in range(MOST_TRIES)]
    await world.ask(1)
    for _ in range(MOST_TRIES + 1):
        world.clock.move(3600)
        await world.sender.drain(patience=0)
    assert len(world.shop.asked) == MOST_TRIES
    (row,) = await rows(db, tables.outbox, kind=EffectKind.FETCH_CONTEXT)
    assert row.state == "superseded"


async def test_a_refusal_to_tell_alarms_nobody(world, db):
    world.shop.will = [Rejected("this app may not read orders")]
    await world.ask(1)
    assert not await rows(db, tables.outbox, kind=EffectKind.POST_OPS)
    assert (await ticket(db)).order_context is None


async def test_a_big_order_comes_under_the_rule_for_big_orders_from_the_same_start(db):
    own = {
        "name": "big orders",
        "source": "ours",
        "match": {"channel": "amazon", "kind": "message", "order_value_from": 500},
        "clock": [
            {"metric": "response", "scope": "marketplace", "target": "24h"},
            {"metric": "response", "scope": "internal", "target": "1h"},
        ],
    }
    desk = able_desk(policies=PolicySet.load([*presets(), own]))
    await a_ticket(db, desk, asks())
    before = await ticket(db)
    await db.write(lambda tx: keep_context(tx, desk, before.id, TOLD), now=NOW + minutes(5))
    after = await ticket(db)
    ours = next(clock for clock in after.clocks if clock.scope == "internal")
    assert ours.policy == "big orders"
    assert ours.started_at == next(c.started_at for c in before.clocks if c.scope == "internal")
    events = await rows(db, tables.ticket_event, type="reclassified")
    assert len(events) == 1


async def test_no_answer_needed_is_told_to_the_platform_once(world, db):
    found = await ticket(db)
    for _ in range(2):
        await db.write(
            lambda tx: no_answer_needed(
                tx, world.desk, NoAnswerNeeded(ticket_id=found.id, actor=ANNA)
            ),
            now=NOW + minutes(1),
        )
    world.clock.move(120)
    await world.sender.drain(patience=0)
    assert len(world.shop.marked) == 1


async def test_it_is_not_told_once_the_customer_wrote_again(world, db):
    found = await ticket(db)
    await db.write(
        lambda tx: no_answer_needed(tx, world.desk, NoAnswerNeeded(ticket_id=found.id, actor=ANNA)),
        now=NOW + minutes(1),
    )
    again = asks(sent_at=NOW + minutes(2), text="One thing more")
    await arrive(db, world.desk, again, now=NOW + minutes(2))
    world.clock.move(300)
    await world.sender.drain(patience=0)
    assert world.shop.marked == []


async def test_a_platform_that_refuses_the_word_is_told_to_ops(world, db):
    found = await ticket(db)
    world.shop.will = [Rejected("the conversation is closed")]
    await db.write(
        lambda tx: no_answer_needed(tx, world.desk, NoAnswerNeeded(ticket_id=found.id, actor=ANNA)),
        now=NOW,
    )
    world.clock.move(60)  # the undo window is over
    await world.sender.drain(patience=0)
    (told,) = await rows(db, tables.outbox, kind=EffectKind.POST_OPS)
    assert "the conversation is closed" in told.payload["text"]


async def test_earlier_tickets_of_the_customer_are_counted(db):
    desk = able_desk()
    await a_ticket(db, desk, asks())
    assert (await ticket(db)).earlier_tickets == 0
    other = asks(thread="other case", order_id="111-2222222-3333333")
    await arrive(db, desk, other)
    assert (await ticket(db, 2)).earlier_tickets == 1

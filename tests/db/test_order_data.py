"""Order data under a platform's rules: sealed, dated, forgotten, and off the card when it is."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.db import queries, tables
from bot.db.order_rows import NoKey
from bot.db.unit import Database
from bot.domain.card import TicketView
from bot.domain.desk import Desk
from bot.domain.effects import EffectKind
from bot.jobs.prune import Pruner
from bot.usecases.order_context import keep_context
from connectors.capabilities import Order, OrderContext, OrderItem
from connectors.selling_partner.policy import DATA_RULES
from tests.builders import AMAZON, NOW, a_desk, a_ticket, an_inbound, days, minutes, ticket
from tests.db.outbox_world import HandClock
from tests.db.reading import rows
from tests.sealing import sealing as opened_with_a_key

pytestmark = pytest.mark.postgres(first=2)

ORDER = "405-7719234-1180357"
TOLD = OrderContext(
    orders=(
        Order(order_id=ORDER, items=(OrderItem(title="Desk lamp"),), tracking_number="GE-20077"),
    )
)


def ruled_desk() -> Desk:
    plain = a_desk()
    route = replace(plain.inboxes[AMAZON], data_rules=DATA_RULES)
    return replace(plain, inboxes={**plain.inboxes, AMAZON: route})


@pytest.fixture
async def sealing(db: Database) -> Database:
    """The same database, by a process that has the key."""
    return await opened_with_a_key(db)


def shown(view: TicketView) -> tuple[str, str]:
    assert view.order_context is not None
    order = view.order_context.orders[0]
    return order.items[0].title, order.tracking_number


async def asked(db: Database, told: OrderContext = TOLD) -> int:
    await a_ticket(db, ruled_desk(), an_inbound(order_id=ORDER, thread="case"))
    found = await ticket(db)
    await db.write(lambda tx: keep_context(tx, ruled_desk(), found.id, told), now=NOW + minutes(1))
    return found.id


async def test_it_is_sealed_and_opens_for_nobody_without_the_key(sealing, db):
    await asked(sealing)
    (row,) = await rows(db, tables.ticket_context)
    assert row.content == {}
    assert b"lamp" not in bytes(row.sealed)
    assert b"GE-20077" not in bytes(row.sealed)
    assert row.origin == "selling_partner"
    assert shown(await ticket(sealing)) == ("Desk lamp", "GE-20077")
    assert (await ticket(db)).order_context is None


async def test_a_row_moved_to_another_ticket_does_not_open(sealing, db):
    first = await asked(sealing)
    await a_ticket(db, ruled_desk(), an_inbound(thread="other"))
    second = next(one.id for one in await rows(db, tables.ticket) if one.id != first)
    moved = tables.ticket_context.update().values(ticket_id=second)
    await db.write(lambda tx: tx.conn.execute(moved), now=NOW)
    view = await sealing.read(lambda conn: queries.ticket_view(conn, second))
    assert view.order_context is None


async def test_without_a_key_it_is_not_kept_at_all(db):
    with pytest.raises(NoKey):
        await asked(db)
    assert await rows(db, tables.ticket_context) == []


async def test_it_goes_thirty_days_after_the_last_message_or_the_delivery(sealing, db):
    await asked(sealing)
    (row,) = await rows(db, tables.ticket_context)
    (message,) = await rows(db, tables.message)
    assert row.purge_after == message.sent_at + timedelta(days=30)
    delivered = replace(TOLD.orders[0], delivered_at=NOW - days(10))
    told = replace(TOLD, orders=(delivered,))
    await sealing.write(
        lambda tx: keep_context(tx, ruled_desk(), row.ticket_id, told), now=NOW + minutes(5)
    )
    (row,) = await rows(db, tables.ticket_context)
    assert row.purge_after == NOW + days(20)


async def test_what_may_not_be_kept_any_more_is_not_kept_in_the_first_place(sealing, db):
    delivered = replace(TOLD.orders[0], delivered_at=NOW - days(31))
    await asked(sealing, replace(TOLD, orders=(delivered,)))
    assert await rows(db, tables.ticket_context) == []


async def test_the_daily_pruning_forgets_it_and_has_the_card_drawn_without_it(sealing, db):
    await asked(sealing)
    clock = HandClock(NOW)
    pruner = Pruner(sealing, ruled_desk, clock)
    drawn = len(await rows(db, tables.outbox, kind=EffectKind.UPDATE_CARD))
    clock.move(days(29).total_seconds())
    await pruner.prune()
    assert len(await rows(db, tables.ticket_context)) == 1
    before = await ticket(sealing)

    clock.move(days(2).total_seconds())
    assert await pruner.prune() == 1

    assert await rows(db, tables.ticket_context) == []
    after = await ticket(sealing)
    assert after.order_context is None
    assert after.version > before.version
    assert len(await rows(db, tables.outbox, kind=EffectKind.UPDATE_CARD)) >= max(drawn, 1)
    (noted,) = await rows(db, tables.ticket_event, type="orders_forgotten")
    assert (noted.ticket_id, noted.actor) == (after.id, "desk")
    assert await pruner.prune() == 0


async def test_order_data_of_other_platforms_stays_as_it_was(db):
    await a_ticket(db, a_desk(), an_inbound(order_id=ORDER, thread="case"))
    found = await ticket(db)
    await db.write(lambda tx: keep_context(tx, a_desk(), found.id, TOLD), now=NOW + minutes(1))
    (row,) = await rows(db, tables.ticket_context)
    assert (row.sealed, row.purge_after, row.origin) == (None, None, "")
    clock = HandClock(NOW)
    clock.move(days(400).total_seconds())
    await Pruner(db, a_desk, clock).prune()
    assert shown(await ticket(db)) == ("Desk lamp", "GE-20077")

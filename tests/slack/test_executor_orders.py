"""Orders are asked about once their ticket can be read in Slack, and only where a platform tells."""

from dataclasses import replace

import pytest

from bot.db import tables
from bot.domain.effects import EffectKind
from tests.builders import AMAZON, NOW, a_ticket, an_inbound, arrive, minutes
from tests.db.reading import rows
from tests.slack.executor_world import Story, story


@pytest.fixture
async def told(db):
    async with story(db) as told:
        route = replace(told.desk.inboxes[AMAZON], fetches_context=True)
        told.desk = replace(told.desk, inboxes={**told.desk.inboxes, AMAZON: route})
        told.new_life()
        yield told


async def _asked(told: Story) -> int:
    return len(await rows(told.db, tables.outbox, kind=EffectKind.FETCH_CONTEXT))


async def test_orders_are_asked_about_after_the_card_is_posted_never_before(told):
    await a_ticket(told.db, told.desk)
    assert await _asked(told) == 0
    await told.send()
    assert await _asked(told) == 1


async def test_a_later_message_asks_again(told):
    await a_ticket(told.db, told.desk, an_inbound(thread="case"))
    await told.send()
    await arrive(told.db, told.desk, an_inbound(thread="case", sent_at=NOW + minutes(5)))
    told.clock.move(minutes(5).total_seconds())
    await told.send()
    assert await _asked(told) == 2


async def test_a_platform_that_tells_nothing_is_not_asked(db):
    async with story(db) as plain:
        await a_ticket(plain.db, plain.desk)
        await plain.send()
        assert await _asked(plain) == 0

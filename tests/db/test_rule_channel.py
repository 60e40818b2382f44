"""Two connectors may read one platform: its rules hold for both."""

import pytest

from bot.domain.desk import InboxRoute
from bot.usecases.promises import promises
from bot.usecases.reclassify import Reclassification, Reclassify, reclassify
from sla_rules.topics import Topic
from sla_rules.vocabulary import Metric, Scope
from tests.builders import ANNA, NOW, a_desk, a_ticket, an_inbound, hours, minutes, ticket

pytestmark = pytest.mark.postgres


@pytest.fixture
def desk():
    """An inbox whose connector has another name than the platform it reads."""
    route = InboxRoute(
        name="mails", connector="mails_of_tiktok", channel="C0MAILS", platform="tiktok_shop"
    )
    return a_desk(inboxes={"mails": route})


async def due(db):
    clocks = (await ticket(db)).clocks
    return {each.scope: each.due_at for each in clocks if each.metric is Metric.FIRST_RESPONSE}


async def test_a_ticket_comes_under_the_rules_of_the_platform_and_not_of_the_connector(db, desk):
    await a_ticket(db, desk, an_inbound(marketplace="th"), inbox="mails")

    assert await due(db) == {
        Scope.MARKETPLACE: NOW + hours(12),
        Scope.WINDOW: NOW + hours(7 * 24),
        Scope.INTERNAL: NOW + hours(3),
    }


async def test_another_class_is_one_of_the_platforms_too(db, desk):
    view = await a_ticket(db, desk, an_inbound(marketplace="th"), inbox="mails")
    command = Reclassify(ticket_id=view.id, actor=ANNA, topic=Topic.SAFETY)

    outcome = await db.write(lambda tx: reclassify(tx, desk, command), now=NOW)

    assert isinstance(outcome, Reclassification)
    assert {move.policy for move in outcome.moves} == {"tiktok_shop.danger.southeast_asia"}
    assert (await due(db))[Scope.INTERNAL] == NOW + minutes(15)


async def test_the_platforms_promise_is_counted(db, desk):
    await a_ticket(db, desk, an_inbound(marketplace="th"), inbox="mails")

    found = await db.read(lambda conn: promises(conn, desk, NOW))

    assert {each.promise.within for each in found} == {hours(12)}

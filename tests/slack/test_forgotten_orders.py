"""Order data that may be kept no longer leaves the card, too."""

from dataclasses import replace
from datetime import timedelta

from bot.jobs.prune import Pruner
from bot.usecases.order_context import keep_context
from connectors.capabilities import Order, OrderContext, OrderItem
from connectors.selling_partner.policy import DATA_RULES
from tests.builders import AMAZON, a_ticket, an_inbound, ticket
from tests.sealing import sealing
from tests.slack.executor_world import Story, story

ORDER = "405-7719234-1180357"
TOLD = OrderContext(orders=(Order(order_id=ORDER, items=(OrderItem(title="Brass desk lamp"),)),))


def card(told: Story) -> str:
    (root,) = told.roots()
    return str(root.blocks)


async def test_the_card_is_edited_when_the_daily_pruning_forgets_its_order(db):
    sealed = await sealing(db)
    async with story(sealed) as told:
        route = replace(told.desk.inboxes[AMAZON], data_rules=DATA_RULES)
        told.desk = replace(told.desk, inboxes={**told.desk.inboxes, AMAZON: route})
        told.new_life()
        await a_ticket(sealed, told.desk, an_inbound(order_id=ORDER))
        await told.send()
        view = await ticket(sealed)
        await sealed.write(
            lambda tx: keep_context(tx, told.desk, view.id, TOLD), now=told.clock.now()
        )
        await told.send(rounds=2)
        assert "Brass desk lamp" in card(told)

        told.clock.move(timedelta(days=30, minutes=1).total_seconds())
        await Pruner(sealed, lambda: told.desk, told.clock).prune()
        await told.send(rounds=2)

        assert "Brass desk lamp" not in card(told)
        assert ORDER in card(told)

"""A ticket whose orders were looked up, as its card and its status show them."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from bot.slack.blocks import listing
from bot.slack.blocks.card import render_card
from bot.slack.blocks.rendered import Rendered
from connectors.capabilities import (
    Delivery,
    Money,
    Order,
    OrderContext,
    OrderItem,
    Payment,
)
from tests.unit.slack.scenes import NOON, a_desk, a_ticket

DESK = a_desk()

LAMP = OrderItem(
    title="Desk lamp <!channel> *brass*",
    quantity=2,
    price=Money(amount=Decimal(58), currency="EUR"),
)
BULB = OrderItem(title="Bulb E27")
PARCEL = Order(
    order_id="405-7719234-1180357",
    placed_at=NOON - timedelta(days=4),
    items=(LAMP, BULB),
    total=Money(amount=Decimal("1264.9"), currency="EUR"),
    payment=Payment.PARTLY_REFUNDED,
    delivery=Delivery.IN_TRANSIT,
    promised_by=NOON + timedelta(days=1),
    carrier="Corriere Rapido",
    tracking_number="CR0099",
    tracking_url="https://track.corriere.example/CR0099",
    url="https://console.market.example/orders/1",
)
LOOKED_UP = OrderContext(
    orders=(PARCEL, Order(order_id="404", delivery=Delivery.DELIVERED, delivered_at=NOON)),
    gaps=("older orders: the shop may not read them",),
)


def known_orders() -> Rendered:
    return render_card(a_ticket(order_context=LOOKED_UP, earlier_tickets=2), DESK, NOON)


ORDER_MESSAGES: dict[str, Callable[[], Rendered]] = {
    "card_orders": known_orders,
    "status_orders": lambda: listing.render_status(
        a_ticket(order_context=LOOKED_UP), [], [], DESK, NOON
    ),
}

"""A hint is a kindness at the right moment, and nothing at any other."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest

from bot.configuration.companions import Companion
from bot.domain.card import EscalationView, TicketView
from bot.domain.opportunity import Hint, Reason, opportunity
from connectors.capabilities import Delivery, Money, Order, OrderContext, OrderItem, Payment
from connectors.registry import load_connectors
from sla_rules.topics import Topic
from sla_rules.vocabulary import Kind, Risk
from tests.unit.slack.scenes import NOON, a_message, a_ticket

REST = Companion(sku="KB-100", companion="wrist rest", sentence="Good for who types much.")
BULB = Companion(title="desk lamp", companion="BULB-7", sentence="The bulb is not in the box.")
KEYBOARD = OrderItem(title="Keyboard, black", sku="kb-100")
LAMP = OrderItem(title="Brass Desk Lamp, small", sku="DL-1")


def a_shop_ticket(
    *items: OrderItem,
    said: str = "Hello, where is my parcel?",
    orders: int | None = 1,
    **changes: object,
) -> TicketView:
    order = Order(order_id="1001", items=items, delivery=Delivery.IN_TRANSIT, payment=Payment.PAID)
    message = a_message(body=said)
    ticket = replace(
        a_ticket(),
        inbox="shop",
        connector="website",
        language="en",
        subject="My order",
        order_id="1001",
        first_message=message,
        last_customer_message=message,
        order_context=OrderContext(orders=(order,), order_count=orders),
    )
    return replace(ticket, **changes)  # type: ignore[arg-type]


def hint(ticket: TicketView, *, allowed: bool = True) -> Hint | None:
    return opportunity(ticket, (REST, BULB), allowed=allowed)


@pytest.mark.parametrize(("item", "companion"), [(KEYBOARD, "wrist rest"), (LAMP, "BULB-7")])
def test_what_goes_with_what_was_bought_is_hinted_at(item: OrderItem, companion: str) -> None:
    found = hint(a_shop_ticket(item))

    assert found is not None
    assert (found.reason, found.companion, found.bought) == (
        Reason.COMPANION,
        companion,
        item.title,
    )
    assert found.sentence


def test_what_the_customer_has_already_is_not() -> None:
    assert hint(a_shop_ticket(KEYBOARD, OrderItem(title="Wrist rest, grey"))) is None
    assert hint(a_shop_ticket(LAMP, OrderItem(title="Bulb", sku="bulb-7"))) is None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"vip": True}, Reason.VIP),
        ({"orders": 3}, Reason.MANY_ORDERS),
        ({"lifetime_value": 800.0, "currency": "EUR"}, Reason.SPENT_MUCH),
    ],
)
def test_a_loyal_customer_is_named_with_the_reason(
    changes: dict[str, object], reason: Reason
) -> None:
    found = hint(a_shop_ticket(**changes))  # type: ignore[arg-type]

    assert found is not None
    assert found.reason is reason


def test_spent_in_all_is_what_the_platform_tells_before_what_was_stored() -> None:
    ticket = a_shop_ticket(lifetime_value=900.0, currency="EUR")
    assert ticket.order_context is not None
    told = replace(ticket.order_context, lifetime_value=Money(amount=Decimal(20), currency="EUR"))

    assert hint(replace(ticket, order_context=told)) is None


def test_an_ordinary_customer_gets_no_hint() -> None:
    assert hint(a_shop_ticket()) is None
    assert hint(a_shop_ticket(lifetime_value=800.0, currency="JPY")) is None


def test_where_the_channel_does_not_allow_it_there_is_none() -> None:
    assert hint(a_shop_ticket(KEYBOARD, vip=True), allowed=False) is None


ESCALATED = EscalationView(by="U0GIULIA1", at=datetime.fromisoformat(NOON.isoformat()), reason="x")


@pytest.mark.parametrize(
    "changes",
    [
        {"risk": Risk.CRITICAL},
        {"risk": Risk.ELEVATED},
        {"kind": Kind.CLAIM},
        {"kind": Kind.NOTICE},
        {"topic": Topic.COMPLAINT},
        {"topic": Topic.RETURN},
        {"escalation": ESCALATED},
        {"first_message": None, "last_customer_message": None},
        {"said": "Worst shop ever, this is the third time I write to you!!!"},
        {"said": "The lamp arrived broken, I want my money back."},
        {"said": "I will open an A-to-z claim if I get no answer."},
        {"said": "Please cancel my order."},
        {"said": "I am very disappointed with the quality."},
        {"said": "I want to return it."},
    ],
)
def test_who_complains_or_is_at_risk_is_left_in_peace(changes: dict[str, object]) -> None:
    assert hint(a_shop_ticket(KEYBOARD, vip=True, **changes)) is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("delivery", "payment"),
    [
        (Delivery.RETURNED, Payment.PAID),
        (Delivery.FAILED, Payment.PAID),
        (Delivery.CANCELLED, Payment.PAID),
        (Delivery.DELIVERED, Payment.DISPUTED),
        (Delivery.DELIVERED, Payment.REFUNDED),
    ],
)
def test_an_order_that_went_wrong_is_no_moment_for_it(delivery: Delivery, payment: Payment) -> None:
    ticket = a_shop_ticket(KEYBOARD, vip=True)
    assert ticket.order_context is not None
    (order,) = ticket.order_context.orders
    wrong = replace(order, delivery=delivery, payment=payment)

    assert hint(replace(ticket, order_context=OrderContext(orders=(wrong,)))) is None


def test_an_angry_last_message_counts_after_a_friendly_first_one() -> None:
    ticket = a_shop_ticket(KEYBOARD)
    angry = a_message(id=2, body="This is a disgrace, third time I ask, worst service ever!!!")

    assert hint(replace(ticket, last_customer_message=angry)) is None


def test_only_ones_own_shop_allows_it_and_no_marketplace_ever_does() -> None:
    allowed = {
        key
        for key, spec in load_connectors().specs.items()
        if spec.manifest.own_shop and not spec.manifest.forbids_marketing
    }

    assert allowed == {"website", "shopify"}
    for key in ("amazon", "ebay", "kaufland", "mirakl", "allegro", "walmart", "bol"):
        assert load_connectors().specs[key].manifest.forbids_marketing

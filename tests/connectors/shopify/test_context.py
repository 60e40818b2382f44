"""What the card shows of a customer and their orders, and what it keeps back."""

from datetime import timedelta
from decimal import Decimal

import pytest

from connectors.capabilities import ContextRequest, Delivery, Money, OrderContext, Payment
from connectors.errors import ConnectorError
from connectors.shopify.asking import MISMATCH
from connectors.testing.market import Fault
from sandbox.markets.shopify.books import Thing, line, parcel
from sla_rules.vocabulary import Author
from tests.connectors.shopify.bench import Shop, shop

EMAIL = "ada@post.example"


async def context(one: Shop, **changes: object) -> OrderContext:
    asked = {"customer_handle": EMAIL, "order_id": None, "context": {}, **changes}
    return await one.connector.fetch_context(ContextRequest(**asked))  # type: ignore[arg-type]


def ada(one: Shop, **more: object) -> Thing:
    return one.books.customer(EMAIL, "Ada Rossi", spent="1840.50", tags=["wholesale"], **more)


async def test_a_customer_and_their_orders_at_a_glance() -> None:
    async with shop() as one:
        customer, delivered = ada(one, locale="it"), one.time.now() - timedelta(days=2)
        one.books.order(
            customer,
            "#1001",
            "258.00",
            lines=[line("Oak shelf", 2, "258.00", sku="OAK-2")],
            parcels=[parcel("IN_TRANSIT", "A1"), parcel("DELIVERED", "A2", delivered)],
            displayFulfillmentStatus="FULFILLED",
        )
        one.books.order(customer, "#1002", displayFinancialStatus="PARTIALLY_REFUNDED")
        found = await context(one, order_id="1001")
    assert found.lifetime_value == Money(amount=Decimal("1840.50"), currency="EUR")
    assert (found.order_count, found.customer_tags, found.locale) == (2, ("wholesale",), "it")
    assert [order.order_id for order in found.orders] == ["1001", "1002"]
    first, second = found.orders
    assert (first.payment, first.delivery) == (Payment.PAID, Delivery.DELIVERED)
    assert first.delivered_at == delivered
    assert (first.carrier, first.tracking_number) == ("BRT", "A2")
    assert first.tracking_url == "https://track.example/A2"
    assert first.note == "2 parcels, the newest is shown"
    assert first.total == Money(amount=Decimal("258.00"), currency="EUR")
    assert (first.items[0].title, first.items[0].quantity, first.items[0].sku) == ("Oak shelf", 2, "OAK-2")  # fmt: skip
    assert first.url is not None
    assert first.url.startswith("https://admin.shopify.com/store/bottega-salici/orders/")
    assert (second.payment, second.delivery) == (Payment.PARTLY_REFUNDED, Delivery.NOT_SENT)
    assert found.gaps == ()


@pytest.mark.parametrize(
    ("fields", "payment", "delivery"),
    [
        ({"cancelledAt": "2026-03-01T08:00:00Z", "displayFinancialStatus": "VOIDED"}, Payment.UNKNOWN, Delivery.CANCELLED),
        ({"returnStatus": "RETURNED", "displayFinancialStatus": "REFUNDED"}, Payment.REFUNDED, Delivery.RETURNED),
        ({"displayFulfillmentStatus": "PARTIALLY_FULFILLED"}, Payment.PAID, Delivery.PARTLY_SENT),
        ({"displayFulfillmentStatus": "FULFILLED"}, Payment.PAID, Delivery.IN_TRANSIT),
        ({"displayFulfillmentStatus": "A_NEW_ONE", "displayFinancialStatus": None}, Payment.UNKNOWN, Delivery.UNKNOWN),
        ({"displayFinancialStatus": "PENDING"}, Payment.OPEN, Delivery.NOT_SENT),
    ],
)  # fmt: skip
async def test_payment_and_delivery(
    fields: dict[str, str], payment: Payment, delivery: Delivery
) -> None:
    async with shop() as one:
        one.books.order(ada(one), "#1001", **fields)
        order = (await context(one)).orders[0]
    assert (order.payment, order.delivery) == (payment, delivery)


async def test_what_the_card_leaves_out_is_said() -> None:
    async with shop() as one:
        lines = [line(f"Part {number}", 1, "9.00") for number in range(12)]
        one.books.order(ada(one), "#1001", lines=lines, returnStatus="IN_PROGRESS")
        order = (await context(one)).orders[0]
    assert len(order.items) == 10
    assert order.note == "more than 10 lines; return: in progress"


async def test_a_disputed_order_says_so() -> None:
    async with shop() as one:
        one.books.dispute(one.books.order(ada(one), "#1001"), None)
        assert (await context(one)).orders[0].payment is Payment.DISPUTED


async def test_an_order_of_somebody_else_is_not_shown_to_whoever_names_it() -> None:
    async with shop() as one:
        ada(one)
        victim = one.books.customer("victim@post.example", "Vic Tim")
        one.books.order(victim, "#2001")
        found = await context(one, order_id="2001")
    assert found.orders == ()
    assert found.gaps == ("order 2001 belongs to another address, so it is not shown",)


async def test_an_order_whose_owner_shopify_does_not_tell_is_kept_back() -> None:
    async with shop() as one:
        stranger = one.books.customer("vic@post.example", "Vic Tim")
        one.books.order(stranger, "#2001", email=None)
        found = await context(one, order_id="2001")
    assert found.orders == ()
    assert found.gaps == ("Shopify does not tell whose order 2001 is, so it is not shown",)


async def test_nothing_is_asked_about_a_writer_who_is_not_certain() -> None:
    async with shop() as one:
        one.books.order(ada(one), "#1001")
        found = await context(one, order_id="1001", context={"identity_mismatch": True})
        assert (found, one.admin.queries) == (OrderContext(gaps=(MISMATCH,)), [])


async def test_without_access_nothing_is_told() -> None:
    async with shop(mail_only=True) as one:
        assert await context(one) == OrderContext()


async def test_what_an_app_may_not_see_is_a_gap_and_the_rest_is_shown() -> None:
    async with shop() as one:
        one.books.order(ada(one), "#1001")
        one.admin.scopes = ("read_orders",)
        found = await context(one, order_id="1001")
    assert [order.order_id for order in found.orders] == ["1001"]
    assert found.lifetime_value is None
    assert found.gaps == ("Shopify does not tell `customer`: the app lacks the scope `read_customers`",)  # fmt: skip


async def test_an_unknown_customer_is_empty_and_no_error() -> None:
    async with shop() as one:
        assert await context(one) == OrderContext()
        assert await context(one, customer_handle='x" OR email:*') == OrderContext()


async def test_an_order_number_of_strange_letters_is_not_searched_for() -> None:
    async with shop() as one:
        one.books.order(ada(one), "#1001")
        found = await context(one, order_id="1001 OR name:*")
        assert [order.order_id for order in found.orders] == ["1001"]
        assert one.admin.queries[-1]["variables"]["named"] is False


async def test_a_failure_is_a_connector_error() -> None:
    async with shop() as one:
        one.admin.fail(Fault.TRUNCATED)
        with pytest.raises(ConnectorError):
            await context(one)


async def test_links_lead_to_the_order_else_to_the_customer() -> None:
    async with shop() as one:
        await one.market.says(Author.CUSTOMER, "Is it oak?", thread="31")
        await one.market.says(Author.CUSTOMER, "Where is order 1032?", thread="1032")
        links = [
            one.connector.deep_link(message.reply_context) or "" for message in await one.poll()
        ]
    store = "https://admin.shopify.com/store/bottega-salici/"
    assert links[0].startswith(f"{store}customers/")
    assert links[1].startswith(f"{store}orders/")

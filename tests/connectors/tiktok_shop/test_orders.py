"""What is known of an order, and of a buyer's files."""

from decimal import Decimal

import pytest

from connectors.capabilities import ContextRequest, Delivery, Money, OrderContext, Payment
from connectors.contract import Attachment
from connectors.errors import Rejected
from sandbox.markets.tiktok_shop_shapes import an_order
from tests.connectors.tiktok_shop.stand import a_shop

ORDER = "576461413038785752"


async def test_an_order_at_a_glance():
    async with a_shop() as shop:
        shop.market.orders[ORDER] = an_order(ORDER, is_buyer_request_cancel=True)
        asked = ContextRequest(customer_handle="97001", order_id=ORDER)
        (order,) = (await shop.connector.fetch_context(asked)).orders
        assert order.total == Money(amount=Decimal("44.80"), currency="EUR")
        assert (order.payment, order.delivery) == (Payment.PAID, Delivery.IN_TRANSIT)
        assert (order.carrier, order.tracking_number) == ("Poste", "RR123456785IT")
        assert order.note == "The buyer asks to cancel."
        (item,) = order.items
        assert (item.title, item.quantity) == ("Wooden train (red)", 2)
        assert item.price == Money(amount=Decimal("39.80"), currency="EUR")


async def test_without_an_order_number_the_buyers_own_orders_are_shown():
    async with a_shop() as shop:
        shop.market.orders = {str(number): an_order(str(number)) for number in range(5)}
        shop.market.orders["99"] = an_order("99", thread="of somebody else")
        message = await shop.stage.asked()
        asked = ContextRequest(customer_handle=message.sender_handle)
        found = await shop.connector.fetch_context(asked)
        assert [one.order_id for one in found.orders] == ["0", "1", "2"]
        assert found.order_count == 5


async def test_a_missing_scope_is_a_gap_and_no_error():
    async with a_shop() as shop:
        shop.market.scopes.remove("order")
        asked = ContextRequest(customer_handle="97001", order_id=ORDER)
        found = await shop.connector.fetch_context(asked)
        assert found.orders == ()
        assert "seller.order.info" in found.gaps[0]


@pytest.mark.parametrize("order_id", ["../shops", "1&ids=2", "1,2"])
async def test_a_number_that_is_none_is_not_asked_for(order_id):
    async with a_shop() as shop:
        asked = ContextRequest(customer_handle="97001", order_id=order_id)
        assert await shop.connector.fetch_context(asked) == OrderContext()
        assert shop.market.calls == 0


async def test_an_order_of_a_status_never_seen_is_shown_without_one():
    async with a_shop() as shop:
        shop.market.orders[ORDER] = an_order(
            ORDER, status="TELEPORTED", payment={}, line_items=[{}]
        )
        asked = ContextRequest(customer_handle="97001", order_id=ORDER)
        (order,) = (await shop.connector.fetch_context(asked)).orders
        assert (order.delivery, order.total) == (Delivery.UNKNOWN, None)


async def test_a_buyers_picture_is_fetched():
    async with a_shop() as shop:
        url = f"{shop.market.url}/files/one.png"
        await shop.says(type="IMAGE", content={"url": url, "width": "3", "height": "4"})
        (message,) = await shop.poll()
        (picture,) = message.attachments
        (item,) = shop.stage.stored.values()
        file = await shop.connector.fetch_attachment(item, picture)
        assert (file.media_type, file.content[:4]) == ("image/png", b"\x89PNG")


@pytest.mark.parametrize(
    "url", ["https://evil.example/a.png", "http://p16.ibyteimg.com/a", "file:///etc/passwd"]
)
async def test_a_picture_that_is_elsewhere_is_not_fetched(url):
    async with a_shop() as shop:
        await shop.says(type="IMAGE", content={"url": url})
        (message,) = await shop.poll()
        (item,) = shop.stage.stored.values()
        with pytest.raises(Rejected):
            await shop.connector.fetch_attachment(item, message.attachments[0])


async def test_an_address_that_the_message_does_not_name_is_not_fetched():
    async with a_shop() as shop:
        await shop.says("hello")
        await shop.poll()
        (item,) = shop.stage.stored.values()
        stray = Attachment(
            name="a", media_type="image/png", size=1, ref=f"{shop.market.url}/files/one.png"
        )
        before = shop.market.calls
        with pytest.raises(Rejected):
            await shop.connector.fetch_attachment(item, stray)
        assert shop.market.calls == before

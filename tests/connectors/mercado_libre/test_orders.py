"""Order context, and links into the seller's pages."""

from datetime import timedelta
from decimal import Decimal

import pytest

from connectors.capabilities import ContextRequest, Delivery, Money, Payment
from connectors.fields import Fields
from connectors.mercado_libre.orders import order_of
from connectors.mercado_libre.sites import item_url, sale_url
from sandbox.markets.mercado_libre.wire import order_of as order_number
from tests.connectors.mercado_libre.bench import an_account


@pytest.mark.parametrize("single", [False, True])
async def test_the_order_behind_a_cart_or_an_order_is_shown_with_its_parcel(single):
    async with an_account() as account:
        if single:
            account.market.single.add("7001")
        asked = await account.stage.asked()
        request = ContextRequest(customer_handle=asked.sender_handle, order_id=asked.order_id)
        (order,) = (await account.connector.fetch_context(request)).orders

    assert order.order_id == order_number("7001")
    assert [(one.title, one.quantity, one.sku) for one in order.items] == [
        ("Lámpara de abedul", 2, "L-1")
    ]
    assert order.items[0].price == Money(amount=Decimal("21001.0"), currency="ARS")
    assert (order.payment, order.delivery) == (Payment.PAID, Delivery.IN_TRANSIT)
    assert order.tracking_number == "MEL40512345678FMDOE01"
    assert order.placed_at is not None
    assert order.promised_by is not None
    assert order.promised_by - order.placed_at == timedelta(days=5)
    assert order.url is not None
    assert order.url.startswith("https://www.mercadolibre.com.ar/ventas/")


@pytest.mark.parametrize(
    ("raw", "payment"),
    [
        ({"payments": [{"status": "in_mediation"}]}, Payment.DISPUTED),
        ({"payments": [{"status": "approved"}]}, Payment.PAID),
        ({"payments": [{"status": "pending"}]}, Payment.OPEN),
        (
            {
                "total_amount": 10,
                "payments": [{"status": "refunded", "transaction_amount_refunded": 10}],
            },
            Payment.REFUNDED,
        ),
        (
            {
                "total_amount": 10,
                "payments": [{"status": "approved", "transaction_amount_refunded": 4}],
            },
            Payment.PARTLY_REFUNDED,
        ),
        ({"payments": None}, Payment.UNKNOWN),
    ],
)
def test_what_became_of_the_money(raw, payment):
    assert order_of(Fields({"id": 1, **raw}), None, "MLA").payment is payment


def test_a_cancelled_order_is_cancelled_whatever_its_parcel_says():
    order = order_of(Fields({"id": 1, "status": "cancelled"}), Fields({"status": "shipped"}), "MLA")

    assert order.delivery is Delivery.CANCELLED


def test_links_lead_to_the_site_of_the_sale():
    assert sale_url("MLB", "2000") == "https://www.mercadolivre.com.br/vendas/2000/detalhe"
    assert sale_url("MLM", "2000") == "https://www.mercadolibre.com.mx/ventas/2000/detalle"
    assert item_url("MLB123") == "https://produto.mercadolivre.com.br/MLB-123"


def test_what_is_no_sale_and_no_item_has_no_link():
    links = [sale_url("MLA", "20/../x"), sale_url("CBT", "2000"), item_url("MLA"), item_url("XXX1")]

    assert links == [None] * 4

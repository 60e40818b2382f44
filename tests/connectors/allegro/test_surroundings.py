"""What stands around a message: its order, its files, its place at Allegro."""

from typing import Any, ClassVar

import pytest

from connectors.capabilities import (
    ContextRequest,
    Delivery,
    FetchesAttachments,
    FetchesContext,
    LinksDeep,
    Payment,
)
from connectors.contract import Attachment
from connectors.errors import Rejected
from sla_rules.vocabulary import Author
from tests.connectors.allegro.bench import AllegroBench, allegro_of

BENCH = AllegroBench()


async def test_an_order_is_shown_at_a_glance_and_without_the_customer():
    async with BENCH.running() as stage:
        message = await stage.asked()
        assert isinstance(stage.connector, FetchesContext)
        asked = ContextRequest(customer_handle="x", order_id=message.order_id)
        found = await stage.connector.fetch_context(asked)
        order = found.orders[0]

        assert order.total is not None
        assert (str(order.total.amount), order.total.currency) == ("112.79", "PLN")
        assert order.items[0].price is not None
        assert (order.items[0].title, order.items[0].sku) == ("Wooden train", "TRAIN-1")
        assert str(order.items[0].price.amount) == "99.80"
        assert (order.payment, order.delivery) == (Payment.PAID, Delivery.IN_TRANSIT)
        assert (order.carrier, order.tracking_number) == ("INPOST", "620999680120000000000001")
        assert order.url == f"https://salescenter.allegro.com/orders/{message.order_id}"
        assert "nora@" not in repr(found)


async def test_orders_that_the_application_may_not_read_are_a_gap_and_no_failure():
    async with BENCH.running() as stage:
        message = await stage.asked()
        allegro_of(stage).scopes.discard("orders:read")
        assert isinstance(stage.connector, FetchesContext)
        asked = ContextRequest(customer_handle="x", order_id=message.order_id)
        found = await stage.connector.fetch_context(asked)

        assert found.orders == ()
        assert "may not read orders" in found.gaps[0]


async def test_a_customers_files_are_fetched_from_allegro_and_unsafe_ones_are_not():
    async with BENCH.running() as stage:
        market = allegro_of(stage)
        await market.says(Author.CUSTOMER, "Zdjęcia", files=["kolo.png", "virus.png"])
        message = (await stage.poll())[0]
        good, bad = message.attachments
        item = next(iter(stage.stored.values()))
        assert isinstance(stage.connector, FetchesAttachments)
        file = await stage.connector.fetch_attachment(item, good)

        assert (file.name, file.media_type) == ("kolo.png", "image/png")
        assert file.content.startswith(b"\x89PNG")
        with pytest.raises(Rejected, match="does not give"):
            await stage.connector.fetch_attachment(item, bad)


@pytest.mark.parametrize(
    "ref",
    ["https://evil.example/a.png", "/me", "/sale/issues/attachments/", "/sale/issues", ""],
)
async def test_no_other_address_is_asked_for_with_the_sellers_token(ref):
    async with BENCH.running() as stage:
        await stage.asked()
        item = next(iter(stage.stored.values()))
        wanted = Attachment(name="a.png", media_type="image/png", size=0, ref=ref)
        before = stage.market.calls
        assert isinstance(stage.connector, FetchesAttachments)
        with pytest.raises(Rejected):
            await stage.connector.fetch_attachment(item, wanted)

        assert stage.market.calls == before


def test_links_lead_to_the_claim_the_disputes_and_the_message_centre():
    class Numbered(AllegroBench):
        settings_too: ClassVar[dict[str, Any]] = {"seller_id": "44300444"}

    connector = Numbered().asleep()
    assert isinstance(connector, LinksDeep)
    claim = connector.deep_link({"issue": "c-1", "is_claim": True})
    dispute = connector.deep_link({"issue": "d-1", "is_claim": False})

    assert claim == "https://salescenter.allegro.com/claims/c-1?sellerId=44300444"
    assert dispute == "https://salescenter.allegro.com/discussions-with-buyers"
    assert (connector.deep_link({"thread": "1"}) or "").endswith("/centrum-wiadomosci/wiadomosci")
    assert connector.deep_link({"issue": "../../x", "is_claim": True}) is None


async def test_a_refusal_is_told_in_allegros_words():
    async with BENCH.running() as stage:
        await stage.asked()
        item = next(iter(stage.stored.values()))
        gone = Attachment(name="a", media_type="x", size=0, ref="/sale/issues/attachments/e9")
        assert isinstance(stage.connector, FetchesAttachments)
        with pytest.raises(Rejected, match="Allegro refused: There is no such file"):
            await stage.connector.fetch_attachment(item, gone)

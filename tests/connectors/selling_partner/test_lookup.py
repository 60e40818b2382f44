"""The order behind a message; and what happens when Amazon ends the access."""

from datetime import timedelta

import pytest

from connectors.capabilities import ContextRequest, OrderContext
from connectors.errors import AccessWithdrawn, Rejected
from connectors.keep import MemoryKeep
from connectors.selling_partner.lookup import UNKNOWN_ORDER
from sandbox.markets.selling_partner_shapes import an_order
from tests.connectors.selling_partner.bench import ORDER, access


def asking(order_id: str | None = ORDER) -> ContextRequest:
    return ContextRequest(customer_handle="b", order_id=order_id)


async def test_the_order_that_was_named_is_told():
    async with access() as a:
        a.market.orders[ORDER] = an_order()
        found = await a.lookup.context_for(asking())
        assert [one.order_id for one in found.orders] == [ORDER]
        assert (await a.lookup.check()).ok


async def test_without_an_order_number_nothing_is_asked():
    async with access() as a:
        for order_id in (None, "", "12345", "D01-1234567-1234567-9", "../../reports"):
            assert await a.lookup.context_for(asking(order_id)) == OrderContext()
        assert a.market.log == []


async def test_an_order_of_somebody_else_is_a_gap_and_no_error():
    async with access() as a:
        assert await a.lookup.context_for(asking()) == OrderContext(gaps=(UNKNOWN_ORDER,))


async def test_an_access_that_ended_is_said_once_and_then_nothing_is_asked_for_a_day():
    keep = MemoryKeep()
    async with access(keep=keep) as a:
        a.market.withdrawn = True
        with pytest.raises(AccessWithdrawn, match="Authorise the app again"):
            await a.lookup.context_for(asking())
        for _ in range(3):
            with pytest.raises(Rejected, match="switched off"):
                await a.lookup.context_for(asking())
        assert a.market.logins == 1
        assert not (await a.lookup.check()).ok

        a.time.advance(timedelta(days=1, minutes=1))
        with pytest.raises(Rejected, match="switched off"):
            await a.lookup.context_for(asking())
        a.market.withdrawn = False
        a.market.orders[ORDER] = an_order()
        a.time.advance(timedelta(days=1, minutes=1))
        assert (await a.lookup.context_for(asking())).orders


async def test_a_restart_does_not_say_it_again_and_a_new_token_starts_anew():
    keep = MemoryKeep()
    async with access(keep=keep) as a:
        a.market.withdrawn = True
        with pytest.raises(AccessWithdrawn):
            await a.lookup.context_for(asking())
    async with access(keep=keep) as again:
        again.market.withdrawn = True
        with pytest.raises(Rejected):
            await again.lookup.context_for(asking())
    async with access(keep=keep, refresh_token="Atzr|another") as other:
        with pytest.raises(AccessWithdrawn):
            await other.lookup.context_for(asking())

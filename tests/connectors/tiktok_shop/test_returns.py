"""Return requests: found, dated, decided."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.contract import Verdict
from connectors.errors import Rejected
from sla_rules.vocabulary import Kind
from tests.connectors.tiktok_shop.stand import Shop, a_shop

SEARCH = "/returns/search"


def request_of(shop: Shop, number: int = 1, **changes: Any) -> dict[str, Any]:
    now = int(shop.time.now().timestamp())
    return {
        "order_id": "577686530908261117",
        "return_id": f"40353185040866041{number:02}",
        "return_type": "REFUND",
        "return_status": "RETURN_OR_REFUND_REQUEST_PENDING",
        "return_reason_text": "Arrived broken",
        "create_time": now,
        "update_time": now,
        "seller_next_action_response": [
            {"action": "SELLER_RESPOND_REFUND", "deadline": now + 48 * 3600}
        ],
        **changes,
    }


async def test_a_request_is_due_when_tiktok_says():
    async with a_shop() as shop:
        shop.market.returns = [request_of(shop)]
        (found,) = await shop.poll()
        assert (found.verdict, found.kind) == (Verdict.CUSTOMER, Kind.RETURN_REQUEST)
        assert found.respond_by == datetime(2026, 3, 12, 9, 0, tzinfo=UTC)
        assert "Arrived broken" in found.text
        assert found.marketplace == "it"


async def test_of_two_things_to_do_the_sooner_counts():
    async with a_shop() as shop:
        now = int(shop.time.now().timestamp())
        steps = [
            {"action": "SELLER_RESPOND_RECEIVE_PACKAGE", "deadline": now + 900},
            {"action": "SELLER_RESPOND_REFUND", "deadline": now + 300},
        ]
        shop.market.returns = [request_of(shop, seller_next_action_response=steps)]
        (found,) = await shop.poll()
        assert found.respond_by == shop.time.now() + timedelta(minutes=5)


async def test_its_decision_in_seller_center_is_the_answer_to_the_same_ticket():
    async with a_shop() as shop:
        shop.market.returns = [request_of(shop)]
        (asked,) = await shop.poll()
        shop.time.advance(timedelta(minutes=11))
        changed = request_of(
            shop, return_status="AWAITING_BUYER_SHIP", seller_next_action_response=[]
        )
        shop.market.returns = [changed]
        (decided,) = await shop.poll()
        assert decided.verdict is Verdict.ANSWERED_ELSEWHERE
        assert decided.thread_keys == asked.thread_keys


async def test_a_status_never_seen_is_a_line_and_no_clock():
    async with a_shop() as shop:
        shop.market.returns = [
            request_of(shop, return_status="ON_THE_MOON", seller_next_action_response=[])
        ]
        (found,) = await shop.poll()
        assert found.verdict is Verdict.DELIVERY_NOTICE


async def test_requests_are_looked_for_every_ten_minutes_and_not_at_every_poll():
    async with a_shop() as shop:
        for _ in range(3):
            await shop.poll()
        assert shop.asked(SEARCH) == 1
        shop.time.advance(timedelta(minutes=10))
        await shop.poll()
        assert shop.asked(SEARCH) == 2


async def test_many_requests_come_page_by_page_and_once():
    async with a_shop() as shop:
        shop.market.returns = [request_of(shop, number) for number in range(70)]
        assert len(await shop.poll()) == 70
        shop.time.advance(timedelta(minutes=10))
        assert await shop.poll() == []


async def test_without_the_scope_chats_are_read_all_the_same():
    async with a_shop() as shop:
        shop.market.scopes.remove("return_refund")
        await shop.says("hello")
        assert [one.text for one in await shop.poll()] == ["hello"]


async def test_they_are_left_alone_where_the_seller_says_so():
    async with a_shop(returns=False) as shop:
        await shop.poll()
        assert shop.asked(SEARCH) == 0


async def test_an_answer_to_a_request_is_refused_with_where_to_go():
    async with a_shop() as shop:
        shop.market.returns = [request_of(shop)]
        (found,) = await shop.poll()
        with pytest.raises(Rejected, match="Seller Center"):
            shop.connector.preview(shop.stage.answer(found))

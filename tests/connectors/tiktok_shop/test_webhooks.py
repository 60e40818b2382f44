"""TikTok's calls: proven first, then taken for what they are."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.capabilities import WebhookOutcome
from connectors.contract import Verdict
from connectors.errors import Malformed, WebhookRefused
from connectors.signing import hmac_hex
from sandbox.markets.tiktok_shop_shapes import SHOP
from tests.connectors.tiktok_shop.stand import a_shop

RETURN = {
    "order_id": "576486316948490001",
    "return_role": "BUYER",
    "return_type": "REFUND",
    "return_status": "RETURN_OR_REFUND_REQUEST_PENDING",
    "return_id": "576486316948490002",
    "create_time": 1773129000,
    "update_time": 1773129000,
}


async def test_the_signature_is_that_of_key_and_body():
    async with a_shop(app_key="key", app_secret="secret") as shop:
        body = b'{"type":13,"tts_notification_id":"7327112393057371910","data":{}}'
        request = replace(
            shop.market.notification(13, {}, "1"),
            body=body,
            headers={"authorization": hmac_hex("secret", b"key" + body)},
        )
        outcome = await shop.connector.parse_webhook(request)
        assert outcome == WebhookOutcome(poll=True, delivery_id="7327112393057371910")


async def test_the_answer_is_an_empty_200():
    async with a_shop() as shop:
        outcome = await shop.connector.parse_webhook(shop.market.notification(13, {}, "1"))
        assert (outcome.status, outcome.body) == (200, "")


async def test_a_call_signed_with_the_secret_before_is_still_taken():
    async with a_shop(
        app_secret="new-secret", previous_app_secret=lambda market: market.gate.app_secret
    ) as shop:
        outcome = await shop.connector.parse_webhook(shop.market.notification(14, {}, "1"))
        assert outcome.poll


@pytest.mark.parametrize("header", [{}, {"authorization": ""}, {"authorization": "0" * 64}])
async def test_an_unproven_call_is_refused_even_if_it_is_no_json(header):
    async with a_shop() as shop:
        call = replace(shop.market.notification(14, {}, "1"), headers=header, body=b"{")
        with pytest.raises(WebhookRefused) as refused:
            await shop.connector.parse_webhook(call)
        assert refused.value.status == 401


async def test_a_proven_call_that_is_no_json_is_malformed():
    async with a_shop() as shop:
        body = b"not json"
        signed = hmac_hex(shop.market.gate.app_secret, shop.market.gate.app_key.encode() + body)
        call = replace(
            shop.market.notification(14, {}, "1"), headers={"authorization": signed}, body=body
        )
        with pytest.raises(Malformed):
            await shop.connector.parse_webhook(call)


@pytest.mark.parametrize("kind", [33, 1, 999])
async def test_other_calls_are_answered_and_nothing_more(kind):
    async with a_shop() as shop:
        outcome = await shop.connector.parse_webhook(shop.market.notification(kind, {}, "n5"))
        assert outcome == WebhookOutcome(delivery_id="n5")


async def test_a_call_for_another_shop_changes_nothing_here():
    async with a_shop(shop_id="88") as shop:
        outcome = await shop.connector.parse_webhook(shop.market.notification(14, {}, "n5"))
        assert outcome == WebhookOutcome(delivery_id="n5")


async def test_a_call_for_this_shop_wakes_the_poll():
    async with a_shop(shop_id=SHOP["id"]) as shop:
        assert (await shop.connector.parse_webhook(shop.market.notification(14, {}, "n5"))).poll


async def test_a_call_about_a_return_makes_the_next_poll_look_at_once():
    async with a_shop() as shop:
        await shop.poll()
        shop.market.returns = [RETURN]
        assert await shop.poll() == []
        outcome = await shop.connector.parse_webhook(shop.market.notification(12, RETURN, "n7"))
        assert outcome.poll
        assert not outcome.items
        (found,) = await shop.poll()
        assert found.order_id == RETURN["order_id"]


async def test_without_the_right_to_search_returns_the_call_itself_is_the_news():
    async with a_shop(returns=False) as shop:
        outcome = await shop.connector.parse_webhook(shop.market.notification(12, RETURN, "n7"))
        (item,) = outcome.items
        assert not outcome.poll
        assert shop.connector.normalise(item).order_id == RETURN["order_id"]


async def test_a_chat_that_the_list_hides_is_opened_by_the_name_in_the_call():
    async with a_shop() as shop:
        shop.market.newest_first = False
        for number in range(30):
            await shop.says("hello", thread=f"{100 + number}")
            shop.time.advance(timedelta(seconds=5))
        await shop.poll()
        message = await shop.says("last on the list", thread="125")
        await shop.connector.parse_webhook(shop.market.webhook(message))
        assert [one.text for one in await shop.poll()] == ["last on the list"]
        before = shop.market.calls
        assert await shop.poll() == []
        assert shop.market.calls == before + 1


async def test_a_chat_called_about_that_nobody_knows_is_forgotten():
    async with a_shop() as shop:
        call = shop.market.notification(13, {"conversation_id": "404"}, "n9")
        await shop.connector.parse_webhook(call)
        assert await shop.poll() == []
        before = shop.market.calls
        await shop.poll()
        assert shop.market.calls == before + 1


async def test_a_chat_called_about_that_cannot_be_opened_leaves_nothing_behind():
    async with a_shop() as shop:
        shop.market.newest_first = False
        for number in range(25):
            await shop.says("hello", thread=f"{100 + number}")
        await shop.poll()
        message = await shop.says("hidden", thread="124")
        shop.market.unreadable.add("124")
        await shop.connector.parse_webhook(shop.market.webhook(message))
        assert await shop.poll() == []


async def test_a_withdrawn_consent_becomes_a_notice():
    async with a_shop() as shop:
        call = shop.market.notification(6, {"message": "deauthorized"}, "n8")
        (item,) = (await shop.connector.parse_webhook(call)).items
        found = shop.connector.normalise(item)
        assert found.verdict is Verdict.NOTICE
        assert "withdrawn" in found.text
        assert json.loads(item.payload)["what"] == "consent"

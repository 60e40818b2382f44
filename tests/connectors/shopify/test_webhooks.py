"""Shopify's calls: proven by the raw body, once each, and a reason to look at once."""

from dataclasses import replace

import pytest

from connectors.contract import Verdict
from connectors.errors import WebhookRefused
from tests.connectors.shopify.bench import shop


async def test_a_call_about_a_dispute_makes_the_next_poll_look() -> None:
    async with shop() as one:
        await one.poll()
        outcome = await one.connector.parse_webhook(one.market.webhook("1"))
        assert (outcome.poll, outcome.items, outcome.status) == (True, (), 200)
        found = await one.poll_later(seconds=1)
        assert [message.verdict for message in found] == [Verdict.CLAIM]
        asked = len(one.admin.queries)
        await one.poll_later(seconds=1)
        assert len(one.admin.queries) == asked


async def test_a_call_about_anything_else_makes_nobody_look() -> None:
    async with shop() as one:
        await one.poll()
        asked = len(one.admin.queries)
        outcome = await one.connector.parse_webhook(one.admin.call("orders/create", {"id": 1}))
        await one.poll_later(seconds=1)
        assert (outcome.poll, len(one.admin.queries)) == (True, asked)


async def test_two_secrets_count_while_one_is_exchanged() -> None:
    async with shop(old_client_secret="the one before") as one:
        call = one.admin.call("returns/request", {"id": 1}, secret="the one before")
        assert (await one.connector.parse_webhook(call)).poll
        strange = one.admin.call("returns/request", {"id": 1}, secret="a third")
        with pytest.raises(WebhookRefused):
            await one.connector.parse_webhook(strange)


async def test_deliveries_are_told_apart_by_their_id() -> None:
    async with shop() as one:
        first = await one.connector.parse_webhook(one.market.webhook("1"))
        second = await one.connector.parse_webhook(one.market.webhook("2"))
    assert first.delivery_id
    assert first.delivery_id != second.delivery_id


@pytest.mark.parametrize(
    ("header", "value", "status"),
    [
        ("x-shopify-hmac-sha256", "", 401),
        ("x-shopify-hmac-sha256", "é\udc80", 401),
        ("x-shopify-shop-domain", "another.myshopify.com", 404),
        ("x-shopify-webhook-id", "", 400),
        ("x-shopify-webhook-id", "1; drop", 400),
    ],
)
async def test_a_call_that_is_not_whole_is_refused(header: str, value: str, status: int) -> None:
    async with shop() as one:
        call = one.market.webhook("1")
        with pytest.raises(WebhookRefused) as refused:
            await one.connector.parse_webhook(
                replace(call, headers={**call.headers, header: value})
            )
    assert refused.value.status == status


async def test_without_a_secret_no_call_is_believed() -> None:
    async with shop(mail_only=True) as one:
        with pytest.raises(WebhookRefused):
            await one.connector.parse_webhook(one.market.webhook("1"))

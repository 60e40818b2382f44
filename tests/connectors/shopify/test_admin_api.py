"""Tokens, budget, versions and refusals of the Admin API."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from connectors.answer import HttpAnswer
from connectors.errors import AuthExpired, ConnectorError, RateLimited, Rejected, Unavailable
from connectors.shopify.answers import judge, pace
from connectors.shopify.config import Config
from connectors.testing.market import RETRY_AFTER, Fault
from sla_rules.vocabulary import Author
from tests.connectors.shopify.bench import ShopBench, customers, shop


async def test_one_token_serves_many_calls_and_is_renewed_before_it_ends() -> None:
    async with shop() as one:
        await one.poll()
        await one.poll_later(hours=12)
        assert one.admin.asked == ["token"]
        await one.poll_later(hours=8)
        assert one.admin.asked == ["token", "token"]


async def test_a_token_shopify_forgot_is_renewed_once_and_the_call_goes_on() -> None:
    async with shop() as one:
        await one.poll()
        one.admin.expire_tokens()
        health = await one.connector.check()
        assert health.ok
        assert one.admin.asked == ["token", "token"]


async def test_a_permanent_token_is_used_as_it_is() -> None:
    async with shop(client_id=None, client_secret=None, admin_token="fake-token-" + "7d1c" * 6) as one:  # fmt: skip
        health = await one.connector.check()
        assert (health.ok, one.admin.asked) == (True, [])


async def test_a_wrong_secret_is_said_by_check_and_pauses_nothing_of_the_mail() -> None:
    async with shop(client_secret="another") as one:
        await one.market.says(Author.CUSTOMER, "Where is it?")
        health = await one.connector.check()
        assert not health.ok
        assert "does not renew our access" in health.detail
        with pytest.raises(AuthExpired):
            await one.poll()
        assert len(one.stage.stored) == 1


async def test_check_names_every_missing_scope_and_what_it_is_for() -> None:
    async with shop() as one:
        one.admin.scopes = ("read_orders",)
        health = await one.connector.check()
    assert not health.ok
    for told in (
        "read_shopify_payments_disputes (disputes are not seen)",
        "read_returns (returns are not seen)",
        "read_customers (no order context)",
    ):
        assert told in health.detail


async def test_check_says_what_mail_alone_leaves_out() -> None:
    async with shop(mail_only=True) as one:
        health = await one.connector.check()
    assert health.ok
    assert "no order context, no disputes, no return requests" in health.detail


async def test_a_version_that_is_served_no_more_is_told() -> None:
    async with shop(api_version="2024-10") as one:
        health = await one.connector.check()
    assert health.ok
    assert "asked for version 2024-10, answered by 2025-10" in health.detail


async def test_fields_about_to_go_are_told_by_their_names() -> None:
    async with shop() as one:
        one.admin.deprecated = "Customer.email, Order.netPayment"
        health = await one.connector.check()
    assert health.ok
    assert "Customer, email, Order, netPayment" in health.detail


async def test_throttling_waits_as_long_as_the_bucket_needs() -> None:
    async with shop() as one:
        await one.market.says(Author.CUSTOMER, "Where is it?")
        message = customers(await one.poll())[0]
        one.admin.fail(Fault.THROTTLED)
        with pytest.raises(RateLimited) as raised:
            await one.connector.fetch_context(one.asking(message))
        assert raised.value.retry_after == pytest.approx(RETRY_AFTER, abs=1)


async def test_an_empty_bucket_is_waited_for_before_the_next_call() -> None:
    async with shop() as one:
        await one.market.says(Author.CUSTOMER, "Where is it?")
        message = customers(await one.poll())[0]
        one.time.advance(timedelta(minutes=5))
        one.admin.drain(500.0)
        await one.connector.fetch_context(one.asking(message))
        slept = one.time.slept
        await one.connector.fetch_context(one.asking(message))
        assert one.time.slept > slept
        assert all(call.status == 200 for call in one.admin.log)


async def test_a_query_beyond_the_budget_is_refused_with_the_wait_it_takes() -> None:
    async with shop() as one:
        await one.market.says(Author.CUSTOMER, "Where is it?")
        message = customers(await one.poll())[0]
        one.time.advance(timedelta(minutes=5))
        one.admin.drain()
        with pytest.raises(RateLimited) as raised:
            await one.connector.fetch_context(one.asking(message))
        assert 1 < raised.value.retry_after < 10
        await one.time.sleep(raised.value.retry_after)
        assert (await one.connector.fetch_context(one.asking(message))).orders


def answer(body: str, status: int = 200) -> HttpAnswer:
    return HttpAnswer(status=status, headers={}, body=body.encode(), request="POST shop.example /")


@pytest.mark.parametrize(
    ("told", "wanted"),
    [
        (answer("{}", 402), AuthExpired),
        (answer("{}", 404), AuthExpired),
        (answer("{}", 423), AuthExpired),
        (answer("{}", 430), Unavailable),
        (answer('{"errors":[{"extensions":{"code":"SHOP_INACTIVE"}}]}'), AuthExpired),
        (answer('{"errors":[{"extensions":{"code":"INTERNAL_SERVER_ERROR"}}]}'), Unavailable),
        (answer('{"errors":[{"extensions":{"code":"THROTTLED"}}]}'), RateLimited),
        (answer('{"errors":[{"extensions":{"code":"MAX_COST_EXCEEDED"}}]}'), Rejected),
        (answer('{"errors":[7, null, {"extensions":[]}],"data":null}'), Rejected),
    ],
)
def test_refusals_have_their_errors(told: HttpAnswer, wanted: type[ConnectorError]) -> None:
    assert isinstance(judge(told), wanted)


@pytest.mark.parametrize(
    "body",
    [
        '{"data":{}}',
        '{"data":{"a":1},"errors":[{"extensions":{"code":"NEW"}}]}',
        '{"data":null,"errors":[{"extensions":{"code":"ACCESS_DENIED"}}]}',
    ],
)
def test_a_part_that_is_refused_refuses_not_the_whole(body: str) -> None:
    assert judge(answer(body)) is None


def test_invariant_11_a_refusal_repeats_no_word_of_the_query() -> None:
    body = '{"errors":[{"message":"bad ada@post.example","path":["customer","ada@post.example"],"extensions":{"code":"ada@post.example"}}]}'
    refusal = judge(answer(body))
    assert refusal is not None
    assert "ada" not in str(refusal)


def test_a_bucket_nobody_can_read_holds_nothing_back() -> None:
    for body in ("no json", '{"extensions":{"cost":{"throttleStatus":{"restoreRate":"x"}}}}', "[]"):
        assert pace(answer(body)) == 0.0


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"client_secret": None}, "client_id needs client_secret"),
        ({"admin_token": "x"}, "name one of them"),
        ({"shop": ""}, 'needs shop = "…"'),
        ({"client_id": None, "client_secret": None}, "without access to it"),
        ({"shop": "https://x"}, "shop"),
        ({"api_version": "2026-11"}, "api_version"),
    ],
)
def test_settings_that_do_not_fit_together_are_refused(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told.replace("…", ".")):
        ShopBench(**changes).asleep()


def test_a_shop_may_be_named_with_its_domain() -> None:
    settings = ShopBench(shop="bottega-salici.myshopify.com", base_url=None).asleep()
    assert settings is not None
    config = Config.model_validate(
        {
            **dict.fromkeys(("imap_user", "imap_password", "smtp_user", "smtp_password"), "x"),
            "imap_host": "imap.example",
            "smtp_host": "smtp.example",
            "from_address": "shop@seller.example",
            "shop": "bottega-salici.myshopify.com",
            "admin_token": SecretStr("t"),
        }
    )
    assert config.api_url == "https://bottega-salici.myshopify.com"
    assert config.shop_name == "bottega-salici"

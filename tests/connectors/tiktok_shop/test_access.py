"""Tokens, consent, and the shop they are for."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from connectors.errors import AuthExpired
from connectors.keep import MemoryKeep
from connectors.testing.market import Fault
from connectors.tiktok_shop.config import Config
from connectors.tiktok_shop.refusals import ClockIsWrong, NotGranted
from tests.connectors.tiktok_shop.stand import a_shop

TOKENS = "/api/v2/token/"
SECOND_SHOP = {"id": "88", "name": "Salici DE", "region": "DE", "cipher": "GCP_other"}


async def test_a_refresh_token_that_was_exchanged_survives_the_process():
    async with a_shop() as shop:
        await shop.poll()
        first = shop.market.gate.refresh
        await shop.stage.restart()
        shop.time.advance(timedelta(days=1))
        await shop.poll()
        assert shop.market.gate.refresh != first
        assert [call.status for call in shop.market.log if TOKENS in call.path] == [200, 200]


async def test_a_code_is_exchanged_once_and_never_again():
    keep = MemoryKeep()
    async with a_shop(
        keep=keep, refresh_token=None, auth_code=lambda market: market.gate.auth_code
    ) as shop:
        await shop.poll()
        await shop.stage.restart()
        await shop.says("hello")
        assert [one.text for one in await shop.poll()] == ["hello"]
        assert shop.asked(TOKENS + "get") == 1
        assert shop.asked(TOKENS + "refresh") == 1


async def test_a_used_code_says_what_to_do():
    async with a_shop(refresh_token=None, auth_code="used-long-ago") as shop:
        with pytest.raises(AuthExpired, match="authorise the app again"):
            await shop.poll()


async def test_a_token_is_renewed_before_its_week_is_over():
    async with a_shop() as shop:
        await shop.poll()
        shop.time.advance(timedelta(days=5))
        await shop.poll()
        assert shop.asked(TOKENS) == 1
        shop.time.advance(timedelta(days=1))
        await shop.poll()
        assert shop.asked(TOKENS) == 2


async def test_a_token_that_ended_early_is_renewed_once_and_the_call_goes_through():
    async with a_shop() as shop:
        await shop.says("hello")
        await shop.poll()
        shop.market.gate.access = "somebody-else-renewed"
        await shop.says("hello again")
        assert [one.text for one in await shop.poll()] == ["hello again"]
        assert shop.asked(TOKENS) == 2


@pytest.mark.parametrize(("change", "words"), [("scope", "scope"), ("secret", "signature")])
async def test_what_a_new_token_does_not_mend_is_not_tried_with_one(change, words):
    async with a_shop(returns=False) as shop:
        await shop.poll()
        if change == "scope":
            shop.market.scopes.remove("customer_service")
        else:
            shop.market.gate.app_secret = "changed-in-partner-center"
        with pytest.raises(NotGranted, match=words):
            await shop.poll()
        assert shop.asked(TOKENS) == 1


async def test_a_wrong_clock_is_named_as_such():
    async with a_shop() as shop:
        await shop.poll()
        fast = shop.time.now() - timedelta(minutes=2)
        shop.market.gate.set_clock(lambda: fast)
        with pytest.raises(ClockIsWrong, match="clock"):
            await shop.poll()


async def test_of_several_shops_one_has_to_be_named():
    async with a_shop() as shop:
        shop.market.shops.append(dict(SECOND_SHOP))
        health = await shop.connector.check()
        assert not health.ok
        assert "88 (DE)" in health.detail


async def test_a_shop_that_is_named_is_the_one_that_is_read():
    async with a_shop(shop_id="7494049642642441621") as shop:
        shop.market.shops.append(dict(SECOND_SHOP))
        assert "Bottega Salici (IT)" in (await shop.connector.check()).detail


async def test_doctor_says_that_chats_are_not_accepted():
    async with a_shop() as shop:
        shop.market.accepts_chats = False
        health = await shop.connector.check()
        assert health.ok
        assert "takes no chats" in health.detail


async def test_doctor_warns_a_month_before_the_consent_ends():
    async with a_shop() as shop:
        assert "consent" not in (await shop.connector.check()).detail
        shop.time.advance(timedelta(days=5))
        end = datetime(2026, 4, 9, tzinfo=UTC)
        shop.market.consent_ends = end
        await shop.stage.restart()
        assert "ends on 09 April 2026" in (await shop.connector.check()).detail


async def test_a_refused_renewal_is_told_and_not_hidden():
    async with a_shop(refresh_token="of-another-app") as shop:
        health = await shop.connector.check()
        assert not health.ok
        assert "of-another-app" not in health.detail


async def test_refused_for_good_after_one_renewal():
    async with a_shop() as shop:
        await shop.poll()
        shop.market.fail(Fault.REFUSED)
        with pytest.raises(AuthExpired):
            await shop.poll()
        assert shop.asked(TOKENS) == 2


@pytest.mark.parametrize("consent", [{}, {"auth_code": "a", "refresh_token": "b"}])
def test_exactly_one_consent_is_given(consent):
    with pytest.raises(ValidationError, match="either auth_code or refresh_token"):
        Config.model_validate({"app_key": "k", "app_secret": "s", **consent})

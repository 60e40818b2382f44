"""Tokens: a consent by device code, and refresh tokens that are good once."""

from datetime import timedelta
from typing import Any, ClassVar

import aiohttp
import pytest
from pydantic import ValidationError

from connectors.allegro.config import Config
from connectors.errors import AuthExpired, RateLimited
from connectors.keep import MemoryKeep
from sandbox.markets.allegro.wire import CLIENT_ID, CLIENT_SECRET, DEVICE_CODE, REFRESH
from sla_rules.vocabulary import Author
from tests.connectors.allegro.bench import AllegroBench, allegro_of

HOUR = timedelta(hours=1)


class ByDevice(AllegroBench):
    settings_too: ClassVar[dict[str, Any]] = {"device_code": DEVICE_CODE, "refresh_token": None}


BENCH, BY_DEVICE = AllegroBench(), ByDevice()


async def test_a_device_code_is_exchanged_once_and_refresh_tokens_from_then_on():
    async with BY_DEVICE.running() as stage:
        await stage.asked()
        stage.time.advance(13 * HOUR)
        await stage.restart()
        await stage.poll()

        kinds = [kind.rpartition(":")[2] for kind in allegro_of(stage).grants]
        assert kinds == ["device_code", "refresh_token"]


async def test_a_device_code_nobody_confirmed_yet_is_waited_for_and_not_given_up():
    async with BY_DEVICE.running() as stage:
        market = allegro_of(stage)
        market.confirmed = False
        await market.says(Author.CUSTOMER, "Dzień dobry")
        with pytest.raises(RateLimited, match="not confirmed yet"):
            await stage.poll()
        health = await stage.connector.check()
        assert "open the address" in health.detail
        market.confirmed = True
        stage.time.advance(timedelta(seconds=10))

        assert [one.text for one in await stage.poll()] == ["Dzień dobry"]


async def test_a_device_code_that_was_used_up_calls_for_the_seller():
    async with BY_DEVICE.running() as stage:
        await stage.asked()
    async with BY_DEVICE.running(keep=MemoryKeep()) as another:
        allegro_of(another)._used_codes.add(DEVICE_CODE)
        with pytest.raises(AuthExpired, match="give a new one"):
            await another.poll()


async def test_every_renewal_uses_the_token_that_the_last_one_gave():
    async with BENCH.running() as stage:
        for _ in range(4):
            stage.time.advance(11 * HOUR)
            await stage.restart()
            await stage.asked()

        assert allegro_of(stage).grants == ["refresh_token"] * 4


async def test_a_spent_refresh_token_is_refused_once_its_minute_is_over():
    async with BENCH.running() as stage:
        await stage.asked()
        stage.time.advance(timedelta(minutes=2))
    async with BENCH.running(keep=MemoryKeep()) as another:
        market = allegro_of(another)
        market._spent[REFRESH] = another.time.now() - timedelta(minutes=2)
        with pytest.raises(AuthExpired, match="takes the consent no more") as refused:
            await another.poll()

        assert REFRESH not in str(refused.value)


async def test_a_consent_taken_back_pauses_the_inbox():
    async with BENCH.running() as stage:
        await stage.asked()
        market = allegro_of(stage)
        market.revoked = True
        market.forget_token()
        with pytest.raises(AuthExpired):
            await stage.poll()


async def test_an_access_token_refused_before_its_time_is_renewed_and_the_poll_goes_on():
    async with BENCH.running() as stage:
        await stage.asked()
        allegro_of(stage).forget_token()
        stage.time.advance(timedelta(seconds=20))
        await stage.market.says(Author.CUSTOMER, "Halo?", thread="2")

        assert [one.text for one in await stage.poll()] == ["Halo?"]


@pytest.mark.parametrize(
    "consents",
    [{}, {"refresh_token": "a", "device_code": "b"}],
)
def test_an_inbox_has_one_consent_neither_none_nor_two(consents):
    with pytest.raises(ValidationError, match="one of the two"):
        Config.model_validate({"client_id": "x", "client_secret": "y", **consents})


async def test_the_device_flow_of_the_readme_gives_the_code_that_the_settings_want():
    async with BENCH.running() as stage:
        url = f"{allegro_of(stage).url}/auth/oauth/device"
        headers = {"Authorization": aiohttp.encode_basic_auth(CLIENT_ID, CLIENT_SECRET)}
        async with (
            aiohttp.ClientSession() as session,
            session.post(url, data={"client_id": CLIENT_ID}, headers=headers) as answer,
        ):
            given = await answer.json()

        assert given["device_code"] == DEVICE_CODE
        assert "verification_uri_complete" in given


@pytest.mark.parametrize("scope", ["messaging", "disputes"])
async def test_a_permission_that_is_missing_is_told_by_the_health_check(scope):
    async with BENCH.running() as stage:
        allegro_of(stage).scopes.discard(scope)
        health = await stage.connector.check()

        assert not health.ok
        assert "lacks the permission" in health.detail


async def test_without_the_permission_for_profiles_the_account_works_and_has_no_name():
    async with BENCH.running() as stage:
        named = await stage.connector.check()
        allegro_of(stage).scopes.discard("profile:read")
        nameless = await stage.connector.check()

        assert named.detail.startswith("signed in as Bottega_Salici;")
        assert nameless.ok
        assert nameless.detail.startswith("signed in;")

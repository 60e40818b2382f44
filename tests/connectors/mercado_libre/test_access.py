"""Tokens of six hours, refresh tokens that are good once, and what `doctor` says of the account."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from connectors.errors import AuthExpired
from connectors.keep import MemoryKeep
from connectors.mercado_libre.config import Config
from connectors.testing.virtual_time import VirtualTime
from sandbox.markets.mercado_libre import MercadoLibreMarket
from sla_rules.vocabulary import Author
from tests.connectors.mercado_libre.bench import an_account, settings_for

HOURS = timedelta(hours=6)


async def test_a_token_is_renewed_before_its_six_hours_are_over():
    async with an_account() as account:
        await account.poll()
        await account.poll()
        assert account.market.grants == 1
        await account.poll(after=HOURS)

        assert account.market.grants == 2


async def test_after_a_restart_the_exchanged_refresh_token_is_used_not_the_spent_one():
    async with an_account() as account:
        await account.poll()
        await account.stage.restart()
        await account.market.says(Author.CUSTOMER, "¿Dónde está?")

        found = await account.poll(after=HOURS)

    assert [one.text for one in found] == ["¿Dónde está?"]
    assert account.market.grants == 2


async def test_a_token_that_is_refused_early_is_renewed_once():
    async with an_account() as account:
        await account.poll()
        account.market.token = "another, since the password changed"
        await account.poll()

        assert account.market.grants == 2


async def test_a_refresh_token_that_another_program_spent_is_said_in_plain_words():
    async with an_account() as account:
        account.market.refresh = "spent by another program"

        with pytest.raises(AuthExpired, match="authorise the application again"):
            await account.poll()


async def test_a_wrong_secret_is_told_apart_from_a_spent_token():
    async with an_account(app_secret="wrong") as account:
        health = await account.connector.check()

    assert not health.ok
    assert "app_id or app_secret is wrong" in health.detail


async def test_tokens_of_another_account_are_refused_before_anything_is_read():
    async with an_account(seller_id="1") as account:
        with pytest.raises(AuthExpired, match="another account than seller_id"):
            await account.poll()
        assert account.calls("/questions/") == 0


async def test_a_good_account_is_named_and_a_wrong_site_is_corrected():
    async with an_account() as account:
        good = await account.connector.check()
    async with an_account(site="MLB") as account:
        wrong = await account.connector.check()

    assert (good.ok, good.detail) == (True, "signed in as TIENDA ABEDUL (MLA)")
    assert not wrong.ok
    assert "site should be MLA" in wrong.detail


async def test_two_inboxes_keep_their_own_tokens():
    keep = MemoryKeep()
    async with an_account(keep=keep) as account:
        await account.poll()
        kept = account.market.refresh
    async with an_account(keep=keep) as account:
        account.market.refresh = kept
        await account.poll()

        assert account.market.grants == 1


def test_an_account_of_global_selling_has_to_be_called_one():
    market = MercadoLibreMarket(VirtualTime().now)

    with pytest.raises(ValidationError, match="global_selling = true"):
        Config.model_validate(settings_for(market, site="CBT"))

"""Notifications: unsigned, so at most a reason to look."""

import json
from dataclasses import replace

import pytest

from connectors.errors import WebhookRefused
from tests.connectors.mercado_libre.bench import Account, an_account


def call(account: Account, **changes):
    request = account.market.webhook("900719925474099312")
    return replace(request, body=json.dumps(json.loads(request.body) | changes).encode())


@pytest.mark.parametrize(
    "topic", ["questions", "messages", "claims", "post_purchase", "marketplace_questions"]
)
async def test_a_call_about_conversations_makes_the_desk_look_and_brings_nothing(topic):
    async with an_account() as account:
        outcome = await account.connector.parse_webhook(call(account, topic=topic))

    assert (outcome.poll, outcome.items, outcome.status) == (True, (), 200)
    assert outcome.delivery_id


async def test_a_topic_nobody_asked_for_is_thanked_for_and_left_alone():
    async with an_account() as account:
        outcome = await account.connector.parse_webhook(call(account, topic="items"))

    assert (outcome.poll, outcome.status) == (False, 200)


async def test_numbers_written_as_text_are_the_same_numbers():
    async with an_account() as account:
        outcome = await account.connector.parse_webhook(call(account, user_id="410000330"))

    assert outcome.poll


@pytest.mark.parametrize("wrong", [{"user_id": 1}, {"application_id": 1}, {"user_id": None}])
async def test_a_call_about_another_account_or_application_is_refused(wrong):
    async with an_account() as account:
        with pytest.raises(WebhookRefused):
            await account.connector.parse_webhook(call(account, **wrong))


async def test_a_key_in_the_address_is_asked_for_where_one_is_set():
    async with an_account(webhook_key="a-long-random-word") as account:
        request = call(account)
        for query in ({}, {"key": "guessed"}, {"key": "ñ"}):
            with pytest.raises(WebhookRefused):
                await account.connector.parse_webhook(replace(request, query=query))
        right = replace(request, query={"key": "a-long-random-word"})

        assert (await account.connector.parse_webhook(right)).poll

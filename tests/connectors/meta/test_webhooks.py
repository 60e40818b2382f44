"""Meta's calls: proven over the raw body, several accounts and events in one, in any order."""

from dataclasses import replace

import pytest

from connectors.contract import Verdict
from connectors.errors import WebhookRefused
from sandbox.markets.instagram import InstagramMarket
from sla_rules.vocabulary import Author
from tests.connectors.meta.worlds import CHANNELS, account, called, mentioned


@pytest.mark.parametrize("channel", CHANNELS)
async def test_a_message_comes_with_the_name_of_who_wrote(channel):
    async with account(channel) as (stage, market):
        told = await market.says(Author.CUSTOMER, "Do you ship to Vienna?")
        outcome = await called(stage, market.webhook(told))
        message = stage.connector.normalise(outcome.items[0])
        by_poll = (await stage.poll())[0]

    assert message.verdict is Verdict.CUSTOMER
    assert message.sender_name == "Nora Quist"
    assert message.external_id == by_poll.external_id
    assert message.thread_keys[0] == by_poll.thread_keys[0]
    assert message.reply_context["to"] == by_poll.reply_context["to"]


@pytest.mark.parametrize("channel", CHANNELS)
async def test_a_message_does_not_wait_for_a_name_that_meta_does_not_give(channel):
    async with account(channel) as (stage, market):
        market.denied.add("profile")
        told = await market.says(Author.CUSTOMER, "Do you ship to Vienna?")
        outcome = await called(stage, market.webhook(told))

        assert stage.connector.normalise(outcome.items[0]).text == "Do you ship to Vienna?"


@pytest.mark.parametrize("channel", CHANNELS)
async def test_an_answer_of_the_account_makes_the_desk_read_and_stops_nothing_itself(channel):
    async with account(channel) as (stage, market):
        await stage.asked()
        said = await market.says(Author.AUTO, "Thanks, we will be back.")
        outcome = await called(stage, market.webhook(said))
        found = await stage.poll()

    assert outcome.items == ()
    assert outcome.poll
    assert [one.verdict for one in found] == [Verdict.AUTO_REPLY]


@pytest.mark.parametrize("channel", CHANNELS)
async def test_one_call_brings_several_events_each_once(channel):
    async with account(channel) as (stage, market):
        for text in ("one", "two", "three"):
            await market.says(Author.CUSTOMER, text)
        events = [market.event(said) for said in market.messages]
        theirs = {**events[0], "message": {"mid": "m_of_another_account", "text": "not ours"}}
        stranger = {"id": "999000000000999", "time": 1, "messaging": [theirs]}
        read = {"sender": events[0]["sender"], "read": {"watermark": 1}, "timestamp": 1}
        entries = [
            {"id": market.account, "time": 1, "messaging": [events[2], read]},
            {"id": market.account, "time": 1, "messaging": [events[0]], "standby": [events[1]]},
            {"id": market.account, "time": 1, "messaging": [events[0]]},
            stranger,
        ]
        call = market.signed({"object": market.webhook_object, "entry": entries})
        outcome = await called(stage, call)
        texts = [stage.connector.normalise(item).text for item in outcome.items]

    assert texts == ["three", "one", "two"]
    assert not outcome.poll


async def test_a_call_about_another_kind_of_account_brings_nothing():
    async with account("facebook") as (stage, market):
        await market.says(Author.CUSTOMER, "hello")
        entry = {"id": market.account, "time": 1, "messaging": [market.event(market.messages[0])]}
        outcome = await called(stage, market.signed({"object": "instagram", "entry": [entry]}))

    assert outcome.items == ()


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"object": "page", "entry": "x"},
        {"entry": [7]},
        {
            "object": "page",
            "entry": [{"id": "104000000000111", "messaging": [{"message": {"mid": 7}}]}],
        },
    ],
)
async def test_a_proven_call_of_another_shape_is_answered_and_read_by_the_next_poll(body):
    async with account("facebook") as (stage, market):
        outcome = await called(stage, market.signed(body))

    assert outcome.status == 200


@pytest.mark.parametrize(
    "change",
    [
        {"hub.verify_token": "another"},
        {"hub.verify_token": ""},
        {"hub.mode": "unsubscribe"},
        {"hub.challenge": "<script>"},
        {"hub.challenge": "1" * 300},
    ],
)
async def test_somebody_elses_challenge_is_refused(change):
    async with account("facebook") as (stage, market):
        request, _ = market.challenge()
        with pytest.raises(WebhookRefused) as refused:
            await called(stage, replace(request, query={**request.query, **change}))

    assert refused.value.status == 403


async def test_without_a_verify_token_no_address_is_proven():
    async with account("facebook", verify_token="") as (stage, market):
        request, _ = market.challenge()
        with pytest.raises(WebhookRefused):
            await called(stage, replace(request, query={**request.query, "hub.verify_token": ""}))


async def test_the_signature_is_over_the_raw_body():
    async with account("instagram") as (stage, market):
        told = await market.says(Author.CUSTOMER, "hello")
        request = market.webhook(told)
        spaced = replace(request, body=request.body.replace(b", ", b","))
        with pytest.raises(WebhookRefused):
            await called(stage, spaced)


async def test_a_message_taken_back_is_told_and_starts_no_clock():
    async with account("instagram") as (stage, market):
        assert isinstance(market, InstagramMarket)
        message = await stage.asked()
        event = market.taken_back(market.messages[-1])
        entry = {"id": market.account, "time": 1, "messaging": [event]}
        outcome = await called(stage, market.signed({"object": "instagram", "entry": [entry]}))
        taken = stage.connector.normalise(outcome.items[0])

    assert taken.verdict is Verdict.DELIVERY_NOTICE
    assert taken.refers_to == (message.external_id,)


async def test_an_ad_leaves_the_window_to_meta():
    async with account("instagram") as (stage, market):
        told = await market.says(Author.CUSTOMER, "I want this one")
        event = market.event(market.messages[-1], referral={"ad_id": "604", "source": "ADS"})
        entry = {"id": market.account, "time": 1, "messaging": [event]}
        outcome = await called(stage, market.signed({"object": "instagram", "entry": [entry]}))
        message = stage.connector.normalise(outcome.items[0])

    assert market.messages[-1].id == told
    assert message.reply_context["from_ad"] is True


async def test_a_mention_is_read_when_it_is_told():
    async with account("instagram") as (stage, _):
        message = await mentioned(stage)

    assert message.public
    assert message.text == "Look at @bottega.salici"
    assert message.sender_name == "nora.quist"


async def test_a_mention_that_cannot_be_read_is_a_ticket_all_the_same():
    async with account("instagram") as (stage, market):
        told = await market.says(Author.CUSTOMER, "gone", thread="89", comment=True, mention=True)
        call = market.webhook(told)
        market.messages.clear()
        outcome = await called(stage, call)
        message = stage.connector.normalise(outcome.items[0])

    assert message.verdict is Verdict.CUSTOMER
    assert "open it" in message.text


async def test_metas_warning_is_a_notice():
    async with account("facebook") as (stage, market):
        told = {"action": "warning", "reason": "Too many reports."}
        event = {"recipient": {"id": market.account}, "timestamp": 1, "policy_enforcement": told}
        entry = {"id": market.account, "time": 1, "messaging": [event]}
        outcome = await called(stage, market.signed({"object": "page", "entry": [entry]}))
        message = stage.connector.normalise(outcome.items[0])

    assert message.verdict is Verdict.NOTICE
    assert "warning. Too many reports." in message.text


@pytest.mark.parametrize("verb", ["edited", "remove", "hide"])
async def test_a_comment_that_only_changed_is_no_new_one(verb):
    async with account("facebook") as (stage, market):
        await market.says(Author.CUSTOMER, "nice", thread="88", comment=True)
        change = market.change(market.messages[-1])
        change["value"]["verb"] = verb
        entry = {"id": market.account, "time": 1, "changes": [change]}
        outcome = await called(stage, market.signed({"object": "page", "entry": [entry]}))

    assert outcome.items == ()


async def test_names_are_asked_for_once_each():
    async with account("instagram") as (stage, market):
        for text in ("one", "two"):
            await called(stage, market.webhook(await market.says(Author.CUSTOMER, text)))

        assert market.calls == 1

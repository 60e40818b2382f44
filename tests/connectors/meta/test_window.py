"""Meta's window: who may still answer, and in what form."""

from datetime import timedelta

import pytest

from connectors.errors import Rejected, ReplyWindowClosed
from connectors.meta.window import delivery
from sla_rules.vocabulary import Author
from tests.connectors.meta.worlds import CHANNELS, account

RESPONSE = {"messaging_type": "RESPONSE"}
TAGGED = {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("age", "author", "human_agent", "from_ad", "wanted"),
    [
        (timedelta(), Author.AGENT, False, False, RESPONSE),
        (timedelta(), Author.AUTO, True, False, RESPONSE),
        (23 * HOUR, Author.AGENT, True, False, RESPONSE),
        (24 * HOUR - 5 * MINUTE, Author.AGENT, False, False, RESPONSE),
        (24 * HOUR - 5 * MINUTE, Author.AGENT, True, False, TAGGED),
        (24 * HOUR - 5 * MINUTE, Author.AUTO, True, False, RESPONSE),
        (24 * HOUR, Author.AGENT, True, False, TAGGED),
        (6 * 24 * HOUR, Author.AGENT, True, False, TAGGED),
        (48 * HOUR, Author.AGENT, False, True, RESPONSE),
        (48 * HOUR, Author.AUTO, True, True, RESPONSE),
        (48 * HOUR, Author.AGENT, True, True, TAGGED),
        (24 * HOUR, Author.AGENT, False, False, None),
        (24 * HOUR, Author.AUTO, True, False, None),
        (168 * HOUR - 5 * MINUTE, Author.AGENT, True, False, None),
        (168 * HOUR, Author.AGENT, False, True, None),
    ],
)
def test_the_form_follows_from_age_author_and_feature(age, author, human_agent, from_ad, wanted):
    if wanted is None:
        with pytest.raises(ReplyWindowClosed):
            delivery(age, author, human_agent=human_agent, from_ad=from_ad)
    else:
        assert delivery(age, author, human_agent=human_agent, from_ad=from_ad) == wanted


def test_an_automatic_answer_never_carries_the_tag_of_people():
    for minutes in range(0, 8 * 24 * 60, 7):
        try:
            form = delivery(timedelta(minutes=minutes), Author.AUTO, human_agent=True, from_ad=True)
        except ReplyWindowClosed:
            continue
        assert "tag" not in form


@pytest.mark.parametrize("channel", CHANNELS)
async def test_within_the_window_a_person_answers_without_a_tag(channel):
    async with account(channel, human_agent=True) as (stage, market):
        message = await stage.asked()
        await stage.connector.reply(stage.answer(message))

        assert market.sent[0]["messaging_type"] == "RESPONSE"
        assert "tag" not in market.sent[0]


@pytest.mark.parametrize("channel", CHANNELS)
async def test_after_24_hours_a_person_answers_with_the_tag_where_the_app_has_the_feature(channel):
    async with account(channel, human_agent=True) as (stage, market):
        market.human_agent = True
        message = await stage.asked()
        assert message.tags == ("human_agent",)
        assert message.reply_until == message.sent_at + timedelta(days=7)
        stage.time.advance(timedelta(hours=30))
        receipt = await stage.connector.reply(stage.answer(message))

        assert market.sent[0]["tag"] == "HUMAN_AGENT"
        assert receipt.detail == "HUMAN_AGENT"


@pytest.mark.parametrize("channel", CHANNELS)
async def test_invariant_6_after_24_hours_a_rule_cannot_answer(channel):
    async with account(channel, human_agent=True) as (stage, market):
        market.human_agent = True
        message = await stage.asked()
        stage.time.advance(timedelta(hours=30))
        calls = market.calls
        command = stage.answer(message, author=Author.AUTO)

        with pytest.raises(ReplyWindowClosed, match="automatic"):
            stage.connector.preview(command)
        with pytest.raises(ReplyWindowClosed):
            await stage.connector.reply(command)
        assert market.calls == calls


@pytest.mark.parametrize("channel", CHANNELS)
async def test_without_the_feature_the_window_ends_after_24_hours(channel):
    async with account(channel) as (stage, market):
        message = await stage.asked()
        assert message.tags == ()
        assert message.reply_until == message.sent_at + timedelta(hours=24)
        stage.time.advance(timedelta(hours=24))
        calls = market.calls

        with pytest.raises(ReplyWindowClosed, match="human_agent"):
            await stage.connector.reply(stage.answer(message))
        assert market.calls == calls


async def test_a_feature_that_meta_did_not_grant_is_told_as_such():
    async with account("facebook", human_agent=True) as (stage, _):
        message = await stage.asked()
        stage.time.advance(timedelta(hours=30))

        with pytest.raises(Rejected, match="Human Agent feature"):
            await stage.connector.reply(stage.answer(message))


async def test_with_the_tag_there_is_no_advertising():
    async with account("instagram", human_agent=True) as (stage, market):
        market.human_agent = True
        message = await stage.asked()
        stage.time.advance(timedelta(hours=30))

        with pytest.raises(Rejected, match="advertising"):
            stage.connector.preview(stage.answer(message, "Ecco un codice sconto per Lei"))


async def test_a_new_message_of_the_customer_opens_the_window_again():
    async with account("facebook") as (stage, market):
        await stage.asked()
        stage.time.advance(timedelta(hours=30))
        message = await stage.asked("Are you there?")
        await stage.connector.reply(stage.answer(message))

        assert market.texts_sent == ["It leaves today."]

"""Public comments: a ticket each, found below the newest posts."""

from datetime import timedelta

import pytest

from connectors.capabilities import LinksDeep
from connectors.contract import Verdict
from connectors.errors import Unavailable
from connectors.meta.place import COMMENT_PAUSE
from sla_rules.vocabulary import Author
from tests.connectors.meta.worlds import CHANNELS, account, called, commented


@pytest.mark.parametrize("channel", CHANNELS)
async def test_a_comment_is_a_public_ticket_of_its_own(channel):
    async with account(channel) as (stage, _):
        direct = await stage.asked()
        comment = await commented(stage)

    assert comment.public
    assert comment.tags == ("comment",)
    assert comment.reply_until is None
    assert comment.subject == "Comment: The willow basket is back"
    assert comment.thread_keys != direct.thread_keys


@pytest.mark.parametrize("channel", CHANNELS)
async def test_what_stands_below_a_comment_is_one_thread_with_it(channel):
    async with account(channel) as (stage, _):
        first = await commented(stage)
        parent = str(first.reply_context["comment"])
        second = await commented(stage, "And in blue?", parent=parent)

    assert second.thread_keys == first.thread_keys
    assert second.reply_context["root"] == parent


@pytest.mark.parametrize("channel", CHANNELS)
async def test_more_comments_than_a_page_holds_are_all_found(channel):
    async with account(channel) as (stage, market):
        await stage.poll()
        for number in range(11):
            await market.says(Author.CUSTOMER, f"comment {number}", thread="88", comment=True)
            stage.time.advance(timedelta(seconds=5))
        stage.time.advance(COMMENT_PAUSE)
        found = {one.text for one in await stage.poll()}

    assert {f"comment {number}" for number in range(11)} <= found


@pytest.mark.parametrize("channel", CHANNELS)
async def test_between_two_looks_at_the_posts_only_messages_are_read(channel):
    async with account(channel) as (stage, market):
        await stage.asked()
        stage.time.advance(timedelta(minutes=2))
        before = market.calls
        await stage.poll()

        assert market.calls == before + 1


@pytest.mark.parametrize("channel", CHANNELS)
async def test_comments_are_not_read_unless_asked_for(channel):
    async with account(channel, comments=False) as (stage, market):
        await market.says(Author.CUSTOMER, "nice", thread="88", comment=True)
        assert await stage.poll() == []
        told = await called(stage, market.webhook(market.messages[-1].id))

        assert told.items == ()


@pytest.mark.parametrize("channel", CHANNELS)
async def test_invariant_10_without_the_permission_for_comments_messages_still_come(channel):
    async with account(channel) as (stage, market):
        await market.says(Author.CUSTOMER, "a direct question")
        market.denied.add("comments")
        with pytest.raises(Unavailable, match="comments cannot be read"):
            await stage.poll()
        texts = {stage.connector.normalise(one).text for one in stage.stored.values()}

        assert texts == {"a direct question"}
        assert not (await stage.connector.check()).ok


@pytest.mark.parametrize("channel", CHANNELS)
async def test_a_comment_of_the_account_itself_starts_no_clock(channel):
    async with account(channel) as (stage, market):
        await market.says(Author.AGENT, "We are open on Sunday.", thread="88", comment=True)
        found = await stage.poll()

    assert [one.verdict for one in found] == [Verdict.ANSWERED_ELSEWHERE]


@pytest.mark.parametrize("channel", CHANNELS)
async def test_a_comment_is_the_same_item_by_webhook_and_by_poll(channel):
    async with account(channel) as (stage, market):
        told = await market.says(Author.CUSTOMER, "Is it real?", thread="88", comment=True)
        outcome = await called(stage, market.webhook(told))
        by_call = stage.connector.normalise(outcome.items[0])
        by_poll = (await stage.poll())[0]

    assert outcome.items[0].source_id in stage.stored
    assert by_call.external_id == by_poll.external_id
    assert by_call.thread_keys == by_poll.thread_keys
    assert by_call.text == by_poll.text


async def test_the_link_of_a_comment_leads_to_its_post():
    async with account("instagram") as (stage, _):
        comment = await commented(stage)
        assert isinstance(stage.connector, LinksDeep)
        link = stage.connector.deep_link(comment.reply_context)

    assert link == "https://www.instagram.com/p/9001/"

"""Files of messages, what is known of people, and the way into Meta's own inbox."""

from typing import Any

import pytest

from connectors.capabilities import ContextRequest, FetchesAttachments, FetchesContext, LinksDeep
from connectors.contract import File, InboundMessage, RawItem
from connectors.errors import Rejected, Unavailable
from connectors.testing.bench import Stage
from sandbox.markets.meta import MetaMarket
from sla_rules.vocabulary import Author
from tests.connectors.meta.worlds import CHANNELS, account, called, commented

JPEG = b"\xff\xd8\xff" + b"0" * 40


def photo(url: str) -> dict[str, Any]:
    image = {"url": url, "width": 10, "height": 10}
    one = {"id": "1", "mime_type": "image/jpeg", "name": "IMG_1", "size": 43, "image_data": image}
    return {"attachments": {"data": [one]}}


async def received(stage: Stage, market: MetaMarket) -> tuple[RawItem, InboundMessage]:
    market.files["first.jpg"] = JPEG
    await market.says(Author.CUSTOMER, "Broken!", fields=photo(f"{market.url}/cdn/first.jpg"))
    message = (await stage.poll())[0]
    return stage.stored[f"message:{message.external_id}"], message


async def fetched(stage: Stage, item: RawItem, message: InboundMessage) -> File:
    assert isinstance(stage.connector, FetchesAttachments)
    return await stage.connector.fetch_attachment(item, message.attachments[0])


@pytest.mark.parametrize("channel", CHANNELS)
async def test_a_photo_is_a_line_in_the_message_and_a_file(channel):
    async with account(channel) as (stage, market):
        item, message = await received(stage, market)
        file = await fetched(stage, item, message)

    assert message.text == "Broken!\n[Photo: IMG_1]"
    assert (message.attachments[0].name, message.attachments[0].size) == ("IMG_1", 43)
    assert (file.name, file.media_type, file.content) == ("IMG_1", "image/jpeg", JPEG)


@pytest.mark.parametrize("channel", CHANNELS)
async def test_an_address_that_ran_out_is_asked_for_anew(channel):
    async with account(channel) as (stage, market):
        item, message = await received(stage, market)
        market.files = {"second.jpg": JPEG}
        market.messages[-1].more["fields"] = photo(f"{market.url}/cdn/second.jpg")

        assert (await fetched(stage, item, message)).content == JPEG


async def test_a_file_that_is_gone_is_no_crash():
    async with account("facebook") as (stage, market):
        item, message = await received(stage, market)
        market.files.clear()
        with pytest.raises(Unavailable):
            await fetched(stage, item, message)
        market.messages[-1].more["fields"] = {}
        with pytest.raises(Rejected, match="no such file"):
            await fetched(stage, item, message)


async def test_a_file_is_fetched_from_metas_own_machines_only():
    async with account("instagram") as (stage, market):
        evil = photo("https://evil.example/x.jpg")
        await market.says(Author.CUSTOMER, "Look", fields=evil)
        message = (await stage.poll())[0]
        with pytest.raises(Rejected):
            await fetched(stage, stage.stored[f"message:{message.external_id}"], message)


async def test_a_file_that_came_by_webhook_is_fetched_too():
    async with account("facebook") as (stage, market):
        market.files["v.jpg"] = JPEG
        await market.says(Author.CUSTOMER, "")
        listed = [{"type": "image", "payload": {"url": f"{market.url}/cdn/v.jpg"}}]
        entry = {"id": market.account, "time": 1}
        event = market.event(market.messages[-1], attachments=listed)
        call = market.signed({"object": "page", "entry": [{**entry, "messaging": [event]}]})
        item = (await called(stage, call)).items[0]
        message = stage.connector.normalise(item)

        assert message.text == "[Photo]"
        assert (await fetched(stage, item, message)).content == JPEG


async def asked_of(stage: Stage, message: InboundMessage) -> Any:
    assert isinstance(stage.connector, FetchesContext)
    request = ContextRequest(customer_handle=message.sender_handle, context=message.reply_context)
    return await stage.connector.fetch_context(request)


async def test_facebook_tells_the_locale():
    async with account("facebook") as (stage, _):
        assert (await asked_of(stage, await stage.asked())).locale == "it-IT"


async def test_instagram_tells_who_is_heard_by_many():
    async with account("instagram") as (stage, _):
        found = await asked_of(stage, await stage.asked())

    assert found.customer_tags == ("follows us", "18,400 followers")


async def test_a_person_without_a_profile_is_a_gap_and_no_error():
    async with account("instagram") as (stage, market):
        message = await stage.asked()
        market.messages.clear()
        found = await asked_of(stage, message)

    assert found.customer_tags == ()
    assert "no profile" in found.gaps[0]


async def test_without_the_permission_for_profiles_the_card_says_so():
    async with account("facebook") as (stage, market):
        message = await stage.asked()
        market.denied.add("profile")
        found = await asked_of(stage, message)

    assert found.locale is None
    assert "permission" in found.gaps[0]


async def test_of_somebody_who_commented_nothing_is_asked():
    async with account("facebook") as (stage, market):
        comment = await commented(stage)
        before = market.calls
        found = await asked_of(stage, comment)

        assert found.gaps
        assert market.calls == before


@pytest.mark.parametrize("channel", CHANNELS)
async def test_a_conversation_opens_in_the_inbox_of_the_account(channel):
    async with account(channel) as (stage, _):
        message = await stage.asked()
        assert isinstance(stage.connector, LinksDeep)
        link = stage.connector.deep_link(message.reply_context)

    assert link == "https://business.facebook.com/latest/inbox/all?asset_id=104000000000111"


@pytest.mark.parametrize(
    "link",
    [
        "https://www.instagram.com@evil.example/",
        "https://www.instagram.com:8443/x",
        "http://www.instagram.com/",
        "https://[",
        "//www.instagram.com",
    ],
)
async def test_a_comments_link_cannot_lead_elsewhere(link):
    async with account("instagram") as (stage, _):
        assert isinstance(stage.connector, LinksDeep)
        assert stage.connector.deep_link({"comment": "1", "link": link}) is None

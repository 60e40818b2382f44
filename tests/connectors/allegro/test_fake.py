"""The fake Allegro holds callers to what is documented."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import aiohttp
import pytest

from connectors.testing.virtual_time import VirtualTime
from sandbox.markets.allegro import AllegroMarket
from sandbox.markets.allegro.wire import BETA, CLIENT_ID, CLIENT_SECRET, PUBLIC, REFRESH
from sla_rules.vocabulary import Author

BASIC = {"Authorization": aiohttp.encode_basic_auth(CLIENT_ID, CLIENT_SECRET)}


@asynccontextmanager
async def seller() -> AsyncIterator[tuple[AllegroMarket, aiohttp.ClientSession, VirtualTime]]:
    time = VirtualTime()
    async with AllegroMarket(time.now) as market, aiohttp.ClientSession() as session:
        await market.says(Author.CUSTOMER, "Dzień dobry")
        market.opens("c-1")
        yield market, session, time


async def tokens(market, session, **form):
    url = f"{market.url}/auth/oauth/token"
    async with session.post(url, data=form, headers=BASIC) as answer:
        return answer.status, await answer.json()


async def signed_in(market, session):
    _, given = await tokens(market, session, grant_type="refresh_token", refresh_token=REFRESH)
    return {"Authorization": f"Bearer {given['access_token']}"}


@pytest.mark.parametrize(
    ("path", "accept", "status"),
    [
        ("/messaging/threads", PUBLIC, 200),
        ("/messaging/threads?limit=20&offset=40", PUBLIC, 200),
        ("/messaging/threads", "application/json", 406),
        ("/messaging/threads?limit=21", PUBLIC, 422),
        ("/messaging/threads?since=2026-03-01", PUBLIC, 422),
        ("/messaging/threads?type=POST_PURCHASE_ISSUE", BETA, 200),
        ("/messaging/threads?type=POST_PURCHASE_ISSUE&offset=0", BETA, 422),
        ("/messaging/threads/7001/messages?limit=20", PUBLIC, 200),
        ("/messaging/threads/7001/messages?limit=20", BETA, 406),
        ("/messaging/threads/8/messages", PUBLIC, 404),
        ("/sale/issues?limit=100&status=CLAIM_SUBMITTED&status=DISPUTE_ONGOING", BETA, 200),
        ("/sale/issues", PUBLIC, 406),
        ("/sale/issues?limit=101", BETA, 422),
        ("/sale/issues?status=OPEN", BETA, 422),
        ("/sale/issues/c-1/chat?limit=100", BETA, 200),
        ("/sale/issues/c-2/chat", BETA, 404),
        ("/order/checkout-forms/no-such", PUBLIC, 404),
    ],
)
async def test_lists_are_given_only_in_their_version_and_within_their_limits(path, accept, status):
    async with seller() as (market, session, _):
        headers = await signed_in(market, session) | {"Accept": accept}
        async with session.get(f"{market.url}{path}", headers=headers) as answer:
            assert answer.status == status


@pytest.mark.parametrize(
    ("path", "sent_as", "body", "status"),
    [
        ("/messaging/threads/7001/messages", PUBLIC, '{"text":"a"}', 201),
        ("/messaging/threads/7001/messages", "application/json", '{"text":"a"}', 415),
        ("/messaging/threads/7001/messages", PUBLIC, '{"text":"a","subject":"b"}', 422),
        ("/messaging/threads/7001/messages", PUBLIC, '{"text":"' + "a" * 2001 + '"}', 422),
        ("/messaging/message-attachments", PUBLIC, '{"filename":"a.png","size":9}', 201),
        ("/messaging/message-attachments", PUBLIC, '{"fileName":"a.png","size":9}', 422),
        ("/sale/issues/attachments", BETA, '{"fileName":"a.png","size":9}', 201),
        ("/sale/issues/attachments", BETA, '{"filename":"a.png","size":9}', 422),
        ("/sale/issues/c-1/message", BETA, '{"text":"a","type":"REGULAR"}', 201),
        ("/sale/issues/c-1/message", BETA, '{"text":"a"}', 422),
        ("/sale/issues/c-1/message", "application/json", '{"text":"a","type":"REGULAR"}', 415),
    ],
)
async def test_what_is_sent_is_taken_only_in_its_version_and_shape(path, sent_as, body, status):
    async with seller() as (market, session, _):
        accept = BETA if path.startswith("/sale") else PUBLIC
        headers = await signed_in(market, session) | {"Accept": accept, "Content-Type": sent_as}
        url = f"{market.url}{path}"
        async with session.post(url, data=body.encode(), headers=headers) as answer:
            assert answer.status == status


async def test_a_refresh_token_is_good_once_and_for_a_minute_after():
    async with seller() as (market, session, time):
        form = {"grant_type": "refresh_token", "refresh_token": REFRESH}
        first, second = await tokens(market, session, **form), await tokens(market, session, **form)
        time.advance(timedelta(seconds=61))
        third = await tokens(market, session, **form)

        assert [first[0], second[0], third[0]] == [200, 200, 400]
        assert third[1]["error"] == "invalid_grant"


async def test_an_upload_address_is_good_once():
    async with seller() as (market, session, _):
        given = await signed_in(market, session) | {"Accept": BETA}
        declared = given | {"Content-Type": BETA}
        url = f"{market.url}/sale/issues/attachments"
        body = b'{"fileName":"a.png","size":3}'
        async with session.post(url, data=body, headers=declared) as answer:
            where = answer.headers["Location"]
        statuses = []
        for _ in range(2):
            sent = given | {"Content-Type": "image/png"}
            async with session.put(where, data=b"png", headers=sent) as answer:
                statuses.append(answer.status)

        assert statuses == [200, 404]

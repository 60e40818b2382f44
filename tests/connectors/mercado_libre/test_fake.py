"""The fake refuses what Mercado Libre would: a wrong connector must not pass by it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from connectors.testing.virtual_time import VirtualTime
from sandbox.markets.mercado_libre import MercadoLibreMarket
from sandbox.markets.mercado_libre.market import APP_ID, APP_SECRET
from sandbox.markets.mercado_libre.wire import SELLER, buyer_of, pack_of
from sla_rules.vocabulary import Author

PACK = f"/messages/packs/{pack_of('7001')}/sellers/{SELLER}"

CLAIMS = "/post-purchase/v1/claims/search"


@asynccontextmanager
async def signed_in() -> AsyncIterator[tuple[MercadoLibreMarket, aiohttp.ClientSession]]:
    async with (
        MercadoLibreMarket(VirtualTime().now) as market,
        aiohttp.ClientSession(market.url) as session,
    ):
        await market.says(Author.CUSTOMER, "¿Dónde está?")
        form = {
            "grant_type": "refresh_token",
            "client_id": APP_ID,
            "client_secret": APP_SECRET,
            "refresh_token": market.refresh,
        }
        async with session.post("/oauth/token", data=form) as answer:
            token = (await answer.json())["access_token"]
        async with session.post("/oauth/token", data=form) as answer:
            assert (await answer.json())["error"] == "invalid_grant"  # good once
        session.headers["Authorization"] = f"Bearer {token}"
        yield market, session


async def test_a_read_that_does_not_say_otherwise_marks_as_read():
    async with signed_in() as (market, session):
        async with session.get(f"{PACK}?tag=post_sale&mark_as_read=false") as answer:
            assert answer.status == 200
        assert (market.read, market.changes) == ({}, 0)
        async with session.get(f"{PACK}?tag=post_sale") as answer:
            assert answer.status == 200
        assert (market.read, market.changes) == ({"7001": 1}, 1)
        async with session.get("/messages/unread?role=seller&tag=post_sale") as answer:
            assert (await answer.json())["results"] == []


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (PACK, 400),  # without the tag
        (f"{PACK}?tag=post_sale&limit=0", 400),
        (f"{PACK}?tag=post_sale&limit=51", 400),
        (f"{PACK}?tag=post_sale&since=yesterday", 400),
        (f"/messages/packs/{pack_of('7001')}/sellers/1?tag=post_sale", 403),
        (f"/messages/packs/{pack_of('99')}/sellers/{SELLER}?tag=post_sale", 403),
        ("/messages/unread?role=seller", 400),
        ("/questions/search?seller_id=1&sort_fields=date_created&api_version=4", 400),
        (f"/questions/search?seller_id={SELLER}&sort_fields=date_created&offset=1001", 400),
        (f"{CLAIMS}?status=opened", 400),
        (f"{CLAIMS}?players.user_id={SELLER}&players.role=respondent&sort=last_updated:asc", 400),
        (f"{CLAIMS}?players.user_id={SELLER}", 400),
        ("/shipments/1", 400),
        ("/no/such/call", 404),
    ],
)
async def test_wrong_reads_are_refused(path, status):
    async with signed_in() as (_, session), session.get(path) as answer:
        assert answer.status == status


async def test_without_its_version_a_question_does_not_say_who_asks():
    async with signed_in() as (market, session):
        await market.asks("¿Es de abedul?")
        path = f"/questions/search?seller_id={SELLER}&sort_fields=date_created"
        async with session.get(path) as answer:
            assert "from" not in (await answer.json())["questions"][0]
        async with session.get(f"{path}&api_version=4") as answer:
            assert "from" in (await answer.json())["questions"][0]


GOOD = {"from": {"user_id": SELLER}, "to": {"user_id": str(buyer_of("7001"))}, "text": "Sale hoy."}


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({}, 201),
        ({"text": "a" * 351}, 400),
        ({"text": "5 €"}, 400),
        ({"text": ""}, 400),
        ({"from": {}}, 400),
        ({"to": {"user_id": "1"}}, 403),
        ({"attachments": ["no-such-file.png"]}, 422),
    ],
)
async def test_wrong_messages_are_refused(change, status):
    async with (
        signed_in() as (market, session),
        session.post(f"{PACK}?tag=post_sale", json=GOOD | change) as answer,
    ):
        assert answer.status == status
        assert len(market.texts_sent) == (status == 201)


@pytest.mark.parametrize("content", [{}, {"question_id": "7", "text": "Sí"}, {"text": "Sí"}])
async def test_wrong_answers_are_refused(content):
    async with signed_in() as (market, session):
        await market.asks("¿Es de abedul?")
        async with session.post("/answers", json=content) as answer:
            assert answer.status in {400, 404}
        assert market.texts_sent == []


async def test_nobody_is_let_in_without_a_living_token():
    async with MercadoLibreMarket(VirtualTime().now) as market, aiohttp.ClientSession() as session:
        for headers in ({}, {"Authorization": "Bearer "}, {"Authorization": "Bearer guessed"}):
            async with session.get(f"{market.url}/users/me", headers=headers) as answer:
                assert answer.status == 401

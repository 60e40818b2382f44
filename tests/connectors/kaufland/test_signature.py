"""Who calls is proven as Kaufland documents it, and the fake holds callers to it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import aiohttp
import pytest

from connectors.kaufland.signature import signature
from connectors.testing.virtual_time import VirtualTime
from sandbox.markets.kaufland import SECRET, KauflandMarket
from sla_rules.vocabulary import Author

# The example of Kaufland's REST page, key included.
EXAMPLE_KEY = "a7d0cb1da1ddbc86c96ee5fedd341b7d8ebfbb2f5c83cfe0909f4e57f05dd403"
EXAMPLE = "da0b65f51c0716c1d3fa658b7eaf710583630a762a98c9af8e9b392bd9df2e2a"
UNITS = "https://sellerapi.kaufland.com/v2/units/"


def test_the_documented_example_has_the_documented_signature():
    assert signature(EXAMPLE_KEY, "POST", UNITS, b"", 1411055926) == EXAMPLE


@pytest.mark.parametrize(
    ("method", "uri", "body", "at"),
    [
        ("GET", UNITS, b"", 1411055926),
        ("POST", f"{UNITS}?limit=1", b"", 1411055926),
        ("POST", UNITS, b"{}", 1411055926),
        ("POST", UNITS, b"", 1411055927),
    ],
)
def test_everything_that_is_sent_is_signed(method, uri, body, at):
    assert signature(EXAMPLE_KEY, method, uri, body, at) != EXAMPLE


@asynccontextmanager
async def seller() -> AsyncIterator[tuple[KauflandMarket, aiohttp.ClientSession, VirtualTime]]:
    time = VirtualTime()
    async with KauflandMarket(time.now) as market, aiohttp.ClientSession() as session:
        await market.says(Author.CUSTOMER, "Hallo?")
        yield market, session, time


def headers(market: KauflandMarket, uri: str, at: int, method: str = "GET") -> dict[str, str]:
    return {
        "User-Agent": "test",
        "Shop-Client-Key": market.token,
        "Shop-Timestamp": str(at),
        "Shop-Signature": signature(SECRET, method, uri, b"", at),
    }


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 200),
        ("?limit=30&sort=ts_updated_iso:desc", 200),
        ("?limit=31", 400),
        ("?sort=ts_updated_iso:asc", 400),
        ("?updated_since=2026-03-01", 400),
    ],
)
async def test_the_fake_lists_tickets_only_as_documented(query, status):
    async with seller() as (market, session, time):
        uri = f"{market.url}/v2/tickets{query}"
        at = int(time.now().timestamp())
        async with session.get(uri, headers=headers(market, uri, at)) as answer:
            assert answer.status == status


async def test_the_fake_refuses_what_is_not_signed_for_this_call_and_this_moment():
    async with seller() as (market, session, time):
        uri = f"{market.url}/v2/tickets"
        now = int(time.now().timestamp())
        late = int((time.now() - timedelta(hours=1)).timestamp())
        wrong = [
            {},
            headers(market, f"{uri}?limit=1", now),
            headers(market, uri, late),
            headers(market, uri, now, method="POST"),
            headers(market, uri, now) | {"Shop-Client-Key": "another"},
            headers(market, uri, now) | {"User-Agent": ""},
        ]
        for given in wrong:
            async with session.get(uri, headers=given) as answer:
                assert answer.status == 401

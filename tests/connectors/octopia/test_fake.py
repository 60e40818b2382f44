"""The fake holds callers to what Octopia documents."""

import aiohttp
import pytest

from connectors.testing.virtual_time import VirtualTime
from sandbox.markets.octopia import CLIENT, SELLER, SUBSCRIPTION, OctopiaMarket
from sla_rules.vocabulary import Author

TOKEN = "/auth/realms/maas/protocol/openid-connect/token"


async def asked(method: str, path: str, **headers: str) -> int:
    """The status of one call by a client that signed in."""
    async with OctopiaMarket(VirtualTime().now) as market, aiohttp.ClientSession() as session:
        await market.says(Author.CUSTOMER, "Bonjour ?")
        form = {"grant_type": "client_credentials"}
        form |= {"client_id": CLIENT[0], "client_secret": CLIENT[1]}
        async with session.post(f"{market.url}{TOKEN}", data=form) as granted:
            token = (await granted.json())["access_token"]
        good = {
            "Authorization": f"Bearer {token}",
            "SellerId": SELLER,
            "Ocp-Apim-Subscription-Key": SUBSCRIPTION,
        }
        url = f"{market.url}/seller/v2{path}"
        async with session.request(method, url, headers=good | headers) as answer:
            return answer.status


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("?updatedAtMin=2026-03-01T00:00:00Z&pageSize=100", 200),
        ("?updatedAtMin=2025-03-01T00:00:00Z", 400),
        ("?pageSize=101", 400),
        ("?updatedSince=2026-03-01", 400),
    ],
)
async def test_discussions_are_searched_only_as_documented(query, status):
    assert await asked("GET", f"/discussions{query}") == status


@pytest.mark.parametrize(
    "wrong",
    [
        {"SellerId": "1"},
        {"Authorization": "Bearer no"},
        {"Authorization": "Basic no"},
        {"Ocp-Apim-Subscription-Key": "no"},
    ],
)
async def test_who_calls_has_to_be_known(wrong):
    assert await asked("GET", "/discussions", **wrong) == 401


async def test_a_message_without_its_fields_is_refused():
    assert await asked("POST", "/messages") == 404

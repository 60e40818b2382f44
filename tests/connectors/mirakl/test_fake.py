"""The fake refuses what Mirakl would refuse, so that a wrong connector fails."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from connectors.testing.virtual_time import VirtualTime
from sandbox.markets.mirakl import MiraklMarket
from sla_rules.vocabulary import Author


@asynccontextmanager
async def shop() -> AsyncIterator[tuple[MiraklMarket, aiohttp.ClientSession]]:
    async with MiraklMarket(VirtualTime().now) as market:
        await market.says(Author.CUSTOMER, "Hello?")
        headers = {"Authorization": market.token}
        async with aiohttp.ClientSession(market.url, headers=headers) as session:
            yield market, session


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 200),
        ("?updated_since=2026-03-01T00:00:00Z&limit=100", 200),
        ("?limit=101", 400),
        ("?updated_from=2026-03-01T00:00:00Z", 400),
        ("?entity_id=7001-A", 400),
        ("?entity_id=7001-A&entity_type=MMP_ORDER", 200),
        ("?page_token=bm9uc2Vuc2U=", 400),
    ],
)
async def test_threads_are_listed_only_as_documented(query, status):
    async with shop() as (_, session), session.get(f"/api/inbox/threads{query}") as answer:
        assert answer.status == status


async def test_the_key_stands_without_a_word_before_it():
    async with shop() as (market, session):
        headers = {"Authorization": f"Bearer {market.token}"}
        async with session.get("/api/account", headers=headers) as answer:
            assert answer.status == 401


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        ('{"body": "Hello", "to": [{"type": "CUSTOMER"}]}', "application/json", 201),
        ('{"body": "Hello", "to": [{"type": "CUSTOMER"}]}', "text/plain", 415),
        ('{"body": "Hi", "to": [{"type": "CUSTOMER"}]}', "application/json", 400),
        ('{"body": "Hello", "to": []}', "application/json", 400),
        ('{"body": "Hello"}', "application/json", 400),
        ('{"body": "Hello", "to": [{"type": "CARRIER"}]}', "application/json", 400),
    ],
)
async def test_an_answer_is_taken_only_as_documented(content, kind, status):
    async with shop() as (market, session):
        form: Any = aiohttp.FormData()
        form.add_field("message_input", content, content_type=kind)
        async with session.post("/api/inbox/threads/7001/message", data=form) as answer:
            assert answer.status == status
        assert len(market.texts_sent) == (status == 201)

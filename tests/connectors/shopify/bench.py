"""A running shop and a connector to it, with whatever settings a test needs."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from connectors.capabilities import ContextRequest
from connectors.contract import InboundMessage, RawItem, Verdict
from connectors.shopify.connector import ShopifyConnector
from connectors.testing.bench import PATIENCE, Bench, Stage
from connectors.testing.market import Market
from connectors.testing.virtual_time import VirtualTime
from sandbox.markets.shopify import ShopifyMarket
from sandbox.markets.shopify.admin import ShopifyAdmin
from sandbox.markets.shopify.books import Books


class ShopBench(Bench):
    """The suite's own stage, for tests that are no contract rules."""

    package = "connectors.shopify"

    def __init__(self, *, mail_only: bool = False, **changes: Any) -> None:
        self._mail_only = mail_only
        self._changes = changes

    def market(self, now: Callable[[], datetime]) -> ShopifyMarket:
        return ShopifyMarket(now)

    def config(self, market: Market) -> dict[str, Any]:
        assert isinstance(market, ShopifyMarket)
        chosen = market.mailbox_settings() if self._mail_only else market.settings()
        return {name: one for name, one in {**chosen, **self._changes}.items() if one is not None}


@dataclass(slots=True, kw_only=True)
class Shop:
    """A stage, with its parts by their own types."""

    stage: Stage
    market: ShopifyMarket
    admin: ShopifyAdmin = field(init=False)

    def __post_init__(self) -> None:
        self.admin = self.market.admin

    @property
    def books(self) -> Books:
        return self.admin.books

    @property
    def time(self) -> VirtualTime:
        return self.stage.time

    @property
    def connector(self) -> ShopifyConnector:
        assert isinstance(self.stage.connector, ShopifyConnector)
        return self.stage.connector

    async def poll(self) -> list[InboundMessage]:
        return await self.stage.poll()

    async def poll_later(self, **by: float) -> list[InboundMessage]:
        self.time.advance(timedelta(**by))
        return await self.stage.poll()

    def asking(self, message: InboundMessage, **changes: Any) -> ContextRequest:
        request = {
            "customer_handle": message.sender_handle,
            "order_id": message.order_id,
            "context": dict(message.reply_context),
            **changes,
        }
        return ContextRequest(**request)


@asynccontextmanager
async def shop(*, patience: timedelta = PATIENCE, **changes: Any) -> AsyncIterator[Shop]:
    """A running shop. `mail_only` leaves the Admin API out; other changes are settings."""
    async with ShopBench(**changes).running(patience=patience) as stage:
        assert isinstance(stage.market, ShopifyMarket)
        yield Shop(stage=stage, market=stage.market)


def reader(**changes: Any) -> ShopifyConnector:
    """A connector that was never connected."""
    found = ShopBench(**changes).asleep()
    assert isinstance(found, ShopifyConnector)
    return found


def fixture(name: str) -> RawItem:
    """One fixture, as the desk would have stored it."""
    return ShopBench().raw_fixtures()[name]


def customers(messages: list[InboundMessage]) -> list[InboundMessage]:
    return [one for one in messages if one.verdict is Verdict.CUSTOMER]

"""The Shopify connector keeps the contract, over a mailbox and the Admin API together."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from connectors.testing.failing import Fails
from connectors.testing.market import Market
from connectors.testing.reading import Reads
from connectors.testing.replying import Replies
from connectors.testing.suite import ConnectorContract
from sandbox.markets.shopify import ShopifyMarket


class TestShopify(ConnectorContract):
    package = "connectors.shopify"
    lookback = timedelta(days=7)
    old_cursors = ({}, {"mail": None, "watch": {"at": "soon", "open": []}})

    def market(self, now: Callable[[], datetime]) -> ShopifyMarket:
        return ShopifyMarket(now)

    def config(self, market: Market) -> dict[str, Any]:
        assert isinstance(market, ShopifyMarket)
        return dict(market.settings())


class TestShopifyByMailAlone(Reads, Fails, Replies):
    """The rules of reading, failing and replying, for a seller without access to the API."""

    package = "connectors.shopify"
    lookback = timedelta(days=7)

    def market(self, now: Callable[[], datetime]) -> ShopifyMarket:
        return ShopifyMarket(now)

    def config(self, market: Market) -> dict[str, Any]:
        assert isinstance(market, ShopifyMarket)
        return market.mailbox_settings()

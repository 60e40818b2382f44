"""Amazon's mail keeps the contract."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from connectors.testing.market import Market
from connectors.testing.suite import ConnectorContract
from sandbox.markets.amazon import OWN_PROVIDER
from sandbox.markets.amazon_seller import AmazonSeller


class TestAmazon(ConnectorContract):
    package = "connectors.amazon"
    lookback = timedelta(days=7)

    def market(self, now: Callable[[], datetime]) -> AmazonSeller:
        return AmazonSeller(now)

    def config(self, market: Market) -> dict[str, Any]:
        assert isinstance(market, AmazonSeller)
        return {**market.settings(), "trusted_authserv": OWN_PROVIDER}

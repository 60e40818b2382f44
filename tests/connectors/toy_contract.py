"""The contract suite over the example connector; its broken twins are made of it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from connectors.testing.market import Market
from connectors.testing.suite import ConnectorContract
from sandbox.markets.toy import SECRET, ToyMarket


class ToyContract(ConnectorContract):
    package = "sandbox.toy"
    lookback = timedelta(days=7)

    def market(self, now: Callable[[], datetime]) -> ToyMarket:
        return ToyMarket(now)

    def config(self, market: Market) -> dict[str, Any]:
        assert isinstance(market, ToyMarket)
        return {
            "api_key": market.token,
            "webhook_secret": SECRET,
            "base_url": market.url or "http://127.0.0.1:9",
        }

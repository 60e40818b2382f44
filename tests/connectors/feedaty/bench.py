"""The contract suite's view of Feedaty, shared by its tests."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, ClassVar

from connectors.testing.bench import Stage
from connectors.testing.market import Market
from connectors.testing.suite import ConnectorContract
from sandbox.markets.feedaty import MERCHANT, SECRET, FeedatyMarket


class FeedatyBench(ConnectorContract):
    package = "connectors.feedaty"
    lookback = timedelta(days=7)
    old_cursors = ({"since": "2026-03-09T10:00:00+00:00"},)
    settings_too: ClassVar[dict[str, Any]] = {}

    def market(self, now: Callable[[], datetime]) -> FeedatyMarket:
        return FeedatyMarket(now)

    def config(self, market: Market) -> dict[str, Any]:
        assert isinstance(market, FeedatyMarket)
        return {
            "merchant_code": MERCHANT,
            "client_secret": SECRET,
            "base_url": market.url or "http://127.0.0.1:9",
            **self.settings_too,
        }


def feedaty_of(stage: Stage) -> FeedatyMarket:
    """The fake behind a stage."""
    assert isinstance(stage.market, FeedatyMarket)
    return stage.market

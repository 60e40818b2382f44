"""The contract suite's view of Mirakl, shared by its tests."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, ClassVar

from connectors.testing.bench import Stage
from connectors.testing.market import Market
from connectors.testing.suite import ConnectorContract
from sandbox.markets.mirakl import MiraklMarket


class MiraklBench(ConnectorContract):
    package = "connectors.mirakl"
    lookback = timedelta(days=7)
    old_cursors = ({"since": "2026-03-09T10:00:00+00:00"},)
    settings_too: ClassVar[dict[str, Any]] = {}

    def market(self, now: Callable[[], datetime]) -> MiraklMarket:
        return MiraklMarket(now)

    def config(self, market: Market) -> dict[str, Any]:
        assert isinstance(market, MiraklMarket)
        return {
            "operator": "decathlon",
            "api_key": market.token,
            "base_url": market.url or "http://127.0.0.1:9",
            **self.settings_too,
        }


def mirakl_of(stage: Stage) -> MiraklMarket:
    """The fake behind a stage."""
    assert isinstance(stage.market, MiraklMarket)
    return stage.market

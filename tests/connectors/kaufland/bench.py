"""The contract suite's view of Kaufland, shared by its tests."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, ClassVar

from connectors.testing.bench import Stage
from connectors.testing.market import Market
from connectors.testing.suite import ConnectorContract
from sandbox.markets.kaufland import SECRET, KauflandMarket


class KauflandBench(ConnectorContract):
    package = "connectors.kaufland"
    lookback = timedelta(days=7)
    old_cursors = ({"since": "2026-03-09T10:00:00+00:00"},)
    settings_too: ClassVar[dict[str, Any]] = {}

    def market(self, now: Callable[[], datetime]) -> KauflandMarket:
        return KauflandMarket(now)

    def config(self, market: Market) -> dict[str, Any]:
        assert isinstance(market, KauflandMarket)
        return {
            "client_key": market.token,
            "secret_key": SECRET,
            "base_url": f"{market.url or 'http://127.0.0.1:9'}/v2",
            **self.settings_too,
        }


def kaufland_of(stage: Stage) -> KauflandMarket:
    """The fake behind a stage."""
    assert isinstance(stage.market, KauflandMarket)
    return stage.market

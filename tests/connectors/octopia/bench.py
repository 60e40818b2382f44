"""The contract suite's view of Octopia, shared by its tests."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, ClassVar

from connectors.testing.bench import Stage
from connectors.testing.market import Market
from connectors.testing.suite import ConnectorContract
from sandbox.markets.octopia import CLIENT, SELLER, SUBSCRIPTION, OctopiaMarket


class OctopiaBench(ConnectorContract):
    package = "connectors.octopia"
    lookback = timedelta(days=7)
    old_cursors = ({"since": "2026-03-09T10:00:00+00:00"}, {"seen": {"d1": "2026", "d2": []}})
    settings_too: ClassVar[dict[str, Any]] = {}

    def market(self, now: Callable[[], datetime]) -> OctopiaMarket:
        return OctopiaMarket(now)

    def config(self, market: Market) -> dict[str, Any]:
        assert isinstance(market, OctopiaMarket)
        url = market.url or "http://127.0.0.1:9"
        return {
            "client_id": CLIENT[0],
            "client_secret": CLIENT[1],
            "seller_id": SELLER,
            "subscription_key": SUBSCRIPTION,
            "base_url": f"{url}/seller/v2",
            "auth_url": url,
            **self.settings_too,
        }


def octopia_of(stage: Stage) -> OctopiaMarket:
    """The fake behind a stage."""
    assert isinstance(stage.market, OctopiaMarket)
    return stage.market

"""The contract suite's view of Google Business Profile, shared by its tests."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, ClassVar

from connectors.testing.bench import Stage
from connectors.testing.market import Market
from connectors.testing.suite import ConnectorContract
from sandbox.markets.google_business import (
    CLIENT_ID,
    CLIENT_SECRET,
    REFRESH,
    GoogleBusinessMarket,
)


class GoogleBench(ConnectorContract):
    package = "connectors.google_business"
    lookback = timedelta(days=7)
    old_cursors = ({"first": "2026-03-09T10:00:00+00:00"},)
    settings_too: ClassVar[dict[str, Any]] = {}

    def market(self, now: Callable[[], datetime]) -> GoogleBusinessMarket:
        return GoogleBusinessMarket(now)

    def config(self, market: Market) -> dict[str, Any]:
        assert isinstance(market, GoogleBusinessMarket)
        url = market.url or "http://127.0.0.1:9"
        return {
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "refresh_token": REFRESH,
            "base_url": url,
            "accounts_url": url,
            "locations_url": url,
            "oauth_url": url,
            **self.settings_too,
        }


def google_of(stage: Stage) -> GoogleBusinessMarket:
    """The fake behind a stage."""
    assert isinstance(stage.market, GoogleBusinessMarket)
    return stage.market

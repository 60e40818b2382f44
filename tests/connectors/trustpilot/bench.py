"""The contract suite's view of Trustpilot, shared by its tests."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, ClassVar

from connectors.testing.bench import Stage
from connectors.testing.market import Market
from connectors.testing.suite import ConnectorContract
from sandbox.markets.trustpilot import (
    API_KEY,
    API_SECRET,
    UNIT,
    USER,
    WEBHOOK_SECRET,
    TrustpilotMarket,
)


class TrustpilotBench(ConnectorContract):
    package = "connectors.trustpilot"
    lookback = timedelta(days=7)
    calls_are_signed = False
    old_cursors = ({"since": "2026-03-09T10:00:00+00:00"},)
    settings_too: ClassVar[dict[str, Any]] = {}

    def market(self, now: Callable[[], datetime]) -> TrustpilotMarket:
        return TrustpilotMarket(now)

    def config(self, market: Market) -> dict[str, Any]:
        assert isinstance(market, TrustpilotMarket)
        return {
            "api_key": API_KEY,
            "api_secret": API_SECRET,
            "business_unit_id": UNIT,
            "business_user_id": USER,
            "webhook_secret": WEBHOOK_SECRET,
            "base_url": market.url or "http://127.0.0.1:9",
            **self.settings_too,
        }


def trustpilot_of(stage: Stage) -> TrustpilotMarket:
    """The fake behind a stage."""
    assert isinstance(stage.market, TrustpilotMarket)
    return stage.market

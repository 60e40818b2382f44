"""The Amazon account keeps the contract."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from connectors.testing.market import Market
from connectors.testing.suite import ConnectorContract
from sandbox.markets.selling_partner import SellingPartnerMarket

DAYS = 20


class TestAmazonAccount(ConnectorContract):
    package = "connectors.amazon_account"
    lookback = timedelta(days=DAYS)
    old_cursors = (
        {},
        {"asked": {"feedback:it": {"at": "no date"}}, "troubles": "none"},
        {"asked": {"feedback:it": {"at": "2026-03-09T05:00:00+00:00", "report": "gone"}}},
    )

    def market(self, now: Callable[[], datetime]) -> SellingPartnerMarket:
        return SellingPartnerMarket(now)

    def config(self, market: Market) -> dict[str, Any]:
        assert isinstance(market, SellingPartnerMarket)
        return {
            **market.settings(),
            "marketplaces": ["it"],
            "since_days": DAYS,
            "report_hours": 0,
        }

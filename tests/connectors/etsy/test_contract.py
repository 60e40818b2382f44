"""Etsy keeps the contract."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from connectors.testing.market import Market
from connectors.testing.suite import ConnectorContract
from sandbox.markets.profile_mail import EtsyMail


class TestEtsyMail(ConnectorContract):
    package = "connectors.etsy"
    lookback = timedelta(days=7)

    def market(self, now: Callable[[], datetime]) -> EtsyMail:
        return EtsyMail(now)

    def config(self, market: Market) -> dict[str, Any]:
        assert isinstance(market, EtsyMail)
        return market.settings()

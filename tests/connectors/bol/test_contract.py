"""bol keeps the contract."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from connectors.testing.market import Market
from connectors.testing.suite import ConnectorContract
from sandbox.markets.profile_mail import BolMail


class TestBolMail(ConnectorContract):
    package = "connectors.bol"
    lookback = timedelta(days=7)

    def market(self, now: Callable[[], datetime]) -> BolMail:
        return BolMail(now)

    def config(self, market: Market) -> dict[str, Any]:
        assert isinstance(market, BolMail)
        return market.settings()

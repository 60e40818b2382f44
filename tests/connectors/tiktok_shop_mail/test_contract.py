"""TikTok Shop by mail keeps the contract."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from connectors.testing.market import Market
from connectors.testing.suite import ConnectorContract
from sandbox.markets.profile_mail import TikTokShopMail


class TestTikTokShopMail(ConnectorContract):
    package = "connectors.tiktok_shop_mail"
    lookback = timedelta(days=7)

    def market(self, now: Callable[[], datetime]) -> TikTokShopMail:
        return TikTokShopMail(now)

    def config(self, market: Market) -> dict[str, Any]:
        assert isinstance(market, TikTokShopMail)
        return market.settings()

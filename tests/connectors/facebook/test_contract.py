"""Facebook keeps the contract."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from connectors.contract import InboundMessage
from connectors.testing.bench import Stage
from connectors.testing.market import Market
from connectors.testing.suite import ConnectorContract
from sandbox.markets.facebook import FacebookMarket
from tests.connectors.meta.worlds import comment_and_answer, facebook_settings


class TestFacebook(ConnectorContract):
    package = "connectors.facebook"
    lookback = timedelta(days=7)

    def market(self, now: Callable[[], datetime]) -> FacebookMarket:
        return FacebookMarket(now)

    def config(self, market: Market) -> dict[str, Any]:
        return facebook_settings(market)

    async def tour(self, stage: Stage, message: InboundMessage) -> None:
        await comment_and_answer(stage)

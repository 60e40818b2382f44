"""Instagram keeps the contract."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from connectors.contract import InboundMessage
from connectors.testing.bench import Stage
from connectors.testing.market import Market
from connectors.testing.suite import ConnectorContract
from sandbox.markets.instagram import InstagramMarket
from tests.connectors.meta.worlds import answer_a_mention, comment_and_answer, instagram_settings


class TestInstagram(ConnectorContract):
    package = "connectors.instagram"
    lookback = timedelta(days=7)

    def market(self, now: Callable[[], datetime]) -> InstagramMarket:
        return InstagramMarket(now)

    def config(self, market: Market) -> dict[str, Any]:
        return instagram_settings(market)

    async def tour(self, stage: Stage, message: InboundMessage) -> None:
        await comment_and_answer(stage)
        await answer_a_mention(stage)

"""TikTok Shop keeps the contract."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from connectors.capabilities import ContextRequest, FetchesContext
from connectors.contract import InboundMessage, InboxContext
from connectors.testing.bench import INSTANCE_KEY, Stage
from connectors.testing.market import Market
from connectors.testing.suite import ConnectorContract
from sandbox.markets.tiktok_shop import TikTokShopMarket
from tests.connectors.tiktok_shop.stand import PICTURE, settings_for


class TestTikTokShop(ConnectorContract):
    package = "connectors.tiktok_shop"
    lookback = timedelta(days=7)
    old_cursors = ({}, {"seen": {"7001": ["1", 2]}}, {"floor": "soon", "seen": []})

    def market(self, now: Callable[[], datetime]) -> TikTokShopMarket:
        return TikTokShopMarket(now)

    def config(self, market: Market) -> dict[str, Any]:
        return settings_for(market)

    async def tour(self, stage: Stage, message: InboundMessage) -> None:
        """A picture, an order by its number, and a first consent."""
        await stage.connector.reply(stage.answer(message, attachments=[PICTURE]))
        assert isinstance(stage.connector, FetchesContext)
        asked = ContextRequest(customer_handle=message.sender_handle, order_id="1")
        await stage.connector.fetch_context(asked)
        market = stage.market
        assert isinstance(market, TikTokShopMarket)
        settings = settings_for(market, refresh_token=None, auth_code=market.gate.auth_code)
        newcomer = self.spec.build(
            self.spec.config_model.model_validate(settings),
            InboxContext(inbox="new", instance_key=INSTANCE_KEY, now=stage.time.now),
        )
        assert (await newcomer.check()).ok
        await newcomer.close()

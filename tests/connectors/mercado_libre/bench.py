"""The contract suite's view of Mercado Libre, and an account to play with, shared by its tests."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from connectors.contract import InboundMessage, InboxContext
from connectors.keep import KeyValue, MemoryKeep
from connectors.mercado_libre.config import Config
from connectors.mercado_libre.connector import MercadoLibreConnector, build
from connectors.testing.bench import INSTANCE_KEY, Stage
from connectors.testing.market import Market
from connectors.testing.suite import ConnectorContract
from connectors.testing.virtual_time import VirtualTime
from sandbox.markets.mercado_libre import MercadoLibreMarket
from sandbox.markets.mercado_libre.market import APP_ID, APP_SECRET
from sandbox.markets.mercado_libre.wire import AUTOMATIC_CLIENT, SELLER


class MercadoLibreBench(ConnectorContract):
    package = "connectors.mercado_libre"
    lookback = timedelta(days=7)
    old_cursors = (
        {"questions_since": "2026-03-09T10:00:00+00:00"},
        {"asked": {"7": 1}, "packs": {"8": {"looked": "no"}}, "claims": [], "first": None},
    )
    calls_are_signed = False

    def market(self, now: Callable[[], datetime]) -> MercadoLibreMarket:
        return MercadoLibreMarket(now)

    def config(self, market: Market) -> dict[str, Any]:
        return settings_for(market)


def settings_for(market: Market, **changes: Any) -> dict[str, Any]:
    """The settings of an inbox at the fake."""
    assert isinstance(market, MercadoLibreMarket)
    settings = {
        "app_id": APP_ID,
        "app_secret": APP_SECRET,
        "refresh_token": market.refresh,
        "seller_id": SELLER,
        "site": "CBT" if market.global_selling else market.site,
        "global_selling": market.global_selling,
        "automatic_clients": [AUTOMATIC_CLIENT],
        "base_url": market.url or "http://127.0.0.1:9",
    }
    return settings | changes


@dataclass(kw_only=True)
class Account:
    """A seller account, its inbox, and what the desk keeps of it."""

    stage: Stage
    market: MercadoLibreMarket
    time: VirtualTime

    @property
    def connector(self) -> MercadoLibreConnector:
        """The connector that runs now."""
        assert isinstance(self.stage.connector, MercadoLibreConnector)
        return self.stage.connector

    async def poll(self, after: timedelta = timedelta(minutes=5)) -> list[InboundMessage]:
        """What is new, after a while."""
        self.time.advance(after)
        return await self.stage.poll()

    def calls(self, path: str) -> int:
        """How many calls so far had `path` in theirs."""
        return sum(path in call.path for call in self.market.log)


@asynccontextmanager
async def an_account(
    *, keep: KeyValue | None = None, global_selling: bool = False, **changes: Any
) -> AsyncIterator[Account]:
    """A running fake and an inbox at it; `changes` are settings."""
    time, kept = VirtualTime(), keep or MemoryKeep()
    async with MercadoLibreMarket(time.now, global_selling=global_selling) as market:
        settings = Config.model_validate(settings_for(market, **changes))
        context = InboxContext(
            inbox="ml", instance_key=INSTANCE_KEY, now=time.now, keep=kept, sleep=time.sleep
        )
        stage = Stage(
            market=market,
            time=time,
            build=lambda: build(settings, context),
            connector=build(settings, context),
        )
        try:
            yield Account(stage=stage, market=market, time=time)
        finally:
            await stage.connector.close()

"""A TikTok Shop inbox at its fake, on virtual time: for tests of what is special about it."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.contract import File, InboundMessage, InboxContext
from connectors.keep import KeyValue, MemoryKeep
from connectors.registry import load_spec
from connectors.testing.bench import INSTANCE_KEY, Stage
from connectors.testing.market import THREAD, Market
from connectors.testing.virtual_time import VirtualTime
from connectors.tiktok_shop.config import Config
from connectors.tiktok_shop.connector import TikTokShopConnector, build
from sandbox.markets.tiktok_shop import TikTokShopMarket
from sla_rules.vocabulary import Author

PICTURE = File(name="a.png", media_type="image/png", content=b"\x89PNG\r\n\x1a\n" + b"0" * 64)
SPEC = load_spec("connectors.tiktok_shop")


def settings_for(market: Market, **changes: Any) -> dict[str, Any]:
    """The settings of an inbox at the fake."""
    assert isinstance(market, TikTokShopMarket)
    url = market.url or "http://127.0.0.1:9"
    settings = {
        "app_key": market.gate.app_key,
        "app_secret": market.gate.app_secret,
        "refresh_token": market.gate.refresh,
        "base_url": url,
        "auth_url": url,
    }
    return settings | changes


@dataclass(kw_only=True)
class Shop:
    """A shop, its inbox, and what the desk keeps of it."""

    stage: Stage
    market: TikTokShopMarket
    time: VirtualTime

    @property
    def connector(self) -> TikTokShopConnector:
        """The connector that runs now."""
        assert isinstance(self.stage.connector, TikTokShopConnector)
        return self.stage.connector

    async def says(
        self,
        text: str = "",
        *,
        author: Author = Author.CUSTOMER,
        at: datetime | None = None,
        thread: str = THREAD,
        content: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> str:
        """Somebody writes; `content` is that of another type of message."""
        if content is not None:
            more["content"] = json.dumps(dict(content))
        return await self.market.says(author, text, at=at, thread=thread, **more)

    async def poll(self) -> list[InboundMessage]:
        """What is new."""
        return await self.stage.poll()

    def asked(self, path: str) -> int:
        """How many calls so far had `path` in theirs."""
        return sum(path in call.path for call in self.market.log)


@asynccontextmanager
async def a_shop(*, keep: KeyValue | None = None, **changes: Any) -> AsyncIterator[Shop]:
    """A running fake and an inbox at it; `changes` are settings."""
    time = VirtualTime()
    kept = keep or MemoryKeep()
    async with TikTokShopMarket(time.now) as market:
        changes = {name: each(market) if callable(each) else each for name, each in changes.items()}
        settings = Config.model_validate(settings_for(market, **changes))
        context = InboxContext(
            inbox="tiktok", instance_key=INSTANCE_KEY, now=time.now, keep=kept, sleep=time.sleep
        )
        stage = Stage(
            market=market,
            time=time,
            build=lambda: build(settings, context),
            connector=build(settings, context),
        )
        try:
            yield Shop(stage=stage, market=market, time=time)
        finally:
            await stage.connector.close()

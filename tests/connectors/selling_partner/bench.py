"""An access to the fake selling API, on virtual time."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from connectors.contract import InboxContext
from connectors.keep import KeyValue, MemoryKeep
from connectors.selling_partner.client import SellingPartner
from connectors.selling_partner.config import SellingPartnerConfig
from connectors.selling_partner.lookup import OrderLookup
from connectors.testing.virtual_time import VirtualTime
from sandbox.markets.selling_partner import SellingPartnerMarket

ORDER = "405-7719234-1180357"


@dataclass(slots=True, kw_only=True)
class Access:
    """What a test holds."""

    market: SellingPartnerMarket
    time: VirtualTime
    context: InboxContext
    config: SellingPartnerConfig
    api: SellingPartner
    lookup: OrderLookup


@asynccontextmanager
async def access(*, keep: KeyValue | None = None, **changes: Any) -> AsyncIterator[Access]:
    """The fake, a client and a look-up. `changes` are settings; jitter is none."""
    time = VirtualTime()
    market = SellingPartnerMarket(time.now)
    await market.start()
    context = InboxContext(
        inbox="amazon",
        instance_key=b"selling-partner-bench-key-000001",
        now=time.now,
        keep=keep or MemoryKeep(),
        sleep=time.sleep,
    )
    config = SellingPartnerConfig.model_validate({**market.settings(), **changes})
    api = SellingPartner(config, context, jitter=lambda: 0.0)
    lookup = OrderLookup(config, context)
    try:
        yield Access(
            market=market, time=time, context=context, config=config, api=api, lookup=lookup
        )
    finally:
        await api.close()
        await lookup.close()
        await market.stop()

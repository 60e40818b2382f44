"""The contract suite over eBay, and the bench its other tests stand on."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from connectors.contract import Attachment, InboundMessage
from connectors.testing.bench import Stage
from connectors.testing.market import Market
from connectors.testing.suite import ConnectorContract
from sandbox.markets.ebay import EbayMarket
from sla_rules.vocabulary import Author


class EbayContract(ConnectorContract):
    package = "connectors.ebay"
    lookback = timedelta(days=7)
    late_by = timedelta(minutes=10)
    old_cursors = (
        {},
        {"version": 1},
        {"version": 9, "newest": "yesterday", "open": [1], "rated": 7},
    )
    changes: ClassVar[Mapping[str, Any]] = {}

    def market(self, now: Callable[[], datetime]) -> EbayMarket:
        return EbayMarket(now)

    def config(self, market: Market) -> dict[str, Any]:
        return ebay(market).settings(**self.changes)

    async def tour(self, stage: Stage, message: InboundMessage) -> None:
        connector: Any = stage.connector
        known = await stage.market.says(Author.CUSTOMER, "pushed")
        await connector.parse_webhook(stage.market.webhook(known))
        await connector.fetch_attachment(next(iter(stage.stored.values())), picture(stage))


def picture(stage: Stage) -> Attachment:
    """A file as the fake keeps it."""
    address = f"{ebay(stage.market).url}/files/chipped.png"
    return Attachment(name="chipped.png", media_type="image/png", size=0, ref=address)


def bench(**changes: Any) -> EbayContract:
    """A bench whose inbox has these settings."""

    class Changed(EbayContract):
        pass

    Changed.changes = changes
    return Changed()


def ebay(market: Market) -> EbayMarket:
    """The fake of a stage, by its own name."""
    assert isinstance(market, EbayMarket)
    return market

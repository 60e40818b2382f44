"""Kaufland keeps the contract."""

from connectors.capabilities import FetchesAttachments
from connectors.contract import InboundMessage
from connectors.testing.bench import Stage
from sla_rules.vocabulary import Author
from tests.connectors.kaufland.bench import KauflandBench, kaufland_of


class TestKaufland(KauflandBench):
    async def tour(self, stage: Stage, message: InboundMessage) -> None:
        market = kaufland_of(stage)
        await market.says(Author.CUSTOMER, "See this", files=["a.png"], thread="56")
        shown = next(one for one in await stage.poll() if one.attachments)
        connector = stage.connector
        assert isinstance(connector, FetchesAttachments)
        item = next(iter(stage.stored.values()))
        file = await connector.fetch_attachment(item, shown.attachments[0])
        assert file.content.startswith(b"\x89PNG")

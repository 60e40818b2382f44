"""Mirakl keeps the contract."""

from datetime import timedelta

from connectors.capabilities import FetchesAttachments
from connectors.contract import InboundMessage, Verdict
from connectors.testing.bench import Stage
from sla_rules.vocabulary import Author
from tests.connectors.mirakl.bench import MiraklBench, mirakl_of


class TestMirakl(MiraklBench):
    async def tour(self, stage: Stage, message: InboundMessage) -> None:
        market = mirakl_of(stage)
        await market.says(Author.CUSTOMER, "See this", files=[("a.png", b"\x89PNG")])
        market.incident("9001-A")
        stage.time.advance(timedelta(minutes=6))
        found = await stage.poll()
        connector = stage.connector
        assert isinstance(connector, FetchesAttachments)
        shown = next(one for one in found if one.attachments)
        item = next(iter(stage.stored.values()))
        assert (await connector.fetch_attachment(item, shown.attachments[0])).content == b"\x89PNG"
        claim = next(one for one in found if one.verdict is Verdict.CLAIM)
        await connector.reply(stage.answer(claim))

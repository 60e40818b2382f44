"""Allegro keeps the contract."""

from connectors.capabilities import FetchesAttachments, FetchesContext
from connectors.contract import File, InboundMessage
from connectors.testing.bench import Stage
from sla_rules.vocabulary import Author
from tests.connectors.allegro.bench import AllegroBench, allegro_of

PNG = File(name="etykieta.png", media_type="image/png", content=b"\x89PNG\r\n\x1a\n" + b"0" * 64)


class TestAllegro(AllegroBench):
    async def tour(self, stage: Stage, message: InboundMessage) -> None:
        market, connector = allegro_of(stage), stage.connector
        assert isinstance(connector, FetchesAttachments)
        assert isinstance(connector, FetchesContext)
        market.opens("c-1")
        await market.says(Author.CUSTOMER, "See this", files=["a.png"], thread="56")
        await market.says(Author.CUSTOMER, "And this", files=["b.png"], thread="c-1")
        found = await stage.poll()
        item = next(iter(stage.stored.values()))
        for one in found:
            for attachment in one.attachments:
                await connector.fetch_attachment(item, attachment)
            if one.text in {"See this", "And this"}:
                await connector.reply(stage.answer(one, attachments=[PNG]))
                await connector.probe(stage.answer(one))
        market.issues["c-1"].status = "CLAIM_REJECTED"
        await stage.poll()

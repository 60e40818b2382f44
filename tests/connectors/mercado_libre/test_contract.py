"""Mercado Libre keeps the contract."""

from connectors.contract import File, InboundMessage, Verdict
from connectors.testing.bench import Stage
from sandbox.markets.mercado_libre import MercadoLibreMarket
from sla_rules.vocabulary import Author
from tests.connectors.mercado_libre.bench import MercadoLibreBench

PICTURE = File(name="a.png", media_type="image/png", content=b"\x89PNG\r\n\x1a\n" + b"0" * 64)


class TestMercadoLibre(MercadoLibreBench):
    async def tour(self, stage: Stage, message: InboundMessage) -> None:
        market = stage.market
        assert isinstance(market, MercadoLibreMarket)
        await stage.connector.reply(stage.answer(message, "With a picture", attachments=[PICTURE]))
        sent = next(iter(market.files))
        question = await market.asks("Is it birch?")
        await market.says(Author.CUSTOMER, "See this", files=[sent])
        market.claim("55")
        found = await stage.poll()

        asked = next(one for one in found if one.external_id == f"question:{question}")
        answer = stage.answer(asked, "It is.", public=True)
        await stage.connector.reply(answer)
        await stage.connector.probe(answer)
        shown = next(one for one in found if one.attachments)
        item = next(one for one in stage.stored.values() if one.source_id == shown.external_id)
        fetching = stage.connector
        assert hasattr(fetching, "fetch_attachment")
        file = await fetching.fetch_attachment(item, shown.attachments[0])
        assert file.content == PICTURE.content
        claim = next(one for one in found if one.verdict is Verdict.CLAIM)
        await stage.connector.reply(stage.answer(claim))
